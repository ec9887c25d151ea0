// The last that happened to a device and that it logged. What devices say is text, nothing more.

import { memo, type ReactNode } from "react";

import { useNow } from "../../data/clock";
import { useHappenings, type Line } from "../../data/happenings";
import { toneOf } from "../../data/journal";
import { at, go, useLinkTo } from "../../data/route";
import { entryWords } from "../../model/words";
import { Glyph } from "../../parts/Glyph";
import { Time } from "../../parts/Numbers";
import { texts } from "../../texts";
import "./happenings.css";

export function Happenings({ deviceId, deviceName }: { deviceId: number; deviceName: string }): ReactNode {
  const { lines, loading, trouble } = useHappenings(deviceId);
  const day = new Date(useNow()).toDateString();
  const words = texts.device.happenings;
  const link = useLinkTo(at("logs"));
  return (
    <section className="panel-section" data-testid="happenings">
      <header>
        <h3>{words.heading}</h3>
        <a
          href={`${link.href.split("?")[0]}?device=${deviceId}`}
          onClick={(event) => {
            if (event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return;
            event.preventDefault();
            go(at("logs"), { query: { device: String(deviceId) } });
          }}
        >
          {words.logs}
        </a>
      </header>
      {trouble === null ? null : (
        <p className="dim" role="alert">
          {words.failed(trouble)}
        </p>
      )}
      {lines.length === 0 && !loading && trouble === null ? <p className="dim">{words.none}</p> : null}
      <ol className="plain-list happenings" aria-label={words.heading} tabIndex={0}>
        {lines.map((line) => (
          <HappeningLine key={line.key} line={line} day={day} deviceName={deviceName} />
        ))}
      </ol>
    </section>
  );
}

const HappeningLine = memo(function HappeningLine({ line, day, deviceName }: { line: Line; day: string; deviceName: string }): ReactNode {
  const time = <Time ms={line.atMs} nowMs={Date.parse(day)} seconds />;
  if (line.kind === "log") {
    const { severity, severityName, message } = line.row;
    return (
      <li className="happening">
        {time}
        <span className={`happening-severity${severity !== null && severity <= 3 ? " bad" : ""}`}>{severityName ?? ""}</span>
        <span className="mono happening-text">{message}</span>
      </li>
    );
  }
  const { lead, subject, text, why } = entryWords(line.entry);
  return (
    <li className="happening">
      {time}
      <Glyph status={toneOf(line.entry)} />
      <span className="happening-text">
        {[lead, subject === deviceName ? "" : subject, text].filter((part) => part !== "").join(" ")}
        {why === "" ? null : <span className="dim"> {why}</span>}
      </span>
    </li>
  );
});

// The network's logs as they come: syslog, traps, and what inventories showed. Paused while somebody reads.

import { useMemo, useRef, useState, type ReactNode } from "react";

import { usePage } from "../../data/context";
import { download } from "../../data/download";
import { useMedia } from "../../data/media";
import { setQuery, useRoute } from "../../data/route";
import { useAction } from "../../data/useQuery";
import { logQuery, SEVERITY_WORDS, SOURCES, termsOf, type LogFilter, type LogRow } from "../../model/logs";
import { useView } from "../../parts/listView";
import { Blank, Failed, TroubleLine, Waiting } from "../../parts/Answered";
import { Trouble } from "../../parts/Form";
import { Icon } from "../../parts/Glyph";
import { Page } from "../../parts/Page";
import { texts } from "../../texts";
import { LogDetail } from "./LogDetail";
import { LogLine } from "./LogLine";
import { useLogs, type Logs } from "./useLogs";
import "../../parts/table.css";
import "./logs.css";

const ROW_PX = 26;
const TWO_LINES_PX = 46;
const TYPING_MS = 300;

export default function LogsPage(): ReactNode {
  const { live } = usePage();
  const { query } = useRoute();
  const device = Number(query.get("device"));
  const filter: LogFilter = {
    text: query.get("text") ?? "",
    severity: query.get("severity") ?? "",
    source: query.get("source") ?? "",
    deviceId: device > 0 ? device : null,
  };
  const [held, setHeld] = useState(false);
  const [reading, setReading] = useState(false);
  const [open, setOpen] = useState<LogRow | null>(null);
  const scroller = useRef<HTMLDivElement>(null);
  const logs = useLogs(filter, held || reading);
  const rowPx = useMedia("(max-width: 640px)") ? TWO_LINES_PX : ROW_PX;
  const view = useView(scroller, rowPx, logs.rows.length);
  const terms = useMemo(() => termsOf(filter.text), [filter.text]);
  const exporting = useAction(async () => {
    const file = await live.file(`/logs/export?format=csv&${logQuery(filter, null)}`);
    download("network-logs.csv", file);
  });
  const goOn = (): void => {
    setHeld(false);
    setReading(false);
    scroller.current?.scrollTo({ top: 0 });
  };
  const paused = held || reading;
  return (
    <Page
      title={texts.rail.pages.logs}
      answer={logs.loading && logs.rows.length === 0 ? "" : texts.logs.answer(logs.rows.length, logs.more)}
      testId="logs"
      flush
      tools={
        <>
          {logs.waiting > 0 ? (
            <button type="button" className="notice" onClick={goOn} data-testid="logs-waiting">
              {texts.logs.waiting(logs.waiting)}
            </button>
          ) : null}
          {logs.skipped > 0 ? (
            <button type="button" className="notice" onClick={logs.again}>
              {texts.logs.skipped(logs.skipped)}
            </button>
          ) : null}
          <button type="button" className="button small" aria-pressed={held} onClick={() => (paused ? goOn() : setHeld(true))} data-testid="logs-pause">
            {paused ? texts.logs.goOn : texts.logs.pause}
          </button>
          <button type="button" className="icon-button small" title={texts.logs.export} aria-label={texts.logs.export} disabled={exporting.busy} onClick={() => void exporting.run()}>
            <Icon name="download" />
          </button>
        </>
      }
    >
      <Filters filter={filter} />
      <Trouble refusal={exporting.refusal} />
      {logs.trouble === null || logs.rows.length === 0 ? null : <TroubleLine why={logs.trouble} onRetry={logs.again} />}
      <div
        className="grid log-lines"
        ref={scroller}
        role="log"
        aria-live="off"
        aria-label={texts.rail.pages.logs}
        tabIndex={0}
        onScroll={(event) => {
          const box = event.currentTarget;
          const away = box.scrollTop > rowPx;
          if (away !== reading) setReading(away);
          if (box.scrollTop + box.clientHeight > box.scrollHeight - 20 * rowPx) logs.older();
        }}
      >
        <div className="grid-rows" style={{ height: `${logs.rows.length * rowPx}px` }}>
          {logs.rows.slice(view.from, view.to).map((row, offset) => (
            <LogLine key={row.seq} row={row} terms={terms} topPx={(view.from + offset) * rowPx} onOpen={setOpen} />
          ))}
        </div>
        {logs.rows.length > 0 ? null : <Nothing logs={logs} filtered={query.toString() !== ""} />}
      </div>
      {open === null ? null : <LogDetail row={open} terms={terms} onClose={() => setOpen(null)} />}
    </Page>
  );
}

function Nothing({ logs, filtered }: { logs: Logs; filtered: boolean }): ReactNode {
  if (logs.loading) return <Waiting />;
  if (logs.trouble !== null) return <Failed message={logs.trouble} onRetry={logs.again} />;
  if (filtered) return <p className="no-match">{texts.table.noMatch}</p>;
  return <Blank heading={texts.logs.empty} lead={texts.logs.emptyLead} />;
}

function Filters({ filter }: { filter: LogFilter }): ReactNode {
  const { fleet } = usePage().live;
  const [text, setText] = useState(filter.text);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const type = (typed: string): void => {
    setText(typed);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => setQuery({ text: typed.trim() }), TYPING_MS);
  };
  const device = filter.deviceId === null ? undefined : fleet.get(filter.deviceId)?.device.name;
  return (
    <div className="log-filters" role="search">
      <input className="find logs-find" value={text} placeholder={texts.logs.find} aria-label={texts.logs.find} spellCheck={false} autoComplete="off" onChange={(event) => type(event.target.value)} data-testid="logs-find" />
      <select className="find" value={filter.severity} aria-label={texts.logs.severity} onChange={(event) => setQuery({ severity: event.target.value })}>
        <option value="">{texts.logs.anySeverity}</option>
        {SEVERITY_WORDS.map((word) => (
          <option key={word} value={word}>
            {texts.logs.atLeast(word)}
          </option>
        ))}
      </select>
      <select className="find" value={filter.source} aria-label={texts.logs.source} onChange={(event) => setQuery({ source: event.target.value })}>
        <option value="">{texts.logs.anySource}</option>
        {SOURCES.map((source) => (
          <option key={source} value={source}>
            {source}
          </option>
        ))}
      </select>
      {filter.deviceId === null ? null : (
        <button type="button" className="notice" onClick={() => setQuery({ device: "" })} title={texts.logs.allDevices}>
          {device ?? `#${filter.deviceId}`} ×
        </button>
      )}
    </div>
  );
}

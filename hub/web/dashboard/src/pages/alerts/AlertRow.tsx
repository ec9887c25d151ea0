// One alert as a sentence, with what a thumb can do about it.

import type { AlertEvent } from "@noctule/client";
import type { ReactNode } from "react";

import { useClock } from "../../data/clock";
import { toneOf } from "../../data/journal";
import { at, go } from "../../data/route";
import { isOpen } from "../../model/alertList";
import { isQuiet } from "../../model/firing";
import { instant, span } from "../../model/format";
import { Trouble } from "../../parts/Form";
import { Glyph, Icon } from "../../parts/Glyph";
import { Link } from "../../parts/Link";
import { Time } from "../../parts/Numbers";
import { texts } from "../../texts";
import { useAcknowledge, useTakeBack } from "./useAcknowledge";

const MINUTE_MS = 60_000;

export function AlertRow(props: {
  alert: AlertEvent;
  title: string;
  /** What the incident adds, empty for nothing. */
  extra: string;
  /** The open alerts that are acknowledged with it. */
  about: readonly AlertEvent[];
  openId: number | null;
  selected: boolean;
  mayWrite: boolean;
  onSelect: (on: boolean) => void;
}): ReactNode {
  const { alert, title, extra, about, openId, selected, mayWrite, onSelect } = props;
  const place = at("alerts", alert.id);
  const startedMs = instant(alert.startedAt) ?? 0;
  const endedMs = isOpen(alert) ? null : (instant(alert.resolvedAt) ?? instant(alert.timestamp));
  return (
    <article
      className={`alert severity-${alert.severity}${alert.state === "pending" ? " pending" : isOpen(alert) ? "" : " over"}${isQuiet(alert) ? " quiet" : ""}${selected ? " selected" : ""}`}
      tabIndex={0}
      data-alert-id={alert.id}
      data-testid="alert-row"
      data-state={alert.state}
      aria-label={title}
      {...(alert.id === openId ? { "aria-current": true as const } : {})}
      onClick={(event) => {
        if (event.target instanceof Element && event.target.closest("a, button, input, label") === null) go(place);
      }}
      onKeyDown={(event) => {
        if (event.key === "Enter" && event.target === event.currentTarget) go(place);
      }}
    >
      {mayWrite ? (
        <label className="alert-select">
          <input type="checkbox" checked={selected} aria-label={texts.alerts.select(title)} onChange={(event) => onSelect(event.target.checked)} />
        </label>
      ) : null}
      <Glyph status={toneOf({ kind: "alert", event: alert })} />
      <div className="alert-text">
        <p className="alert-title">
          <Link to={place}>{title}</Link>
        </p>
        <p className="alert-why">{whyWords(alert, extra)}</p>
      </div>
      <p className="alert-since">
        {endedMs === null ? <Lasting sinceMs={startedMs} /> : <span className="num">{texts.alerts.lasted(span(endedMs - startedMs))}</span>}
        <At ms={startedMs} />
      </p>
      {mayWrite ? <Thumb title={title} about={about} /> : null}
    </article>
  );
}

/** Draws itself again only when it reads otherwise: a list of a thousand rows stands still meanwhile. */
function Lasting({ sinceMs }: { sinceMs: number }): ReactNode {
  return <span className="num">{useClock((nowMs) => span(nowMs - sinceMs))}</span>;
}

function At({ ms }: { ms: number }): ReactNode {
  return <Time ms={ms} nowMs={useClock((nowMs) => Math.floor(nowMs / MINUTE_MS) * MINUTE_MS)} />;
}

/** Returns what there is to say beside the title. */
function whyWords(alert: AlertEvent, extra: string): string {
  const words = texts.alerts;
  return [
    texts.severity[alert.severity],
    extra,
    alert.state === "firing" ? "" : words.states[alert.state],
    alert.late === true ? words.late : "",
    texts.hubSays(alert.reason ?? ""),
    alert.inhibitedBy == null ? "" : words.inhibited(texts.hubSays(alert.inhibitedBy)),
    alert.silencedBy == null ? "" : words.silenced(alert.silencedBy.comment),
    alert.acknowledgedBy == null ? "" : words.acknowledged(alert.acknowledgedBy),
    alert.note ?? "",
    alert.assignee == null ? "" : words.assigned(alert.assignee.name),
  ]
    .filter((part) => part !== "")
    .join(" · ");
}

/** Acknowledges at one touch, and takes it back at the next. */
function Thumb({ title, about }: { title: string; about: readonly AlertEvent[] }): ReactNode {
  const acknowledge = useAcknowledge();
  const takeBack = useTakeBack();
  const loose = about.filter((one) => one.acknowledgedBy == null);
  if (about.length === 0) return <span className="alert-thumb" />;
  if (loose.length === 0) {
    return (
      <span className="alert-thumb">
        <button type="button" className="button small plain" disabled={takeBack.busy} onClick={() => void takeBack.run(about)}>
          {texts.alerts.takeBack}
        </button>
        <Trouble refusal={takeBack.refusal} />
      </span>
    );
  }
  return (
    <span className="alert-thumb">
      <button type="button" className="button small" disabled={acknowledge.busy} aria-label={texts.alerts.acknowledgeOne(title)} onClick={() => void acknowledge.run(loose, {})} data-testid="alert-acknowledge">
        <Icon name="check" />
        <span className="word">{texts.alerts.acknowledge}</span>
      </button>
      <Trouble refusal={acknowledge.refusal} />
    </span>
  );
}

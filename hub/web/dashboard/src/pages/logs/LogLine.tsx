// One log entry in one line. What devices say is text, nothing more.

import { memo, type ReactNode } from "react";

import { highlighted, type LogRow, type Term } from "../../model/logs";
import { Time } from "../../parts/Numbers";
import { texts } from "../../texts";

export const LogLine = memo(function LogLine(props: { row: LogRow; terms: readonly Term[]; topPx: number; onOpen: (row: LogRow) => void }): ReactNode {
  const { row, terms, topPx, onOpen } = props;
  const ms = Date.parse(row.timestamp);
  return (
    <div
      className={`grid-row opens log-line severity-${gradeOf(row.severity)}`}
      style={{ transform: `translateY(${topPx}px)` }}
      tabIndex={0}
      role="button"
      data-testid="log-line"
      onClick={() => onOpen(row)}
      onKeyDown={(event) => {
        if (event.key === "Enter") onOpen(row);
      }}
    >
      <Time ms={ms} nowMs={ms} seconds />
      <span className="log-severity">{row.severityName ?? ""}</span>
      <span className="log-from">{row.deviceName ?? row.address ?? ""}</span>
      <span className="log-source dim">{row.facility ?? row.source ?? ""}</span>
      <span className="log-message mono">
        {row.late ? <span className="tag">{texts.strip.late} </span> : null}
        <Message text={row.message} terms={terms} />
      </span>
    </div>
  );
});

export function Message({ text, terms }: { text: string; terms: readonly Term[] }): ReactNode {
  return highlighted(text, terms).map((part, at) => (part.found ? <mark key={at}>{part.text}</mark> : part.text));
}

/** Returns how much an entry stands out: only what is an error or worse, and what warns. */
export function gradeOf(severity: number | null): "error" | "warning" | "plain" {
  if (severity === null || severity > 4) return "plain";
  return severity === 4 ? "warning" : "error";
}

// What stands in the place of an answer: that it is awaited, why there is none, or that it is old.

import { useState, type ReactNode } from "react";

import { useNow } from "../data/clock";
import { usePage } from "../data/context";
import { isPassing, type Answer } from "../data/queries";
import { sentence, span } from "../model/format";
import { texts } from "../texts";
import { Glyph } from "./Glyph";
import "./answered.css";

const LINES = 8;
/** From then on a person asks themselves whether anything comes at all. */
const SLOW_MS = 4_000;

export function Waiting(): ReactNode {
  const nowMs = useNow();
  const [sinceMs] = useState(nowMs);
  const waitedMs = nowMs - sinceMs;
  return (
    <div className="loading-list" role="status" aria-label={texts.answer.loading}>
      {Array.from({ length: LINES }, (_, index) => (
        <span key={index} className="skeleton" />
      ))}
      {waitedMs < SLOW_MS ? null : <p className="loading-slow">{texts.answer.slow(span(waitedMs))}</p>}
    </div>
  );
}

/** A page or a part of one that has nothing to show, and what to do about it. */
export function Blank(props: { heading: string; lead?: string; alarming?: boolean; testId?: string; children?: ReactNode }): ReactNode {
  const { heading, lead, alarming = false, testId = "blank", children } = props;
  return (
    <div className="blank" data-testid={testId} {...(alarming ? { role: "alert" } : {})}>
      <h1>{heading}</h1>
      {lead === undefined ? null : <p className="lead">{lead}</p>}
      {children}
    </div>
  );
}

/** Shows an answer once there is one; `empty` says whether and how it has nothing to show. */
export function Answered<T>(props: {
  answer: Answer<T>;
  empty?: (data: T) => ReactNode | null;
  children: (data: T) => ReactNode;
}): ReactNode {
  const { answer, empty, children } = props;
  switch (answer.phase) {
    case "loading":
      return <Waiting />;
    case "failed":
      return <Failed message={answer.message} status={answer.status} />;
    case "ready": {
      const blank = empty?.(answer.data) ?? null;
      return (
        <>
          {answer.trouble === null ? null : <Old atMs={answer.atMs} why={answer.trouble} />}
          {blank ?? children(answer.data)}
        </>
      );
    }
  }
}

/** What was asked for and did not come: why, and another try. `onRetry`: of what the page does not ask by its address. */
export function Failed(props: { message: string; status?: number; heading?: string; onRetry?: () => void }): ReactNode {
  const { message, status = 0, heading = texts.answer.failed, onRetry } = props;
  const { queries } = usePage().live;
  const retry = (
    <button type="button" className="button" onClick={onRetry ?? (() => queries.retry())} data-testid="retry">
      {texts.answer.retry}
    </button>
  );
  if (status === 403) return <Blank heading={texts.answer.forbidden} lead={message} testId="failed">{retry}</Blank>;
  if (status === 404) return <Blank heading={texts.answer.gone} lead={texts.answer.goneHelp} testId="failed">{retry}</Blank>;
  return (
    <Blank heading={heading} lead={sentence(message)} alarming testId="failed">
      {isPassing(status) ? <p className="dim">{texts.answer.retrying}</p> : null}
      {retry}
    </Blank>
  );
}

function Old({ atMs, why }: { atMs: number; why: string }): ReactNode {
  const nowMs = useNow();
  const { queries } = usePage().live;
  return <TroubleLine old why={texts.answer.old(span(nowMs - atMs), why)} onRetry={() => queries.retry()} />;
}

/** Above what is shown: that it is not all, or not as it is now, and another try. */
export function TroubleLine({ why, old = false, onRetry }: { why: string; old?: boolean; onRetry: () => void }): ReactNode {
  return (
    <p className={`trouble-line${old ? " old" : ""}`} role="status" data-testid="trouble-line">
      <Glyph status="degraded" />
      <span>{why}</span>
      <button type="button" className="button small" onClick={onRetry} data-testid="retry">
        {texts.answer.retry}
      </button>
    </p>
  );
}

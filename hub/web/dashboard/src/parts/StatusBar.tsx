// A device's states over a time in one thin bar: colour and height, and in words under the pointer.

import { useState, type ReactNode } from "react";

import { useNow } from "../data/clock";
import { clock, percent, sentence, span } from "../model/format";
import { pieceAt, sharesOf, type Piece } from "../model/statusBar";
import { texts } from "../texts";
import { Glyph } from "./Glyph";
import "./statusBar.css";

const NEAR = 0.006;

export interface Missing {
  readonly left: number;
  readonly width: number;
  readonly text: string;
}

export function StatusBar({ pieces, missing }: { pieces: readonly Piece[]; missing: readonly Missing[] }): ReactNode {
  const nowMs = useNow();
  const [share, setShare] = useState<number | null>(null);
  const words = texts.device.history;
  const told = share === null ? null : pieceAt(pieces, share, NEAR);
  const hole = share === null ? undefined : missing.find(({ left, width }) => left <= share && share <= left + width);
  const shares = sharesOf(pieces).map(([status, part]) => words.share(texts.status[status].toLowerCase(), figureText(percent(part))));
  const move = (step: number): void => {
    const at = pieces.findIndex((piece) => piece === told);
    const next = pieces[at < 0 ? pieces.length - 1 : Math.min(pieces.length - 1, Math.max(0, at + step))];
    if (next !== undefined) setShare(next.left + next.width / 2);
  };
  return (
    <div className="status-bar">
      <div
        className="status-pieces"
        role="img"
        tabIndex={0}
        aria-label={words.label(shares.join(", "))}
        data-testid="status-bar"
        onPointerMove={(event) => {
          const box = event.currentTarget.getBoundingClientRect();
          setShare((event.clientX - box.left) / Math.max(1, box.width));
        }}
        onPointerLeave={() => setShare(null)}
        onBlur={() => setShare(null)}
        onKeyDown={(event) => {
          const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
          if (step === undefined) return;
          event.preventDefault();
          move(step);
        }}
      >
        {pieces.map((piece) => (
          <span
            key={`${piece.fromMs} ${piece.status}`}
            className={`status-piece is-${piece.status}${piece === told ? " told" : ""}`}
            style={{ left: `${piece.left * 100}%`, width: `max(2px, ${piece.width * 100}%)` }}
          />
        ))}
        {missing.map(({ left, width }) => (
          <span key={left} className="status-missing" style={{ left: `${left * 100}%`, width: `max(2px, ${width * 100}%)` }} />
        ))}
      </div>
      <p className="status-told dim" aria-live="polite">
        {told === null ? (
          shares.slice(0, 3).join(" · ")
        ) : (
          <>
            <Glyph status={told.status} /> {words.span(texts.status[told.status], clock(told.fromMs, nowMs), clock(told.toMs, nowMs), span(told.toMs - told.fromMs))}
            {told.reason === "" || told.status === "online" ? "" : `. ${sentence(texts.hubSays(told.reason))}`}
            {hole === undefined ? null : ` ${words.missing(hole.text)}`}
          </>
        )}
      </p>
    </div>
  );
}

function figureText({ value, unit }: { value: string; unit: string }): string {
  return `${value} ${unit}`.trim();
}

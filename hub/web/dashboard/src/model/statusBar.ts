// A device's states over a time as pieces of a bar. Pure.

import type { DeviceStatus } from "@noctule/client";

import type { StatusSpan } from "./month";

export interface Piece {
  readonly fromMs: number;
  readonly toMs: number;
  readonly status: DeviceStatus;
  readonly reason: string;
  /** Where it begins and how wide it is, 0 to 1 of the bar. */
  readonly left: number;
  readonly width: number;
}

/** Returns the pieces within the time, the newest state going on until `toMs`. */
export function piecesOf(spans: readonly StatusSpan[], fromMs: number, toMs: number): Piece[] {
  const lengthMs = Math.max(1, toMs - fromMs);
  return spans.flatMap((span, at) => {
    const begin = Math.max(fromMs, Date.parse(span.from));
    const end = at === spans.length - 1 ? toMs : Math.min(toMs, Date.parse(span.to));
    if (end <= begin) return [];
    return [{ fromMs: begin, toMs: end, status: span.status, reason: span.reason, left: (begin - fromMs) / lengthMs, width: (end - begin) / lengthMs }];
  });
}

/** Returns the piece at a share of the bar; of pieces too thin to point at, one that is near. */
export function pieceAt(pieces: readonly Piece[], share: number, near: number): Piece | null {
  const within = pieces.filter(({ left, width }) => left <= share + near && left + width >= share - near);
  // What is short is what a person points at on purpose.
  return within.reduce<Piece | null>((best, piece) => (best === null || piece.width < best.width ? piece : best), null);
}

/** Returns how much of the bar each state has, from most to least. */
export function sharesOf(pieces: readonly Piece[]): [DeviceStatus, number][] {
  const shares = new Map<DeviceStatus, number>();
  for (const { status, width } of pieces) shares.set(status, (shares.get(status) ?? 0) + width);
  return [...shares].sort((a, b) => b[1] - a[1]);
}

// The last minutes of one figure, gaps included. Pure.

export const TRAIL_MS = 10 * 60_000;
/** At one value each 2 s a trail still spans 5 minutes; older values go first. */
export const TRAIL_MAX = 150;

/** Returns how much time is shown when a page has been collecting for `elapsedMs`: a short trail fills its width. */
export function trailSpanMs(elapsedMs: number): number {
  return TRAIL_SPANS_MS.find((span) => elapsedMs < span) ?? TRAIL_MS;
}

/** Returns the right edge of a small trail: where its next point is due. It is drawn again with that, or as often without. */
export function trailEdgeMs(nowMs: number, lastMs: number | undefined, intervalS: number): number {
  const stepMs = intervalS * 1_000 + LATE_MS;
  const fromMs = lastMs ?? 0;
  return fromMs + Math.max(1, Math.ceil((nowMs - fromMs) / stepMs)) * stepMs;
}

/** A point may come so much later than it is due without the trail being drawn for it. */
const LATE_MS = 3_000;

const TRAIL_SPANS_MS: readonly number[] = [2 * 60_000, 5 * 60_000];

export interface TrailPoint {
  readonly ms: number;
  /** null: lost or unknown, drawn as a gap. */
  readonly value: number | null;
}

export type Trail = readonly TrailPoint[];

/** Returns the trail with one more point. A point that is not newer than the last is dropped: it was seen already. */
export function extend(trail: Trail, point: TrailPoint): Trail {
  const last = trail.at(-1);
  if (last !== undefined && point.ms <= last.ms) return trail;
  const oldestMs = point.ms - TRAIL_MS;
  let from = Math.max(0, trail.length + 1 - TRAIL_MAX);
  while (from < trail.length && (trail[from]?.ms ?? 0) < oldestMs) from += 1;
  return (from === 0 ? trail : trail.slice(from)).concat(point);
}

export interface Box {
  readonly width: number;
  readonly height: number;
}

/** Where a trail is drawn: the time at the left edge and at the right, the values at the bottom and at the top. */
export interface Window {
  readonly fromMs: number;
  readonly toMs: number;
  readonly low: number;
  readonly high: number;
}

/** Returns the runs of known values without a hole longer than `gapMs`, as x, y in the box. y grows downwards. */
export function runs(trail: Trail, window: Window, box: Box, gapMs: number): [number, number][][] {
  const scaleX = box.width / Math.max(1, window.toMs - window.fromMs);
  const scaleY = box.height / Math.max(Number.MIN_VALUE, window.high - window.low);
  const all: [number, number][][] = [];
  let run: [number, number][] = [];
  let lastMs: number | null = null;
  for (const { ms, value } of trail) {
    if (value === null || ms < window.fromMs || (lastMs !== null && ms - lastMs > gapMs)) {
      if (run.length > 0) all.push(run);
      run = [];
    }
    if (value === null || ms < window.fromMs) {
      lastMs = null;
      continue;
    }
    run.push([(ms - window.fromMs) * scaleX, box.height - (value - window.low) * scaleY]);
    lastMs = ms;
  }
  if (run.length > 0) all.push(run);
  return all;
}

/** Returns an SVG path through the runs; a run of a single value is a short dash, so that it is seen. */
export function linePath(all: readonly [number, number][][]): string {
  return all
    .map((run) => {
      const [x, y] = run[0] ?? [0, 0];
      if (run.length === 1) return `M${fixed(x - 1)} ${fixed(y)}h2`;
      return `M${run.map(([px, py]) => `${fixed(px)} ${fixed(py)}`).join("L")}`;
    })
    .join("");
}

/** Returns an SVG path of the areas between the runs and the line at `baseY`. */
export function areaPath(all: readonly [number, number][][], baseY: number): string {
  return all
    .map((run) => {
      const first = run[0] ?? [0, baseY];
      const last = run.at(-1) ?? first;
      const left = run.length === 1 ? first[0] - 1 : first[0];
      const right = run.length === 1 ? first[0] + 1 : last[0];
      const points = run.map(([x, y]) => `L${fixed(x)} ${fixed(y)}`).join("");
      return `M${fixed(left)} ${fixed(baseY)}${points}L${fixed(right)} ${fixed(baseY)}Z`;
    })
    .join("");
}

/** Returns the least and the greatest known value, null when there is none. */
export function extent(trail: Trail): { low: number; high: number } | null {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const { value } of trail) {
    if (value === null) continue;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return low <= high ? { low, high } : null;
}

/** Returns the next round number of the kind 1, 2, 5 at or above `value`: a scale that seldom changes. */
export function roundUp(value: number): number {
  if (!(value > 0)) return 1;
  const size = 10 ** Math.floor(Math.log10(value));
  const step = [1, 2, 5, 10].find((factor) => factor * size >= value * (1 - 1e-9)) ?? 10;
  return step * size;
}

const fixed = (value: number): string => value.toFixed(1);

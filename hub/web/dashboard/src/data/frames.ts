// When things are done: with the next picture of the page, and long work a piece at a time.

/** A page that nobody sees has no frames: what is due is done as seldom as that, so that nothing piles up. */
const UNSEEN_MS = 1_000;

/** Calls `act` before the page is painted next. */
export function nextFrame(act: () => void): void {
  let done = false;
  const once = (): void => {
    if (done) return;
    done = true;
    clearTimeout(timer);
    cancelAnimationFrame(frame);
    act();
  };
  const frame = requestAnimationFrame(once);
  const timer = setTimeout(once, UNSEEN_MS);
}

/** What the hub says in one breath comes in several messages, some milliseconds apart: they are shown as one picture. */
const BREATH_MS = 50;
/** What can wait for another picture waits so long at most: the hub speaks each second. */
const PATIENCE_MS = 1_000;

export interface Pace {
  /** Calls `act` soon, together with all else that waits: it is laid out and painted once. */
  readonly soon: (act: () => void) => void;
  /** Calls `act` with what is shown next, within a second: a picture of its own would cost more than what it shows. */
  readonly along: (act: () => void) => void;
}

/** Returns a pace in which nothing is shown sooner than `periodMs` after what was shown before. */
export function paced(periodMs: number): Pace {
  let lastMs = Number.NEGATIVE_INFINITY;
  let dueMs = Number.POSITIVE_INFINITY;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let waiting: (() => void)[] = [];
  const run = (): void => {
    lastMs = performance.now();
    dueMs = Number.POSITIVE_INFINITY;
    const acts = waiting;
    waiting = [];
    for (const act of acts) act();
  };
  const add = (act: () => void, delayMs: number): void => {
    waiting.push(act);
    const nowMs = performance.now();
    if (nowMs + delayMs >= dueMs) return;
    dueMs = nowMs + delayMs;
    clearTimeout(timer);
    timer = setTimeout(run, delayMs);
  };
  return {
    soon: (act) => add(act, Math.max(BREATH_MS, lastMs + periodMs - performance.now())),
    along: (act) => add(act, PATIENCE_MS),
  };
}

/** Lets the browser paint and take input before long work goes on. */
export function pause(): Promise<void> {
  return new Promise((resolve) => {
    const channel = new MessageChannel();
    channel.port1.onmessage = () => {
      channel.port1.close();
      resolve();
    };
    channel.port2.postMessage(null);
  });
}

const pieces = new Set<() => boolean>();
/** What a frame gives to work that is done in pieces; what has been added must be laid out and painted in it too. */
const PIECE_MS = 4;

/** Calls `step`, a short piece of work, again and again, some in each frame, until it returns true; returns what ends that. */
export function inPieces(step: () => boolean): () => void {
  if (pieces.size === 0) nextFrame(work);
  pieces.add(step);
  return () => void pieces.delete(step);
}

function work(): void {
  const endMs = performance.now() + PIECE_MS;
  for (const step of pieces) {
    let done = false;
    while (!done && performance.now() < endMs) done = step();
    if (done) pieces.delete(step);
    if (performance.now() >= endMs) break;
  }
  if (pieces.size > 0) nextFrame(work);
}

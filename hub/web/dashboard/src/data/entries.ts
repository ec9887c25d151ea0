// The browser's history: an entry for each place, and one on top of it for each dialog, so that "back" closes the dialog.
// Alone knows `history`.

interface Mark {
  readonly key: string;
  /** The entry of a dialog: whoever goes elsewhere from it takes its place. */
  readonly layer?: true;
  /** How many entries lie below it. */
  readonly depth: number;
}

interface Layer {
  readonly key: string;
  readonly close: () => void;
  readonly content: Node;
}

/** What has moved: to a new place, back or forth to one that was, or just the address of the one at hand. */
export type Move = { readonly kind: "new"; readonly from: string; readonly to: string } | { readonly kind: "again"; readonly to: string } | { readonly kind: "same" };

const layers: Layer[] = [];
const listeners = new Set<(move: Move) => void>();
/** The way back from a dialog's entry takes the browser a moment; what is asked meanwhile waits. */
let returning: { readonly href: string } | null = null;
let waiting: (() => void)[] = [];
let made = 0;
/** Whether the way back, which would lose these parts of the page or all of it, is to wait for `goOn`. */
type AskBack = (lost: readonly Node[] | "all", goOn: () => void) => boolean;
let askBack: AskBack = () => false;

const newKey = (): string => `${Math.random().toString(36).slice(2)}-${(made += 1)}`;
const mark = (): Mark | null => history.state as Mark | null;
const pageOf = (href: string): string => href.split("#", 1)[0] ?? "";
const depthOf = (one: Mark | null): number => one?.depth ?? 0;
const tell = (move: Move): void => {
  for (const listener of [...listeners]) listener(move);
};

/** Where one is, for when the browser tells that it has gone elsewhere. */
let was = { depth: 0, href: "" };
const remember = (): void => {
  was = { depth: depthOf(mark()), href: location.href };
};

function whenBack(act: () => void): void {
  if (returning === null) act();
  else waiting.push(act);
}

/** `ask` is called on "back" and "forward" before anything is closed or left. */
export function askBeforeBack(ask: AskBack): void {
  askBack = ask;
}

export function listenToMoves(listener: (move: Move) => void): void {
  listeners.add(listener);
}

/** Goes to an address of this page; "back" leads to where one was before any dialog was opened there. */
export function push(href: string): void {
  whenBack(() => {
    const from = mark();
    const to: Mark = { key: newKey(), depth: from?.layer === true ? from.depth : depthOf(from) + 1 };
    if (from?.layer === true) history.replaceState(to, "", href);
    else history.pushState(to, "", href);
    remember();
    tell({ kind: "new", from: from?.key ?? "", to: to.key });
  });
}

/** Changes the address of the place at hand. */
export function replace(href: string): void {
  whenBack(() => {
    history.replaceState(mark(), "", href);
    remember();
    tell({ kind: "same" });
  });
}

/** Puts a dialog, `content`, on top of the place at hand: `close` is called on "back". Returns what to call once it is closed. */
export function openLayer(close: () => void, content: Node): () => void {
  const layer: Layer = { key: newKey(), close, content };
  let over = false;
  whenBack(() => {
    if (over) return;
    layers.push(layer);
    history.pushState({ key: layer.key, layer: true, depth: depthOf(mark()) + 1 } satisfies Mark, "", location.href);
    remember();
  });
  return () => {
    over = true;
    const index = layers.indexOf(layer);
    if (index < 0) return;
    layers.splice(index, 1);
    // Whatever closed it may lead elsewhere at once, and then there is no entry to leave.
    setTimeout(() => {
      if (returning !== null || mark()?.key !== layer.key) return;
      returning = { href: location.href };
      history.back();
    });
  };
}

/** A link within the page, such as the one that skips to its content, has made an entry that we have not marked. */
function markOwn(): Mark {
  const made: Mark = { key: newKey(), depth: was.depth + 1 };
  history.replaceState(made, "", location.href);
  return made;
}

function onPop(): void {
  const here = mark() ?? markOwn();
  if (returning !== null) {
    // What was changed in the address while the dialog was open stays changed.
    if (location.href !== returning.href) history.replaceState(here, "", returning.href);
    returning = null;
    remember();
    const acts = waiting;
    waiting = [];
    tell({ kind: "same" });
    for (const act of acts) whenBack(act);
    return;
  }
  const above = layers.findIndex(({ key }) => key === here.key) + 1;
  const step = depthOf(here) - was.depth;
  const lost = pageOf(location.href) === pageOf(was.href) ? layers.slice(above).map(({ content }) => content) : "all";
  if (step !== 0 && askBack(lost, () => history.go(step))) {
    returning = { href: was.href };
    history.go(-step);
    return;
  }
  remember();
  tell({ kind: "again", to: here.key });
  const left = layers.splice(above);
  for (const { close } of left.reverse()) close();
}

if (mark() === null) history.replaceState({ key: newKey(), depth: 0 } satisfies Mark, "", location.href);
remember();
window.addEventListener("popstate", onPop);

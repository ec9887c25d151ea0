import { beforeEach, expect, test, vi } from "vitest";

interface Entry {
  state: unknown;
  href: string;
}

/** As much of a browser's history as the module uses: going back takes a moment there too. */
class FakeHistory {
  entries: Entry[] = [{ state: null, href: "/devices" }];
  at = 0;
  popped: () => void = () => undefined;
  get state(): unknown {
    return this.entries[this.at]?.state ?? null;
  }
  get href(): string {
    return this.entries[this.at]?.href ?? "";
  }
  pushState(state: unknown, _title: string, href: string): void {
    this.entries = [...this.entries.slice(0, this.at + 1), { state, href }];
    this.at += 1;
  }
  replaceState(state: unknown, _title: string, href: string): void {
    this.entries[this.at] = { state, href };
  }
  back(): void {
    this.go(-1);
  }
  go(step: number): void {
    setTimeout(() => {
      this.at += step;
      this.popped();
    });
  }
}

const CONTENT = {} as Node;
let browser: FakeHistory;
let entries: typeof import("../src/data/entries");
const settle = async (): Promise<void> => void (await vi.runAllTimersAsync());
const addresses = (): string[] => browser.entries.slice(0, browser.at + 1).map(({ href }) => href);

beforeEach(async () => {
  vi.useFakeTimers();
  vi.resetModules();
  browser = new FakeHistory();
  vi.stubGlobal("history", browser);
  vi.stubGlobal("location", {
    get href() {
      return browser.href;
    },
  });
  vi.stubGlobal("window", { addEventListener: (_name: string, listener: () => void) => (browser.popped = listener) });
  entries = await import("../src/data/entries");
});

test("back closes the dialog and stays at the place", async () => {
  const close = vi.fn();
  entries.push("/devices/7");
  entries.openLayer(close, CONTENT);
  browser.back();
  await settle();
  expect(close).toHaveBeenCalledOnce();
  expect(addresses()).toEqual(["/devices", "/devices/7"]);
});

test("a dialog that is closed otherwise leaves nothing to go back to", async () => {
  const close = vi.fn();
  entries.openLayer(close, CONTENT)();
  await settle();
  expect(close).not.toHaveBeenCalled();
  expect(addresses()).toEqual(["/devices"]);
});

test("what a dialog leads to takes its place", async () => {
  const closed = entries.openLayer(vi.fn(), CONTENT);
  closed();
  entries.push("/devices/9");
  await settle();
  expect(addresses()).toEqual(["/devices", "/devices/9"]);
});

test("what was changed in the address under a dialog stays when it is closed", async () => {
  const closed = entries.openLayer(vi.fn(), CONTENT);
  entries.replace("/devices?q=core");
  closed();
  await settle();
  expect(addresses()).toEqual(["/devices?q=core"]);
});

test("a dialog on top of another is closed alone", async () => {
  const [lower, upper] = [vi.fn(), vi.fn()];
  entries.openLayer(lower, CONTENT);
  entries.openLayer(upper, CONTENT);
  browser.back();
  await settle();
  expect(upper).toHaveBeenCalledOnce();
  expect(lower).not.toHaveBeenCalled();
});

test("whoever goes on while a dialog's entry is being left gets there", async () => {
  entries.openLayer(vi.fn(), CONTENT)();
  // The browser is on its way back, and has not arrived.
  vi.advanceTimersToNextTimer();
  entries.push("/alerts");
  await settle();
  expect(addresses()).toEqual(["/devices", "/alerts"]);
});

test("each move is told with the place that it leads to", async () => {
  const moves: string[] = [];
  entries.listenToMoves((move) => moves.push(move.kind));
  entries.push("/alerts");
  entries.replace("/alerts?state=all");
  browser.back();
  await settle();
  expect(moves).toEqual(["new", "same", "again"]);
});

test("who is asked before the way back stays, and goes back once it may be", async () => {
  const ask = vi.fn<(lost: readonly Node[] | "all", goOn: () => void) => boolean>(() => true);
  const moves: string[] = [];
  entries.push("/rules/new");
  entries.askBeforeBack(ask);
  entries.listenToMoves((move) => moves.push(move.kind));
  browser.back();
  await settle();
  expect(ask.mock.lastCall?.[0]).toBe("all");
  expect(addresses()).toEqual(["/devices", "/rules/new"]);
  expect(moves).toEqual(["same"]);
  ask.mockReturnValue(false);
  ask.mock.lastCall?.[1]();
  await settle();
  expect(addresses()).toEqual(["/devices"]);
});

test("back from a dialog loses what is in the dialog alone", async () => {
  const ask = vi.fn<(lost: readonly Node[] | "all", goOn: () => void) => boolean>(() => true);
  const close = vi.fn();
  entries.openLayer(close, CONTENT);
  entries.askBeforeBack(ask);
  browser.back();
  await settle();
  expect(ask.mock.lastCall?.[0]).toEqual([CONTENT]);
  expect(close).not.toHaveBeenCalled();
  expect(addresses()).toEqual(["/devices", "/devices"]);
});

test("a link within the page leaves nothing, and is an entry to go back from", async () => {
  const ask = vi.fn<(lost: readonly Node[] | "all", goOn: () => void) => boolean>(() => false);
  entries.push("/rules/new");
  entries.askBeforeBack(ask);
  browser.pushState(null, "", "/rules/new#content");
  browser.popped();
  expect(ask.mock.lastCall?.[0]).toEqual([]);
  browser.back();
  await settle();
  expect(ask.mock.lastCall?.[0]).toEqual([]);
  browser.back();
  await settle();
  expect(ask.mock.lastCall?.[0]).toBe("all");
});

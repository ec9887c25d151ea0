import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { CursorStore, type CursorStorage } from "../src/cursorStore.js";

const PLACE = { epoch: "00000000000000aa", seq: 7 };

class Memory implements CursorStorage {
  readonly kept = new Map<string, string>();
  writes = 0;

  getItem(key: string): string | null {
    return this.kept.get(key) ?? null;
  }

  setItem(key: string, value: string): void {
    this.writes += 1;
    this.kept.set(key, value);
  }
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("a place is kept by hub and user", () => {
  const memory = new Memory();
  const store = new CursorStore(memory, "https://noc.example.net", "olga");
  store.keep(PLACE);
  store.flush();
  expect(new CursorStore(memory, "https://noc.example.net", "olga").load()).toEqual(PLACE);
  expect(new CursorStore(memory, "https://noc.example.net", "kim").load()).toBeNull();
  expect(new CursorStore(memory, "https://other.example.net", "olga").load()).toBeNull();
});

test("a burst of events is one write, and the last one counts", () => {
  const memory = new Memory();
  const store = new CursorStore(memory, "h", "olga");
  for (let seq = 0; seq <= 100; seq += 1) store.keep({ ...PLACE, seq });
  vi.runAllTimers();
  expect(memory.writes).toBe(1);
  expect(store.load()).toEqual({ ...PLACE, seq: 100 });
});

test("a place that is told again is not written again", () => {
  const memory = new Memory();
  const store = new CursorStore(memory, "h", "olga");
  store.keep(PLACE);
  vi.runAllTimers();
  store.keep({ ...PLACE });
  vi.runAllTimers();
  expect(memory.writes).toBe(1);
  store.keep({ ...PLACE, seq: 8 });
  vi.runAllTimers();
  store.keep({ epoch: "00000000000000bb", seq: 8 });
  vi.runAllTimers();
  expect(memory.writes).toBe(3);
  expect(store.load()).toEqual({ epoch: "00000000000000bb", seq: 8 });
});

test.each(["", "{", "7", "null", '{"epoch":"x","seq":1}', '{"epoch":"00000000000000aa","seq":-1}', '{"epoch":"00000000000000aa"}'])(
  "what cannot be a place is none: %s",
  (text) => {
    const memory = new Memory();
    memory.kept.set("noctule:cursor:h:olga", text);
    expect(new CursorStore(memory, "h", "olga").load()).toBeNull();
  },
);

test("a storage that refuses keeps nothing and harms nothing", () => {
  const refuse = (): never => {
    throw new Error("forbidden");
  };
  const store = new CursorStore({ getItem: refuse, setItem: refuse }, "h", "olga");
  store.keep(PLACE);
  expect(() => store.flush()).not.toThrow();
  expect(store.load()).toBeNull();
});

import { describe, expect, it } from "vitest";

import { tileStep, type TileBox } from "../src/model/tileSteps";

/** Two sites below each other: rows of four and two, and of three. */
const ROWS = [4, 2, 3];
const boxes = ROWS.flatMap((count, row) => Array.from({ length: count }, (_, column): TileBox => ({ left: 100 * column, top: 40 * row + (row > 1 ? 25 : 0) })));

const step = (key: string, at: number, whole = false): number | null => tileStep(key, whole, at, boxes.length, (index) => boxes[index] as TileBox);

describe("keys on tiles", () => {
  it.each([
    ["ArrowRight", 0, 1],
    ["ArrowRight", 3, 4],
    ["ArrowRight", 8, null],
    ["ArrowLeft", 4, 3],
    ["ArrowLeft", 0, null],
    ["ArrowDown", 1, 5],
    ["ArrowDown", 3, 5],
    ["ArrowDown", 5, 7],
    ["ArrowDown", 7, null],
    ["ArrowUp", 8, 5],
    ["ArrowUp", 4, 0],
    ["ArrowUp", 2, null],
    ["Home", 2, 0],
    ["Home", 0, null],
    ["End", 1, 3],
    ["End", 4, 5],
    ["Enter", 4, null],
    ["a", 4, null],
  ] as const)("%s leads from tile %i to %s", (key, at, to) => {
    expect(step(key, at)).toBe(to);
  });

  it("lead with Ctrl to the first and the last of all", () => {
    expect(step("Home", 7, true)).toBe(0);
    expect(step("End", 1, true)).toBe(8);
  });

  it("ask for no tiles beyond the rows concerned", () => {
    const asked = new Set<number>();
    tileStep("ArrowDown", false, 1, boxes.length, (index) => {
      asked.add(index);
      return boxes[index] as TileBox;
    });
    expect(Math.max(...asked)).toBe(6);
  });
});

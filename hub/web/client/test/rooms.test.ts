import { expect, test } from "vitest";

import { MAX_ROOMS, RoomHolds } from "../src/rooms.js";

test("only the first hold subscribes and only the last release unsubscribes", () => {
  const holds = new RoomHolds();
  expect(holds.hold("device:1")).toBe(true);
  expect(holds.hold("device:1")).toBe(false);
  expect(holds.release("device:1")).toBe(false);
  expect(holds.has("device:1")).toBe(true);
  expect(holds.release("device:1")).toBe(true);
  expect(holds.rooms).toEqual([]);
});

test("releasing what nobody holds does nothing", () => {
  expect(new RoomHolds().release("device:1")).toBe(false);
});

test("a room past the hub's limit is refused with the room's name", () => {
  const holds = new RoomHolds();
  for (let id = 0; id < MAX_ROOMS; id += 1) holds.hold(`device:${id}`);
  expect(() => holds.hold("device:x")).toThrow(/device:x/u);
  expect(holds.hold("device:3")).toBe(false);
});

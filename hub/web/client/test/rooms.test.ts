import { expect, test } from "vitest";

import { MAX_ROOMS, RoomHolds } from "../src/rooms.js";

const joined = { join: true, evicted: null };
const there = { join: false, evicted: null };

test("only the first hold subscribes and only the end of the grace unsubscribes", () => {
  const holds = new RoomHolds();
  expect(holds.hold("device:1")).toEqual(joined);
  expect(holds.hold("device:1")).toEqual(there);
  expect(holds.release("device:1")).toBe(false);
  expect(holds.drop("device:1")).toBe(false);
  expect(holds.release("device:1")).toBe(true);
  expect(holds.rooms).toEqual(["device:1"]);
  expect(holds.drop("device:1")).toBe(true);
  expect(holds.rooms).toEqual([]);
});

test("a room that is held again within its grace is neither left nor joined", () => {
  const holds = new RoomHolds();
  holds.hold("device:1");
  holds.release("device:1");
  expect(holds.hold("device:1")).toEqual(there);
  expect(holds.drop("device:1")).toBe(false);
});

test("releasing what nobody holds does nothing", () => {
  const holds = new RoomHolds();
  expect(holds.release("device:1")).toBe(false);
  holds.hold("device:1");
  holds.release("device:1");
  expect(holds.release("device:1")).toBe(false);
});

test("a room past the hub's limit is refused with the room's name", () => {
  const holds = new RoomHolds();
  for (let id = 0; id < MAX_ROOMS; id += 1) holds.hold(`device:${id}`);
  expect(() => holds.hold("device:x")).toThrow(/device:x/u);
  expect(holds.hold("device:3")).toEqual(there);
});

test("a room in its grace makes place for one that is wanted", () => {
  const holds = new RoomHolds();
  for (let id = 0; id < MAX_ROOMS; id += 1) holds.hold(`device:${id}`);
  holds.release("device:5");
  expect(holds.hold("device:x")).toEqual({ join: true, evicted: "device:5" });
  expect(holds.has("device:5")).toBe(false);
});

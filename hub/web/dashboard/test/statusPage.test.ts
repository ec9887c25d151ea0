import { describe, expect, it } from "vitest";

import { chosen, covers, offers, plannedFor, withMoved, withOffer, type Window } from "../src/model/statusPage";
import { device } from "./samples";

const span = (day: number): { startsAt: string; endsAt: string } => ({ startsAt: `2026-05-0${day}T01:00:00Z`, endsAt: `2026-05-0${day}T03:00:00Z` });
const window = (part: Partial<Window>): Window => ({ id: 1, name: "w", deviceIds: [], siteIds: [], tags: [], running: null, next: null, ...part });
const component = (label: string, deviceIds: number[], siteIds: number[] = [], tags: string[] = []) => ({ id: null, label, deviceIds, siteIds, tags });

describe("the order of components", () => {
  it.each([
    [0, 2, "bca"],
    [2, 0, "cab"],
    [1, 9, "acb"],
    [1, -3, "bac"],
    [1, 1, "abc"],
    [7, 0, "abc"],
  ])("from %i to %i is %s", (from, to, order) => {
    expect(withMoved(["a", "b", "c"], from, to).join("")).toBe(order);
  });
});

it("a component stands for its devices, for all of its sites and for what bears its tags", () => {
  expect(covers(component("x", [1]), device({ id: 1, siteId: 5 }))).toBe(true);
  expect(covers(component("x", [], [5]), device({ id: 1, siteId: 5 }))).toBe(true);
  expect(covers(component("x", [2], [6]), device({ id: 1, siteId: 5 }))).toBe(false);
  expect(covers(component("x", [], [], ["radio"]), device({ id: 1, tags: ["core", "radio"] }))).toBe(true);
  expect(covers(component("x", [], [], ["radio"]), device({ id: 1, tags: [] }))).toBe(false);
});

it("a component is given one thing more, or one less", () => {
  const begun = component("x", [1], [5], ["radio"]);
  expect(chosen(begun)).toEqual([{ kind: "site", id: 5 }, { kind: "tag", id: "radio" }, { kind: "device", id: 1 }]);
  expect(withOffer(begun, { kind: "tag", id: "core" }).tags).toEqual(["radio", "core"]);
  expect(withOffer(begun, { kind: "device", id: 1 })).toEqual(begun);
  expect(withOffer(begun, { kind: "tag", id: "radio" }, true).tags).toEqual([]);
});

it("devices of one name are offered with their sites", () => {
  const found = offers([device({ id: 1, name: "a", tags: ["core"] }), device({ id: 2, name: "a", siteId: 2, siteName: "west", tags: [] }), device({ id: 3, name: "b", tags: [] })], (name) => `Site ${name}`, (tag) => `Tag ${tag}`);
  expect(Object.fromEntries(found)).toEqual({
    "Site hq": { kind: "site", id: 1 },
    "Site west": { kind: "site", id: 2 },
    "Tag core": { kind: "tag", id: "core" },
    "a (hq)": { kind: "device", id: 1 },
    "a (west)": { kind: "device", id: 2 },
    b: { kind: "device", id: 3 },
  });
});

describe("planned maintenance", () => {
  const devices = [device({ id: 1, tags: ["radio"] }), device({ id: 2, siteId: 2, tags: [] })];
  const components = [component("north", [1]), component("south", [], [2]), component("all", [1, 2])];

  it("names the components that a window covers, by device, site or tag, the soonest first", () => {
    const windows = [window({ id: 1, siteIds: [2], next: span(4) }), window({ id: 2, tags: ["radio"], next: span(2) }), window({ id: 3, deviceIds: [1], running: span(1), next: span(8) })];
    expect(plannedFor(components, windows, devices).map(({ window: { id }, running, labels }) => [id, running, labels])).toEqual([
      [3, true, ["north", "all"]],
      [2, false, ["north", "all"]],
      [1, false, ["south", "all"]],
    ]);
  });

  it("leaves out windows that are over, and those that cover none", () => {
    expect(plannedFor(components, [window({ deviceIds: [1] }), window({ deviceIds: [77], next: span(2) })], devices)).toEqual([]);
  });
});

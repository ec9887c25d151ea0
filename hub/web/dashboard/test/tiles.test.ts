import { describe, expect, it } from "vitest";
import type { AlertEvent } from "@noctule/client";

import { firingGroups } from "../src/model/firing";
import { gridPx, tilePlan, tileSites, type TilePlan } from "../src/model/tiles";
import { row } from "./samples";

const wall = { widthPx: 1_300, heightPx: 940 };
const sites = (count: number, each: number): number[] => Array.from({ length: count }, () => each);

/** How high each column of a plan is. */
function heightsOf(counts: readonly number[], plan: TilePlan): number[] {
  return plan.columns.map((from, column) => {
    const there = counts.slice(from, plan.columns[column + 1]);
    return there.reduce((sum, count) => sum + plan.headingPx + (gridPx(plan, count) ?? 0), (there.length - 1) * plan.siteGapPx);
  });
}

describe("tiles", () => {
  it("have names while those can be read, and are squares beyond", () => {
    expect(tilePlan([300], null).named).toBe(true);
    expect(tilePlan([5_000], null).named).toBe(false);
    expect(tilePlan([12], wall).named).toBe(true);
    expect(tilePlan([5_000], wall).named).toBe(false);
  });

  it.each([
    [1, 1],
    [1, 12],
    [2, 50],
    [5, 100],
    [5, 1_000],
    [100, 50],
    [100, 1],
    [40, 125],
  ])("of %i sites with %i devices each fill a wall and do not spill over", (count, each) => {
    const plan = tilePlan(sites(count, each), wall);
    expect(Math.max(...heightsOf(sites(count, each), plan))).toBeLessThanOrEqual(wall.heightPx);
    const columnPx = (wall.widthPx - (plan.columns.length - 1) * 24) / plan.columns.length;
    expect((plan.perRow ?? 0) * (plan.widthPx + plan.gapPx) - plan.gapPx).toBeLessThanOrEqual(columnPx);
    expect(plan.heightPx).toBeGreaterThanOrEqual(8);
  });

  it("are as high as there is room for where they are few", () => {
    expect(tilePlan([7, 5], wall).heightPx).toBe(160);
  });

  it("leave no row with one tile at its beginning where they need not", () => {
    expect(4 % (tilePlan([4, 4, 4], wall).perRow ?? 0)).toBe(0);
  });

  it("are as small as they get where there is no room, rather than none", () => {
    expect(tilePlan(sites(100, 50), { widthPx: 200, heightPx: 100 })).toMatchObject({ widthPx: 6, named: false });
    expect(tilePlan([], wall).widthPx).toBeGreaterThan(0);
  });

  it("stand by site in natural order, and a site that is as it was stays the same object", () => {
    const rows = [row({ id: 1, name: "sw10" }), row({ id: 2, name: "sw9" }), row({ id: 3, name: "ap1", siteName: "branch" })];
    const before = tileSites(rows, []);
    expect(before.map(({ name, places }) => [name, places.map((place) => place.name)])).toEqual([
      ["branch", ["ap1"]],
      ["hq", ["sw9", "sw10"]],
    ]);
    const after = tileSites([...rows, row({ id: 4, name: "ap2", siteName: "branch" })], before);
    expect(after[1]).toBe(before[1]);
    expect(after[0]).not.toBe(before[0]);
  });
});

function alert(id: number, rest: Partial<AlertEvent> = {}): AlertEvent {
  const startedAt = new Date(1_795_000_000_000 + id * 1000).toISOString();
  return { timestamp: startedAt, id, rule: "r", title: `alert ${id}`, severity: "warning", state: "firing", deviceId: null, startedAt, ...rest } as AlertEvent;
}

describe("what fires", () => {
  it("stands by incident under its root cause, worst first", () => {
    const incident = { id: 4, title: "core1 is offline", rootAlertId: 3 };
    const { groups } = firingGroups([alert(1), alert(2, { incident }), alert(3, { incident, severity: "critical" })]);
    expect(groups.map(({ title, alerts }) => [title, alerts.map(({ id }) => id)])).toEqual([
      ["core1 is offline", [3, 2]],
      ["alert 1", [1]],
    ]);
  });

  it("is called by its incident only while the root of that rings", () => {
    const incident = { id: 4, title: "core1 is offline", rootAlertId: 2 };
    const parts = [alert(2, { incident }), alert(3, { incident, severity: "critical" })];
    expect(firingGroups(parts).groups[0]?.title).toBe("core1 is offline");
    expect(firingGroups(parts.slice(1)).groups[0]?.title).toBe("alert 3");
  });

  it("counts apart what rings nobody, and leaves out what is pending", () => {
    const found = firingGroups([
      alert(1, { silencedBy: { id: 1, comment: "x" } }),
      alert(2, { acknowledgedBy: "noc" }),
      alert(3, { state: "pending" }),
    ]);
    expect(found).toEqual({ groups: [], quiet: 2 });
  });
});

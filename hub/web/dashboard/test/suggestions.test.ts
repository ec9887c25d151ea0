import { expect, test } from "vitest";

import { suggestions } from "../src/model/suggestions";
import { row } from "./samples";

const ROWS = [
  row({ id: 1, siteName: "HQ", role: "border", tags: ["core", "mpls"] }),
  row({ id: 2, siteName: "North Side", tags: ["core"], status: "offline" }),
  row({ id: 3, siteName: "North Side", tags: [] }),
];
const tokens = (text: string): string[] => suggestions(text, ROWS).map(({ token }) => token);

test("kinds are offered before anything is typed, and while one is begun", () => {
  expect(tokens("")).toEqual(["site:", "role:", "tag:", "state:"]);
  expect(tokens("core st")).toEqual(["state:"]);
  expect(tokens("zzz")).toEqual([]);
});

test("values come with the most devices first, and spaces are quoted", () => {
  expect(tokens("site:")).toEqual(['site:"North Side"', "site:HQ"]);
  expect(suggestions("tag:", ROWS)[0]).toEqual({ token: "tag:core", text: "tag:core ", count: 2 });
  expect(tokens("role:")).toEqual(["role:border"]);
  expect(tokens('x site:"nor')).toEqual(['site:"North Side"']);
});

test("what was typed before stays, and a whole value offers nothing more", () => {
  expect(suggestions("core tag:mp", ROWS)[0]?.text).toBe("core tag:mpls ");
  expect(tokens("tag:core")).toEqual([]);
  expect(tokens("status:off")).toEqual(["state:offline"]);
});

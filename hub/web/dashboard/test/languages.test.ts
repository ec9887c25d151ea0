import { describe, expect, it } from "vitest";

import { en } from "../src/texts/en";
import { id, said } from "../src/texts/id";
import { isPart, spokenOver } from "../src/texts/spoken";

/** Names and commands, the same in every language. */
const NAMES: readonly string[] = [
  "product",
  "start.checkCommand",
  "devices.snmp",
  "devices.empty.agentCommand",
  "devices.empty.joinCommand",
  "devices.empty.deviceCommand",
  "devices.empty.snmpCommand",
  "channels.fields.webhookHint",
  "channels.fields.appriseHint",
];

type Leaf = readonly [string, unknown];

function leaves(part: object, prefix = ""): readonly Leaf[] {
  return Object.entries(part).flatMap(([key, value]): readonly Leaf[] => (isPart(value) ? leaves(value, `${prefix}${key}.`) : [[`${prefix}${key}`, value]]));
}

const isEnglish = (place: string): boolean => NAMES.some((one) => place === one || place.startsWith(`${one}.`));
const english = new Map(leaves(en));
const indonesian = new Map(leaves(said));

describe("Bahasa Indonesia", () => {
  it("says all that English says, but for names and what is not translated yet", () => {
    expect([...english.keys()].filter((place) => !indonesian.has(place) && !isEnglish(place))).toEqual([]);
  });

  it("says nothing that English does not know", () => {
    expect([...indonesian.keys()].filter((place) => !english.has(place))).toEqual([]);
  });

  it("is asked with the same number of arguments", () => {
    const differ = [...indonesian].filter(([place, mine]) => {
      const theirs = english.get(place);
      return typeof mine !== typeof theirs || (typeof mine === "function" && typeof theirs === "function" && mine.length !== theirs.length);
    });
    expect(differ.map(([place]) => place)).toEqual([]);
  });

  it("lists nothing as English that there is not", () => {
    expect(NAMES.filter((one) => ![...english.keys()].some((place) => place === one || place.startsWith(`${one}.`)))).toEqual([]);
  });

  it("has the same keys to press", () => {
    expect(id.help.keys.map(([keys]) => keys)).toEqual(en.help.keys.map(([keys]) => keys));
  });

  it("falls back to English part by part", () => {
    expect(spokenOver({ a: { b: "x", c: "y" }, d: "z" }, { a: { b: "X" } })).toEqual({ a: { b: "X", c: "y" }, d: "z" });
    expect(id.start.checkCommand).toBe(en.start.checkCommand);
    expect(id.start.check).not.toBe(en.start.check);
  });
});

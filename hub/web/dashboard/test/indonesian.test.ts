import { afterAll, beforeAll, expect, test, vi } from "vitest";

import { ask } from "../src/data/http";
import { fieldWords, nameOf, objectOf } from "../src/model/audit";
import { reasonWord } from "../src/model/probe";
import { en } from "../src/texts/en";
import { isian } from "../src/texts/id/fields";
import { speak, texts } from "../src/texts";
import { AUDIT_FIELDS } from "./auditFields";

/** Fields that are called the same in both languages. */
const SAME = ["icmp", "id", "label", "port", "snmp", "x", "y"];
const english = AUDIT_FIELDS.map(fieldWords);

beforeAll(async () => {
  vi.stubGlobal("document", { documentElement: {} });
  await speak("id");
});
afterAll(() => vi.unstubAllGlobals());

test("each field of the audit log has its word, and there is no word without a field", () => {
  expect(AUDIT_FIELDS.filter((name, place) => fieldWords(name) === english[place])).toEqual(SAME);
  const known = new Set(english.map((words) => words.replace(/ \((?:s|bit\/s)\)$/u, "")));
  expect([...isian.keys()].filter((words) => !known.has(words))).toEqual([]);
});

test("what people gave in a field's name is kept", () => {
  expect(fieldWords("components “site is offline”.device_ids")).toBe("komponen “site is offline”: id perangkat");
  expect(fieldWords("icmp.interval_s")).toBe("icmp: interval (dtk)");
});

test("what was changed is called by its own name, and by the hub's words where it has none", () => {
  expect(nameOf({ kind: "alert", name: "core1 is offline" })).toBe("core1 offline");
  expect(nameOf({ kind: "layout", name: "3 devices" })).toBe("3 perangkat");
  expect(nameOf({ kind: "device", name: "settings" })).toBe("settings");
  expect([objectOf({ kind: "alert-rule", objectId: 3 }), objectOf({ kind: "settings", objectId: null })]).toEqual(["aturan alert 3", "pengaturan"]);
  expect(objectOf({ kind: "of a newer hub", objectId: 1 })).toBe("of a newer hub 1");
});

test("payments are said in the words that billing systems use, others as they are", () => {
  const { word } = texts.customers.payments;
  expect(["issued", "paid", "PAID", "failed", "refunded"].map(word)).toEqual(["ditagihkan", "lunas", "lunas", "gagal", "dikembalikan"]);
  expect(["dunning-2", "constructor", ""].map(word)).toEqual(["dunning-2", "constructor", ""]);
  expect(en.customers.payments.word("PAID")).toBe("PAID");
});

test("a refusal is said wherever it is shown, one that is not known as the hub says it", async () => {
  const refused = (message: string): Promise<unknown> => {
    vi.stubGlobal("fetch", async () => new Response(JSON.stringify({ code: "invalid", field: "name", message }), { status: 400 }));
    return ask("/api/v1/sites");
  };
  await expect(refused("there is a site named 'hq' already; choose another name")).rejects.toMatchObject({ message: "sudah ada site bernama 'hq'; pilih nama lain", field: "name" });
  await expect(refused("what a newer hub says")).rejects.toMatchObject({ message: "what a newer hub says" });
});

test("why nothing answered is said by the word for it", () => {
  expect(["timeout", "ICMP is switched off or not permitted", "Network is unreachable", "No child processes", null].map(reasonWord)).toEqual(["tidak ada jawaban", "ICMP dimatikan atau tidak diizinkan", "jaringan tidak terjangkau", "No child processes", ""]);
});

import { afterAll, beforeAll, expect, test, vi } from "vitest";

import { ask } from "../src/data/http";
import { reasonWord } from "../src/model/probe";
import { speak } from "../src/texts";

beforeAll(async () => {
  vi.stubGlobal("document", { documentElement: {} });
  await speak("id");
});
afterAll(() => vi.unstubAllGlobals());

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

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { NoctuleClient } from "@noctule/client";

import { HttpError } from "../src/data/http";
import { Queries } from "../src/data/queries";

class FakeClient {
  any: (name: string) => void = () => undefined;
  state: (state: { phase: string }) => void = () => undefined;
  onAny(handler: (name: string) => void): () => void {
    this.any = handler;
    return () => undefined;
  }
  onStateChange(listener: (state: { phase: string }) => void): () => void {
    this.state = listener;
    return () => undefined;
  }
}

describe("what has been asked of the hub", () => {
  let client: FakeClient;
  let answers: (() => unknown)[];
  let asked: string[];
  let queries: Queries;

  beforeEach(() => {
    vi.useFakeTimers();
    client = new FakeClient();
    answers = [];
    asked = [];
    const get = async (path: string): Promise<unknown> => {
      asked.push(path);
      return (answers.shift() ?? (() => asked.length))();
    };
    queries = new Queries(get, client as unknown as NoctuleClient);
  });

  afterEach(() => {
    queries.stop();
    vi.useRealTimers();
  });

  const settle = (ms = 0): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);
  const fail = (status: number) => (): never => {
    throw new HttpError(status, "x", "no");
  };

  it("is asked once for all who show it", async () => {
    queries.watch("/rules", {});
    queries.watch("/rules", {});
    await settle();
    expect(asked).toEqual(["/rules"]);
    expect(queries.answer("/rules").get()).toMatchObject({ phase: "ready", data: 1, trouble: null });
  });

  it("is read again after an event that concerns it, once for many of them", async () => {
    queries.watch("/rules", { on: ["alert:new"] });
    await settle();
    for (let time = 0; time < 20; time += 1) client.any("alert:new");
    client.any("device:status");
    await settle(1_000);
    expect(asked).toHaveLength(2);
  });

  it("stays as it was when it cannot be read again, and says so until it can", async () => {
    answers = [() => "old", fail(0), () => "new"];
    queries.watch("/rules", { everyMs: 10_000 });
    await settle();
    await settle(10_000);
    expect(queries.answer("/rules").get()).toMatchObject({ phase: "ready", data: "old", trouble: "no" });
    await settle(5_000);
    expect(queries.answer("/rules").get()).toMatchObject({ phase: "ready", data: "new", trouble: null });
  });

  it("is gone when the hub says that it is, and not asked for again", async () => {
    answers = [() => "old", fail(404)];
    queries.watch("/rules/7", {});
    await settle();
    queries.again("/rules");
    await settle(60_000);
    expect(queries.answer("/rules/7").get()).toMatchObject({ phase: "failed", status: 404 });
    expect(asked).toHaveLength(2);
  });

  it("is asked again at once when somebody wants that, if it failed and is shown", async () => {
    answers = [fail(403), () => "well", fail(500)];
    queries.watch("/rules/7", {});
    queries.watch("/rules", {});
    queries.watch("/agents", {})();
    await settle();
    queries.retry();
    await settle();
    expect(asked).toEqual(["/rules/7", "/rules", "/agents", "/rules/7"]);
  });

  it("is shown along with something else when the time alone asked, and not after what was asked later", async () => {
    const waiting: (() => void)[] = [];
    const get = async (path: string): Promise<unknown> => asked.push(path);
    queries.stop();
    queries = new Queries(get, client as unknown as NoctuleClient, (act) => void waiting.push(act));
    queries.watch("/busy", { everyMs: 5_000 });
    await settle();
    const shown = (): unknown => (queries.answer("/busy").get() as { data?: unknown }).data;
    expect(shown()).toBe(1);
    await settle(5_000);
    expect([asked.length, shown()]).toEqual([2, 1]);
    waiting.shift()?.();
    expect(shown()).toBe(2);
    await settle(5_000);
    queries.again("/busy");
    await settle();
    expect(shown()).toBe(4);
    waiting.shift()?.();
    expect(shown()).toBe(4);
  });

  it("is asked again when the link to the hub is back", async () => {
    client.state({ phase: "live" });
    queries.watch("/rules", {});
    await settle();
    client.state({ phase: "reconnecting" });
    client.state({ phase: "live" });
    await settle(1_000);
    expect(asked).toHaveLength(2);
  });

  it("is not asked for while nobody shows it, and shown at once on the way back", async () => {
    const leave = queries.watch("/rules", { everyMs: 1_000 });
    await settle();
    leave();
    await settle(30_000);
    expect(asked).toHaveLength(1);
    expect(queries.answer("/rules").get()).toMatchObject({ phase: "ready" });
    queries.watch("/rules", {});
    await settle();
    expect(asked).toHaveLength(2);
  });
});

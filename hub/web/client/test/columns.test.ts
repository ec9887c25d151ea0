import { expect, expectTypeOf, test } from "vitest";

import { readHistory, type BandwidthHistory, type HistoryAck, type LatencyHistory, type NoctuleClient } from "../src/index.js";

const answer = { ok: true, series: "latency:7", resolution: "raw", stepS: null, gaps: [] };
const times = new Float64Array([1_795_000_000_000, 1_795_000_010_000]);
const rounds = new Float32Array([0.25, NaN]);

/** Bytes as Node.js hands them out: somewhere in a larger buffer. */
function pooled(bytes: ArrayBufferView, at: number): Uint8Array {
  const pool = new Uint8Array(bytes.byteLength + at);
  pool.set(new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength), at);
  return pool.subarray(at);
}

test.each([0, 1, 3])("columns that begin at any byte become typed arrays, unknown values NaN (%i)", (at) => {
  const read = readHistory({ ...answer, columns: { tsMs: pooled(times, at), rttS: pooled(rounds, at) } });
  expect(read).toEqual({ ...answer, columns: { tsMs: times, rttS: rounds } });
});

test("columns of a browser become typed arrays", () => {
  const read = readHistory({ ...answer, columns: { tsMs: times.buffer, rttS: rounds.buffer } });
  expect(read.ok && read.columns).toEqual({ tsMs: times, rttS: rounds });
});

test("a refusal is handed on", () => {
  const refusal = { ok: false, error: { code: "forbidden", message: "your role may not read it" } };
  expect(readHistory(refusal)).toEqual(refusal);
});

test.each([
  [{ tsMs: times, rttS: new Float32Array(3) }],
  [{ tsMs: times, rttS: [0.25, null] }],
  [{ tsMs: new Uint8Array(9), rttS: rounds }],
  [{ rttS: rounds }],
  [{}],
])("columns that are not as promised are refused", (columns) => {
  expect(() => readHistory({ ...answer, columns })).toThrow();
});

test("what is asked for says which columns come", () => {
  const ask = (client: NoctuleClient) => [client.history("latency:7"), client.history("service-bandwidth:3", { interfaceId: 4 })] as const;
  expectTypeOf<ReturnType<typeof ask>>().toEqualTypeOf<readonly [Promise<HistoryAck<LatencyHistory>>, Promise<HistoryAck<BandwidthHistory>>]>();
  // @ts-expect-error there are no such series
  ((client: NoctuleClient) => client.history("devices:7")).toString();
});

// Written by tools/client_types.py from noctule_shared; change it there.
// Histories as `history` reads them: columns of one length, numbers as `events.ts` has them. NaN: unknown.
// `n` rows are in a step, of which `bad` have no value that counts.

/** `raw`: rows as they were measured; the others are rollups, one row each 5 minutes, hour or UTC day. */
export type Resolution = "raw" | "5m" | "1h" | "1d";

/** A hole that an agent told of; `samples` of all its devices were lost, null: nobody can know how many. */
export interface GapView {
  from: string;
  to: string;
  reason: string;
  samples: number | null;
}

export interface LatencyHistory {
  /** Epoch milliseconds. */
  readonly tsMs: Float64Array;
  readonly n: Float32Array;
  readonly bad: Float32Array;
  readonly rttS: Float32Array;
  readonly lossRatio: Float32Array;
  readonly mdevS: Float32Array;
  readonly rttMinS: Float32Array;
  readonly rttP25S: Float32Array;
  readonly rttP75S: Float32Array;
  readonly rttMaxS: Float32Array;
}

export interface BandwidthHistory {
  /** Epoch milliseconds. */
  readonly tsMs: Float64Array;
  readonly n: Float32Array;
  readonly bad: Float32Array;
  readonly inBps: Float32Array;
  readonly outBps: Float32Array;
  readonly inMinBps: Float32Array;
  readonly inMaxBps: Float32Array;
  readonly outMinBps: Float32Array;
  readonly outMaxBps: Float32Array;
}

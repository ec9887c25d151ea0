// What a chart over time is made of.

import type { DeviceStatus } from "@noctule/client";

import type { Figure } from "../../model/format";
import type { Tone } from "./tones";

export type Values = readonly (number | null)[];

/** One line; null is a hole. `mirrored`: drawn downwards from zero, read as it is. */
export interface Line {
  readonly key: string;
  readonly label: string;
  readonly values: Values;
  readonly tone: Tone;
  readonly filled?: boolean;
  readonly mirrored?: boolean;
  /** Places of samples that are flagged: drawn hollow. */
  readonly hollow?: ReadonlySet<number>;
}

/** The area between two columns: the smoke of a latency, the envelope of steps. */
export interface Band {
  readonly key: string;
  readonly label: string;
  readonly low: Values;
  readonly high: Values;
  readonly tone: Tone;
  readonly strength: number;
  readonly mirrored?: boolean;
}

/** What is read in the legend and saved with the numbers, but not drawn as a line. */
export interface Reading {
  readonly key: string;
  readonly label: string;
  readonly values: Values;
  readonly format: (value: number | null) => Figure;
  /** Of the values as numbers, e.g. `s`. */
  readonly unit?: string;
}

/** A horizontal line: a capacity, a percentile, a threshold. The axis reaches up to it where that flattens nothing. */
export interface Level {
  readonly value: number;
  readonly label: string;
  readonly tone: Tone;
  readonly dashed?: boolean;
  readonly mirrored?: boolean;
}

/** A moment to see: an alert, a reboot, a change. */
export interface Mark {
  readonly ms: number;
  readonly text: string;
  readonly status: DeviceStatus;
}

/** A time in which something is known to be missing or lost; `ratio` null: nobody can know. */
export interface Loss {
  readonly fromMs: number;
  readonly toMs: number;
  readonly ratio: number | null;
}

/** A time of which data is missing, and why. */
export interface Gap {
  readonly fromMs: number;
  readonly toMs: number;
  readonly text: string;
}

export interface Plot {
  readonly times: readonly number[];
  readonly lines: readonly Line[];
  readonly bands?: readonly Band[];
  readonly readings?: readonly Reading[];
  readonly levels?: readonly Level[];
  /** The axis reaches to all levels. */
  readonly levelsInSight?: boolean;
  readonly marks?: readonly Mark[];
  readonly losses?: readonly Loss[];
  readonly gaps?: readonly Gap[];
  readonly format: (value: number | null) => Figure;
  /** Of all values as numbers, e.g. `b/s`; none where they are counts or shares. */
  readonly unit?: string;
  /** What is above this may leave the picture: one late answer must not flatten an hour. */
  readonly cap?: number;
  /** The axis begins at zero. */
  readonly zero?: boolean;
  readonly log?: boolean;
  /** Where the axis ends when there is nothing but zeros, or nothing at all; 1 when absent. */
  readonly idle?: number;
}

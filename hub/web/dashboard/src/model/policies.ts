// Notification policies as the hub answers them, and while somebody writes one. Pure.

export type Grouping = "none" | "incident" | "site";

export interface PolicyStep {
  readonly afterS: number;
  /** null: all enabled channels, by their own filters. */
  readonly channelIds: readonly number[] | null;
  readonly channelNames: readonly string[] | null;
}

export interface Policy {
  readonly id: number;
  readonly name: string;
  readonly default: boolean;
  readonly steps: readonly PolicyStep[];
  readonly repeatS: number | null;
  readonly recovery: boolean;
  readonly groupBy: Grouping;
  readonly groupWaitS: number;
  readonly title: string | null;
  readonly text: string | null;
  readonly createdAt: string;
  readonly revision: number;
}

interface Words {
  readonly title: string;
  readonly text: string;
  readonly fault: string | null;
}

/** What a policy would do with an alert that begins to ring now. */
export interface Rehearsal {
  readonly steps: readonly {
    readonly afterS: number;
    readonly atS: number;
    readonly channels: readonly { readonly channelId: number; readonly name: string; readonly told: boolean; readonly reason: string | null; readonly delivered: boolean | null; readonly outcome: string | null }[];
  }[];
  readonly repeatS: number | null;
  readonly problem: Words;
  readonly end: Words | null;
}

/** A step as it is written; `key` tells it from others while they are moved about. */
export interface StepDraft {
  readonly key: number;
  readonly minutes: string;
  readonly all: boolean;
  readonly channelIds: readonly number[];
}

export interface Draft {
  readonly name: string;
  readonly steps: readonly StepDraft[];
  /** Minutes; empty: each step once. */
  readonly repeat: string;
  readonly recovery: boolean;
  readonly groupBy: Grouping;
  readonly groupWaitS: string;
  readonly title: string;
  readonly text: string;
}

export const EMPTY_DRAFT: Draft = {
  name: "",
  steps: [{ key: 0, minutes: "0", all: true, channelIds: [] }],
  repeat: "",
  recovery: true,
  groupBy: "incident",
  groupWaitS: "10",
  title: "",
  text: "",
};

const minutes = (seconds: number): string => String(Number((seconds / 60).toPrecision(12)));
const seconds = (text: string): number => Math.round(Number(text) * 60);

export function draftOf(policy: Policy): Draft {
  return {
    name: policy.name,
    steps: policy.steps.map(({ afterS, channelIds }, key) => ({ key, minutes: minutes(afterS), all: channelIds === null, channelIds: channelIds ?? [] })),
    repeat: policy.repeatS === null ? "" : minutes(policy.repeatS),
    recovery: policy.recovery,
    groupBy: policy.groupBy,
    groupWaitS: String(policy.groupWaitS),
    title: policy.title ?? "",
    text: policy.text ?? "",
  };
}

export function bodyOf(draft: Draft): Record<string, unknown> {
  return {
    name: draft.name,
    steps: draft.steps.map((step) => ({ afterS: seconds(step.minutes), channelIds: step.all ? null : step.channelIds })),
    repeatS: draft.repeat === "" ? null : seconds(draft.repeat),
    recovery: draft.recovery,
    groupBy: draft.groupBy,
    groupWaitS: Number(draft.groupWaitS),
    title: draft.title === "" ? null : draft.title,
    text: draft.text === "" ? null : draft.text,
  };
}

/** Returns the draft with one more step, a quarter of an hour after the last. */
export function withStep(draft: Draft): Draft {
  const last = Math.max(0, ...draft.steps.map((step) => Number(step.minutes) || 0));
  const key = Math.max(-1, ...draft.steps.map((step) => step.key)) + 1;
  return { ...draft, steps: [...draft.steps, { key, minutes: String(draft.steps.length === 0 ? 0 : last + 15), all: false, channelIds: [] }] };
}

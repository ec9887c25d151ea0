// A rule while somebody writes it, and as the hub wants it. Pure.

import type { Severity } from "@noctule/client";

import { conditionOf, EVERYTHING, fieldsOf, kindOf, type Condition, type Rule, type Selector } from "./rules";

export interface Draft {
  readonly name: string;
  readonly kind: string;
  /** The condition's figures as they are written. */
  readonly figures: Readonly<Record<string, string>>;
  readonly severity: Severity;
  readonly forS: string;
  readonly trouble: string;
  readonly selector: Selector;
  readonly enabled: boolean;
  readonly policyId: number | null;
}

export function draftOf(rule: Rule): Draft {
  return {
    name: rule.name,
    kind: rule.condition.kind,
    figures: fieldsOf(rule.condition),
    severity: rule.severity,
    forS: String(rule.forS),
    trouble: rule.trouble ?? "",
    selector: rule.selector,
    enabled: rule.enabled,
    policyId: rule.policyId,
  };
}

export const EMPTY_DRAFT: Draft = {
  name: "",
  kind: "device-offline",
  figures: {},
  severity: "warning",
  forS: "60",
  trouble: "",
  selector: EVERYTHING,
  enabled: true,
  policyId: null,
};

/** Returns the draft with another kind: its own figures, and of what it is about only what that kind can be about. */
export function withKind(draft: Draft, kind: string): Draft {
  const { about } = kindOf(kind);
  const selector: Selector = {
    ...draft.selector,
    ...(about === "device" || about === "interface" ? {} : { deviceIds: [], roles: [], tags: [] }),
    ...(about === "interface" ? {} : { ifTypes: [], interfaceNames: [] }),
  };
  return { ...draft, kind, figures: fieldsOf({ kind } as Condition), selector, trouble: about === "agent" || about === "hub" ? "" : draft.trouble };
}

/** Returns what is sent of a draft, beside the name of a new rule or the revision of one that is there. */
export function bodyOf(draft: Draft): Record<string, unknown> {
  const trouble = draft.trouble.trim();
  return {
    condition: conditionOf(draft.kind, draft.figures),
    severity: draft.severity,
    forS: Number(draft.forS),
    trouble: trouble === "" ? null : trouble,
    selector: draft.selector,
    enabled: draft.enabled,
    policyId: draft.policyId,
  };
}

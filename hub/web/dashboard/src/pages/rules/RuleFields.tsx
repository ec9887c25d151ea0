// The fields of a rule: what it fires on, by which figures, after how long, about what, and who is told.

import type { ReactNode } from "react";
import type { Severity } from "@noctule/client";

import type { Refusal } from "../../data/useQuery";
import { span } from "../../model/format";
import { withKind, type Draft } from "../../model/ruleDraft";
import { KINDS, kindOf, type Parameter } from "../../model/rules";
import { CheckField, SelectField, TextField } from "../../parts/Form";
import { useChoices } from "../../parts/Pickers";
import { texts } from "../../texts";
import { SelectorFields } from "./SelectorFields";

/** The fields that say their own refusals. */
export const SAID = ["name", "condition", "severity", "forS", "trouble", "policyId", "selector"];

export function RuleFields(props: { draft: Draft; isNew: boolean; refusal: Refusal | null; disabled: boolean; onChange: (draft: Draft) => void }): ReactNode {
  const { draft, isNew, refusal, disabled, onChange } = props;
  const words = texts.rules.fields;
  const kind = kindOf(draft.kind);
  // Those who may not change rules may not read policies either.
  const policies = useChoices(disabled ? null : "/notification-policies?limit=1000");
  const set = (part: Partial<Draft>): void => onChange({ ...draft, ...part });
  const kinds = KINDS.some((one) => one.kind === draft.kind) ? KINDS : [...KINDS, kind];
  return (
    <fieldset className="fields" disabled={disabled}>
      {isNew ? <TextField label={words.name} note={words.nameNote} value={draft.name} field="name" refusal={refusal} required autoFocus onChange={(event) => set({ name: event.target.value })} data-testid="rule-name" /> : null}
      <SelectField
        label={words.kind}
        note={isNew ? undefined : words.kindStays}
        value={draft.kind}
        disabled={!isNew}
        field="condition.kind"
        refusal={refusal}
        options={kinds.map((one) => [one.kind, texts.rules.kinds[one.kind] ?? one.kind] as const)}
        onChange={(event) => onChange(withKind(draft, event.target.value))}
        data-testid="rule-kind"
      />
      {kind.parameters.length === 0 ? null : (
        <div className="form-row">
          {kind.parameters.map((parameter) => (
            <Figure key={parameter.key} parameter={parameter} value={draft.figures[parameter.key] ?? ""} refusal={refusal} onChange={(value) => set({ figures: { ...draft.figures, [parameter.key]: value } })} />
          ))}
        </div>
      )}
      <div className="form-row">
        <SelectField
          label={words.severity}
          value={draft.severity}
          field="severity"
          refusal={refusal}
          options={(["critical", "warning", "info"] as const).map((one) => [one, texts.severity[one]] as const)}
          onChange={(event) => set({ severity: event.target.value as Severity })}
        />
        <TextField label={words.for} note={Number(draft.forS) > 0 ? words.forNote(span(Number(draft.forS) * 1000)) : texts.rules.atOnce} type="number" min={0} max={86_400} step={1} required value={draft.forS} field="forS" refusal={refusal} onChange={(event) => set({ forS: event.target.value })} data-testid="rule-for" />
      </div>
      <SelectorFields about={kind.about} selector={draft.selector} refusal={refusal} disabled={disabled} onChange={(selector) => set({ selector })} />
      {kind.about === "agent" || kind.about === "hub" ? null : <TextField label={words.trouble} note={words.troubleNote} value={draft.trouble} field="trouble" refusal={refusal} onChange={(event) => set({ trouble: event.target.value })} />}
      {disabled ? null : (
        <SelectField
          label={words.policy}
          value={draft.policyId === null ? "" : String(draft.policyId)}
          field="policyId"
          refusal={refusal}
          options={[["", words.policyDefault], ...policies]}
          onChange={(event) => set({ policyId: event.target.value === "" ? null : Number(event.target.value) })}
        />
      )}
      <CheckField label={words.enabled} checked={draft.enabled} onChange={(event) => set({ enabled: event.target.checked })} />
    </fieldset>
  );
}

function Figure({ parameter, value, refusal, onChange }: { parameter: Parameter; value: string; refusal: Refusal | null; onChange: (value: string) => void }): ReactNode {
  const { key, unit, optional = false, whole = false } = parameter;
  return (
    <TextField
      label={`${texts.rules.parameters[key] ?? key} (${texts.rules.units[unit]})`}
      type="number"
      step={whole ? 1 : "any"}
      required={!optional}
      inputMode="decimal"
      placeholder={optional ? texts.form.none : ""}
      value={value}
      field={`condition.${key}`}
      refusal={refusal}
      onChange={(event) => onChange(event.target.value)}
      data-testid={`figure-${key}`}
    />
  );
}

// The fields of a policy: its steps, what goes together, and its own words.

import type { ReactNode } from "react";

import type { Refusal } from "../../data/useQuery";
import { span } from "../../model/format";
import { withStep, type Draft, type Grouping, type StepDraft } from "../../model/policies";
import { CheckField, SelectField, TextArea, TextField } from "../../parts/Form";
import { Icon } from "../../parts/Glyph";
import { useChoices } from "../../parts/Pickers";
import { TokenField, type Choice } from "../../parts/TokenField";
import { texts } from "../../texts";

/** The fields that say their own refusals. */
export const SAID = ["name", "steps", "repeatS", "recovery", "groupBy", "groupWaitS", "title", "text"];
const STEPS_MAX = 10;

/** `named`: channels by their ids, for who may not read them all. */
export function PolicyFields(props: { draft: Draft; named: ReadonlyMap<string, string>; refusal: Refusal | null; disabled: boolean; onChange: (draft: Draft) => void }): ReactNode {
  const { draft, named, refusal, disabled, onChange } = props;
  const words = texts.policies.fields;
  const known = useChoices(disabled ? null : "/channels?limit=1000");
  const channels: readonly Choice[] = known.length > 0 ? known : [...named];
  const set = (part: Partial<Draft>): void => onChange({ ...draft, ...part });
  const setStep = (step: StepDraft): void => set({ steps: draft.steps.map((one) => (one.key === step.key ? step : one)) });
  const stepsRefusal = refusal?.field?.startsWith("steps") === true ? refusal : null;
  return (
    <fieldset className="fields" disabled={disabled}>
      <TextField label={words.name} value={draft.name} required field="name" refusal={refusal} onChange={(event) => set({ name: event.target.value })} data-testid="policy-name" />
      <fieldset className="fields">
        <legend>{words.steps}</legend>
        <p className="field-note">{words.stepsNote}</p>
        {draft.steps.map((step) => (
          <Step key={step.key} step={step} channels={channels} disabled={disabled} onChange={setStep} {...(draft.steps.length > 1 && !disabled ? { onRemove: () => set({ steps: draft.steps.filter((one) => one.key !== step.key) }) } : {})} />
        ))}
        {stepsRefusal === null ? null : (
          <p className="field-trouble" role="alert">
            {stepsRefusal.message}
          </p>
        )}
        {disabled || draft.steps.length >= STEPS_MAX ? null : (
          <button type="button" className="link step-add" onClick={() => onChange(withStep(draft))} data-testid="policy-step-add">
            {words.addStep}
          </button>
        )}
      </fieldset>
      <div className="form-row">
        <TextField label={words.repeat} note={words.repeatNote} type="number" min={5} max={10_080} step="any" placeholder={texts.policies.once} value={draft.repeat} field="repeatS" refusal={refusal} onChange={(event) => set({ repeat: event.target.value })} />
        <SelectField
          label={words.group}
          value={draft.groupBy}
          field="groupBy"
          refusal={refusal}
          options={(["none", "incident", "site"] as const).map((one) => [one, texts.policies.groups[one]] as const)}
          onChange={(event) => set({ groupBy: event.target.value as Grouping })}
        />
        {draft.groupBy === "none" ? null : <TextField label={words.wait} note={words.waitNote} type="number" min={0} max={300} required value={draft.groupWaitS} field="groupWaitS" refusal={refusal} onChange={(event) => set({ groupWaitS: event.target.value })} />}
      </div>
      <CheckField label={words.recovery} checked={draft.recovery} onChange={(event) => set({ recovery: event.target.checked })} />
      <TextField label={words.title} placeholder={words.builtIn} value={draft.title} field="title" refusal={refusal} onChange={(event) => set({ title: event.target.value })} />
      <TextArea label={words.text} note={words.textNote} placeholder={words.builtIn} rows={4} value={draft.text} field="text" refusal={refusal} onChange={(event) => set({ text: event.target.value })} />
    </fieldset>
  );
}

function Step({ step, channels, disabled, onChange, onRemove }: { step: StepDraft; channels: readonly Choice[]; disabled: boolean; onChange: (step: StepDraft) => void; onRemove?: () => void }): ReactNode {
  const words = texts.policies.fields;
  const lasts = Number(step.minutes);
  return (
    <div className="policy-step">
      <TextField label={words.after} note={lasts > 0 ? span(lasts * 60_000) : texts.policies.atOnce} type="number" min={0} max={10_080} step="any" required value={step.minutes} onChange={(event) => onChange({ ...step, minutes: event.target.value })} />
      <div className="fields">
        <CheckField label={words.all} checked={step.all} onChange={(event) => onChange({ ...step, all: event.target.checked })} />
        {step.all ? null : <TokenField label={texts.pick.channels} choices={channels} values={step.channelIds.map(String)} disabled={disabled} onChange={(values) => onChange({ ...step, channelIds: values.map(Number) })} />}
      </div>
      {onRemove === undefined ? null : (
        <button type="button" className="icon-button small" aria-label={words.removeStep} title={words.removeStep} onClick={onRemove}>
          <Icon name="close" />
        </button>
      )}
    </div>
  );
}

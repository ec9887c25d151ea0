// The fields of a maintenance window: what it covers, and when it runs, once or again and again.

import { useMemo, type ReactNode } from "react";

import type { Refusal } from "../../data/useQuery";
import { span } from "../../model/format";
import { WEEKDAYS, type Draft } from "../../model/maintenance";
import { TextArea, TextField } from "../../parts/Form";
import { MomentField } from "../../parts/Moment";
import { DevicesField, SitesField, TagsField } from "../../parts/Pickers";
import { texts } from "../../texts";

/** The fields that say their own refusals. */
export const SAID = ["name", "note", "deviceIds", "siteIds", "tags", "once.startsAt", "once.endsAt", "recurring.weekdays", "recurring.start", "recurring.durationS", "recurring.timezone", "recurring.firstDate", "recurring.lastDate"];

interface Given {
  readonly draft: Draft;
  readonly refusal: Refusal | null;
  readonly disabled: boolean;
  readonly onChange: (draft: Draft) => void;
}

export function MaintenanceFields(props: Given): ReactNode {
  const { draft, refusal, disabled, onChange } = props;
  const words = texts.maintenance.fields;
  const set = (part: Partial<Draft>): void => onChange({ ...draft, ...part });
  const shared = { refusal, disabled };
  return (
    <fieldset className="fields" disabled={disabled}>
      <TextField label={words.name} value={draft.name} required field="name" refusal={refusal} onChange={(event) => set({ name: event.target.value })} data-testid="maintenance-name" />
      <TextArea label={words.note} value={draft.note} rows={2} field="note" refusal={refusal} onChange={(event) => set({ note: event.target.value })} />
      <fieldset className="fields">
        <legend>{words.covers}</legend>
        <p className="field-note">{words.coversNote}</p>
        <div className="form-row">
          <DevicesField {...shared} field="deviceIds" values={draft.deviceIds} onChange={(deviceIds) => set({ deviceIds })} />
          <SitesField {...shared} field="siteIds" values={draft.siteIds} onChange={(siteIds) => set({ siteIds })} />
        </div>
        <TagsField {...shared} field="tags" values={draft.tags} onChange={(tags) => set({ tags })} />
      </fieldset>
      <fieldset className="fields">
        <legend>{words.when}</legend>
        <div className="segments">
          <button type="button" aria-pressed={!draft.recurs} onClick={() => set({ recurs: false })}>
            {words.once}
          </button>
          <button type="button" aria-pressed={draft.recurs} onClick={() => set({ recurs: true })} data-testid="maintenance-recurs">
            {words.recurs}
          </button>
        </div>
        {draft.recurs ? <Weekly {...props} /> : <Once {...props} />}
      </fieldset>
    </fieldset>
  );
}

function Once({ draft, refusal, onChange }: Given): ReactNode {
  const words = texts.maintenance.fields;
  return (
    <div className="form-row">
      <MomentField label={words.starts} value={draft.starts} required words={[]} field="once.startsAt" refusal={refusal} onChange={(starts) => onChange({ ...draft, starts })} />
      <MomentField label={words.ends} value={draft.ends} required words={[]} field="once.endsAt" refusal={refusal} onChange={(ends) => onChange({ ...draft, ends })} />
    </div>
  );
}

function Weekly({ draft, refusal, onChange }: Given): ReactNode {
  const words = texts.maintenance.fields;
  const zones = useMemo(() => Intl.supportedValuesOf("timeZone"), []);
  const set = (part: Partial<Draft>): void => onChange({ ...draft, ...part });
  const lasts = Number(draft.minutes);
  return (
    <>
      <div className="weekdays" role="group" aria-label={words.weekdays}>
        {WEEKDAYS.map((day) => (
          <button key={day} type="button" className="toggle" aria-pressed={draft.weekdays.includes(day)} onClick={() => set({ weekdays: draft.weekdays.includes(day) ? draft.weekdays.filter((one) => one !== day) : [...draft.weekdays, day] })} data-testid={`weekday-${day}`}>
            {texts.maintenance.weekdays[day]}
          </button>
        ))}
      </div>
      {refusal?.field === "recurring.weekdays" ? <p className="field-trouble" role="alert">{refusal.message}</p> : null}
      <div className="form-row">
        <TextField label={words.start} type="time" required value={draft.start} field="recurring.start" refusal={refusal} onChange={(event) => set({ start: event.target.value })} />
        <TextField label={words.minutes} note={lasts > 0 ? span(lasts * 60_000) : undefined} type="number" min={1} max={10_080} required value={draft.minutes} field="recurring.durationS" refusal={refusal} onChange={(event) => set({ minutes: event.target.value })} />
      </div>
      <TextField label={words.timezone} note={words.timezoneNote} list="maintenance-zones" value={draft.timezone} field="recurring.timezone" refusal={refusal} onChange={(event) => set({ timezone: event.target.value })} />
      <datalist id="maintenance-zones">
        {zones.map((zone) => (
          <option key={zone} value={zone} />
        ))}
      </datalist>
      <div className="form-row">
        <TextField label={words.firstDate} note={words.firstDateNote} type="date" value={draft.firstDate} field="recurring.firstDate" refusal={refusal} onChange={(event) => set({ firstDate: event.target.value })} />
        <TextField label={words.lastDate} note={words.lastDateNote} type="date" value={draft.lastDate} field="recurring.lastDate" refusal={refusal} onChange={(event) => set({ lastDate: event.target.value })} />
      </div>
    </>
  );
}

// One maintenance window beside the list, or a new one.

import { useState, type ReactNode } from "react";

import { useNow } from "../../data/clock";
import { usePage } from "../../data/context";
import { at, go, useRoute } from "../../data/route";
import { useAction, useQuery } from "../../data/useQuery";
import { clock, span } from "../../model/format";
import { bodyOf, coveredBy, draftOf, emptyDraft, stateOf, type Draft, type Maintenance, type Span } from "../../model/maintenance";
import { Answered } from "../../parts/Answered";
import { Based } from "../../parts/Based";
import { Confirm } from "../../parts/Dialog";
import { Form, Trouble } from "../../parts/Form";
import { Section } from "../../parts/Page";
import { SidePanel } from "../../parts/SidePanel";
import { texts } from "../../texts";
import { MAY_OPERATE } from "../registry";
import { MaintenanceFields, SAID } from "./MaintenanceFields";
import { scheduleWords } from "./scheduleWords";

export function NewMaintenance(): ReactNode {
  return (
    <SidePanel page="maintenance" title={texts.maintenance.newHeading} testId="maintenance-panel">
      <NewWindow />
    </SidePanel>
  );
}

export function MaintenancePanel({ window }: { window: Maintenance }): ReactNode {
  const { live } = usePage();
  const nowMs = useNow();
  const [removing, setRemoving] = useState(false);
  const end = useAction(() => live.send("POST", `/maintenance/${window.id}/end`));
  const remove = useAction(async () => {
    await live.send("DELETE", `/maintenance/${window.id}`);
    go(at("maintenance"), { replace: true });
  });
  const mayWrite = MAY_OPERATE.has(live.role);
  return (
    <SidePanel page="maintenance" title={window.name} testId="maintenance-panel">
      <p className="panel-answer">{scheduleWords(window, nowMs)}</p>
      {mayWrite ? (
        <div className="deeds">
          {stateOf(window, nowMs) === "running" ? (
            <button type="button" className="button small" disabled={end.busy} onClick={() => void end.run()} data-testid="maintenance-end">
              {texts.maintenance.end}
            </button>
          ) : null}
          <button type="button" className="button small danger" onClick={() => setRemoving(true)}>
            {texts.form.remove}
          </button>
          <Trouble refusal={end.refusal} />
        </div>
      ) : null}
      <Occurrences id={window.id} nowMs={nowMs} />
      <Based now={window}>{(base, onSaved) => <Fields window={base} first={draftOf(base, Date.now())} mayWrite={mayWrite} onSaved={onSaved} />}</Based>
      {removing ? (
        <Confirm heading={texts.maintenance.removeHeading(window.name)} word={texts.form.remove} action={remove} onClose={() => setRemoving(false)}>
          <p>{texts.maintenance.removeLead}</p>
        </Confirm>
      ) : null}
    </SidePanel>
  );
}

function Occurrences({ id, nowMs }: { id: number; nowMs: number }): ReactNode {
  const answer = useQuery<{ items: Span[] }>(`/maintenance/${id}/occurrences?limit=5`);
  return (
    <Section heading={texts.maintenance.next}>
      <Answered answer={answer} empty={({ items }) => (items.length === 0 ? <p className="dim">{texts.maintenance.noNext}</p> : null)}>
        {({ items }) => (
          <ul className="plain-list" data-testid="maintenance-occurrences">
            {items.map(({ startsAt, endsAt }) => {
              const [startsMs, endsMs] = [Date.parse(startsAt), Date.parse(endsAt)];
              return (
                <li key={startsAt}>
                  {texts.maintenance.once(clock(startsMs, nowMs), clock(endsMs, nowMs))} <span className="dim">{startsMs <= nowMs ? texts.maintenance.left(span(endsMs - nowMs)) : texts.maintenance.in(span(startsMs - nowMs))}</span>
                </li>
              );
            })}
          </ul>
        )}
      </Answered>
    </Section>
  );
}

interface HubSettings {
  readonly timezone: string;
}

/** By the hub's own time zone, and of what the address names: an alert's device, say. */
function NewWindow(): ReactNode {
  const { query } = useRoute();
  const settings = useQuery<HubSettings>("/settings");
  // Who may not read settings writes the zone himself.
  if (settings.phase === "loading") return null;
  const empty = emptyDraft(Date.now(), settings.phase === "ready" ? settings.data.timezone : "UTC");
  return <Fields window={null} first={{ ...empty, ...coveredBy(query) }} mayWrite onSaved={({ id }) => go(at("maintenance", id), { replace: true, query: {} })} />;
}

/** `window` null: it is a new one. */
function Fields(props: { window: Maintenance | null; first: Draft; mayWrite: boolean; onSaved: (window: Maintenance) => void }): ReactNode {
  const { window, first: given, mayWrite, onSaved } = props;
  const { live } = usePage();
  const [first] = useState(given);
  const [draft, setDraft] = useState(given);
  const save = useAction(async () => {
    const body = bodyOf(draft, window === null ? null : first);
    onSaved(window === null ? await live.send<Maintenance>("POST", "/maintenance", body) : await live.send<Maintenance>("PATCH", `/maintenance/${window.id}`, { revision: window.revision, ...body }));
  });
  const fields = <MaintenanceFields draft={draft} refusal={save.refusal} disabled={!mayWrite} onChange={setDraft} />;
  if (!mayWrite) return <div className="form">{fields}</div>;
  return (
    <Form onSubmit={() => void save.run()} busy={save.busy} refusal={save.refusal} said={SAID} word={window === null ? texts.maintenance.add : texts.form.save}>
      {fields}
    </Form>
  );
}

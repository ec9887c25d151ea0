// Acknowledges alerts with a note, and until when.

import type { AlertEvent } from "@noctule/client";
import type { ReactNode } from "react";

import { isOpen } from "../../model/alertList";
import { isUntil, untilMs, UNTILS } from "../../model/until";
import { Dialog } from "../../parts/Dialog";
import { Form, SelectField, TextArea } from "../../parts/Form";
import { texts } from "../../texts";
import { useAcknowledge } from "./useAcknowledge";

const TITLES_SHOWN = 5;

export function Acknowledge({ alerts, onClose, onDone }: { alerts: readonly AlertEvent[]; onClose: () => void; onDone: () => void }): ReactNode {
  const acknowledge = useAcknowledge();
  const open = alerts.filter(isOpen);
  const words = texts.alerts;
  const submit = (form: FormData): void => {
    const note = String(form.get("note") ?? "").trim();
    const until = String(form.get("until") ?? "");
    const body = {
      ...(note === "" ? {} : { note }),
      ...(isUntil(until) ? { until: new Date(untilMs(until, Date.now())).toISOString() } : {}),
    };
    void acknowledge.run(open, body).then((done) => done && onDone());
  };
  const options = [["", words.untils.over] as const, ...UNTILS.map((until) => [until, words.untils[until]] as const)];
  return (
    <Dialog heading={words.acknowledgeMany(open.length)} onClose={onClose} testId="acknowledge-dialog">
      <Form onSubmit={submit} busy={acknowledge.busy} refusal={acknowledge.refusal} said={["note", "until"]} word={words.acknowledge} onCancel={onClose}>
        <ul className="plain-list dim">
          {open.slice(0, TITLES_SHOWN).map((alert) => (
            <li key={alert.id}>{texts.hubSays(alert.title)}</li>
          ))}
          {open.length > TITLES_SHOWN ? <li>…</li> : null}
        </ul>
        <TextArea
          label={words.note}
          note={words.noteHint}
          name="note"
          field="note"
          refusal={acknowledge.refusal}
          rows={2}
          autoFocus
          onKeyDown={(event) => {
            if (event.key !== "Enter" || event.shiftKey) return;
            event.preventDefault();
            event.currentTarget.form?.requestSubmit();
          }}
        />
        <SelectField label={words.until} name="until" field="until" refusal={acknowledge.refusal} options={options} />
      </Form>
    </Dialog>
  );
}

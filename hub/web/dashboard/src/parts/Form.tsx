// Forms: fields with their names, what the hub says of each, and the button that sends them.

import { useId, type FormEvent, type InputHTMLAttributes, type ReactNode, type SelectHTMLAttributes, type TextareaHTMLAttributes } from "react";

import { useUnsaved } from "../data/unsaved";
import type { Refusal } from "../data/useQuery";
import { sentence } from "../model/format";
import { texts } from "../texts";
import { Glyph } from "./Glyph";
import "./form.css";

export interface Labelled {
  readonly label: string;
  readonly note?: string | undefined;
  /** The name by which the hub refuses it, e.g. `snmp.port`; a refusal of a part of it counts too. */
  readonly field?: string;
  readonly refusal?: Refusal | null;
}

function concerns(refusal: Refusal | null | undefined, field: string | undefined): boolean {
  if (refusal?.field == null || field === undefined) return false;
  return refusal.field === field || refusal.field.startsWith(`${field}.`) || refusal.field.startsWith(`${field}[`);
}

export function Field({ label, note, field, refusal, children }: Labelled & { children: (ids: { id: string; describedBy: string | undefined; invalid: boolean }) => ReactNode }): ReactNode {
  const id = useId();
  const troubled = concerns(refusal, field);
  const described = [note === undefined ? "" : `${id}-note`, troubled ? `${id}-trouble` : ""].filter((one) => one !== "").join(" ");
  return (
    <div className={`field${troubled ? " troubled" : ""}`}>
      <label htmlFor={id}>{label}</label>
      {children({ id, describedBy: described === "" ? undefined : described, invalid: troubled })}
      {note === undefined ? null : (
        <span className="field-note" id={`${id}-note`}>
          {note}
        </span>
      )}
      {troubled ? (
        <span className="field-trouble" id={`${id}-trouble`} role="alert">
          <Glyph status="offline" />
          {sentence(refusal?.message ?? "")}
        </span>
      ) : null}
    </div>
  );
}

export function TextField({ label, note, field, refusal, ...input }: Labelled & InputHTMLAttributes<HTMLInputElement>): ReactNode {
  return (
    <Field label={label} note={note} {...(field === undefined ? {} : { field })} {...(refusal === undefined ? {} : { refusal })}>
      {({ id, describedBy, invalid }) => (
        <input id={id} type="text" autoComplete="off" spellCheck={false} aria-describedby={describedBy} aria-invalid={invalid} {...input} />
      )}
    </Field>
  );
}

export function TextArea({ label, note, field, refusal, ...input }: Labelled & TextareaHTMLAttributes<HTMLTextAreaElement>): ReactNode {
  return (
    <Field label={label} note={note} {...(field === undefined ? {} : { field })} {...(refusal === undefined ? {} : { refusal })}>
      {({ id, describedBy, invalid }) => <textarea id={id} aria-describedby={describedBy} aria-invalid={invalid} {...input} />}
    </Field>
  );
}

export function SelectField({ label, note, field, refusal, options, ...select }: Labelled & SelectHTMLAttributes<HTMLSelectElement> & { options: readonly (readonly [string, string])[] }): ReactNode {
  return (
    <Field label={label} note={note} {...(field === undefined ? {} : { field })} {...(refusal === undefined ? {} : { refusal })}>
      {({ id, describedBy, invalid }) => (
        <select id={id} aria-describedby={describedBy} aria-invalid={invalid} {...select}>
          {options.map(([value, word]) => (
            <option key={value} value={value}>
              {word}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}

export function CheckField({ label, note, ...input }: { label: string; note?: string } & InputHTMLAttributes<HTMLInputElement>): ReactNode {
  return (
    <div className="field">
      <label className="check">
        <input type="checkbox" {...input} />
        {label}
      </label>
      {note === undefined ? null : <span className="field-note">{note}</span>}
    </div>
  );
}

/** A refusal that is not said beside a field: of the whole, or of a field that is not among `said`. */
export function Trouble({ refusal, said = [] }: { refusal: Refusal | null; said?: readonly string[] }): ReactNode {
  if (refusal === null || said.some((field) => concerns(refusal, field))) return null;
  return (
    <p className="field-trouble" role="alert" data-testid="form-trouble">
      <Glyph status="offline" />
      {refusal.field === null ? sentence(refusal.message) : `${refusal.field}: ${sentence(refusal.message)}`}
    </p>
  );
}

/** `said` are the fields that show their own refusals. */
export function Form(props: {
  onSubmit: (form: FormData) => void;
  busy: boolean;
  refusal: Refusal | null;
  said?: readonly string[];
  word?: string;
  onCancel?: () => void;
  extra?: ReactNode;
  children: ReactNode;
}): ReactNode {
  const { onSubmit, busy, refusal, said = [], word = texts.form.save, onCancel, extra, children } = props;
  const unsaved = useUnsaved({ busy, refusal });
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    onSubmit(new FormData(event.currentTarget));
  };
  return (
    <form className="form" {...unsaved} onSubmit={submit} noValidate={false}>
      {children}
      <Trouble refusal={refusal} said={said} />
      <div className="form-end">
        <button type="submit" className="button primary" disabled={busy} data-testid="form-submit">
          {busy ? texts.form.saving : word}
        </button>
        {onCancel === undefined ? null : (
          <button type="button" className="button" onClick={onCancel}>
            {texts.form.cancel}
          </button>
        )}
        <span className="spring" />
        {extra}
      </div>
    </form>
  );
}

// The fields of a channel. Secrets are written and never read.

import type { Severity } from "@noctule/client";
import type { ReactNode } from "react";

import type { Refusal } from "../../data/useQuery";
import { targetOf, type Channel, type ChannelKind, type ChannelLanguage, type Draft, type Security } from "../../model/channels";
import { CheckField, SelectField, TextField } from "../../parts/Form";
import { SitesField, TagsField } from "../../parts/Pickers";
import { TokenField } from "../../parts/TokenField";
import { LANGUAGES, texts } from "../../texts";

/** The fields that say their own refusals. */
export const SAID = ["name", "severity", "siteIds", "tags", "language", "webhook", "smtp.host", "smtp.port", "smtp.security", "smtp.username", "smtp.password", "smtp.sender", "smtp.recipients", "apprise"];

interface Given {
  readonly draft: Draft;
  /** null: it is a new one. */
  readonly channel: Channel | null;
  readonly refusal: Refusal | null;
  readonly onChange: (draft: Draft) => void;
}

export function ChannelFields(props: Given): ReactNode {
  const { draft, channel, refusal, onChange } = props;
  const words = texts.channels.fields;
  const { atLeast } = texts.alerts.filters;
  const set = (part: Partial<Draft>): void => onChange({ ...draft, ...part });
  return (
    <>
      <TextField label={words.name} value={draft.name} required field="name" refusal={refusal} onChange={(event) => set({ name: event.target.value })} data-testid="channel-name" />
      <div className="form-row">
        <SelectField
          label={words.kind}
          value={draft.kind}
          disabled={channel !== null}
          options={(["webhook", "smtp", "apprise"] as const).map((kind) => [kind, texts.channels.kinds[kind]] as const)}
          onChange={(event) => set({ kind: event.target.value as ChannelKind })}
          data-testid="channel-kind"
        />
        <SelectField
          label={words.severity}
          value={draft.severity}
          field="severity"
          refusal={refusal}
          options={(["critical", "warning", "info"] as const).map((severity) => [severity, atLeast[severity]] as const)}
          onChange={(event) => set({ severity: event.target.value as Severity })}
        />
        <SelectField
          label={words.language}
          value={draft.language}
          field="language"
          refusal={refusal}
          options={(["en", "id"] as const).map((one) => [one, LANGUAGES[one]] as const)}
          onChange={(event) => set({ language: event.target.value as ChannelLanguage })}
          data-testid="channel-language"
        />
      </div>
      {draft.kind === "webhook" ? <Webhook {...props} /> : draft.kind === "smtp" ? <Mail {...props} /> : <Apprise {...props} />}
      <fieldset className="fields">
        <legend>{words.about}</legend>
        <p className="field-note">{words.aboutNote}</p>
        <div className="form-row">
          <SitesField field="siteIds" refusal={refusal} values={draft.siteIds} onChange={(siteIds) => set({ siteIds })} />
          <TagsField field="tags" refusal={refusal} values={draft.tags} onChange={(tags) => set({ tags })} />
        </div>
      </fieldset>
      <CheckField label={words.enabled} checked={draft.enabled} onChange={(event) => set({ enabled: event.target.checked })} />
    </>
  );
}

function Webhook({ draft, channel, refusal, onChange }: Given): ReactNode {
  const words = texts.channels.fields;
  const note = channel === null ? undefined : words.urlNote(targetOf(channel));
  return (
    <>
      <TextField label={words.url} note={note} type="url" placeholder={words.webhookHint} value={draft.url} required={channel === null} field="webhook.url" refusal={refusal} onChange={(event) => onChange({ ...draft, url: event.target.value })} data-testid="channel-url" />
      <TextField label={words.secret} note={words.secretNote} type="password" autoComplete="new-password" value={draft.secret} disabled={draft.url === ""} field="webhook.secret" refusal={refusal} onChange={(event) => onChange({ ...draft, secret: event.target.value })} />
    </>
  );
}

function Apprise({ draft, channel, refusal, onChange }: Given): ReactNode {
  const words = texts.channels.fields;
  const note = channel === null ? undefined : words.urlNote(targetOf(channel));
  return <TextField label={words.url} note={note} placeholder={words.appriseHint} value={draft.url} required={channel === null} field="apprise.url" refusal={refusal} onChange={(event) => onChange({ ...draft, url: event.target.value })} />;
}

function Mail({ draft, channel, refusal, onChange }: Given): ReactNode {
  const words = texts.channels.fields;
  const set = (part: Partial<Draft>): void => onChange({ ...draft, ...part });
  const kept = channel?.smtp?.passwordSet === true;
  return (
    <>
      <div className="form-row">
        <TextField label={words.host} value={draft.host} required field="smtp.host" refusal={refusal} onChange={(event) => set({ host: event.target.value })} />
        <TextField label={words.port} type="number" min={1} max={65_535} value={draft.port} required field="smtp.port" refusal={refusal} onChange={(event) => set({ port: event.target.value })} />
        <SelectField
          label={words.security}
          value={draft.security}
          field="smtp.security"
          refusal={refusal}
          options={(["starttls", "tls", "none"] as const).map((one) => [one, words.securities[one]] as const)}
          onChange={(event) => set({ security: event.target.value as Security })}
        />
      </div>
      <div className="form-row">
        <TextField label={words.username} value={draft.username} field="smtp.username" refusal={refusal} onChange={(event) => set({ username: event.target.value })} />
        <TextField label={words.password} note={kept ? words.passwordNote : undefined} type="password" autoComplete="new-password" value={draft.password} field="smtp.password" refusal={refusal} onChange={(event) => set({ password: event.target.value })} />
      </div>
      <TextField label={words.sender} type="email" value={draft.sender} required field="smtp.sender" refusal={refusal} onChange={(event) => set({ sender: event.target.value })} />
      <TokenField label={words.recipients} note={words.recipientsNote} free choices={[]} values={draft.recipients} field="smtp.recipients" refusal={refusal} onChange={(recipients) => set({ recipients })} />
    </>
  );
}

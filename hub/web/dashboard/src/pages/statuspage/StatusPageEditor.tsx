// The public status page, as admins make it: its lines, what each stands for, and what the public sees now.

import { useRef, useState, type ReactNode } from "react";

import { usePage } from "../../data/context";
import { useHold } from "../../data/unsaved";
import { useAction, useQuery } from "../../data/useQuery";
import type { Component, PublicStatus, StatusPage } from "../../model/statusPage";
import { Answered } from "../../parts/Answered";
import { CheckField, TextArea, TextField, Trouble } from "../../parts/Form";
import { Page, Section } from "../../parts/Page";
import { texts } from "../../texts";
import { Components } from "./Components";
import { Outlook } from "./Outlook";
import "./statuspage.css";

const PATH = "/status-page";

export default function StatusPageEditor(): ReactNode {
  const answer = useQuery<StatusPage>(PATH);
  return (
    <Answered answer={answer}>
      {/* What others save meanwhile does not take away what is being typed; it is told when this is saved. */}
      {(page) => <Loaded page={page} />}
    </Answered>
  );
}

function Loaded({ page }: { page: StatusPage }): ReactNode {
  const [begun, setBegun] = useState(page);
  return <Editor key={begun.revision} page={begun} onTaken={setBegun} />;
}

function Editor({ page, onTaken }: { page: StatusPage; onTaken: (page: StatusPage) => void }): ReactNode {
  const { live } = usePage();
  const words = texts.statusPage;
  const [draft, setDraft] = useState(page);
  const shown = useQuery<PublicStatus>(page.published ? "/status" : null, { everyMs: 15_000, on: ["device:status"] });
  const changed = JSON.stringify(draft) !== JSON.stringify(page);
  const form = useRef<HTMLFormElement>(null);
  const save = useAction(async () => {
    const components = draft.components.map(({ id, ...rest }: Component) => (id === null ? rest : { id, ...rest }));
    const saved = await live.send<StatusPage>("PUT", PATH, { ...draft, components });
    live.queries.again("/status");
    onTaken(saved);
  });
  useHold(form, changed && !save.busy);
  const theirs = useAction(async () => onTaken(await live.get<StatusPage>(PATH)));
  const change = (part: Partial<StatusPage>): void => {
    save.forgive();
    setDraft((before) => ({ ...before, ...part }));
  };
  const conflict = save.refusal?.field === "revision";
  const answer = [page.published ? words.published : words.hidden, changed ? words.unsaved : ""].join(" ");
  return (
    <Page
      title={texts.rail.pages.statuspage}
      answer={answer}
      testId="status-page"
      tools={
        page.published ? (
          <a className="button small" href="/status" target="_blank" rel="noopener">
            {words.preview}
          </a>
        ) : (
          <span className="dim">{words.previewNot}</span>
        )
      }
    >
      <div className="status-editor">
        <form
          ref={form}
          className="status-form"
          onSubmit={(event) => {
            event.preventDefault();
            void save.run();
          }}
        >
          <TextField label={words.title} value={draft.title} field="title" refusal={save.refusal} required maxLength={200} onChange={(event) => change({ title: event.target.value })} />
          <TextArea label={words.message} note={words.messageNote} value={draft.message} field="message" refusal={save.refusal} rows={3} onChange={(event) => change({ message: event.target.value })} />
          <CheckField label={words.publish} note={words.publishNote} checked={draft.published} onChange={(event) => change({ published: event.target.checked })} />
          <Section heading={words.components}>
            <p className="dim">{words.componentsLead}</p>
            <Components components={draft.components} refusal={save.refusal} status={shown.phase === "ready" ? shown.data : null} onChange={(components) => change({ components })} />
          </Section>
          {conflict ? (
            <p className="field-trouble" role="alert">
              {words.conflict}
              <button type="button" className="button small" disabled={theirs.busy} onClick={() => void theirs.run()}>
                {words.theirs}
              </button>
            </p>
          ) : (
            <Trouble refusal={save.refusal} said={["title", "message"]} />
          )}
          <div className="form-end status-save">
            <button type="submit" className="button primary" disabled={!changed || save.busy} data-testid="status-save">
              {words.save}
            </button>
          </div>
        </form>
        <Outlook components={page.components} published={page.published} />
      </div>
    </Page>
  );
}

// One user beside the list: what it may, where it is signed in, and what can be done about it.

import { useState, type ReactNode } from "react";

import { useObservable, usePage } from "../../data/context";
import { at, go } from "../../data/route";
import { useAction } from "../../data/useQuery";
import type { User } from "../../model/people";
import { Confirm, Dialog } from "../../parts/Dialog";
import { Form, TextField, Trouble } from "../../parts/Form";
import { Glyph } from "../../parts/Glyph";
import { Section } from "../../parts/Page";
import { SessionList } from "../../parts/SessionList";
import { SidePanel } from "../../parts/SidePanel";
import { texts } from "../../texts";
import { UserForm } from "./UserForm";

type Asking = "edit" | "reset" | "disable" | "remove" | null;

export function UserPanel({ user, customer, connections }: { user: User; customer: string | null; connections: number | null }): ReactNode {
  const { live, session } = usePage();
  const state = useObservable(session.state);
  const [asking, setAsking] = useState<Asking>(null);
  const words = texts.users;
  const set = useAction((disabled: boolean) => live.send("PATCH", `/users/${user.id}`, { revision: user.revision, disabled }));
  const disable = useAction(() => live.send("PATCH", `/users/${user.id}`, { revision: user.revision, disabled: true }));
  const remove = useAction(async () => {
    await live.send("DELETE", `/users/${user.id}`);
    go(at("users"), { replace: true });
  });
  const own = state.phase === "signed-in" && state.me.userId === user.id;
  const close = (): void => setAsking(null);
  const button = (what: Exclude<Asking, null>, word: string, danger = false): ReactNode => (
    <button type="button" className={`button small${danger ? " danger" : ""}`} onClick={() => setAsking(what)} data-testid={`user-${what}`}>
      {word}
    </button>
  );
  return (
    <SidePanel page="users" title={user.username} testId="user-panel">
      <p className="panel-answer">
        <Glyph status={user.disabled ? "unknown" : "online"} />
        <span>{words.sentence(texts.roles.words[user.role] ?? user.role, customer, user.disabled)}</span>
      </p>
      <p className="panel-note">{texts.roles.may[user.role]}</p>
      <div className="people-deeds">
        {button("edit", words.edit)}
        {button("reset", words.reset)}
        {user.disabled ? (
          <button type="button" className="button small" disabled={set.busy} onClick={() => void set.run(false)}>
            {words.enable}
          </button>
        ) : own ? null : (
          button("disable", words.disable)
        )}
        {own ? <span className="chip">{words.you}</span> : button("remove", words.remove, true)}
      </div>
      <Trouble refusal={set.refusal} />
      <Section heading={words.now}>
        <p className={connections ? "" : "dim"}>{connections === null ? words.nowUnknown : connections === 0 ? words.notNow : words.connected(connections)}</p>
      </Section>
      <Section heading={words.sessions}>
        <SessionList userId={user.id} />
      </Section>
      {asking === "edit" ? <UserForm user={user} onClose={close} /> : null}
      {asking === "reset" ? <Reset user={user} onClose={close} /> : null}
      {asking === "disable" ? (
        <Confirm heading={words.disableHeading(user.username)} word={words.disable} action={disable} onClose={close}>
          <p>{words.disableLead}</p>
        </Confirm>
      ) : null}
      {asking === "remove" ? (
        <Confirm heading={words.removeHeading(user.username)} word={words.remove} action={remove} onClose={close}>
          <p>{words.removeLead}</p>
        </Confirm>
      ) : null}
    </SidePanel>
  );
}

function Reset({ user, onClose }: { user: User; onClose: () => void }): ReactNode {
  const { live } = usePage();
  const words = texts.users;
  const reset = useAction(async (password: string) => {
    await live.send("POST", `/users/${user.id}/password`, { password });
    live.queries.again("/sessions");
  });
  return (
    <Dialog heading={words.resetHeading(user.username)} onClose={onClose} testId="reset-dialog">
      <Form busy={reset.busy} refusal={reset.refusal} said={["password"]} onCancel={onClose} onSubmit={(form) => void reset.run(String(form.get("password") ?? "")).then((done) => done && onClose())}>
        <p className="dim">{words.resetLead}</p>
        <TextField label={texts.account.newPassword} note={words.fields.passwordNote} name="password" type="password" autoComplete="new-password" field="password" refusal={reset.refusal} minLength={10} required autoFocus />
      </Form>
    </Dialog>
  );
}

// The way in, and back in.

import { useEffect, useId, useRef, useState, type FormEvent, type ReactNode } from "react";

import { HttpError } from "../data/http";
import type { Session } from "../data/session";
import { messageOf } from "../data/session";
import { texts } from "../texts";
import { Glyph, Mark } from "./Glyph";
import "./gate.css";

export function SignIn({ session }: { session: Session }): ReactNode {
  return (
    <main className="gate">
      <SignInForm session={session} heading={texts.signIn.heading} lead={texts.signIn.lead}>
        <p className="gate-hint">{texts.signIn.hint}</p>
      </SignInForm>
    </main>
  );
}

/** Stands before the page of somebody whose session has ended, until they sign in again: all that they typed stays. */
export function SignInAgain({ session, name }: { session: Session; name: string }): ReactNode {
  const dialog = useRef<HTMLDialogElement>(null);
  const headingId = useId();
  useEffect(() => {
    const element = dialog.current;
    if (element !== null && !element.open) element.showModal();
  }, []);
  return (
    // Nothing but signing in or out leads on.
    <dialog ref={dialog} className="gate-again" aria-labelledby={headingId} onCancel={(event) => event.preventDefault()} data-testid="signin-again">
      <SignInForm session={session} heading={texts.signIn.endedHeading} headingId={headingId} lead={texts.signIn.endedLead(name)}>
        <button type="button" className="link" onClick={() => void session.signOut()} data-testid="signin-leave">
          {texts.signIn.leave}
        </button>
      </SignInForm>
    </dialog>
  );
}

function SignInForm(props: { session: Session; heading: string; headingId?: string; lead: string; children: ReactNode }): ReactNode {
  const { session, heading, headingId, lead, children } = props;
  const [busy, setBusy] = useState(false);
  const [trouble, setTrouble] = useState<string | null>(null);
  const submit = async (event: FormEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    setBusy(true);
    setTrouble(null);
    try {
      await session.signIn(String(form.get("username") ?? "").trim(), String(form.get("password") ?? ""));
    } catch (error) {
      setTrouble(troubleOf(error));
      setBusy(false);
    }
  };
  return (
    <form className="gate-box" onSubmit={(event) => void submit(event)} data-testid="signin">
      <div className="gate-brand">
        <Mark />
        <span>{texts.product}</span>
      </div>
      <h1 id={headingId}>{heading}</h1>
      <p className="gate-lead">{lead}</p>
      <label>
        {texts.signIn.username}
        <input
          name="username"
          autoComplete="username"
          autoCapitalize="none"
          spellCheck={false}
          required
          autoFocus
          data-testid="signin-username"
        />
      </label>
      <label>
        {texts.signIn.password}
        <input name="password" type="password" autoComplete="current-password" required data-testid="signin-password" />
      </label>
      {trouble === null ? null : (
        <p className="gate-trouble" role="alert" data-testid="signin-error">
          <Glyph status="degraded" />
          {trouble}
        </p>
      )}
      <button type="submit" className="button primary" disabled={busy} data-testid="signin-submit">
        {busy ? texts.signIn.busy : texts.signIn.submit}
      </button>
      {children}
    </form>
  );
}

function troubleOf(error: unknown): string {
  if (!(error instanceof HttpError)) return messageOf(error);
  if (error.status === 429) return texts.signIn.tooMany(error.retryAfterS);
  if (error.status === 401) return texts.signIn.wrong;
  return error.message;
}

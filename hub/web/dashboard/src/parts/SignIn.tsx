// The way in.

import { useState, type FormEvent, type ReactNode } from "react";

import { HttpError } from "../data/http";
import type { Session } from "../data/session";
import { messageOf } from "../data/session";
import { texts } from "../texts";
import { Glyph, Mark } from "./Glyph";

export function SignIn({ session, ended }: { session: Session; ended: boolean }): ReactNode {
  const [busy, setBusy] = useState(false);
  const [trouble, setTrouble] = useState<string | null>(ended ? texts.signIn.ended : null);
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
    <main className="gate">
      <form className="gate-box" onSubmit={(event) => void submit(event)} data-testid="signin">
        <div className="gate-brand">
          <Mark />
          <span>{texts.product}</span>
        </div>
        <h1>{texts.signIn.heading}</h1>
        <p className="gate-lead">{texts.signIn.lead}</p>
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
        <p className="gate-hint">{texts.signIn.hint}</p>
      </form>
    </main>
  );
}

function troubleOf(error: unknown): string {
  if (!(error instanceof HttpError)) return messageOf(error);
  if (error.status === 429) return texts.signIn.tooMany(error.retryAfterS);
  if (error.status === 401) return texts.signIn.wrong;
  return error.message;
}

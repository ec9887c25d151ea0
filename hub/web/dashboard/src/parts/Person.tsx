// Who is signed in: the own account, how the page looks and speaks, and the way out.

import { useEffect, useRef, useState, type ReactNode } from "react";

import { useObservable, usePage } from "../data/context";
import { change, settings, type Theme } from "../data/settings";
import { leave } from "../data/unsaved";
import { LANGUAGES, texts, type Language } from "../texts";
import { Dialog } from "./Dialog";
import { Icon } from "./Glyph";
import { PasswordForm } from "./PasswordForm";
import { SessionList } from "./SessionList";
import "./menu.css";
import "./person.css";

export function Person(): ReactNode {
  const { session } = usePage();
  const state = useObservable(session.state);
  const [open, setOpen] = useState(false);
  const [dialog, setDialog] = useState<"password" | "sessions" | null>(null);
  const root = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!open) return undefined;
    const shut = (event: Event): void => {
      const outside = event instanceof MouseEvent && !root.current?.contains(event.target as Node);
      if (outside || (event instanceof KeyboardEvent && event.key === "Escape")) setOpen(false);
    };
    window.addEventListener("mousedown", shut);
    window.addEventListener("keydown", shut);
    return () => {
      window.removeEventListener("mousedown", shut);
      window.removeEventListener("keydown", shut);
    };
  }, [open]);
  if (state.phase !== "signed-in") return null;
  const { me } = state;
  const show = (which: "password" | "sessions"): void => {
    setOpen(false);
    setDialog(which);
  };
  return (
    <div className="person" ref={root}>
      <button
        type="button"
        className="person-button"
        aria-expanded={open}
        title={texts.top.account}
        data-testid="account"
        onClick={() => setOpen(!open)}
      >
        <Icon name="person" />
        <span className="person-name">{me.name}</span>
      </button>
      {open ? (
        <div className="menu">
          <p className="menu-name">{me.name}</p>
          <p className="menu-role">{texts.top.role(texts.roles.words[me.role] ?? me.role)}</p>
          <Choices />
          {me.userId === null ? null : (
            <button type="button" className="menu-item" data-testid="menu-password" onClick={() => show("password")}>
              {texts.account.password}
            </button>
          )}
          {me.userId === null ? null : (
            <button type="button" className="menu-item" data-testid="menu-sessions" onClick={() => show("sessions")}>
              {texts.account.sessions}
            </button>
          )}
          <button type="button" className="menu-item" data-testid="sign-out" onClick={() => leave(() => void session.signOut(), "all")}>
            {texts.top.signOut}
          </button>
        </div>
      ) : null}
      {dialog === "password" ? <PasswordForm onClose={() => setDialog(null)} /> : null}
      {dialog === "sessions" ? (
        <Dialog heading={texts.account.sessions} onClose={() => setDialog(null)} testId="sessions-dialog">
          <SessionList userId={null} />
        </Dialog>
      ) : null}
    </div>
  );
}

function Choices(): ReactNode {
  const { theme, language } = useObservable(settings);
  const words = texts.account;
  return (
    <>
      <label className="menu-choice">
        {words.theme}
        <select value={theme} data-testid="menu-theme" onChange={(event) => change({ theme: event.target.value as Theme })}>
          {Object.entries(words.themes).map(([value, word]) => (
            <option key={value} value={value}>
              {word}
            </option>
          ))}
        </select>
      </label>
      <label className="menu-choice">
        {words.language}
        <select
          value={language}
          data-testid="menu-language"
          onChange={(event) => {
            change({ language: event.target.value as Language });
            // Texts are chosen before the page is drawn.
            location.reload();
          }}
        >
          {Object.entries(LANGUAGES).map(([value, word]) => (
            <option key={value} value={value} lang={value}>
              {word}
            </option>
          ))}
        </select>
      </label>
    </>
  );
}

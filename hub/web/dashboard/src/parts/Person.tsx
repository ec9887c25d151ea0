// Who is signed in, and the way out.

import { useEffect, useRef, useState, type ReactNode } from "react";

import { useObservable, usePage } from "../data/context";
import { texts } from "../texts";
import { Icon } from "./Glyph";

export function Person(): ReactNode {
  const { session } = usePage();
  const state = useObservable(session.state);
  const [open, setOpen] = useState(false);
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
  return (
    <div className="person" ref={root}>
      <button
        type="button"
        className="person-button"
        aria-expanded={open}
        aria-haspopup="true"
        title={texts.top.account}
        data-testid="account"
        onClick={() => setOpen(!open)}
      >
        <Icon name="person" />
        <span className="person-name">{state.me.name}</span>
      </button>
      {open ? (
        <div className="menu">
          <p className="menu-name">{state.me.name}</p>
          <p className="menu-role">{texts.top.role(state.me.role)}</p>
          <button type="button" className="menu-item" data-testid="sign-out" onClick={() => void session.signOut()}>
            {texts.top.signOut}
          </button>
        </div>
      ) : null}
    </div>
  );
}

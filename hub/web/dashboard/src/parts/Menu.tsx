// A button that opens a small panel; a click elsewhere, Escape or a focus that moves on closes it.

import { useEffect, useRef, useState, type ReactNode } from "react";

import { Icon, type IconName } from "./Glyph";
import "./menu.css";

export function Menu(props: { word: string; icon?: IconName; testId?: string; children: (close: () => void) => ReactNode }): ReactNode {
  const { word, icon, testId, children } = props;
  const [open, setOpen] = useState(false);
  const root = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!open) return undefined;
    const shut = (event: Event): void => {
      if (event instanceof KeyboardEvent) {
        if (event.key !== "Escape") return;
        event.stopPropagation();
        root.current?.querySelector<HTMLElement>("button")?.focus();
      } else if (root.current?.contains(event.target as Node) === true) return;
      setOpen(false);
    };
    window.addEventListener("mousedown", shut);
    window.addEventListener("keydown", shut, true);
    return () => {
      window.removeEventListener("mousedown", shut);
      window.removeEventListener("keydown", shut, true);
    };
  }, [open]);
  return (
    <div
      className="menu-root"
      ref={root}
      onBlur={({ relatedTarget }) => {
        if (relatedTarget !== null && root.current?.contains(relatedTarget) === false) setOpen(false);
      }}
    >
      <button type="button" className="button small" aria-expanded={open} onClick={() => setOpen(!open)} data-testid={testId}>
        {icon === undefined ? null : <Icon name={icon} />}
        {word}
      </button>
      {open ? <div className="menu">{children(() => setOpen(false))}</div> : null}
    </div>
  );
}

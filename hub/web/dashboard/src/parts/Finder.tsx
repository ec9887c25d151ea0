// A field that finds one of many by what is typed: choices below it, by pointer or arrow keys.

import { useId, useState, type KeyboardEvent, type ReactNode } from "react";

import { texts } from "../texts";

export interface Choice {
  readonly key: string | number;
  readonly word: string;
  readonly hint?: string;
  /** It is shown with this reason and cannot be chosen. */
  readonly taken?: string;
}

/** More than these are not listed: type more. */
const SHOWN = 50;

export function Finder(props: { label: string; choices: readonly Choice[]; onPick: (key: string | number) => void; autoFocus?: boolean; testId?: string }): ReactNode {
  const { label, choices, onPick, autoFocus = false, testId } = props;
  const id = useId();
  const [text, setText] = useState("");
  const [at, setAt] = useState(0);
  const words = text.toLowerCase().split(/\s+/u).filter((word) => word !== "");
  const found = choices.filter(({ word, hint = "" }) => words.every((one) => `${word} ${hint}`.toLowerCase().includes(one)));
  const shown = found.slice(0, SHOWN);
  const pick = (choice: Choice | undefined): void => {
    if (choice !== undefined && choice.taken === undefined) onPick(choice.key);
  };
  const onKey = (event: KeyboardEvent): void => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined) {
      event.preventDefault();
      const next = Math.min(shown.length - 1, Math.max(0, at + step));
      setAt(next);
      document.getElementById(`${id}-${next}`)?.scrollIntoView({ block: "nearest" });
    } else if (event.key === "Enter") {
      event.preventDefault();
      pick(shown[at]);
    }
  };
  return (
    <div className="finder" data-testid={testId}>
      <label className="finder-label" htmlFor={id}>{label}</label>
      <input
        id={id}
        className="find wide"
        role="combobox"
        aria-expanded="true"
        aria-controls={`${id}-list`}
        aria-activedescendant={shown.length === 0 ? undefined : `${id}-${at}`}
        autoComplete="off"
        spellCheck={false}
        autoFocus={autoFocus}
        value={text}
        onChange={(event) => {
          setText(event.target.value);
          setAt(0);
        }}
        onKeyDown={onKey}
      />
      <ul className="finder-list" role="listbox" id={`${id}-list`} aria-label={label}>
        {shown.map((choice, index) => (
          <li key={choice.key} id={`${id}-${index}`} role="option" aria-selected={index === at} aria-disabled={choice.taken !== undefined} onClick={() => pick(choice)} data-testid="finder-choice">
            <span>{choice.word}</span>
            <span className="dim">{choice.taken ?? choice.hint}</span>
          </li>
        ))}
      </ul>
      <p className="field-note">{found.length === 0 ? texts.table.noMatch : found.length > SHOWN ? texts.table.shown(SHOWN, found.length) : ""}</p>
    </div>
  );
}

// A field for several things: what is chosen stands in it as tokens, and more are added by typing.

import { useId, useState, type KeyboardEvent, type ReactNode } from "react";

import { texts } from "../texts";
import { Field, type Labelled } from "./Form";
import { Icon } from "./Glyph";
import "./tokenField.css";

/** A value and the word by which people know it. */
export type Choice = readonly [value: string, word: string];

export function TokenField(
  props: Labelled & {
    values: readonly string[];
    choices: readonly Choice[];
    /** Whatever is typed counts, not only what can be chosen. */
    free?: boolean;
    disabled?: boolean;
    testId?: string;
    onChange: (values: readonly string[]) => void;
  },
): ReactNode {
  const { values, choices, free = false, disabled = false, testId, onChange, ...labelled } = props;
  const [text, setText] = useState("");
  const [unknown, setUnknown] = useState<string | null>(null);
  const listId = useId();
  const wordOf = (value: string): string => choices.find(([one]) => one === value)?.[1] ?? (free ? value : `#${value}`);
  const add = (typed: string): void => {
    const wanted = typed.trim();
    if (wanted === "") return;
    const choice = choices.find(([, word]) => word.toLowerCase() === wanted.toLowerCase());
    const value = choice?.[0] ?? (free ? wanted : null);
    setUnknown(value === null ? wanted : null);
    if (value === null) return;
    setText("");
    if (!values.includes(value)) onChange([...values, value]);
  };
  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>): void => {
    if ((event.key === "Enter" || event.key === ",") && text.trim() !== "") {
      event.preventDefault();
      add(text);
    } else if (event.key === "Backspace" && text === "" && values.length > 0) onChange(values.slice(0, -1));
  };
  return (
    <Field {...labelled}>
      {({ id, describedBy, invalid }) => (
        <div className="tokens">
          {values.map((value) => (
            <span key={value} className="chip token">
              {wordOf(value)}
              {disabled ? null : (
                <button type="button" aria-label={texts.pick.remove(wordOf(value))} onClick={() => onChange(values.filter((one) => one !== value))}>
                  <Icon name="close" />
                </button>
              )}
            </span>
          ))}
          <input
            id={id}
            type="text"
            list={listId}
            value={text}
            disabled={disabled}
            autoComplete="off"
            spellCheck={false}
            placeholder={disabled || values.length > 0 ? "" : free ? texts.pick.hint : texts.pick.hintId}
            aria-describedby={describedBy}
            aria-invalid={invalid}
            data-testid={testId}
            onChange={(event) => {
              const typed = event.target.value;
              setText(typed);
              setUnknown(null);
              // What was chosen from the list comes as a whole word.
              const chosen = "inputType" in event.nativeEvent && event.nativeEvent.inputType === "insertReplacementText";
              if (chosen || (!("inputType" in event.nativeEvent) && choices.some(([, word]) => word === typed))) add(typed);
            }}
            onKeyDown={onKeyDown}
            onBlur={() => add(text)}
          />
          <datalist id={listId}>
            {choices
              .filter(([value]) => !values.includes(value))
              .map(([value, word]) => (
                <option key={value} value={word} />
              ))}
          </datalist>
          {unknown === null ? null : (
            <span className="field-note" role="alert">
              {texts.pick.unknown(unknown)}
            </span>
          )}
        </div>
      )}
    </Field>
  );
}

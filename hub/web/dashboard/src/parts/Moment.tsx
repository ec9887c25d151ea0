// A field for a moment, with the words that people say for one.

import type { ReactNode } from "react";

import { localText, untilMs, UNTILS, type Until } from "../model/until";
import { texts } from "../texts";
import { TextField, type Labelled } from "./Form";
import "./moment.css";

export function MomentField(props: Labelled & { value: string; required?: boolean; testId?: string; words?: readonly Until[]; onChange: (value: string) => void }): ReactNode {
  const { value, required = false, testId, words = UNTILS, onChange, ...labelled } = props;
  return (
    <div className="moment">
      <TextField type="datetime-local" value={value} required={required} data-testid={testId} onChange={(event) => onChange(event.target.value)} {...labelled} />
      {words.length === 0 ? null : (
        <div className="moment-words">
          {words.map((word) => (
            <button key={word} type="button" className="chip" onClick={() => onChange(localText(untilMs(word, Date.now())))}>
              {texts.alerts.untils[word]}
            </button>
          ))}
        </div>
      )}
    </div>
  );
}

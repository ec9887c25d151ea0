// What a form is written on: one revision of a thing, whatever others make of it meanwhile.

import { Fragment, useState, type ReactNode } from "react";

import { texts } from "../texts";

/**
 * `children` are the form of `base`; they call `onSaved` with what the hub kept. A newer revision takes the form's place
 * while nobody has touched it, and is offered from then on: what was typed is never thrown away, nor mixed with it.
 */
export function Based<T extends { readonly revision: number }>({ now, children }: { now: T; children: (base: T, onSaved: (saved: T) => void) => ReactNode }): ReactNode {
  const [base, setBase] = useState(now);
  const [phase, setPhase] = useState<"read" | "touched" | "saved">("read");
  const take = (one: T, then: "read" | "saved"): void => {
    setBase(one);
    setPhase(then);
  };
  const isNewer = now.revision > base.revision;
  if (isNewer && phase !== "touched") setBase(now);
  const touch = (): void => setPhase("touched");
  return (
    <div className="based" onChange={touch} onClick={touch}>
      {isNewer ? (
        <p className="trouble-line" role="status" data-testid="changed-meanwhile">
          {texts.form.changedMeanwhile}
          <button
            type="button"
            className="link"
            onClick={(event) => {
              event.stopPropagation();
              take(now, "read");
            }}
          >
            {texts.form.takeTheirs}
          </button>
        </p>
      ) : null}
      <Fragment key={base.revision}>{children(base, (saved) => take(saved, "saved"))}</Fragment>
      {phase === "saved" ? (
        <p className="saved" role="status" data-testid="saved">
          {texts.form.saved}
        </p>
      ) : null}
    </div>
  );
}

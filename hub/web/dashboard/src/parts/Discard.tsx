// The question before what was typed is lost.

import type { ReactNode } from "react";

import { useObservable } from "../data/context";
import { discard, leaving, stay } from "../data/unsaved";
import { texts } from "../texts";
import { Dialog } from "./Dialog";

export function Discard(): ReactNode {
  const asked = useObservable(leaving);
  if (asked === null) return null;
  const words = texts.form.discard;
  return (
    <Dialog heading={words.heading} onClose={stay} passing testId="discard">
      <p>{words.lead}</p>
      <div className="form-end">
        <button type="button" className="button danger" onClick={discard} data-testid="discard-yes">
          {words.yes}
        </button>
        <button type="button" className="button" onClick={stay} data-first data-testid="discard-no">
          {words.no}
        </button>
      </div>
    </Dialog>
  );
}

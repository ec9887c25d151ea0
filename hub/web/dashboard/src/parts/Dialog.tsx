// A dialog over the page, and a question before something that cannot be taken back.

import { useEffect, useId, useLayoutEffect, useRef, type KeyboardEvent, type ReactNode, type RefObject, type SyntheticEvent } from "react";

import { openLayer } from "../data/entries";
import { isUnsaved, leave } from "../data/unsaved";
import type { Action } from "../data/useQuery";
import { texts } from "../texts";
import { Trouble } from "./Form";
import { Icon } from "./Glyph";
import "./dialog.css";

/**
 * `stays`: Escape does not close it, since what it shows is shown once. `passing`: it comes before a way that is taken
 * or not, and is no place to go back to.
 */
export function Dialog(props: { heading: string; onClose: () => void; wide?: boolean; stays?: boolean; passing?: boolean; testId?: string; children: ReactNode }): ReactNode {
  const { heading, onClose, wide = false, stays = false, passing = false, testId, children } = props;
  const dialog = useModal(passing);
  const headingId = useId();
  const lost = (): Node[] => (dialog.current === null ? [] : [dialog.current]);
  const close = (): void => leave(() => dialog.current?.close(), lost());
  const onCancel = (event: SyntheticEvent): void => {
    if (stays || isUnsaved(lost())) event.preventDefault();
    if (!stays) close();
  };
  // Escape twice closes a dialog whatever it says to that; the key itself can be refused each time.
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === "Escape" && !event.defaultPrevented && isUnsaved(lost())) onCancel(event);
  };
  return (
    <dialog ref={dialog} className={`dialog${wide ? " wide" : ""}`} aria-labelledby={headingId} onCancel={onCancel} onKeyDown={onKeyDown} onClose={onClose} data-testid={testId}>
      <header>
        <h2 id={headingId}>{heading}</h2>
        <button type="button" className="icon-button small" aria-label={texts.form.close} onClick={close}>
          <Icon name="close" />
        </button>
      </header>
      <div className="dialog-body">{children}</div>
    </dialog>
  );
}

/** Opens a dialog over the page as it is mounted; "back" closes it, unless it is `passing`. */
export function useModal(passing = false): RefObject<HTMLDialogElement | null> {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const element = dialog.current;
    const opener = document.activeElement;
    if (element !== null && !element.open) {
      element.showModal();
      firstOf(element)?.focus();
    }
    return () => {
      // The browser gives the focus back when a dialog is closed, not when it is taken away while it is open.
      if (document.activeElement === document.body && opener instanceof HTMLElement) opener.focus();
    };
  }, []);
  // As it goes, not some time after: whoever goes back then is to leave the place that it lay over.
  useLayoutEffect(() => {
    const element = dialog.current;
    return passing || element === null ? undefined : openLayer(() => element.close(), element);
  }, [passing]);
  return dialog;
}

/**
 * Returns where a dialog begins for the keyboard: what is marked so, else its first field, else what the browser chose.
 * A field that asks for the focus itself gets none: it is drawn while its dialog is closed yet.
 */
function firstOf(dialog: HTMLElement): HTMLElement | null {
  return dialog.querySelector<HTMLElement>("[data-first]") ?? dialog.querySelector<HTMLElement>(".dialog-body :is(input, select, textarea):not(:disabled)");
}

/** Asks before `action`; `children` say what will be lost by it. */
export function Confirm(props: { heading: string; word: string; action: Action<[]>; onClose: () => void; children: ReactNode }): ReactNode {
  const { heading, word, action, onClose, children } = props;
  return (
    <Dialog heading={heading} onClose={onClose} testId="confirm">
      {children}
      <Trouble refusal={action.refusal} />
      <div className="form-end">
        <button type="button" className="button danger" disabled={action.busy} onClick={() => void action.run().then((done) => done && onClose())} data-testid="confirm-yes">
          {word}
        </button>
        <button type="button" className="button" onClick={onClose} data-first>
          {texts.form.cancel}
        </button>
      </div>
    </Dialog>
  );
}

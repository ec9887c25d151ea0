// What stands beside a list: one of it, with its way back.

import { createContext, useContext, type ReactNode } from "react";

import { at, go, type PageName } from "../data/route";
import { texts } from "../texts";
import { Icon } from "./Glyph";

/** Whether what a panel shows has been removed since it was opened. */
export const Removed = createContext(false);

export function SidePanel({ page, title, testId, children }: { page: PageName; title: string; testId: string; children: ReactNode }): ReactNode {
  const close = (): void => go(at(page));
  const removed = useContext(Removed);
  return (
    <aside className="panel" aria-label={title} data-testid={testId}>
      <div className="panel-top">
        <button type="button" className="icon-button panel-back" aria-label={texts.form.back} onClick={close}>
          <Icon name="back" />
        </button>
        <h2>{title}</h2>
        <button type="button" className="icon-button panel-close" aria-label={texts.form.close} title="Esc" onClick={close}>
          <Icon name="close" />
        </button>
      </div>
      {removed ? (
        <p className="trouble-line" role="status" data-testid="removed-meanwhile">
          {texts.answer.removedMeanwhile}
        </p>
      ) : null}
      {children}
    </aside>
  );
}

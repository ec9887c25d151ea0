// Above the list: the answer to "is all well?" in one sentence, then what one can do to the list.

import type { ReactNode } from "react";

import { AnswerForAll } from "../../parts/AnswerForAll";
import { FaultTitle } from "../../parts/FaultTitle";
import { texts } from "../../texts";
import { AddTools, ViewMenu } from "./ListTools";

export interface ListNotice {
  readonly text: string;
  readonly act: () => void;
}

export function ListHead(props: {
  shown: { shown: number; total: number } | null;
  notice: ListNotice | null;
  /** The devices that are shown, in their order. */
  ids: () => readonly number[];
}): ReactNode {
  const { shown, notice, ids } = props;
  return (
    <header className="list-head">
      <FaultTitle />
      <h1>{texts.devices.heading}</h1>
      <AnswerForAll />
      <div className="list-tools">
        {notice === null ? null : (
          <button type="button" className="notice" onClick={notice.act}>
            {notice.text}
          </button>
        )}
        {shown === null ? null : <span className="shown">{texts.devices.shown(shown.shown, shown.total)}</span>}
        <ViewMenu />
        <AddTools shown={ids} />
      </div>
    </header>
  );
}

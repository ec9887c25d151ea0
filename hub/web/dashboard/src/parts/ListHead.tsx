// Above the list: the answer to "is all well?" in one sentence, then what one can do to the list.

import { useEffect, type ReactNode } from "react";

import { useNow } from "../data/clock";
import { useObservable, usePage } from "../data/context";
import { change, settings } from "../data/settings";
import { answerForAll, faultTitle } from "../model/words";
import { texts } from "../texts";

export interface ListNotice {
  readonly text: string;
  readonly act: () => void;
}

export function ListHead(props: {
  shown: { shown: number; total: number } | null;
  notice: ListNotice | null;
}): ReactNode {
  const { shown, notice } = props;
  const { fleet } = usePage().live;
  const nowMs = useNow();
  const counts = useObservable(fleet.counts);
  const { bySite } = useObservable(settings);
  const title = texts.title(faultTitle(counts));
  useEffect(() => {
    document.title = title;
  }, [title]);
  return (
    <header className="list-head">
      <h1>{texts.devices.heading}</h1>
      <p className="answer" data-testid="devices-answer">
        {answerForAll(fleet.all(), counts, nowMs)}
      </p>
      <div className="list-tools">
        {notice === null ? null : (
          <button type="button" className="notice" onClick={notice.act}>
            {notice.text}
          </button>
        )}
        {shown === null ? null : <span className="shown">{texts.devices.shown(shown.shown, shown.total)}</span>}
        <label className="check">
          <input type="checkbox" checked={bySite} onChange={(event) => change({ bySite: event.target.checked })} />
          {texts.devices.groupBySite}
        </label>
      </div>
    </header>
  );
}

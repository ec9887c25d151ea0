// How far back the charts of a page reach.

import type { ReactNode } from "react";

import type { ChosenSpan } from "../../data/span";
import { LENGTHS } from "../../model/span";
import { texts } from "../../texts";

export function SpanPicker({ chosen, longest = "2y" }: { chosen: ChosenSpan; longest?: string }): ReactNode {
  const until = LENGTHS.findIndex(([word]) => word === longest);
  return (
    <div className="span-picker" role="group" aria-label={texts.chart.span}>
      {LENGTHS.slice(0, until + 1).map(([word]) => (
        <button key={word} type="button" className="span-choice" aria-pressed={chosen.word === word} onClick={() => chosen.choose(word)}>
          {word}
        </button>
      ))}
      {chosen.span.live ? null : (
        <button type="button" className="notice" onClick={chosen.reset}>
          {texts.chart.unzoom}
        </button>
      )}
    </div>
  );
}

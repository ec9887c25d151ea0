// What stands above a page on paper: of which hub it is, and of when.

import type { ReactNode } from "react";

import { useMedia } from "../data/media";
import { clock, utc } from "../model/format";
import { texts } from "../texts";

export function PrintHead(): ReactNode {
  // Drawn anew as printing begins, so that the time is that of the paper.
  useMedia("print");
  const nowMs = Date.now();
  const day = new Date(nowMs).toLocaleDateString(texts.locale, { weekday: "short", day: "numeric", month: "long", year: "numeric" });
  return (
    <div className="print-head" aria-hidden="true">
      <span>
        {texts.product} · {location.host}
        {location.pathname}
        {location.search}
      </span>
      <span>
        {day}, {clock(nowMs, nowMs)} ({utc(nowMs)})
      </span>
    </div>
  );
}

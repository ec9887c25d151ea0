// The window's title while all devices are looked at: what is not well.

import { useEffect, type ReactNode } from "react";

import { useObservable, usePage } from "../data/context";
import { faultTitle } from "../model/words";
import { texts } from "../texts";

/** A part of its own: each change of a state changes the title, and not the page. */
export function FaultTitle(): ReactNode {
  const title = texts.title(faultTitle(useObservable(usePage().live.fleet.counts)));
  useEffect(() => {
    document.title = title;
  }, [title]);
  return null;
}

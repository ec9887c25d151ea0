// The one of a list that the address names, beside it: also when it is not there, or not any more.

import { useEffect, useRef, type ReactNode } from "react";

import type { PageName } from "../data/route";
import type { Answer } from "../data/useQuery";
import { texts } from "../texts";
import { Removed, SidePanel } from "./SidePanel";

/** `children` show it. Whoever has it open while somebody removes it keeps it, with what they typed, and is told so. */
export function Opened<T extends { readonly id: number }>(props: { page: PageName; id: number | null; answer: Answer<{ readonly items: readonly T[] }>; children: (one: T) => ReactNode }): ReactNode {
  const { page, id, answer, children } = props;
  const known = useRef<T | null>(null);
  const listed = answer.phase === "ready" ? answer.data.items.find((one) => one.id === id) : undefined;
  useEffect(() => {
    if (listed !== undefined) known.current = listed;
  }, [listed]);
  if (id === null || answer.phase !== "ready") return null;
  const one = listed ?? (known.current?.id === id ? known.current : null);
  if (one !== null) return <Removed value={listed === undefined}>{children(one)}</Removed>;
  return (
    <SidePanel page={page} title={texts.answer.gone} testId="panel-gone">
      <p className="panel-note">{texts.answer.goneHelp}</p>
    </SidePanel>
  );
}

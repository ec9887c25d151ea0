// What is written anew beside a list, at an address such as `/rules/new`; whoever may not is told so.

import type { ReactNode } from "react";

import { usePage } from "../data/context";
import type { PageName } from "../data/route";
import { texts } from "../texts";
import { SidePanel } from "./SidePanel";

export function Adding({ page, part, mayWrite, children }: { page: PageName; part: string | null; mayWrite: boolean; children: ReactNode }): ReactNode {
  if (part !== "new") return null;
  if (mayWrite) return children;
  return (
    <SidePanel page={page} title={texts.answer.mayNotWrite} testId="forbidden">
      <MayNotWrite />
    </SidePanel>
  );
}

/** Under the heading `mayNotWrite`: with which role one is here, and who can give another. */
export function MayNotWrite(): ReactNode {
  const { live } = usePage();
  return <p className="panel-note">{texts.answer.forbiddenHelp(live.role)}</p>;
}

// How many packets of an interface had errors or were discarded in the last hour. None is quiet.

import type { ReactNode } from "react";

import { amount } from "../../model/format";
import { both, type Faults } from "../../model/port";
import { Num } from "../../parts/Numbers";
import { texts } from "../../texts";

export function FaultCell({ faults, kind }: { faults: Faults | undefined; kind: "errors" | "discards" }): ReactNode {
  const [into = null, out = null] = kind === "errors" ? [faults?.inErrors, faults?.outErrors] : [faults?.inDiscards, faults?.outDiscards];
  const total = both(into, out);
  const say = (count: number | null): string => `${amount(count).value} ${amount(count).unit}`.trim();
  const title = total === null ? texts.device.faultsUnknown : texts.device.faultsTitle(kind, say(into), say(out));
  return (
    <td className={`figure${total === null || total === 0 ? " quiet" : ` some-${kind}`}`} title={title}>
      <Num figure={amount(total)} />
    </td>
  );
}

/** The same where there is no room for columns: said only when there are any. */
export function FaultTag({ faults }: { faults: Faults | undefined }): ReactNode {
  const errors = both(faults?.inErrors ?? null, faults?.outErrors ?? null) ?? 0;
  if (faults === undefined || errors === 0) return null;
  const say = (count: number | null): string => `${amount(count).value} ${amount(count).unit}`.trim();
  return (
    <span className="if-faults" title={texts.device.faultsTitle("errors", say(faults.inErrors), say(faults.outErrors))}>
      {texts.device.errorsTag(say(errors))}
    </span>
  );
}

// Many devices changed part by part: how far it is, and what became of each.

import { useEffect, useRef, useState } from "react";

import { usePage } from "../../data/context";
import { refusalOf, type Refusal } from "../../data/useQuery";
import { batches, type BulkRow } from "../../model/bulk";
import { letOwnIn } from "./desk";

export type BulkRun =
  | { readonly phase: "ready"; readonly refusal: Refusal | null }
  | { readonly phase: "running"; readonly done: number; readonly total: number }
  | { readonly phase: "over"; readonly rows: readonly BulkRow[]; readonly notReached: number; readonly refusal: Refusal | null };

const TIMEOUT_MS = 60_000;

export interface Bulk {
  readonly run: BulkRun;
  /** `body` makes the request for a part of the devices; a part is one transaction of the hub. */
  readonly start: (ids: readonly number[], body: (ids: readonly number[]) => object) => void;
  readonly stop: () => void;
}

export function useBulk(path: string): Bulk {
  const { live } = usePage();
  const [run, setRun] = useState<BulkRun>({ phase: "ready", refusal: null });
  const stopped = useRef(false);
  useEffect(() => () => void (stopped.current = true), []);
  const work = async (ids: readonly number[], body: (ids: readonly number[]) => object): Promise<void> => {
    const rows: BulkRow[] = [];
    let refusal: Refusal | null = null;
    stopped.current = false;
    for (const part of batches(ids)) {
      if (stopped.current) break;
      setRun({ phase: "running", done: rows.length, total: ids.length });
      try {
        rows.push(...(await live.send<{ rows: BulkRow[] }>("POST", path, body(part), {}, TIMEOUT_MS)).rows);
      } catch (error) {
        refusal = refusalOf(error);
        break;
      }
    }
    if (rows.length > 0) await live.reload().then(letOwnIn);
    if (refusal !== null && rows.length === 0) setRun({ phase: "ready", refusal });
    else setRun({ phase: "over", rows, notReached: ids.length - rows.length, refusal });
  };
  return { run, start: (ids, body) => void work(ids, body), stop: () => void (stopped.current = true) };
}

// Acknowledges alerts, many with one request, and takes that back.

import type { AlertEvent } from "@noctule/client";

import { usePage } from "../../data/context";
import type { Live } from "../../data/live";
import { useAction, type Action } from "../../data/useQuery";
import { HttpError } from "../../data/http";
import { batches } from "../../model/bulk";
import { failure, type CareRow } from "../../model/care";
import { texts } from "../../texts";

export interface Acknowledgement {
  readonly note?: string;
  /** ISO 8601; without it until it is resolved. */
  readonly until?: string;
}

/** What the hub takes at once. */
const AT_ONCE = 1_000;

export function useAcknowledge(): Action<[readonly AlertEvent[], Acknowledgement]> {
  const { live } = usePage();
  return useAction((alerts: readonly AlertEvent[], body: Acknowledgement) => all(live, "acknowledge", alerts, body));
}

export function useTakeBack(): Action<[readonly AlertEvent[]]> {
  const { live } = usePage();
  return useAction((alerts: readonly AlertEvent[]) => all(live, "unacknowledge", alerts, {}));
}

/** Throws the refusal when there is one alert, otherwise says how many of them could not be done. */
async function all(live: Live, deed: "acknowledge" | "unacknowledge", alerts: readonly AlertEvent[], body: Acknowledgement): Promise<void> {
  const rows: CareRow[] = [];
  const ids = alerts.map(({ id }) => id);
  for (const part of batches(ids, AT_ONCE)) {
    rows.push(...(await live.send<{ rows: CareRow[] }>("POST", `/alerts/bulk-${deed}`, { ids: part, ...body })).rows);
  }
  const failed = failure(rows);
  if (failed === null) return;
  const { count, field } = failed;
  const message = texts.hubSays(failed.message);
  throw new HttpError(400, "some-failed", rows.length === 1 ? message : texts.alerts.someFailed(count, rows.length, message), null, field);
}

// A customer's own services: read, and then followed live.

import { useBandwidth, useLatency } from "@noctule/client/hooks";
import { useEffect, useState } from "react";

import { withLatencies, withRates, type OwnService } from "../model/own";
import { useQuery, type Answer } from "./useQuery";

/** What changes the states or the list of services. */
const CHANGES = ["device:status", "interface:status", "customer:update"] as const;
const EVERY_MS = 60_000;

export function useOwnServices(): Answer<readonly OwnService[]> {
  const answer = useQuery<{ items: OwnService[] }>("/me/services?limit=1000#all", { everyMs: EVERY_MS, on: CHANGES });
  const [services, setServices] = useState<readonly OwnService[] | null>(null);
  const read = answer.phase === "ready" ? answer.data.items : null;
  useEffect(() => {
    if (read !== null) setServices(read);
  }, [read]);
  useBandwidth((update) => setServices((before) => before && withRates(before, update)));
  useLatency((update) => setServices((before) => before && withLatencies(before, update)));
  return answer.phase === "ready" ? { ...answer, data: services ?? answer.data.items } : answer;
}

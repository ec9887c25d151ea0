// Has a device's agent ask it now. An agent hears of a new device a moment after the hub: then it is asked again.

import { useEffect, useRef, useState } from "react";

import { usePage } from "../../../data/context";
import { refusalOf, type Refusal } from "../../../data/useQuery";
import type { Probe } from "../../../model/probe";

export type Trial = { readonly phase: "none" } | { readonly phase: "asking" } | { readonly phase: "answered"; readonly probe: Probe } | { readonly phase: "refused"; readonly refusal: Refusal };

const TIMEOUT_MS = 40_000;
const ATTEMPTS = 5;
const AGAIN_MS = 1_500;
const BUSY = 503;

export function useTest(): { trial: Trial; start: (id: number, body?: object) => void } {
  const { live } = usePage();
  const [trial, setTrial] = useState<Trial>({ phase: "none" });
  const newest = useRef(0);
  useEffect(() => () => void (newest.current = -1), []);
  const work = async (id: number, body: object): Promise<void> => {
    const mine = (newest.current += 1);
    setTrial({ phase: "asking" });
    for (let attempt = 1; ; attempt += 1) {
      try {
        const probe = await live.send<Probe>("POST", `/devices/${id}/test`, body, {}, TIMEOUT_MS);
        if (mine === newest.current) setTrial({ phase: "answered", probe });
        return;
      } catch (error) {
        if (mine !== newest.current) return;
        const refusal = refusalOf(error);
        if (refusal.status !== BUSY || attempt === ATTEMPTS) {
          setTrial({ phase: "refused", refusal });
          return;
        }
      }
      await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
      if (mine !== newest.current) return;
    }
  };
  return { trial, start: (id, body = {}) => void work(id, body) };
}

// What the hub says of itself: its version, and for how long it runs.

import { useEffect, useState } from "react";

import { usePage } from "./context";
import { refusalOf, type Answer } from "./useQuery";

export interface Health {
  version: string;
  uptimeS: number;
}

const EVERY_MS = 30_000;

/** Returns the newest answer of `/health`, which stands beside the API and not in it. */
export function useHealth(): Answer<Health> {
  const { session } = usePage();
  const [answer, setAnswer] = useState<Answer<Health>>({ phase: "loading" });
  useEffect(() => {
    let over = false;
    const read = (): void => {
      session.ask<Health>("/health").then(
        (data) => over || setAnswer({ phase: "ready", data, atMs: Date.now(), trouble: null }),
        (error: unknown) => {
          const { message, status } = refusalOf(error);
          if (!over) setAnswer((before) => (before.phase === "ready" ? { ...before, trouble: message } : { phase: "failed", message, status }));
        },
      );
    };
    read();
    const timer = setInterval(read, EVERY_MS);
    return () => {
      over = true;
      clearInterval(timer);
    };
  }, [session]);
  return answer;
}

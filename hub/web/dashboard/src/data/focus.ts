// A closer look: the device is measured each second while somebody asks for it and sees the page.

import { useEffect, useRef, useState } from "react";

import { texts } from "../texts";
import { usePage } from "./context";
import { messageOf } from "./session";

/** The hub holds it for 5 minutes; a page that is closed lets it end by itself. */
const RENEW_MS = 60_000;
const RETRY_MS = 5_000;

export type Focus =
  | { readonly phase: "off"; readonly why: string | null }
  | { readonly phase: "starting" }
  | { readonly phase: "on"; readonly untilMs: number; readonly intervalS: number };

const OFF: Focus = { phase: "off", why: null };

export function useFocus(deviceId: number): { focus: Focus; start: () => void; stop: () => void } {
  const { client } = usePage().live;
  const [wanted, setWanted] = useState(false);
  const [focus, setFocus] = useState<Focus>(OFF);
  const held = useRef(false);
  useEffect(() => {
    if (!wanted) return undefined;
    let over = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const ask = async (): Promise<void> => {
      clearTimeout(timer);
      if (document.visibilityState !== "visible" || client.state.phase !== "live") return;
      let waitMs = RENEW_MS;
      try {
        const { ok, until, intervalS, error } = await client.focus(deviceId, true);
        held.current ||= ok;
        if (over) return;
        if (!ok || until == null) {
          setFocus({ phase: "off", why: error == null ? null : texts.hubSays(error.message) });
          setWanted(false);
          return;
        }
        setFocus({ phase: "on", untilMs: Date.parse(until), intervalS: intervalS ?? 1 });
      } catch (error) {
        if (over) return;
        waitMs = RETRY_MS;
        setFocus((before) => (before.phase === "on" && before.untilMs > Date.now() ? before : { phase: "off", why: messageOf(error) }));
      }
      timer = setTimeout(() => void ask(), waitMs);
    };
    const again = (): void => void ask();
    void ask();
    document.addEventListener("visibilitychange", again);
    const forget = client.onStateChange(({ phase }) => {
      if (phase === "live") again();
    });
    return () => {
      over = true;
      clearTimeout(timer);
      document.removeEventListener("visibilitychange", again);
      forget();
      if (held.current && client.state.phase === "live") client.focus(deviceId, false).catch(() => undefined);
      held.current = false;
    };
  }, [client, deviceId, wanted]);
  return {
    focus,
    start: () => {
      setFocus({ phase: "starting" });
      setWanted(true);
    },
    stop: () => {
      setWanted(false);
      setFocus(OFF);
    },
  };
}

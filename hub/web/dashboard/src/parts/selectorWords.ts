// To what a rule, a silence or a maintenance window applies, in words.

import { useCallback } from "react";

import { useObservable, usePage } from "../data/context";
import { useChoices } from "./Pickers";
import { texts } from "../texts";

/** What can be chosen by: any part of it may be missing. */
export interface Chosen {
  readonly rules?: readonly string[];
  readonly siteIds?: readonly number[];
  readonly deviceIds?: readonly number[];
  readonly roles?: readonly string[];
  readonly tags?: readonly string[];
  readonly names?: readonly string[];
  readonly ifTypes?: readonly number[];
  readonly interfaceNames?: readonly string[];
}

const NAMED = 4;

/** Returns what says a choice in one line, empty when all is chosen. */
export function useSelectorWords(): (chosen: Chosen) => string {
  const { fleet } = usePage().live;
  const { members } = useObservable(fleet.revision);
  const sites = useChoices("/sites?limit=1000");
  return useCallback(
    (chosen) => {
      const list = (what: string, words: readonly (string | number)[] | undefined): string => {
        if (words === undefined || words.length === 0) return "";
        const more = words.length > NAMED ? ` +${words.length - NAMED}` : "";
        return `${what}: ${words.slice(0, NAMED).join(", ")}${more}`;
      };
      return [
        list(texts.pick.rules, chosen.rules),
        list(
          texts.pick.sites,
          chosen.siteIds?.map((id) => sites.find(([value]) => value === String(id))?.[1] ?? texts.pick.gone(id)),
        ),
        list(
          texts.pick.devices,
          chosen.deviceIds?.map((id) => fleet.get(id)?.device.name ?? texts.pick.gone(id)),
        ),
        list(texts.pick.roles, chosen.roles),
        list(texts.pick.tags, chosen.tags),
        list(texts.pick.names, chosen.names),
        list(texts.pick.interfaces, chosen.interfaceNames),
        list(texts.pick.ifTypes, chosen.ifTypes),
      ]
        .filter((part) => part !== "")
        .join(" · ");
    },
    // Names come with the devices.
    [fleet, sites, members],
  );
}

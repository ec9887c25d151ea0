// Fields for what rules, silences and maintenance are about: sites, devices, tags and patterns.

import { useMemo, type ReactNode } from "react";

import { usePage } from "../data/context";
import { useQuery, type Refusal } from "../data/useQuery";
import { texts } from "../texts";
import { TokenField, type Choice } from "./TokenField";

interface Named {
  readonly id: number;
  readonly name: string;
}

interface Common<T> {
  readonly field: string;
  readonly refusal: Refusal | null;
  readonly disabled?: boolean;
  readonly values: readonly T[];
  readonly onChange: (values: readonly T[]) => void;
}

/** Returns the things of an address as choices, by their ids. */
export function useChoices(path: string | null): readonly Choice[] {
  const answer = useQuery<{ items: readonly Named[] }>(path);
  return useMemo(() => (answer.phase === "ready" ? answer.data.items.map(({ id, name }): Choice => [String(id), name]) : []), [answer]);
}

export function IdsField({ label, choices, values, onChange, ...rest }: Common<number> & { label: string; choices: readonly Choice[] }): ReactNode {
  return <TokenField label={label} choices={choices} values={values.map(String)} onChange={(chosen) => onChange(chosen.map(Number))} testId={`pick-${rest.field}`} {...rest} />;
}

function choicesOf(words: readonly string[]): Choice[] {
  return [...new Set(words)].filter((word) => word !== "").sort().map((word): Choice => [word, word]);
}

export function SitesField(props: Common<number>): ReactNode {
  return <IdsField label={texts.pick.sites} choices={useChoices("/sites?limit=1000")} {...props} />;
}

export function DevicesField(props: Common<number>): ReactNode {
  const { fleet } = usePage().live;
  const choices = useMemo(() => {
    const devices = fleet.all().map(({ device }) => device);
    const times = new Map<string, number>();
    for (const { name } of devices) times.set(name, (times.get(name) ?? 0) + 1);
    // Names are one of a kind within a site only.
    return devices.map(({ id, name, siteName }): Choice => [String(id), (times.get(name) ?? 0) > 1 ? `${name} (${siteName})` : name]).sort((a, b) => a[1].localeCompare(b[1], undefined, { numeric: true }));
  }, [fleet]);
  return <IdsField label={texts.pick.devices} choices={choices} {...props} />;
}

export function RolesField({ field, ...rest }: Common<string>): ReactNode {
  const { fleet } = usePage().live;
  const choices = useMemo(() => choicesOf(fleet.all().map(({ device }) => device.role)), [fleet]);
  return <TokenField label={texts.pick.roles} choices={choices} free field={field} testId={`pick-${field}`} {...rest} />;
}

export function TagsField({ field, ...rest }: Common<string>): ReactNode {
  const { fleet } = usePage().live;
  const choices = useMemo(() => choicesOf(fleet.all().flatMap(({ device }) => device.tags)), [fleet]);
  return <TokenField label={texts.pick.tags} choices={choices} free field={field} testId={`pick-${field}`} {...rest} />;
}

export function PatternsField({ label, note, field, ...rest }: Common<string> & { label: string; note?: string }): ReactNode {
  return <TokenField label={label} note={note} choices={[]} free field={field} testId={`pick-${field}`} {...rest} />;
}

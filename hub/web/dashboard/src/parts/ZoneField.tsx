// A time zone by its IANA name, with the browser's list of them to choose from.

import { useId, useMemo, type InputHTMLAttributes, type ReactNode } from "react";

import type { Refusal } from "../data/useQuery";
import { TextField } from "./Form";

export function ZoneField(props: { label: string; note?: string; field: string; refusal: Refusal | null } & InputHTMLAttributes<HTMLInputElement>): ReactNode {
  const id = useId();
  const zones = useMemo(() => ["UTC", ...Intl.supportedValuesOf("timeZone")], []);
  return (
    <>
      <TextField {...props} list={id} />
      <datalist id={id}>
        {zones.map((zone) => (
          <option key={zone} value={zone} />
        ))}
      </datalist>
    </>
  );
}

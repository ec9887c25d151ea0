// Where a device is: its site, which can be added here too, the agent that polls it, and what it stands behind.

import { useEffect, useId, useRef, useState, type ReactNode } from "react";

import { usePage } from "../../../data/context";
import { useQuery, type Refusal } from "../../../data/useQuery";
import { SelectField, TextField } from "../../../parts/Form";
import { Icon } from "../../../parts/Glyph";
import { texts } from "../../../texts";

interface Named {
  id: number;
  name: string;
  link?: string;
}

interface Polling {
  siteId: number;
  link: string;
}

/** The site that is yet to be added. */
const NEW_SITE = "new";
const OFFERED = 50;
const NO_SITES: readonly Named[] = [];

/** `none` is the word for no site at all; `onSites` is told the names of all sites by id. */
export function SiteField(props: {
  initial: number | null;
  refusal: Refusal | null;
  label?: string;
  none?: string;
  adding?: boolean;
  onSites?: (names: ReadonlyMap<string, string>) => void;
}): ReactNode {
  const { deviceEdit } = texts;
  const { initial, refusal, label = deviceEdit.site, none, adding = true, onSites } = props;
  const sites = useQuery<{ items: Named[] }>("/sites?limit=1000");
  const agents = useQuery<{ items: Polling[] }>("/agents?limit=1000");
  const [chosen, setChosen] = useState<string | null>(null);
  const items = sites.phase === "ready" ? sites.data.items : NO_SITES;
  useEffect(() => onSites?.(new Map(items.map(({ id, name }) => [String(id), name]))), [items, onSites]);
  // Nothing is sent before it is known where to: an empty choice that is required.
  if (sites.phase !== "ready") return <SelectField label={label} name="siteId" options={[["", "…"]]} required note={sites.phase === "failed" ? sites.message : undefined} />;
  // A site where somebody polls comes first: elsewhere nothing would become of the device yet.
  const polling = agents.phase === "ready" ? agents.data.items.filter(({ link }) => link !== "revoked") : [];
  const likely = items.find(({ id }) => polling.some(({ siteId }) => siteId === id)) ?? items[0];
  const value = chosen ?? (initial !== null ? String(initial) : none !== undefined ? "" : String(likely?.id ?? NEW_SITE));
  const options = items.map(({ id, name }) => [String(id), name] as const);
  return (
    <>
      <SelectField
        label={label}
        name="siteId"
        value={value}
        onChange={(event) => setChosen(event.target.value)}
        field="siteId"
        refusal={refusal}
        options={[...(none === undefined ? [] : [["", none] as const]), ...options, ...(adding ? [[NEW_SITE, deviceEdit.newSite] as const] : [])]}
        data-testid="site"
      />
      {value === NEW_SITE ? <TextField label={deviceEdit.newSiteName} name="newSite" required maxLength={100} data-testid="new-site" /> : null}
    </>
  );
}

/** Returns what adds the site that a form names as new, null when it names none. A second try takes what the first one added. */
export function useNewSite(): (form: FormData) => Promise<Named | null> {
  const { live } = usePage();
  const made = useRef<Named | null>(null);
  return async (form) => {
    if (form.get("siteId") !== NEW_SITE) return null;
    const name = String(form.get("newSite")).trim();
    if (made.current?.name !== name) made.current = await live.send<Named>("POST", "/sites", { name });
    return made.current;
  };
}

export function AgentField({ initial, refusal }: { initial: number | null; refusal: Refusal | null }): ReactNode {
  const { deviceEdit } = texts;
  const agents = useQuery<{ items: Named[] }>("/agents?limit=1000");
  const items = agents.phase === "ready" ? agents.data.items.filter(({ link }) => link !== "revoked") : [];
  return (
    <SelectField
      key={items.length}
      label={deviceEdit.agent}
      name="agentId"
      defaultValue={initial === null ? "" : String(initial)}
      field="agentId"
      refusal={refusal}
      options={[["", deviceEdit.siteAgent], ...items.map(({ id, name }) => [String(id), name] as const)]}
    />
  );
}

/** Devices through which one is reached; found by typing a part of their names. */
export function ParentsField({ parents, except, onChange, refusal }: { parents: readonly number[]; except: number | null; onChange: (parents: number[]) => void; refusal: Refusal | null }): ReactNode {
  const { fleet } = usePage().live;
  const { deviceEdit } = texts;
  const [text, setText] = useState("");
  const listId = useId();
  const wanted = text.trim().toLowerCase();
  const found =
    wanted === ""
      ? []
      : fleet
          .all()
          .map(({ device }) => device)
          .filter(({ id, name }) => id !== except && !parents.includes(id) && name.toLowerCase().includes(wanted))
          .slice(0, OFFERED);
  const take = (typed: string): void => {
    const named = found.filter(({ name, siteName }) => name === typed || `${name} (${siteName})` === typed);
    if (named.length === 1 && named[0] !== undefined) {
      onChange([...parents, named[0].id]);
      setText("");
    } else setText(typed);
  };
  return (
    <div>
      <TextField label={deviceEdit.parents} note={deviceEdit.parentsNote} placeholder={deviceEdit.parentsFind} list={listId} value={text} onChange={(event) => take(event.target.value)} field="parents" refusal={refusal} />
      <datalist id={listId}>
        {found.map(({ id, name, siteName }) => (
          <option key={id} value={found.some((other) => other.id !== id && other.name === name) ? `${name} (${siteName})` : name} />
        ))}
      </datalist>
      {parents.length === 0 ? null : (
        <p className="chips">
          {parents.map((id) => {
            const name = fleet.get(id)?.device.name ?? String(id);
            return (
              <span key={id} className="chip">
                {name}
                <button type="button" className="icon-button small" aria-label={deviceEdit.removeParent(name)} onClick={() => onChange(parents.filter((one) => one !== id))}>
                  <Icon name="close" />
                </button>
              </span>
            );
          })}
        </p>
      )}
    </div>
  );
}

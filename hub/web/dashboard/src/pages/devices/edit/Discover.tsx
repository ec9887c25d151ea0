// Has an agent search a subnet, and adds those that are ticked of what it found.

import { useEffect, useRef, useState, type ReactNode } from "react";

import { useNow } from "../../../data/clock";
import { usePage } from "../../../data/context";
import { useAction, useQuery } from "../../../data/useQuery";
import { credentialsOf, type SnmpChoice } from "../../../model/deviceForm";
import type { Offer, Sweep } from "../../../model/probe";
import { Answered } from "../../../parts/Answered";
import { Dialog } from "../../../parts/Dialog";
import { Form, SelectField, TextField } from "../../../parts/Form";
import { texts } from "../../../texts";
import { Discovered } from "./Discovered";
import { Credentials } from "./SnmpFields";

interface AgentChoice {
  id: number;
  name: string;
  siteId: number;
  siteName: string;
  link: string;
}

export interface Search {
  readonly sweep: Sweep;
  readonly offers: readonly Offer[];
  readonly agent: AgentChoice;
}

const MAX_OFFERS = 5;
/** What the way to the agent and back may take beyond the search itself. */
const MARGIN_MS = 15_000;

export function Discover({ onClose }: { onClose: () => void }): ReactNode {
  const { deviceEdit } = texts;
  const agents = useQuery<{ items: AgentChoice[] }>("/agents?limit=1000");
  const [search, setSearch] = useState<Search | null>(null);
  return (
    <Dialog heading={deviceEdit.discover.heading} onClose={onClose} wide testId="discover-dialog">
      {search !== null ? (
        <Discovered search={search} onAgain={() => setSearch(null)} onClose={onClose} />
      ) : (
        <Answered answer={agents} empty={({ items }) => (items.some(({ link }) => link !== "revoked") ? null : <p>{deviceEdit.discover.noAgents}</p>)}>
          {({ items }) => <Ask agents={items.filter(({ link }) => link !== "revoked")} onFound={setSearch} onClose={onClose} />}
        </Answered>
      )}
    </Dialog>
  );
}

function Ask({ agents, onFound, onClose }: { agents: readonly AgentChoice[]; onFound: (search: Search) => void; onClose: () => void }): ReactNode {
  const { live } = usePage();
  const { discover } = texts.deviceEdit;
  const [versions, setVersions] = useState<readonly SnmpChoice[]>(["2c"]);
  const [begun, setBegun] = useState<{ atMs: number; limitS: number } | null>(null);
  const gone = useRef(false);
  useEffect(() => () => void (gone.current = true), []);
  const search = useAction(async (form: FormData) => {
    const agent = agents.find(({ id }) => String(id) === form.get("agentId"));
    if (agent === undefined) return;
    const limitS = Number(form.get("limitS"));
    const offers = versions.flatMap((version, slot): Offer[] => {
      const entered = credentialsOf(slotOf(form, slot), version);
      return Object.keys(entered).length === 0 ? [] : [{ name: discover.slot(slot + 1), version, ...entered }];
    });
    setBegun({ atMs: Date.now(), limitS });
    const body = { network: String(form.get("network")), credentials: offers, limitS };
    const sweep = await live.send<Sweep>("POST", `/agents/${agent.id}/discover`, body, {}, limitS * 1000 + MARGIN_MS);
    if (!gone.current) onFound({ sweep, offers, agent });
  });
  return (
    <Form busy={search.busy} refusal={search.refusal} said={["network", "limitS"]} word={discover.start} onCancel={onClose} onSubmit={(form) => void search.run(form)}>
      <p className="dim">{discover.lead}</p>
      <div className="form-row">
        <SelectField label={discover.agent} name="agentId" options={agents.map(({ id, name, siteName }) => [String(id), `${name} (${siteName})`] as const)} />
        <TextField label={discover.network} name="network" required note={discover.networkNote} placeholder="192.0.2.0/24" field="network" refusal={search.refusal} data-testid="network" />
        <TextField label={discover.limit} name="limitS" type="number" min={1} max={600} defaultValue={60} field="limitS" refusal={search.refusal} />
      </div>
      <h3>{discover.credentials}</h3>
      <p className="dim">{discover.credentialsNote}</p>
      {versions.map((version, slot) => (
        <div key={slot} className="credential-slot">
          <SelectField
            label={`${texts.deviceEdit.version}, ${discover.slot(slot + 1)}`}
            value={version}
            onChange={(event) => setVersions(versions.map((one, at) => (at === slot ? (event.target.value as SnmpChoice) : one)))}
            options={(["none", "1", "2c", "3"] as const).map((one) => [one, texts.deviceEdit.versions[one]] as const)}
          />
          {version === "none" ? null : <Credentials version={version} kept={false} optional refusal={search.refusal} at={`credentials[${slot}]`} suffix={`.${slot}`} />}
        </div>
      ))}
      {versions.length < MAX_OFFERS ? (
        <button type="button" className="link" onClick={() => setVersions([...versions, "2c"])}>
          {discover.another}
        </button>
      ) : null}
      {search.busy && begun !== null ? <Searching atMs={begun.atMs} limitS={begun.limitS} /> : null}
    </Form>
  );
}

/** Returns the fields of one set of credentials by their plain names. */
function slotOf(form: FormData, slot: number): FormData {
  const part = new FormData();
  const suffix = `.${slot}`;
  for (const [name, value] of form) if (name.endsWith(suffix)) part.set(name.slice(0, -suffix.length), value);
  return part;
}

function Searching({ atMs, limitS }: { atMs: number; limitS: number }): ReactNode {
  const elapsedS = Math.max(0, Math.round((useNow() - atMs) / 1000));
  return (
    <div role="status" className="searching">
      <p>{texts.deviceEdit.discover.searching(elapsedS, limitS)}</p>
      <progress value={Math.min(elapsedS, limitS)} max={limitS} aria-hidden="true" />
    </div>
  );
}

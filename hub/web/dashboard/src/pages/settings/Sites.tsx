// The sites: added, renamed, removed.

import { useState, type ReactNode } from "react";

import { useObservable, usePage } from "../../data/context";
import { at, go } from "../../data/route";
import { useAction, useQuery } from "../../data/useQuery";
import { Answered } from "../../parts/Answered";
import { Confirm, Dialog } from "../../parts/Dialog";
import { Form, TextField } from "../../parts/Form";
import { texts } from "../../texts";

interface Site {
  id: number;
  name: string;
  revision: number;
}

export function Sites(): ReactNode {
  const answer = useQuery<{ items: Site[] }>("/sites?limit=1000");
  const agents = useQuery<{ items: { siteId: number; link: string }[] }>("/agents?limit=1000");
  const [asking, setAsking] = useState<{ what: "add" | "rename" | "remove"; site: Site | null } | null>(null);
  const words = texts.settings.sites;
  const close = (): void => setAsking(null);
  const agentsOf = (siteId: number): number | null => (agents.phase === "ready" ? agents.data.items.filter((one) => one.siteId === siteId && one.link !== "revoked").length : null);
  return (
    <>
      <Answered answer={answer} empty={({ items }) => (items.length > 0 ? null : <div className="part-empty"><h3>{words.none}</h3><p className="dim">{words.noneLead}</p></div>)}>
        {({ items }) => (
          <div className="plain-scroll">
            <table className="plain-table" data-testid="site-table">
              <thead>
                <tr>
                  <th>{words.name}</th>
                  <th className="end">{words.devices}</th>
                  <th className="end">{words.agents}</th>
                  <td />
                </tr>
              </thead>
              <tbody>
                {items.map((site) => (
                  <SiteLine key={site.id} site={site} agents={agentsOf(site.id)} onAsk={(what) => setAsking({ what, site })} />
                ))}
              </tbody>
            </table>
          </div>
        )}
      </Answered>
      <div className="form-end">
        <button type="button" className="button" onClick={() => setAsking({ what: "add", site: null })} data-testid="site-add">
          {words.add}
        </button>
      </div>
      {asking === null ? null : asking.what === "remove" && asking.site !== null ? <Remove site={asking.site} onClose={close} /> : <Name site={asking.site} onClose={close} />}
    </>
  );
}

function SiteLine({ site, agents, onAsk }: { site: Site; agents: number | null; onAsk: (what: "rename" | "remove") => void }): ReactNode {
  const { fleet } = usePage().live;
  useObservable(fleet.counts);
  const words = texts.settings.sites;
  const devices = fleet.all().filter(({ device }) => device.siteId === site.id).length;
  const isUsed = devices > 0 || (agents ?? 0) > 0;
  return (
    <tr>
      <td>
        <button type="button" className="text-link" onClick={() => go(at("devices"), { query: { q: `site:"${site.name}"` } })}>
          {site.name}
        </button>
      </td>
      <td className="end num">{devices.toLocaleString(texts.locale)}</td>
      <td className="end num">{agents?.toLocaleString(texts.locale) ?? "–"}</td>
      <td className="end">
        <button type="button" className="button small" aria-label={`${words.rename}: ${site.name}`} onClick={() => onAsk("rename")}>
          {words.rename}
        </button>{" "}
        <button type="button" className="button small" aria-label={`${words.remove}: ${site.name}`} disabled={isUsed} title={isUsed ? words.removeLead : undefined} onClick={() => onAsk("remove")}>
          {words.remove}
        </button>
      </td>
    </tr>
  );
}

function Name({ site, onClose }: { site: Site | null; onClose: () => void }): ReactNode {
  const { live } = usePage();
  const words = texts.settings.sites;
  const save = useAction(async (name: string) => {
    if (site === null) await live.send("POST", "/sites", { name });
    else await live.send("PATCH", `/sites/${site.id}`, { name, revision: site.revision });
    // Devices carry the name of their site.
    void live.reload();
  });
  return (
    <Dialog heading={site === null ? words.add : words.renameHeading(site.name)} onClose={onClose} testId="site-form">
      <Form busy={save.busy} refusal={save.refusal} said={["name"]} onCancel={onClose} onSubmit={(form) => void save.run(String(form.get("name") ?? "").trim()).then((done) => done && onClose())}>
        <TextField label={words.name} name="name" defaultValue={site?.name} field="name" refusal={save.refusal} maxLength={100} required autoFocus />
      </Form>
    </Dialog>
  );
}

function Remove({ site, onClose }: { site: Site; onClose: () => void }): ReactNode {
  const { live } = usePage();
  const words = texts.settings.sites;
  const remove = useAction(() => live.send("DELETE", `/sites/${site.id}`));
  return (
    <Confirm heading={words.removeHeading(site.name)} word={words.remove} action={remove} onClose={onClose}>
      <p>{words.removeLead}</p>
    </Confirm>
  );
}

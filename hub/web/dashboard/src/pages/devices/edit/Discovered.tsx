// What a search found: tick what to add, name it, choose the site once, and add all in one go.

import { useMemo, useState, type ReactNode } from "react";

import { usePage } from "../../../data/context";
import { useAction } from "../../../data/useQuery";
import type { ImportRow } from "../../../model/deviceCsv";
import { delay, sentence } from "../../../model/format";
import { namesFor, reachedAs, reasonWord, type Found } from "../../../model/probe";
import { CheckField, Form, TextField } from "../../../parts/Form";
import { Glyph } from "../../../parts/Glyph";
import { texts } from "../../../texts";
import { letOwnIn } from "../desk";
import { words } from "../../../model/deviceForm";
import type { Search } from "./Discover";
import { SiteField, useNewSite } from "./PlaceFields";

/** What the hub takes at once. */
const IMPORT_MAX = 1_000;

export function Discovered({ search, onAgain, onClose }: { search: Search; onAgain: () => void; onClose: () => void }): ReactNode {
  const { live } = usePage();
  const { deviceEdit } = texts;
  const { discover } = deviceEdit;
  const { sweep, offers, agent } = search;
  const there = useMemo(() => new Map(live.fleet.all().map(({ device }) => [device.address, device.name])), [live]);
  const fresh = useMemo(() => sweep.found.filter(({ address }) => !there.has(address)), [sweep, there]);
  const [names, setNames] = useState<ReadonlyMap<string, string>>(() => namesFor(sweep.found, new Set(there.values())));
  const [ticked, setTicked] = useState<ReadonlySet<string>>(() => new Set(fresh.map(({ address }) => address)));
  const newSite = useNewSite();
  const add = useAction(async (form: FormData) => {
    const site = (await newSite(form))?.name ?? String(form.get("siteName") ?? "");
    const tags = words(String(form.get("tags")));
    const shared = { site, agent: agent.name, ...(tags.length > 0 ? { tags } : {}) };
    const rows = sweep.found.filter(({ address }) => ticked.has(address)).map((found): ImportRow => ({ name: names.get(found.address) ?? found.address, ...shared, ...reachedAs(found, offers) }));
    for (let first = 0; first < rows.length; first += IMPORT_MAX) {
      await live.send("POST", "/devices/import", { devices: rows.slice(first, first + IMPORT_MAX) }, {}, 60_000);
    }
    await live.reload();
    letOwnIn();
    onClose();
  });
  const tick = (address: string, on: boolean): void => {
    const next = new Set(ticked);
    if (on) next.add(address);
    else next.delete(address);
    setTicked(next);
  };
  const [sites, setSites] = useState<ReadonlyMap<string, string>>(new Map());
  const all = fresh.length > 0 && fresh.every(({ address }) => ticked.has(address));
  return (
    <Form
      busy={add.busy || ticked.size === 0}
      refusal={add.refusal}
      said={["newSite"]}
      word={discover.add(ticked.size)}
      onSubmit={(form) => {
        form.set("siteName", sites.get(String(form.get("siteId"))) ?? "");
        void add.run(form);
      }}
      extra={
        <button type="button" className="button" onClick={onAgain}>
          {discover.again}
        </button>
      }
    >
      <p role="status">
        {sweep.found.length === 0 ? discover.nothing : discover.found(sweep.found.length, sweep.addresses, sweep.durationS.toFixed(1))}
        {sweep.complete ? "" : ` ${discover.incomplete(sweep.swept, sweep.addresses)}`}
        {sweep.sendError === null ? "" : ` ${sentence(discover.sendError(sweep.sendError))}`}
      </p>
      {fresh.length === 0 ? null : <CheckField label={discover.selectAll} checked={all} onChange={() => setTicked(new Set(all ? [] : fresh.map(({ address }) => address)))} />}
      <div className="found-list" data-testid="found-list">
        {sweep.found.map((found) => (
          <FoundRow
            key={found.address}
            found={found}
            there={there.get(found.address) ?? null}
            name={names.get(found.address) ?? ""}
            ticked={ticked.has(found.address)}
            onTick={(on) => tick(found.address, on)}
            onName={(name) => setNames(new Map(names).set(found.address, name))}
          />
        ))}
      </div>
      <div className="form-row">
        <SiteField initial={agent.siteId} refusal={add.refusal} onSites={setSites} />
        <TextField label={deviceEdit.tags} name="tags" note={deviceEdit.tagsNote} />
      </div>
    </Form>
  );
}

function FoundRow(props: { found: Found; there: string | null; name: string; ticked: boolean; onTick: (on: boolean) => void; onName: (name: string) => void }): ReactNode {
  const { found, there, name, ticked, onTick, onName } = props;
  const { discover } = texts.deviceEdit;
  const { snmp } = found;
  const rtt = delay(found.rttS);
  return (
    <div className="found-row" data-testid="found-row">
      <input type="checkbox" checked={ticked} disabled={there !== null} aria-label={discover.tick(found.address)} onChange={(event) => onTick(event.target.checked)} />
      <code>{found.address}</code>
      {there === null ? <input type="text" value={name} maxLength={100} required={ticked} aria-label={discover.nameOf(found.address)} onChange={(event) => onName(event.target.value)} /> : <span className="dim">{discover.there(there)}</span>}
      <span className="num">{found.rttS === null ? "–" : `${rtt.value} ${rtt.unit}`}</span>
      <span className="with-glyph" title={snmp?.sysDescr ?? ""}>
        {snmp === null ? (
          "–"
        ) : (
          <>
            <Glyph status={snmp.ok ? "online" : "unknown"} />
            {snmp.ok ? discover.withCredentials(snmp.credential ?? "") : reasonWord(snmp.reason)}
          </>
        )}
      </span>
      <span className="dim ellipsis" title={snmp?.sysDescr ?? ""}>
        {snmp?.sysDescr ?? ""}
      </span>
    </div>
  );
}

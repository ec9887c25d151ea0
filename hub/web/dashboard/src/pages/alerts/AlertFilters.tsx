// Which alerts are listed, as the address says it.

import type { ReactNode } from "react";

import { usePage } from "../../data/context";
import { at, setQuery } from "../../data/route";
import { useQuery } from "../../data/useQuery";
import { isFiltered, type AlertFilter } from "../../model/alertList";
import { Link } from "../../parts/Link";
import { texts } from "../../texts";

interface Named {
  readonly id: number;
  readonly name: string;
}

export function AlertFilters({ filter }: { filter: AlertFilter }): ReactNode {
  const { fleet } = usePage().live;
  const words = texts.alerts.filters;
  const sites = useQuery<{ items: Named[] }>("/sites?limit=1000");
  const rules = useQuery<{ items: Named[] }>("/rules?limit=1000");
  const device = filter.deviceId === null ? null : (fleet.get(filter.deviceId)?.device.name ?? `#${filter.deviceId}`);
  return (
    <div className="alert-filters" role="search" aria-label={words.label}>
      <div className="segments">
        <button type="button" aria-pressed={!filter.all} onClick={() => setQuery({ state: "" })} data-testid="alerts-open">
          {texts.alerts.tabs.open}
        </button>
        <button type="button" aria-pressed={filter.all} onClick={() => setQuery({ state: "all" })} data-testid="alerts-all">
          {texts.alerts.tabs.all}
        </button>
      </div>
      <select className="find" value={filter.severity ?? ""} aria-label={words.severity} onChange={(event) => setQuery({ severity: event.target.value })}>
        <option value="">{words.anySeverity}</option>
        <option value="critical">{words.atLeast.critical}</option>
        <option value="warning">{words.atLeast.warning}</option>
      </select>
      <select className="find" value={filter.siteId ?? ""} aria-label={words.site} onChange={(event) => setQuery({ site: event.target.value })}>
        <option value="">{words.anySite}</option>
        {(sites.phase === "ready" ? sites.data.items : []).map(({ id, name }) => (
          <option key={id} value={id}>
            {name}
          </option>
        ))}
      </select>
      <select className="find" value={filter.rule ?? ""} aria-label={words.rule} onChange={(event) => setQuery({ rule: event.target.value })}>
        <option value="">{words.anyRule}</option>
        {(rules.phase === "ready" ? rules.data.items : []).map(({ id, name }) => (
          <option key={id} value={name}>
            {name}
          </option>
        ))}
      </select>
      <button type="button" className="toggle" aria-pressed={filter.mine} onClick={() => setQuery({ mine: filter.mine ? "" : "1" })}>
        {words.mine}
      </button>
      <button type="button" className="toggle" aria-pressed={filter.unacknowledged} onClick={() => setQuery({ unacknowledged: filter.unacknowledged ? "" : "1" })}>
        {words.unacknowledged}
      </button>
      {device === null ? null : (
        <button type="button" className="toggle" aria-pressed onClick={() => setQuery({ device: "" })}>
          {device} ×
        </button>
      )}
      <Link to={at("incidents")} className="link">
        {texts.incidents.all}
      </Link>
      {isFiltered(filter) ? (
        <button type="button" className="link" onClick={() => setQuery({ severity: "", site: "", rule: "", device: "", mine: "", unacknowledged: "" })}>
          {words.clear}
        </button>
      ) : null}
    </div>
  );
}

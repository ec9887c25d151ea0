// The head of the page: its sentence, the search, and what can be done with the map.

import { useRef, type ReactNode, type RefObject } from "react";
import type { DeviceStatus } from "@noctule/client";

import type { Arrangement } from "../../data/arrangement";
import { setQuery, useRoute } from "../../data/route";
import type { Graph, Key } from "../../model/topology/graph";
import { countLinks, type Flow } from "../../model/topology/links";
import { Icon } from "../../parts/Glyph";
import { texts } from "../../texts";
import type { MapCanvas } from "./MapCanvas";

export function topologyAnswer(graph: Graph, flows: readonly Flow[], statusOf: (deviceId: number) => DeviceStatus): string {
  const ids = graph.vertices.flatMap(({ deviceId }) => deviceId ?? []);
  const { down } = countLinks(flows);
  const behind = ids.filter((id) => statusOf(id) === "unreachable").length;
  return [texts.topology.answer(ids.length, flows.length), down === 0 ? "" : texts.topology.down(down), behind === 0 ? "" : texts.topology.behind(behind)].filter((text) => text !== "").join(" ");
}

export function MapTools(props: { listed: boolean; found: ReadonlySet<Key> | null; map: RefObject<MapCanvas | null>; onCsv: () => void; arrangement?: Arrangement }): ReactNode {
  const { listed, found, map, onCsv, arrangement } = props;
  const { query } = useRoute();
  const words = texts.topology;
  const outside = query.get("outside") !== "no";
  return (
    <>
      {listed ? null : <Find found={found} map={map} />}
      <label className="check" title={words.outsideTitle}>
        <input type="checkbox" checked={outside} onChange={() => setQuery({ outside: outside ? "no" : "" })} />
        {words.outside}
      </label>
      {listed || arrangement === undefined || arrangement.arranging ? null : (
        <button type="button" className="button small" title={words.arrangeTitle} onClick={arrangement.begin} data-testid="arrange">
          {words.arrange}
        </button>
      )}
      <span className="topo-small-tools">
        {listed ? null : (
          <button type="button" className="button small to-wall" title={words.wallTitle} onClick={() => setQuery({ wall: "1" })}>
            {words.wall}
          </button>
        )}
        <button type="button" className="icon-button small" title={words.csv} aria-label={words.csv} onClick={onCsv} data-testid="links-csv">
          <Icon name="download" />
        </button>
        <button type="button" className="icon-button small" title={words.print} aria-label={words.print} onClick={() => window.print()}>
          <Icon name="print" />
        </button>
      </span>
    </>
  );
}

/** Enter goes from one that is found to the next. */
function Find({ found, map }: { found: ReadonlySet<Key> | null; map: RefObject<MapCanvas | null> }): ReactNode {
  const { query } = useRoute();
  const next = useRef(0);
  return (
    <span className="topo-find">
      <input
        type="search"
        className="find"
        value={query.get("q") ?? ""}
        placeholder={texts.topology.find}
        aria-label={texts.topology.find}
        spellCheck={false}
        data-testid="topology-find"
        onChange={(event) => {
          next.current = 0;
          setQuery({ q: event.target.value });
        }}
        onKeyDown={(event) => {
          if (event.key === "Escape") setQuery({ q: "" });
          if (event.key !== "Enter" || found === null || found.size === 0) return;
          const key = [...found][next.current % found.size];
          next.current += 1;
          if (key !== undefined) map.current?.centre(key);
        }}
      />
      {found === null ? null : <span className="shown">{texts.topology.found(found.size)}</span>}
    </span>
  );
}

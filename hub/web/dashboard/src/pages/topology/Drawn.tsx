// The map with what stands around it, or the table of links. With thousands of devices each step takes its while: they
// are parts of their own, between which the browser paints and takes input.

import { useEffect, useMemo, useRef, type ReactNode } from "react";

import { useArrangement, type Arrangement } from "../../data/arrangement";
import { usePage } from "../../data/context";
import { at, go, useRoute } from "../../data/route";
import { useFound, useGraph, useNetwork, useSuggestions } from "../../data/topology";
import type { Layout, Suggestion, Topology } from "../../model/topology/answer";
import { keyOfDevice, type Graph } from "../../model/topology/graph";
import { sceneOf } from "../../model/topology/scene";
import { Page, Tabs } from "../../parts/Page";
import { texts } from "../../texts";
import { MAY_OPERATE } from "../registry";
import { ArrangeBar, ViewButtons } from "./ArrangeBar";
import { Legend } from "./Legend";
import { LinkTable, saveLinks } from "./LinkTable";
import type { Hit, MapCanvas } from "./MapCanvas";
import { MapView } from "./MapView";
import { SuggestionPanel } from "./SuggestionPanel";
import { FlowTip, VertexTip } from "./tips";
import { MapTools, topologyAnswer } from "./tools";
import { VertexPanel } from "./VertexPanel";

const NO_SUGGESTIONS: readonly Suggestion[] = [];

interface DrawnProps {
  readonly topology: Topology;
  readonly layout: Layout;
  readonly id: number | null;
  readonly part: string | null;
  readonly wall: boolean;
}

export function Drawn(props: DrawnProps): ReactNode {
  const { query } = useRoute();
  return <Arranged {...props} graph={useGraph(props.topology, query.get("outside") !== "no")} />;
}

function Arranged(props: DrawnProps & { graph: Graph }): ReactNode {
  return <Shown {...props} arrangement={useArrangement(props.graph, props.layout)} />;
}

function Shown({ topology, graph, arrangement, id, part, wall }: DrawnProps & { graph: Graph; arrangement: Arrangement }): ReactNode {
  const { live } = usePage();
  const { query } = useRoute();
  const mayOperate = MAY_OPERATE.has(live.role);
  const root = query.get("root") ?? "";
  const suggesting = part === "suggestions" && mayOperate;
  const map = useRef<MapCanvas | null>(null);
  const { flows, statusOf, siteNames } = useNetwork(topology, graph);
  const found = useFound(graph, query.get("q") ?? "");
  const answer = useSuggestions(suggesting, root === "" ? null : Number(root));
  const suggestions = answer.phase === "ready" && suggesting ? answer.data.items : NO_SUGGESTIONS;
  const { places } = arrangement;
  const scene = useMemo(
    () => sceneOf({ graph, flows, places, statusOf, siteNames, found, suggestions }),
    [graph, flows, places, statusOf, siteNames, found, suggestions],
  );
  const vertices = useMemo(() => new Map(graph.vertices.map((vertex) => [vertex.key, vertex])), [graph]);
  const open = (key: string): void => {
    const deviceId = vertices.get(key)?.deviceId ?? null;
    if (deviceId !== null && !arrangement.arranging) go(at("topology", deviceId));
  };
  // A device that an address names is brought into sight.
  useEffect(() => {
    if (id !== null) map.current?.centre(keyOfDevice(id));
  }, [id]);
  const tip = (hit: Hit): ReactNode => {
    const vertex = vertices.get(hit.key);
    if (vertex !== undefined) return <VertexTip vertex={vertex} />;
    const flow = flows.find(({ key }) => key === hit.key);
    return flow === undefined ? null : <FlowTip flow={flow} nameOf={(key) => vertices.get(key)?.name ?? ""} />;
  };
  const title = texts.rail.pages.topology;
  const sentence = topologyAnswer(graph, flows, statusOf);
  const drawing = (
    <div className="topo">
      <MapView scene={scene} map={map} arranging={arrangement.arranging} onOpen={open} onCarry={arrangement.move} tip={tip} />
      <Legend suggestions={suggesting} />
      {wall ? null : <ViewButtons map={map} />}
      <ArrangeBar arrangement={arrangement} />
    </div>
  );
  if (wall) {
    return (
      <div className="page topo-wall" data-testid="topology">
        <p className="topo-wall-answer">{sentence}</p>
        {drawing}
      </div>
    );
  }
  const tabs = [
    { part: null, word: texts.topology.tabs.map },
    { part: "links", word: texts.topology.tabs.links },
    ...(mayOperate ? [{ part: "suggestions", word: texts.topology.tabs.suggestions }] : []),
  ];
  const listed = part === "links";
  const panel = listed ? null : id !== null ? (
    <VertexPanel key={id} id={id} parents={graph.parents.get(keyOfDevice(id)) ?? []} flows={flows} vertices={vertices} />
  ) : suggesting ? (
    <SuggestionPanel answer={answer} vertices={graph.vertices} root={root} />
  ) : null;
  return (
    <div className="beside">
      <div className="beside-list">
        <Page
          title={title}
          answer={sentence}
          testId="topology"
          flush
          tools={<MapTools listed={listed} found={found} map={map} onCsv={() => saveLinks(flows, vertices)} {...(mayOperate ? { arrangement } : {})} />}
        >
          <Tabs page="topology" id={null} part={part} tabs={tabs} />
          {listed ? <LinkTable flows={flows} vertices={vertices} /> : drawing}
        </Page>
      </div>
      {panel}
    </div>
  );
}

// The network as a map: who is connected to whom, what is up, how full links are. The same as a table.

import { useDeferredValue, type ReactNode } from "react";

import { usePage } from "../../data/context";
import { useLayout, useTopology } from "../../data/topology";
import { setQuery, useRoute } from "../../data/route";
import { Answered, Blank } from "../../parts/Answered";
import { useKeys } from "../../parts/keys";
import { texts } from "../../texts";
import type { PageProps } from "../registry";
import { Drawn } from "./Drawn";
import "./topology.css";

export default function TopologyPage({ id, part }: PageProps): ReactNode {
  const { live } = usePage();
  const { query } = useRoute();
  // A large network is drawn step by step, and not in one long task.
  const topology = useDeferredValue(useTopology());
  const layout = useLayout();
  const wall = query.has("wall");
  useKeys((key) => {
    if (key === "Escape" && wall) setQuery({ wall: "" });
  });
  return (
    <Answered answer={layout}>
      {(saved) => (
        <Answered answer={topology} empty={({ devices }) => (devices.length > 0 ? null : <Blank heading={texts.topology.empty} lead={texts.topology.emptyLead} />)}>
          {(data) => <Drawn key={live.role} topology={data} layout={saved} id={id} part={part} wall={wall} />}
        </Answered>
      )}
    </Answered>
  );
}

// The whole network at a glance: every device as a tile, what fires, what is busy. With `?wall` for a screen on a wall.

import { useDeferredValue, type ReactNode } from "react";

import { useMembers, useObservable, usePage } from "../../data/context";
import { setQuery, useRoute } from "../../data/route";
import { AnswerForAll } from "../../parts/AnswerForAll";
import { Failed, Waiting } from "../../parts/Answered";
import { FaultTitle } from "../../parts/FaultTitle";
import { useKeys } from "../../parts/keys";
import { texts } from "../../texts";
import { EmptyList } from "../devices/Empty";
import { Busiest } from "./Busiest";
import { Firing } from "./Firing";
import { Figures } from "./Figures";
import { SiteTiles } from "./SiteTiles";
import { Wall } from "./Wall";
import "./overview.css";

export default function OverviewPage(): ReactNode {
  return (
    <>
      <FaultTitle />
      <Overview />
    </>
  );
}

function Overview(): ReactNode {
  const { live } = usePage();
  const { query } = useRoute();
  const load = useDeferredValue(useObservable(live.fleet.load));
  useMembers();
  const wall = query.has("wall");
  useKeys((key) => {
    if (key === "Escape" && wall) setQuery({ wall: "" });
  });
  if (load.phase === "loading") return <Waiting />;
  if (load.phase === "failed") return <Failed heading={texts.devices.failed} message={load.message} onRetry={() => void live.reload()} />;
  if (live.fleet.size === 0) return <EmptyList />;
  if (wall) return <Wall />;
  return (
    <div className="page" data-testid="overview">
      <header className="list-head worded">
        <h1>{texts.rail.pages.overview}</h1>
        <AnswerForAll />
        <div className="list-tools">
          <button type="button" className="button small to-wall" title={texts.overview.wallTitle} onClick={() => setQuery({ wall: "1" })}>
            {texts.overview.wall}
          </button>
        </div>
      </header>
      <div className="page-body overview">
        <div className="overview-main">
          <Figures />
          <SiteTiles />
        </div>
        <div className="overview-side worded">
          <Firing />
          <Busiest />
        </div>
      </div>
    </div>
  );
}

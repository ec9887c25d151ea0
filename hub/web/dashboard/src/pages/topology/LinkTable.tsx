// The links as a table: what the map shows, for those who read rather than look.

import { useMemo, type ReactNode } from "react";

import { download } from "../../data/download";
import { at } from "../../data/route";
import { csvText } from "../../model/csv";
import { percent, rate } from "../../model/format";
import type { Key, Vertex } from "../../model/topology/graph";
import { LINK_ORDER, type Flow } from "../../model/topology/links";
import { DataTable, type Column } from "../../parts/DataTable";
import { Link } from "../../parts/Link";
import { Num } from "../../parts/Numbers";
import { texts } from "../../texts";
import { LinkWord } from "./tips";

export function LinkTable({ flows, vertices }: { flows: readonly Flow[]; vertices: ReadonlyMap<Key, Vertex> }): ReactNode {
  const { columns: heads, downTitle, upTitle, told } = texts.topology;
  const columns = useMemo<readonly Column<Flow>[]>(() => {
    const end = (key: "upper" | "lower", head: string): Column<Flow> => ({
      key,
      head,
      narrow: "minmax(0, 1fr)",
      width: "minmax(130px, 1.2fr)",
      cell: (flow) => <End vertex={vertices.get(flow[key])} />,
      sort: (flow) => vertices.get(flow[key])?.name ?? "",
    });
    const port = (key: "upperPort" | "lowerPort"): Column<Flow> => ({ key, head: heads[key], width: "minmax(90px, 0.8fr)", cell: (flow) => <span className="dim">{flow[key]}</span> });
    const traffic = (key: "down" | "up", bps: "downBps" | "upBps", util: "downUtilRatio" | "upUtilRatio", title: string): Column<Flow>[] => [
      { key, head: heads[key], title, width: "90px", align: "end", cell: (flow) => <Num figure={rate(flow[bps])} />, sort: (flow) => flow[bps] },
      { key: util, head: heads[`${key}Util`], title, width: "64px", align: "end", cell: (flow) => <Num figure={percent(flow[util])} />, sort: (flow) => flow[util] },
    ];
    return [
      { key: "state", head: heads.state, narrow: "minmax(0, 0.8fr)", width: "minmax(120px, 0.9fr)", cell: (flow) => <LinkWord flow={flow} />, sort: (flow) => LINK_ORDER.indexOf(flow.state) },
      end("upper", heads.upper),
      port("upperPort"),
      end("lower", heads.lower),
      port("lowerPort"),
      ...traffic("down", "downBps", "downUtilRatio", downTitle),
      ...traffic("up", "upBps", "upUtilRatio", upTitle),
      { key: "told", head: heads.told, width: "120px", cell: (flow) => <span className="dim">{told[flow.told]}</span>, sort: (flow) => told[flow.told] },
    ];
  }, [vertices, heads, told, downTitle, upTitle]);
  const rows = useMemo(() => flows.toSorted((a, b) => LINK_ORDER.indexOf(a.state) - LINK_ORDER.indexOf(b.state)), [flows]);
  return <DataTable label={texts.topology.links} columns={columns} rows={rows} keyOf={(flow) => flow.key} testId="link-table" empty={<p className="no-match">{texts.topology.noLinks}</p>} />;
}

function End({ vertex }: { vertex: Vertex | undefined }): ReactNode {
  if (vertex === undefined) return "–";
  if (vertex.deviceId === null) return <span className="dim">{vertex.name}</span>;
  return (
    <Link to={at("topology", vertex.deviceId)} className="link">
      {vertex.name}
    </Link>
  );
}

export function saveLinks(flows: readonly Flow[], vertices: ReadonlyMap<Key, Vertex>): void {
  const { columns, linkWords, told } = texts.topology;
  const nameOf = (key: Key): string => vertices.get(key)?.name ?? "";
  const heads = [columns.state, columns.upper, columns.upperPort, columns.lower, columns.lowerPort, `${columns.down} b/s`, `${columns.down} %`, `${columns.up} b/s`, `${columns.up} %`, columns.told];
  const share = (ratio: number | null): number | null => (ratio === null ? null : Math.round(ratio * 10_000) / 100);
  const rows = flows.map((flow) => [
    linkWords[flow.state],
    nameOf(flow.upper),
    flow.upperPort,
    nameOf(flow.lower),
    flow.lowerPort,
    flow.downBps,
    share(flow.downUtilRatio),
    flow.upBps,
    share(flow.upUtilRatio),
    told[flow.told],
  ]);
  download("links.csv", new Blob([csvText(heads, rows)], { type: "text/csv;charset=utf-8" }));
}

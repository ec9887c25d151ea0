// What the lines of the map mean.

import type { ReactNode } from "react";

import { texts } from "../../texts";

export function Legend({ suggestions }: { suggestions: boolean }): ReactNode {
  const { legend } = texts.topology;
  const lines = [["in", legend.in], ["out", legend.out], ["down", legend.down], ["behind", legend.behind], ...(suggestions ? [["suggestion", legend.suggestion] as const] : [])] as const;
  return (
    <ul className="topo-legend" aria-label={legend.label}>
      {lines.map(([kind, word]) => (
        <li key={kind}>
          <i className={`topo-key ${kind}`} aria-hidden="true" />
          {word}
        </li>
      ))}
      <li className="dim">{legend.full}</li>
    </ul>
  );
}

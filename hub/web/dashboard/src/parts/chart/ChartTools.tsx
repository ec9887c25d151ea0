// Taking a chart along: as numbers, or as a picture.

import type { ReactNode } from "react";

import { download } from "../../data/download";
import { csvText } from "../../model/csv";
import type { Span } from "../../model/span";
import { texts } from "../../texts";
import { Icon } from "../Glyph";
import type { Plot } from "./model";
import { pictureOf } from "./picture";

export function ChartTools(props: { heading: string; plot: Plot; span: Span; fileName: string; canvas: () => HTMLCanvasElement | null }): ReactNode {
  const { heading, plot, span, fileName, canvas } = props;
  const asCsv = (): void => {
    const columns = [
      ...plot.lines.map(({ label, values }) => ({ label: inUnit(label, plot.unit), values })),
      ...(plot.readings ?? []).map(({ label, values, unit }) => ({ label: inUnit(label, unit), values })),
      ...(plot.bands ?? []).flatMap(({ label, low, high }) => [
        { label: inUnit(`${label} ${texts.chart.least}`, plot.unit), values: low },
        { label: inUnit(`${label} ${texts.chart.most}`, plot.unit), values: high },
      ]),
    ];
    const rows = plot.times.map((ms, at) => [new Date(ms).toISOString(), ...columns.map(({ values }) => values[at] ?? null)]);
    download(`${fileName}.csv`, new Blob([csvText([texts.chart.time, ...columns.map(({ label }) => label)], rows)], { type: "text/csv;charset=utf-8" }));
  };
  const asPicture = (): void => {
    const drawn = canvas();
    if (drawn === null) return;
    const picture = pictureOf(drawn, { title: fileName, plot, ...span });
    picture.toBlob((blob) => {
      if (blob !== null) download(`${fileName}.png`, blob);
    });
  };
  return (
    <span className="chart-tools">
      <button type="button" className="icon-button small" title={texts.chart.csv} aria-label={`${heading}: ${texts.chart.csv}`} onClick={asCsv}>
        <Icon name="download" />
      </button>
      <button type="button" className="button small" title={texts.chart.png} aria-label={`PNG, ${heading}: ${texts.chart.png}`} onClick={asPicture}>
        PNG
      </button>
    </span>
  );
}

const inUnit = (label: string, unit: string | undefined): string => (unit === undefined ? label : `${label} (${unit})`);

// What was measured when the alert was judged, against what it fires by, ends by, and what was usual.

import { lazy, Suspense, type ReactNode } from "react";

import { figureOf, levelsOf, type Evidence as Measured, type Explanation } from "../../model/explanation";
import { threeDigits } from "../../model/format";
import { Section } from "../../parts/Page";
import { texts } from "../../texts";

// A list on a phone does without what draws charts.
const EvidenceChart = lazy(() => import("./EvidenceChart"));

export function Evidence({ explanation }: { explanation: Explanation }): ReactNode {
  const { evidence } = explanation;
  if (evidence === null) return null;
  const samples = evidence.samples ?? [];
  return (
    <Section heading={texts.alert.evidence}>
      {evidence.score == null ? null : <p>{texts.alert.score(threeDigits(evidence.score))}</p>}
      {samples.length < 2 ? <Figures evidence={evidence} /> : <Suspense><EvidenceChart evidence={evidence} fileName={`alert ${explanation.alert.id}`} /></Suspense>}
    </Section>
  );
}

function Figures({ evidence }: { evidence: Measured }): ReactNode {
  const quantity = evidence.quantity ?? "";
  const say = (value: number | null): string => {
    const figure = figureOf(quantity, value);
    return `${figure.value} ${figure.unit}`.trim();
  };
  const value = evidence.samples?.at(-1)?.value;
  const parts = [
    ...(value === undefined ? [] : [`${(texts.alert.quantities[quantity] ?? quantity)} ${say(value)}`]),
    ...levelsOf(evidence).map(([key, level]) => `${texts.alert.levels[key]} ${say(level)}`),
  ];
  return parts.length === 0 ? null : <p>{parts.join(" · ")}</p>;
}

// Policies: who is told of a rule's alerts, when, and again when.

import { useMemo, type ReactNode } from "react";

import { usePage } from "../../data/context";
import { at, go } from "../../data/route";
import { useQuery } from "../../data/useQuery";
import { span } from "../../model/format";
import type { Policy, PolicyStep } from "../../model/policies";
import { Adding } from "../../parts/Adding";
import { Answered } from "../../parts/Answered";
import { DataTable, type Column } from "../../parts/DataTable";
import { Opened } from "../../parts/Opened";
import { Page } from "../../parts/Page";
import { texts } from "../../texts";
import { MAY_ADMINISTER, type PageProps } from "../registry";
import { NewPolicy, PolicyPanel } from "./PolicyPanel";
import "./policies.css";

export default function PoliciesPage({ id, part }: PageProps): ReactNode {
  const { live } = usePage();
  const answer = useQuery<{ items: Policy[] }>("/notification-policies?limit=1000");
  const mayWrite = MAY_ADMINISTER.has(live.role);
  const columns = useColumns();
  return (
    <div className="beside">
      <div className="beside-list">
        <Page
          title={texts.rail.pages.policies}
          answer={texts.policies.answer}
          testId="policies"
          flush
          tools={
            mayWrite ? (
              <button type="button" className="button small" onClick={() => go(at("policies", null, "new"))} data-testid="policy-add">
                {texts.policies.add}
              </button>
            ) : undefined
          }
        >
          <Answered answer={answer}>
            {({ items }) => <DataTable label={texts.rail.pages.policies} columns={columns} rows={items} keyOf={(policy) => policy.id} placeOf={(policy) => at("policies", policy.id)} openKey={id} testId="policy-table" />}
          </Answered>
        </Page>
      </div>
      <Opened page="policies" id={id} answer={answer}>
        {(policy) => <PolicyPanel key={policy.id} policy={policy} />}
      </Opened>
      <Adding page="policies" part={part} mayWrite={mayWrite}>
        <NewPolicy />
      </Adding>
    </div>
  );
}

function useColumns(): readonly Column<Policy>[] {
  const words = texts.policies;
  const heads = words.columns;
  return useMemo(
    () => [
      {
        key: "name",
        head: heads.name,
        narrow: "minmax(0, 0.7fr)",
        width: "minmax(120px, 0.7fr)",
        cell: (policy) => (
          <>
            {policy.name} {policy.default && policy.name !== words.default ? <span className="chip">{words.default}</span> : null}
          </>
        ),
        sort: (policy) => policy.name,
      },
      { key: "steps", head: heads.steps, narrow: "minmax(0, 1fr)", width: "minmax(220px, 2fr)", cell: (policy) => policy.steps.map(stepWords).join(" · ") },
      { key: "repeat", head: heads.repeat, width: "110px", cell: (policy) => (policy.repeatS === null ? words.once : words.every(span(policy.repeatS * 1000))), sort: (policy) => policy.repeatS },
      { key: "group", head: heads.group, width: "120px", cell: (policy) => words.groups[policy.groupBy], sort: (policy) => policy.groupBy },
    ],
    [words, heads],
  );
}

function stepWords(step: PolicyStep): string {
  const words = texts.policies;
  return words.step(step.afterS === 0 ? words.atOnce : words.after(span(step.afterS * 1000)), step.channelNames === null ? words.allChannels : step.channelNames.join(", "));
}

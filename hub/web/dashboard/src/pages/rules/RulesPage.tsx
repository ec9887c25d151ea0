// The rules: what becomes an alert, and beside the list the one that is open.

import { useMemo, type ReactNode } from "react";

import { useNow } from "../../data/clock";
import { usePage } from "../../data/context";
import { at, go } from "../../data/route";
import { useAction, useQuery } from "../../data/useQuery";
import { SEVERITY_ORDER } from "../../model/firing";
import { span } from "../../model/format";
import { kindOf, selectsAll, type Rule } from "../../model/rules";
import { Adding } from "../../parts/Adding";
import { Answered, Blank } from "../../parts/Answered";
import { DataTable, type Column } from "../../parts/DataTable";
import { Trouble } from "../../parts/Form";
import { Opened } from "../../parts/Opened";
import { Page } from "../../parts/Page";
import { texts } from "../../texts";
import { MAY_OPERATE, type PageProps } from "../registry";
import { NewRule, RulePanel } from "./RulePanel";
import { useSelectorWords } from "../../parts/selectorWords";
import "./rules.css";

export default function RulesPage({ id, part }: PageProps): ReactNode {
  const { live } = usePage();
  const answer = useQuery<{ items: Rule[] }>("/rules?limit=1000");
  const rules = answer.phase === "ready" ? answer.data.items : [];
  const mayWrite = MAY_OPERATE.has(live.role);
  const flip = useAction((rule: Rule) => live.send("PATCH", `/rules/${rule.id}`, { revision: rule.revision, enabled: !rule.enabled }));
  const columns = useColumns(mayWrite && !flip.busy ? (rule) => void flip.run(rule) : null);
  const on = rules.filter(({ enabled }) => enabled).length;
  return (
    <div className="beside">
      <div className="beside-list">
        <Page
          title={texts.rail.pages.rules}
          answer={answer.phase === "ready" ? texts.rules.answer(on, rules.length - on) : ""}
          testId="rules"
          flush
          tools={
            mayWrite ? (
              <button type="button" className="button small" onClick={() => go(at("rules", null, "new"))} data-testid="rule-add">
                {texts.rules.add}
              </button>
            ) : undefined
          }
        >
          <Trouble refusal={flip.refusal} />
          <Answered answer={answer} empty={({ items }) => (items.length > 0 ? null : <Blank heading={texts.rules.empty} lead={texts.rules.emptyLead} />)}>
            {({ items }) => <DataTable label={texts.rail.pages.rules} columns={columns} rows={items} keyOf={(rule) => rule.id} placeOf={(rule) => at("rules", rule.id)} openKey={id} testId="rule-table" />}
          </Answered>
        </Page>
      </div>
      <Opened page="rules" id={id} answer={answer}>
        {(rule) => <RulePanel key={rule.id} rule={rule} />}
      </Opened>
      <Adding page="rules" part={part} mayWrite={mayWrite}>
        <NewRule />
      </Adding>
    </div>
  );
}

/** `flip` null: rules cannot be switched now, or not by this role. */
function useColumns(flip: ((rule: Rule) => void) | null): readonly Column<Rule>[] {
  const nowMs = useNow();
  const wordsOf = useSelectorWords();
  const { columns: heads } = texts.rules;
  return useMemo(
    () => [
      {
        key: "on",
        head: heads.enabled,
        narrow: "44px",
        width: "48px",
        cell: (rule) => <input type="checkbox" role="switch" className="switch" checked={rule.enabled} disabled={flip === null} aria-label={texts.rules.switch(rule.name)} onChange={() => flip?.(rule)} data-testid={`rule-on-${rule.name}`} />,
        sort: (rule) => (rule.enabled ? 0 : 1),
      },
      { key: "name", head: heads.name, narrow: "minmax(0, 1fr)", width: "minmax(130px, 0.8fr)", cell: (rule) => rule.name, sort: (rule) => rule.name },
      { key: "kind", head: heads.condition, width: "minmax(200px, 1.2fr)", cell: (rule) => texts.rules.kinds[rule.condition.kind] ?? rule.condition.kind, sort: (rule) => rule.condition.kind },
      {
        key: "severity",
        head: heads.severity,
        narrow: "84px",
        width: "100px",
        cell: (rule) => texts.severity[rule.severity],
        sort: (rule) => SEVERITY_ORDER[rule.severity],
      },
      { key: "for", head: heads.for, width: "80px", align: "end", cell: (rule) => (rule.forS === 0 ? texts.rules.atOnce : span(rule.forS * 1000)), sort: (rule) => rule.forS },
      {
        key: "about",
        head: heads.about,
        width: "minmax(140px, 1fr)",
        cell: (rule) => (selectsAll(rule.selector) ? <span className="dim">{texts.rules.everything[kindOf(rule.condition.kind).about]}</span> : wordsOf(rule.selector)),
      },
    ],
    [nowMs, heads, wordsOf, flip === null],
  );
}

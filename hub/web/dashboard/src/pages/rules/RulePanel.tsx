// One rule beside the list: written, tried over history, removed; and a new one.

import { useState, type ReactNode } from "react";

import { usePage } from "../../data/context";
import { at, go } from "../../data/route";
import { useAction } from "../../data/useQuery";
import { bodyOf, draftOf, EMPTY_DRAFT, type Draft } from "../../model/ruleDraft";
import type { Rule } from "../../model/rules";
import { Based } from "../../parts/Based";
import { Confirm } from "../../parts/Dialog";
import { Form } from "../../parts/Form";
import { SidePanel } from "../../parts/SidePanel";
import { texts } from "../../texts";
import { MAY_OPERATE } from "../registry";
import { RuleFields, SAID } from "./RuleFields";
import { Trial } from "./Trial";

export function RulePanel({ rule }: { rule: Rule }): ReactNode {
  const { live } = usePage();
  const [removing, setRemoving] = useState(false);
  const remove = useAction(async () => {
    await live.send("DELETE", `/rules/${rule.id}`);
    go(at("rules"), { replace: true });
  });
  const mayWrite = MAY_OPERATE.has(live.role);
  return (
    <SidePanel page="rules" title={rule.name} testId="rule-panel">
      <div className="deeds">
        <button type="button" className="button small" onClick={() => go(at("alerts"), { query: { state: "all", rule: rule.name } })}>
          {texts.rules.alerts}
        </button>
        {mayWrite ? (
          <button type="button" className="button small danger" onClick={() => setRemoving(true)}>
            {texts.rules.remove}
          </button>
        ) : null}
      </div>
      <Based now={rule}>{(base, onSaved) => <Written first={draftOf(base)} base={base} mayWrite={mayWrite} onSaved={onSaved} />}</Based>
      {removing ? (
        <Confirm heading={texts.rules.removeHeading(rule.name)} word={texts.rules.remove} action={remove} onClose={() => setRemoving(false)}>
          <p>{texts.rules.removeLead}</p>
        </Confirm>
      ) : null}
    </SidePanel>
  );
}

export function NewRule(): ReactNode {
  return (
    <SidePanel page="rules" title={texts.rules.newHeading} testId="rule-panel">
      <Written first={EMPTY_DRAFT} base={null} mayWrite onSaved={(rule) => go(at("rules", rule.id), { replace: true })} />
    </SidePanel>
  );
}

/** `base` null: it is a new one. */
function Written(props: { first: Draft; base: Rule | null; mayWrite: boolean; onSaved: (rule: Rule) => void }): ReactNode {
  const { first, base, mayWrite, onSaved } = props;
  const { live } = usePage();
  const [draft, setDraft] = useState(first);
  const save = useAction(async () => {
    const body = bodyOf(draft);
    onSaved(
      base === null ? await live.send<Rule>("POST", "/rules", { name: draft.name.trim(), ...body }) : await live.send<Rule>("PATCH", `/rules/${base.id}`, { revision: base.revision, ...body }),
    );
  });
  const fields = <RuleFields draft={draft} isNew={base === null} refusal={save.refusal} disabled={!mayWrite} onChange={setDraft} />;
  return (
    <>
      {mayWrite ? (
        <Form onSubmit={() => void save.run()} busy={save.busy} refusal={save.refusal} said={SAID}>
          {fields}
        </Form>
      ) : (
        <div className="form">{fields}</div>
      )}
      <Trial draft={draft} />
    </>
  );
}

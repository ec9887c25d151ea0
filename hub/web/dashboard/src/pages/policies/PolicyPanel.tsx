// One policy beside the list, or a new one: written, rehearsed, removed.

import { useState, type ReactNode } from "react";

import { usePage } from "../../data/context";
import { at, go } from "../../data/route";
import { useAction } from "../../data/useQuery";
import { bodyOf, draftOf, EMPTY_DRAFT, type Policy } from "../../model/policies";
import { Based } from "../../parts/Based";
import { Confirm } from "../../parts/Dialog";
import { Form } from "../../parts/Form";
import { SidePanel } from "../../parts/SidePanel";
import { texts } from "../../texts";
import { MAY_ADMINISTER } from "../registry";
import { PolicyFields, SAID } from "./PolicyFields";
import { Rehearse } from "./Rehearse";

export function NewPolicy(): ReactNode {
  return (
    <SidePanel page="policies" title={texts.policies.newHeading} testId="policy-panel">
      <Written policy={null} mayWrite onSaved={({ id }) => go(at("policies", id), { replace: true })} />
    </SidePanel>
  );
}

export function PolicyPanel({ policy }: { policy: Policy }): ReactNode {
  const { live } = usePage();
  const [removing, setRemoving] = useState(false);
  const remove = useAction(async () => {
    await live.send("DELETE", `/notification-policies/${policy.id}`);
    go(at("policies"), { replace: true });
  });
  const mayWrite = MAY_ADMINISTER.has(live.role);
  return (
    <SidePanel page="policies" title={policy.name} testId="policy-panel">
      {mayWrite && !policy.default ? (
        <div className="deeds">
          <button type="button" className="button small danger" onClick={() => setRemoving(true)}>
            {texts.form.remove}
          </button>
        </div>
      ) : null}
      <Based now={policy}>{(base, onSaved) => <Written policy={base} mayWrite={mayWrite} onSaved={onSaved} />}</Based>
      {mayWrite ? <Rehearse key={`tried ${policy.revision}`} policyId={policy.id} /> : null}
      {removing ? (
        <Confirm heading={texts.policies.removeHeading(policy.name)} word={texts.form.remove} action={remove} onClose={() => setRemoving(false)}>
          <p>{texts.policies.removeLead}</p>
        </Confirm>
      ) : null}
    </SidePanel>
  );
}

/** `policy` null: it is a new one. */
function Written({ policy, mayWrite, onSaved }: { policy: Policy | null; mayWrite: boolean; onSaved: (policy: Policy) => void }): ReactNode {
  const { live } = usePage();
  const [draft, setDraft] = useState(policy === null ? EMPTY_DRAFT : draftOf(policy));
  const save = useAction(async () => {
    const body = bodyOf(draft);
    const sent = policy === null ? live.send<Policy>("POST", "/notification-policies", body) : live.send<Policy>("PATCH", `/notification-policies/${policy.id}`, { revision: policy.revision, ...body });
    onSaved(await sent);
  });
  const named = new Map((policy?.steps ?? []).flatMap(({ channelIds, channelNames }) => (channelIds ?? []).map((id, index) => [String(id), channelNames?.[index] ?? `#${id}`] as const)));
  const fields = <PolicyFields draft={draft} named={named} refusal={save.refusal} disabled={!mayWrite} onChange={setDraft} />;
  if (!mayWrite) return <div className="form">{fields}</div>;
  return (
    <Form onSubmit={() => void save.run()} busy={save.busy} refusal={save.refusal} said={SAID} word={policy === null ? texts.policies.add : texts.form.save}>
      {fields}
    </Form>
  );
}

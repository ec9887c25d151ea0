// Which alerts a silence is about.

import type { Severity } from "@noctule/client";
import { useMemo, type ReactNode } from "react";

import type { Refusal } from "../../data/useQuery";
import { isEmpty, type Matchers } from "../../model/silences";
import { SelectField } from "../../parts/Form";
import { DevicesField, PatternsField, RolesField, SitesField, TagsField, useChoices } from "../../parts/Pickers";
import { TokenField, type Choice } from "../../parts/TokenField";
import { texts } from "../../texts";

export function MatcherFields({ matchers, refusal, disabled, onChange }: { matchers: Matchers; refusal: Refusal | null; disabled: boolean; onChange: (matchers: Matchers) => void }): ReactNode {
  const rules = useChoices("/rules?limit=1000");
  // Silences name rules by their names, which stay.
  const ruleNames = useMemo(() => rules.map(([, name]): Choice => [name, name]), [rules]);
  const set = (part: Partial<Matchers>): void => onChange({ ...matchers, ...part });
  const shared = { refusal, disabled };
  const words = texts.silences.fields;
  const whole = refusal?.field === "matchers" || isEmpty(matchers);
  return (
    <fieldset className="fields">
      <legend>{words.matchers}</legend>
      <p className="field-note">{whole ? words.matchersNone : words.matchersNote}</p>
      <TokenField {...shared} label={texts.pick.rules} field="matchers.rules" free choices={ruleNames} values={matchers.rules} onChange={(values) => set({ rules: values })} testId="pick-matchers.rules" />
      <div className="form-row">
        <DevicesField {...shared} field="matchers.deviceIds" values={matchers.deviceIds} onChange={(deviceIds) => set({ deviceIds })} />
        <SitesField {...shared} field="matchers.siteIds" values={matchers.siteIds} onChange={(siteIds) => set({ siteIds })} />
      </div>
      <div className="form-row">
        <RolesField {...shared} field="matchers.roles" values={matchers.roles} onChange={(roles) => set({ roles })} />
        <TagsField {...shared} field="matchers.tags" values={matchers.tags} onChange={(tags) => set({ tags })} />
        <PatternsField {...shared} label={texts.pick.names} note={texts.pick.namesNote} field="matchers.names" values={matchers.names} onChange={(names) => set({ names })} />
      </div>
      <SelectField
        label={texts.alerts.filters.severity}
        value={matchers.severity ?? ""}
        field="matchers.severity"
        refusal={refusal}
        options={[["", texts.alerts.filters.anySeverity], ["critical", texts.alerts.filters.atLeast.critical], ["warning", texts.alerts.filters.atLeast.warning], ["info", texts.alerts.filters.atLeast.info]]}
        onChange={(event) => set({ severity: event.target.value === "" ? null : (event.target.value as Severity) })}
      />
    </fieldset>
  );
}

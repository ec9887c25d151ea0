// To what a rule applies.

import type { ReactNode } from "react";

import type { Refusal } from "../../data/useQuery";
import type { About, Selector } from "../../model/rules";
import { DevicesField, PatternsField, RolesField, SitesField, TagsField } from "../../parts/Pickers";
import { TokenField } from "../../parts/TokenField";
import { texts } from "../../texts";

export function SelectorFields(props: { about: About; selector: Selector; refusal: Refusal | null; disabled: boolean; onChange: (selector: Selector) => void }): ReactNode {
  const { about, selector, refusal, disabled, onChange } = props;
  const set = (part: Partial<Selector>): void => onChange({ ...selector, ...part });
  const shared = { refusal, disabled };
  if (about === "hub") return null;
  const ofDevices = about === "device" || about === "interface";
  return (
    <fieldset className="fields selects">
      <legend>{texts.rules.selects}</legend>
      <p className="field-note">{texts.rules.selectsNote}</p>
      <div className="form-row">
        <SitesField {...shared} field="selector.siteIds" values={selector.siteIds} onChange={(siteIds) => set({ siteIds })} />
        {ofDevices ? <RolesField {...shared} field="selector.roles" values={selector.roles} onChange={(roles) => set({ roles })} /> : null}
        {ofDevices ? <TagsField {...shared} field="selector.tags" values={selector.tags} onChange={(tags) => set({ tags })} /> : null}
      </div>
      <div className="form-row">
        {ofDevices ? <DevicesField {...shared} field="selector.deviceIds" values={selector.deviceIds} onChange={(deviceIds) => set({ deviceIds })} /> : null}
        <PatternsField {...shared} label={texts.pick.names} note={texts.pick.namesNote} field="selector.names" values={selector.names} onChange={(names) => set({ names })} />
      </div>
      {about === "interface" ? (
        <div className="form-row">
          <PatternsField {...shared} label={texts.pick.interfaces} note={texts.pick.interfacesNote} field="selector.interfaceNames" values={selector.interfaceNames} onChange={(interfaceNames) => set({ interfaceNames })} />
          <TokenField
            {...shared}
            label={texts.pick.ifTypes}
            note={texts.pick.ifTypesNote}
            field="selector.ifTypes"
            free
            choices={[]}
            values={selector.ifTypes.map(String)}
            onChange={(values) => set({ ifTypes: values.map(Number).filter((one) => Number.isSafeInteger(one) && one > 0) })}
          />
        </div>
      ) : null}
    </fieldset>
  );
}

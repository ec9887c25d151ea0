// How a device is polled by SNMP, and what opens it. Secrets are entered here and never shown again.

import { useState, type ReactNode } from "react";

import type { Refusal } from "../../../data/useQuery";
import type { SnmpChoice } from "../../../model/deviceForm";
import { SelectField, TextField } from "../../../parts/Form";
import { texts } from "../../../texts";

const AUTH = ["MD5", "SHA", "SHA-224", "SHA-256", "SHA-384", "SHA-512"];
const PRIV = ["DES", "AES", "AES-192", "AES-256"];

/** `before`: what is polled so far; its secrets are kept where the version needs the same kind. */
export function SnmpFields(props: { before: Readonly<Record<string, unknown>> | null; refusal: Refusal | null }): ReactNode {
  const { before, refusal } = props;
  const { deviceEdit } = texts;
  const old = (before?.["version"] as SnmpChoice | undefined) ?? "none";
  const [version, setVersion] = useState<SnmpChoice>(old);
  const kept = old !== "none" && (old === "3") === (version === "3");
  return (
    <>
      <div className="form-row">
        <SelectField
          label={deviceEdit.version}
          name="snmpVersion"
          value={version}
          onChange={(event) => setVersion(event.target.value as SnmpChoice)}
          field="snmp.version"
          refusal={refusal}
          options={(["none", "1", "2c", "3"] as const).map((one) => [one, deviceEdit.versions[one]] as const)}
          data-testid="snmp-version"
        />
        {version === "none" ? null : (
          <>
            <TextField label={deviceEdit.port} name="snmpPort" type="number" min={1} max={65_535} defaultValue={String(before?.["port"] ?? 161)} field="snmp.port" refusal={refusal} />
            <TextField label={deviceEdit.interval} name="snmpIntervalS" type="number" min={1} max={3_600} step="any" defaultValue={String(before?.["intervalS"] ?? 30)} field="snmp.intervalS" refusal={refusal} />
          </>
        )}
      </div>
      {version === "none" ? null : <Credentials version={version} kept={kept} refusal={refusal} at="snmp" />}
    </>
  );
}

/** `at` is where the hub's refusals name them, e.g. `snmp`. `suffix` keeps several sets in one form apart. */
export function Credentials({ version, kept, optional = false, refusal, at, suffix = "" }: { version: Exclude<SnmpChoice, "none">; kept: boolean; optional?: boolean; refusal: Refusal | null; at: string; suffix?: string }): ReactNode {
  const { deviceEdit } = texts;
  const secret = { type: "password", autoComplete: "new-password", maxLength: 255 } as const;
  const held = kept ? { placeholder: deviceEdit.kept, note: deviceEdit.keptNote } : { required: !optional };
  if (version !== "3") return <TextField label={deviceEdit.community} name={`community${suffix}`} {...secret} {...held} field={`${at}.community`} refusal={refusal} data-testid={`community${suffix}`} />;
  const protocols = (all: readonly string[]): readonly (readonly [string, string])[] => [["", deviceEdit.none], ...all.map((one) => [one, one] as const)];
  return (
    <>
      <div className="form-row">
        <TextField label={deviceEdit.user} name={`user${suffix}`} maxLength={32} {...held} field={`${at}.v3.user`} refusal={refusal} />
        <TextField label={deviceEdit.context} name={`context${suffix}`} maxLength={255} field={`${at}.v3.context`} refusal={refusal} />
      </div>
      <div className="form-row">
        <SelectField label={deviceEdit.authProtocol} name={`authProtocol${suffix}`} options={protocols(AUTH)} field={`${at}.v3.authProtocol`} refusal={refusal} />
        <TextField label={deviceEdit.authSecret} name={`authSecret${suffix}`} {...secret} field={`${at}.v3.authSecret`} refusal={refusal} />
      </div>
      <div className="form-row">
        <SelectField label={deviceEdit.privProtocol} name={`privProtocol${suffix}`} options={protocols(PRIV)} field={`${at}.v3.privProtocol`} refusal={refusal} />
        <TextField label={deviceEdit.privSecret} name={`privSecret${suffix}`} {...secret} field={`${at}.v3.privSecret`} refusal={refusal} />
      </div>
    </>
  );
}

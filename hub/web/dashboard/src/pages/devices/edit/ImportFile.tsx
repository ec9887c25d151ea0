// Imports a CSV file: read here, checked row by row by the hub, and kept whole or not at all.

import { useEffect, useState, type DragEvent, type ReactNode } from "react";

import { usePage } from "../../../data/context";
import { useAction } from "../../../data/useQuery";
import { COLUMNS, parseDevices, type ImportRow, type Parsed } from "../../../model/deviceCsv";
import type { SnmpChoice } from "../../../model/deviceForm";
import { fileText } from "../../../model/fileText";
import { Dialog } from "../../../parts/Dialog";
import { CheckField, SelectField, Trouble } from "../../../parts/Form";
import { texts } from "../../../texts";
import { letOwnIn } from "../desk";
import { withCredentials } from "../../../model/importCredentials";
import { Report, type ImportAnswer } from "./ImportReport";
import { SiteField } from "./PlaceFields";
import { Credentials } from "./SnmpFields";

const MAX_BYTES = 2_000_000;
const TIMEOUT_MS = 60_000;

export interface Dropped {
  readonly name: string;
  readonly text: string;
}

/** Why a file cannot be taken: it is too large for a list of devices, or cannot be read, as a folder. */
export type Unread = "tooLarge" | "unreadable";

/** Reads a file that was dropped or chosen. */
export async function readFile(file: File): Promise<Dropped | Unread> {
  if (file.size > MAX_BYTES) return "tooLarge";
  try {
    return { name: file.name, text: fileText(new Uint8Array(await file.arrayBuffer())) };
  } catch {
    return "unreadable";
  }
}

export function ImportFile({ dropped, onClose }: { dropped: Dropped | Unread | null; onClose: () => void }): ReactNode {
  const { importing } = texts.deviceEdit;
  const [given, setGiven] = useState(dropped);
  const file = typeof given === "string" ? null : given;
  const take = async (chosen: File | undefined): Promise<void> => {
    if (chosen !== undefined) setGiven(await readFile(chosen));
  };
  useEffect(() => {
    if (dropped !== null) setGiven(dropped);
  }, [dropped]);
  return (
    <Dialog heading={importing.heading} onClose={onClose} wide testId="import-dialog">
      <div className="form" onDragOver={(event) => event.preventDefault()} onDrop={(event: DragEvent) => (event.preventDefault(), void take(event.dataTransfer.files[0]))}>
        {file === null ? (
          <p className="dim">
            {importing.lead} <code>{COLUMNS.slice(2).join(", ")}</code>
          </p>
        ) : null}
        <label className="file-drop">
          <span>{file === null ? importing.drop : file.name}</span>
          <input type="file" accept=".csv,text/csv,text/plain" aria-label={importing.choose} onChange={(event) => void take(event.target.files?.[0])} data-testid="import-file" />
        </label>
        {typeof given === "string" ? (
          <p className="field-trouble" role="alert">
            {importing[given]}
          </p>
        ) : null}
        {file === null ? null : <Check key={`${file.name} ${file.text.length}`} file={file} onClose={onClose} />}
      </div>
    </Dialog>
  );
}

function Check({ file, onClose }: { file: Dropped; onClose: () => void }): ReactNode {
  const { live } = usePage();
  const { importing } = texts.deviceEdit;
  const [sites, setSites] = useState<ReadonlyMap<string, string>>(new Map());
  const [version, setVersion] = useState<SnmpChoice>("none");
  const [checked, setChecked] = useState<{ parsed: Parsed; rows: readonly ImportRow[]; update: boolean; answer: ImportAnswer | null; half: ImportAnswer | null } | null>(null);
  const check = useAction(async (form: FormData) => {
    setChecked(null);
    const parsed = parseDevices(file.text, sites.get(String(form.get("siteId"))) ?? "");
    const rows = withCredentials(parsed.rows, form, version);
    const update = form.get("update") !== null;
    const tried = async (devices: readonly ImportRow[]): Promise<ImportAnswer | null> =>
      devices.length === 0 ? null : live.send<ImportAnswer>("POST", "/devices/import?dryRun=true", { devices, update }, {}, TIMEOUT_MS);
    const answer = await tried(rows);
    const half = await tried(withCredentials(parsed.half.map(({ row }) => row), form, version));
    setChecked({ parsed, rows, update, answer, half });
  });
  const run = useAction(async () => {
    if (checked === null) return;
    const { rows, update } = checked;
    const answer = await live.send<ImportAnswer>("POST", "/devices/import", { devices: rows, update }, {}, TIMEOUT_MS);
    setChecked({ ...checked, answer });
    await live.reload();
    letOwnIn();
  });
  const applied = checked?.answer?.applied === true;
  return (
    <>
      {applied ? null : (
        <form
          className="form"
          onChange={() => setChecked(null)}
          onSubmit={(event) => {
            event.preventDefault();
            void check.run(new FormData(event.currentTarget));
          }}
        >
          <div className="form-row">
            <SiteField label={importing.site} initial={null} none={importing.noSite} adding={false} refusal={null} onSites={setSites} />
            <SelectField
              label={texts.deviceEdit.version}
              value={version}
              onChange={(event) => setVersion(event.target.value as SnmpChoice)}
              note={importing.secrets}
              options={(["none", "1", "2c", "3"] as const).map((one) => [one, texts.deviceEdit.versions[one]] as const)}
            />
          </div>
          {version === "none" ? null : <Credentials version={version} kept={false} refusal={check.refusal} at="snmp" />}
          <CheckField label={importing.update} note={importing.updateNote} name="update" />
          <Trouble refusal={check.refusal} />
          {checked === null ? (
            <div className="form-end">
              <button type="submit" className="button primary" disabled={check.busy} data-testid="import-check">
                {check.busy ? importing.checking : importing.check}
              </button>
            </div>
          ) : null}
        </form>
      )}
      {checked === null ? null : <Report file={file.name} parsed={checked.parsed} answer={checked.answer} half={checked.half} run={run} onClose={onClose} />}
    </>
  );
}

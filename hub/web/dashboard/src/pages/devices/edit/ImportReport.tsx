// What becomes of each line of a file, before it is imported and afterwards.

import type { ReactNode } from "react";

import type { Action } from "../../../data/useQuery";
import { alsoWrong, type Parsed } from "../../../model/deviceCsv";
import { sentence } from "../../../model/format";
import { Trouble } from "../../../parts/Form";
import { Glyph } from "../../../parts/Glyph";
import { texts } from "../../../texts";

/** As `POST /api/v1/devices/import` answers. */
export interface ImportAnswer {
  readonly applied: boolean;
  readonly rows: readonly { readonly outcome: "added" | "changed" | "unchanged" | "skipped" | "refused"; readonly message: string | null; readonly faults: readonly RowFault[] }[];
}

export interface RowFault {
  readonly field: string | null;
  readonly message: string;
}

const SHOWN_MAX = 500;
const TONES = { added: "online", changed: "degraded", unchanged: "unknown", skipped: "unknown", refused: "offline" } as const;

/** `half` is what the hub says of lines that are faulty here. */
export function Report(props: { file: string; parsed: Parsed; answer: ImportAnswer | null; half: ImportAnswer | null; run: Action<[]>; onClose: () => void }): ReactNode {
  const { file, parsed, answer, half, run, onClose } = props;
  const { importing } = texts.deviceEdit;
  const rows = answer?.rows ?? [];
  const of = (outcome: string): number => rows.filter((row) => row.outcome === outcome).length;
  const doing = of("added") + of("changed");
  const refused = of("refused") + parsed.faults.length;
  const parts = Object.entries(importing.outcomes).flatMap(([outcome, word]) => (of(outcome) > 0 ? [`${of(outcome)} ${word}`] : []));
  return (
    <div data-testid="import-report" role="status">
      <p>
        {answer?.applied === true ? importing.done(of("added"), of("changed")) : `${importing.read(parsed.rows.length, file)} ${parts.length > 0 ? importing.tally(parts) : ""}`}
      </p>
      <ul className="import-rows">
        {parsed.faults.map(({ line, kind, what }) => (
          <li key={`${line} ${kind} ${what}`} className="with-glyph">
            <Glyph status="offline" /> {importing.line} {line}: {importing.faults[kind](what)}
          </li>
        ))}
        {alsoWrong(parsed, half?.rows ?? []).map(({ line, field, message }) => (
          <li key={`${line} ${field ?? ""}`} className="with-glyph">
            <Glyph status="offline" /> {importing.line} {line}: {faultWords({ field, message })}
          </li>
        ))}
        {rows
          .map((row, index) => ({ ...row, line: parsed.lines[index] ?? 0, name: parsed.rows[index]?.name ?? "" }))
          .sort((a, b) => Number(b.outcome === "refused") - Number(a.outcome === "refused"))
          .slice(0, SHOWN_MAX)
          .map(({ outcome, message, faults, line, name }) => (
            <li key={line} className="with-glyph">
              <Glyph status={TONES[outcome]} /> {importing.line} {line}, {name}: {importing.outcomes[outcome]}
              {faults.length > 0 ? `. ${faults.map(faultWords).join(" ")}` : message === null ? "" : `. ${sentence(texts.hubSays(message))}`}
            </li>
          ))}
      </ul>
      <Trouble refusal={run.refusal} />
      <div className="form-end">
        {answer?.applied === true ? (
          <button type="button" className="button primary" onClick={onClose} autoFocus>
            {texts.form.close}
          </button>
        ) : refused > 0 ? (
          <p className="dim">{importing.refusedFirst}</p>
        ) : doing === 0 ? (
          <p className="dim">{importing.nothingToDo}</p>
        ) : (
          <button type="button" className="button primary" disabled={run.busy} onClick={() => void run.run()} data-testid="import-run">
            {run.busy ? texts.form.saving : importing.run(doing)}
          </button>
        )}
      </div>
    </div>
  );
}

function faultWords({ field, message }: RowFault): string {
  return `${field === null ? "" : `${field}: `}${sentence(texts.hubSays(message))}`;
}

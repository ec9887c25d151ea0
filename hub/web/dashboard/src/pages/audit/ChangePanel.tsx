// One change: who, from where, and each field as it was and as it is.

import type { ReactNode } from "react";

import { useNow } from "../../data/clock";
import { setQuery } from "../../data/route";
import { differences, fieldWords, nameOf, objectOf, type AuditEntry } from "../../model/audit";
import { Time } from "../../parts/Numbers";
import { Facts } from "../../parts/Page";
import { SidePanel } from "../../parts/SidePanel";
import { texts } from "../../texts";

export function ChangePanel({ entry }: { entry: AuditEntry }): ReactNode {
  const nowMs = useNow();
  const words = texts.audit;
  const found = differences(entry);
  const { objectId } = entry;
  return (
    <SidePanel page="audit" title={`${nameOf(entry) || objectOf(entry)}: ${words.actions[entry.action] ?? entry.action}`} testId="audit-panel">
      <Facts
        facts={[
          [words.facts.at, <Time key="at" ms={Date.parse(entry.at)} nowMs={nowMs} seconds />],
          [words.facts.who, `${entry.actor} (${entry.subject})`],
          [words.facts.address, entry.address ?? words.onThisMachine],
          [words.facts.object, objectOf(entry)],
        ]}
      />
      <div className="people-deeds">
        <button type="button" className="button small" onClick={() => setQuery({ who: entry.subject, kind: "", object: "" })}>
          {words.onlyWho}
        </button>
        {objectId === null ? null : (
          <button type="button" className="button small" onClick={() => setQuery({ kind: entry.kind, object: String(objectId), who: "" })}>
            {words.onlyObject}
          </button>
        )}
      </div>
      {found.length === 0 ? (
        <p className="dim">{words.noFields}</p>
      ) : (
        <table className="plain-table difference">
          <thead>
            <tr>
              <th>{words.fields.field}</th>
              {entry.before === null ? null : <th>{words.fields.before}</th>}
              {entry.after === null ? null : <th>{words.fields.after}</th>}
            </tr>
          </thead>
          <tbody>
            {found.map(({ field, before, after }) => (
              <tr key={field}>
                <td className="dim" title={field}>{fieldWords(field)}</td>
                {entry.before === null ? null : <td>{before === null ? words.nothing : entry.after === null ? before : <del>{before}</del>}</td>}
                {entry.after === null ? null : <td>{after === null ? words.nothing : entry.before === null ? after : <ins>{after}</ins>}</td>}
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </SidePanel>
  );
}

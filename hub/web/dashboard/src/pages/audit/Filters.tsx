// What of the audit log is looked for: by whom, of what, and when.

import { useId, useMemo, useState, type FormEvent, type ReactNode } from "react";

import { setQuery } from "../../data/route";
import { useQuery } from "../../data/useQuery";
import { subjectOf, type AuditFilter } from "../../model/audit";
import { texts } from "../../texts";

export function Filters({ filter, kinds }: { filter: AuditFilter; kinds: readonly string[] }): ReactNode {
  const words = texts.audit;
  const [who, setWho] = useState<string | null>(null);
  const names = useNames();
  const listId = useId();
  // What the list holds besides may be of a newer hub.
  const all = [...new Set([...Object.keys(words.kinds), ...kinds, ...(filter.kind === "" ? [] : [filter.kind])])].map((kind) => [kind, words.kinds[kind] ?? kind] as const).sort(([, a], [, b]) => a.localeCompare(b));
  const look = (event: FormEvent): void => {
    event.preventDefault();
    if (who !== null) setQuery({ who: subjectOf(who, names) });
    setWho(null);
  };
  const filtered = Object.values(filter).some((value) => value !== "");
  return (
    <form className="audit-filters" role="search" aria-label={texts.rail.pages.audit} onSubmit={look}>
      <input className="find" list={listId} value={who ?? names.get(filter.subject) ?? filter.subject} placeholder={words.who} aria-label={words.whoLabel} spellCheck={false} autoComplete="off" onChange={(event) => setWho(event.target.value)} onBlur={look} data-testid="audit-who" />
      <datalist id={listId}>
        {[...names].map(([subject, name]) => (
          <option key={subject} value={name} label={subject} />
        ))}
      </datalist>
      <select className="find narrow" value={filter.kind} aria-label={words.kind} onChange={(event) => setQuery({ kind: event.target.value, object: "" })} data-testid="audit-kind">
        <option value="">{words.anyKind}</option>
        {all.map(([kind, word]) => (
          <option key={kind} value={kind}>
            {word}
          </option>
        ))}
      </select>
      <label>
        {words.from}
        <input type="date" className="find narrow" value={filter.since} onChange={(event) => setQuery({ since: event.target.value })} />
      </label>
      <label>
        {words.to}
        <input type="date" className="find narrow" value={filter.until} onChange={(event) => setQuery({ until: event.target.value })} />
      </label>
      {filtered ? (
        <button type="button" className="notice" onClick={() => setQuery({ who: "", kind: "", object: "", since: "", until: "" })}>
          {words.clear}
        </button>
      ) : null}
    </form>
  );
}

/** Returns the names of all who may have done something, by subject. */
function useNames(): ReadonlyMap<string, string> {
  const users = useQuery<{ items: { id: number; username: string }[] }>("/users?limit=1000#all");
  const tokens = useQuery<{ items: { id: number; name: string }[] }>("/tokens?limit=1000#all");
  return useMemo(() => {
    const found = new Map<string, string>();
    if (users.phase === "ready") for (const { id, username } of users.data.items) found.set(`user:${id}`, username);
    if (tokens.phase === "ready") for (const { id, name } of tokens.data.items) found.set(`token:${id}`, name);
    return found;
  }, [users, tokens]);
}

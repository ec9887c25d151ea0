// Parents that LLDP suggests, beside the map that shows them as arrows: set one, or all after a look.

import { useState, type ReactNode } from "react";

import { usePage } from "../../data/context";
import { at, go, setQuery } from "../../data/route";
import { useAction, type Answer } from "../../data/useQuery";
import type { Suggestion, Suggestions } from "../../model/topology/answer";
import type { Vertex } from "../../model/topology/graph";
import { Answered } from "../../parts/Answered";
import { Confirm } from "../../parts/Dialog";
import { SelectField, Trouble } from "../../parts/Form";
import { Icon } from "../../parts/Glyph";
import { Link } from "../../parts/Link";
import { texts } from "../../texts";

const close = (): void => go(at("topology"));

export function SuggestionPanel({ answer, vertices, root }: { answer: Answer<Suggestions>; vertices: readonly Vertex[]; root: string }): ReactNode {
  const words = texts.topology;
  const devices = vertices.flatMap(({ deviceId, name }) => (deviceId === null ? [] : [[String(deviceId), name] as const]));
  return (
    <aside className="panel" aria-label={words.tabs.suggestions} data-testid="parent-suggestions">
      <div className="panel-top">
        <button type="button" className="icon-button panel-back" aria-label={words.close} onClick={close}>
          <Icon name="back" />
        </button>
        <h2>{words.tabs.suggestions}</h2>
        <button type="button" className="icon-button panel-close" aria-label={words.close} onClick={close}>
          <Icon name="close" />
        </button>
      </div>
      <p className="panel-note">{words.suggestionsLead}</p>
      <div className="topo-root">
        <SelectField
          label={words.root}
          note={words.rootNote}
          value={root}
          options={[["", words.rootOfParents], ...devices.toSorted(([, a], [, b]) => a.localeCompare(b, undefined, { numeric: true }))]}
          onChange={(event) => setQuery({ root: event.target.value })}
          data-testid="suggestion-root"
        />
      </div>
      <Answered answer={answer}>{(data) => <Found data={data} />}</Answered>
    </aside>
  );
}

function Found({ data: { roots, items } }: { data: Suggestions }): ReactNode {
  const { live } = usePage();
  const words = texts.topology;
  const [asking, setAsking] = useState(false);
  const [done, setDone] = useState(0);
  const set = async (chosen: readonly Suggestion[]): Promise<void> => {
    try {
      // One after another: nearer to the core first, as they are told.
      for (const { deviceId, revision, parents } of chosen) {
        await live.send("PATCH", `/devices/${deviceId}`, { revision, parents: parents.map((parent) => parent.deviceId) });
        setDone((before) => before + 1);
      }
    } finally {
      live.queries.again("/topology");
      live.queries.again("/parents");
    }
  };
  const one = useAction((suggestion: Suggestion) => set([suggestion]));
  const all = useAction(() => set(items));
  return (
    <>
      {done === 0 ? null : <p role="status">{words.applied(done)}</p>}
      <Trouble refusal={one.refusal} />
      {items.length === 0 ? (
        <p className="dim">{roots.length === 0 ? words.noRoot : words.none}</p>
      ) : (
        <button type="button" className="button" onClick={() => setAsking(true)} data-testid="suggestion-all">
          {words.applyAll(items.length)}
        </button>
      )}
      <ul className="topo-suggestions">
        {items.map((suggestion) => (
          <li key={suggestion.deviceId} data-testid="suggestion">
            <div>
              <Link to={at("topology", suggestion.deviceId)} className="link">
                {suggestion.deviceName}
              </Link>{" "}
              {words.behindWhom(suggestion.parents.map(({ deviceName }) => deviceName))}
              {suggestion.parents.map((parent) => (
                <p key={parent.deviceId} className="dim">
                  {texts.hubSays(parent.reason)}
                </p>
              ))}
            </div>
            <button type="button" className="button small" disabled={one.busy} aria-label={words.applyNamed(suggestion.deviceName)} onClick={() => void one.run(suggestion)}>
              {words.apply}
            </button>
          </li>
        ))}
      </ul>
      {asking ? (
        <Confirm heading={words.applyHeading(items.length)} word={words.applyAll(items.length)} action={all} onClose={() => setAsking(false)}>
          <p>{words.applyLead}</p>
          <ul className="topo-look">
            {items.map(({ deviceId, deviceName, parents }) => (
              <li key={deviceId}>
                {deviceName} <span className="dim">{words.behindWhom(parents.map((parent) => parent.deviceName))}</span>
              </li>
            ))}
          </ul>
        </Confirm>
      ) : null}
    </>
  );
}

// One line of the status page: its label, and the sites and devices that it stands for.

import { useState, type ReactNode } from "react";

import { usePage } from "../../data/context";
import type { Refusal } from "../../data/useQuery";
import { chosen, COMPONENT_GLYPHS, covers, withOffer, type Component, type ComponentState, type Offer } from "../../model/statusPage";
import { TextField } from "../../parts/Form";
import { Glyph, Icon } from "../../parts/Glyph";
import { texts } from "../../texts";

export function ComponentLine(props: {
  component: Component;
  /** null: the public does not see it yet. */
  state: ComponentState | null;
  at: number;
  total: number;
  listId: string;
  offered: ReadonlyMap<string, Offer>;
  refusal: Refusal | null;
  dragged: boolean;
  onDrag: () => void;
  onMove: (by: number) => void;
  onChange: (component: Component) => void;
  onRemove: () => void;
}): ReactNode {
  const { component, state, at, total, listId, offered, refusal, dragged, onDrag, onMove, onChange, onRemove } = props;
  const { fleet } = usePage().live;
  const words = texts.statusPage;
  const { label } = component;
  const devices = fleet.all().filter(({ device }) => covers(component, device)).length;
  // A tag that no device bears yet is still a tag; a site or device that is gone has no name any more.
  const nameOf = ({ kind, id }: Offer): string => (kind === "tag" ? words.tag(id) : ([...offered].find(([, offer]) => offer.kind === kind && offer.id === id)?.[0] ?? words.missing(id)));
  const stands = chosen(component);
  return (
    <li className={`status-line${dragged ? " dragged" : ""}`} data-testid="status-component">
      <button
        type="button"
        className="status-handle"
        aria-label={words.handle(label, at + 1, total)}
        title={words.handle(label, at + 1, total)}
        onPointerDown={(event) => event.button === 0 && onDrag()}
        onKeyDown={(event) => {
          const by = { ArrowUp: -1, ArrowDown: 1 }[event.key];
          if (by === undefined) return;
          event.preventDefault();
          onMove(by);
        }}
      >
        <Icon name="handle" />
      </button>
      <div className="status-fields">
        <TextField label={words.label} value={label} field={`components.${at}.label`} refusal={refusal} required maxLength={200} onChange={(event) => onChange({ ...component, label: event.target.value })} />
        <div className="status-covers">
          {stands.map((offer) => {
            const name = nameOf(offer);
            return (
              <span key={`${offer.kind} ${offer.id}`} className="chip status-chip">
                {name}
                <button type="button" aria-label={words.removeCover(name)} title={words.removeCover(name)} onClick={() => onChange(withOffer(component, offer, true))}>
                  ×
                </button>
              </span>
            );
          })}
          <AddCover listId={listId} offered={offered} onAdd={(offer) => onChange(withOffer(component, offer))} />
        </div>
        <p className="status-fact dim">
          {state === null ? null : (
            <span className="with-glyph">
              <Glyph status={COMPONENT_GLYPHS[state]} />
              {words.states[state]}
            </span>
          )}
          {stands.length === 0 ? words.uncovered : words.devices(devices)}
        </p>
      </div>
      <button type="button" className="icon-button small" aria-label={words.remove(label)} title={words.remove(label)} onClick={onRemove}>
        <Icon name="close" />
      </button>
    </li>
  );
}

/** What is chosen from the list, or typed in full, is added at once. */
function AddCover({ listId, offered, onAdd }: { listId: string; offered: ReadonlyMap<string, Offer>; onAdd: (offer: Offer) => void }): ReactNode {
  const [text, setText] = useState("");
  const take = (typed: string, whole: boolean): void => {
    const offer = offered.get(typed);
    // A name that begins another one waits for Enter.
    const certain = whole || ![...offered.keys()].some((other) => other !== typed && other.startsWith(typed));
    if (offer === undefined || !certain) {
      setText(typed);
      return;
    }
    onAdd(offer);
    setText("");
  };
  return (
    <input
      className="status-add-cover"
      list={listId}
      value={text}
      placeholder={texts.statusPage.addCover}
      aria-label={texts.statusPage.addCover}
      data-testid="status-cover"
      onChange={(event) => take(event.target.value, false)}
      onKeyDown={(event) => {
        if (event.key !== "Enter") return;
        event.preventDefault();
        take(text, true);
      }}
    />
  );
}

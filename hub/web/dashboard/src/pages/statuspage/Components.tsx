// The lines of the status page in their order: moved by hand or by keyboard, each with what it stands for.

import { useId, useMemo, useRef, useState, type ReactNode } from "react";

import { useObservable, usePage } from "../../data/context";
import type { Refusal } from "../../data/useQuery";
import { offers, withMoved, type Component, type Offer, type PublicStatus } from "../../model/statusPage";
import { texts } from "../../texts";
import { ComponentLine } from "./ComponentLine";

const NEW: Component = { id: null, label: "", deviceIds: [], siteIds: [], tags: [] };
const MOST = 100;

export function Components(props: { components: readonly Component[]; status: PublicStatus | null; refusal: Refusal | null; onChange: (components: readonly Component[]) => void }): ReactNode {
  const { components, status, refusal, onChange } = props;
  const { fleet } = usePage().live;
  const { members } = useObservable(fleet.revision);
  const words = texts.statusPage;
  const offered = useMemo<ReadonlyMap<string, Offer>>(() => offers(fleet.all().map(({ device }) => device), words.site, words.tag), [fleet, members, words]);
  const listId = useId();
  const list = useRef<HTMLOListElement>(null);
  const [dragged, setDragged] = useState<number | null>(null);
  const [said, setSaid] = useState("");
  const states = new Map(status?.components.map(({ id, state }) => [id, state]));
  const move = (from: number, to: number): void => {
    const next = withMoved(components, from, to);
    if (next === components) return;
    onChange(next);
    const place = next.indexOf(components[from] as Component);
    setSaid(words.movedTo(components[from]?.label ?? "", place + 1, next.length));
    // The handle that was pressed goes along with its line.
    requestAnimationFrame(() => list.current?.querySelectorAll<HTMLElement>(".status-handle")[place]?.focus());
  };
  const newest = useRef(components);
  newest.current = components;
  // The window listens: a line that is put elsewhere in the page loses a pointer that it has captured.
  const drag = (from: number): void => {
    let place = from;
    setDragged(from);
    const follow = ({ clientY }: PointerEvent): void => {
      const lines = [...(list.current?.children ?? [])];
      const to = lines.filter((line, at) => at !== place && middleOf(line) < clientY).length;
      if (to === place) return;
      onChange(withMoved(newest.current, place, to));
      place = to;
      setDragged(to);
    };
    const end = (): void => {
      setDragged(null);
      window.removeEventListener("pointermove", follow);
      for (const name of ["pointerup", "pointercancel"]) window.removeEventListener(name, end);
    };
    window.addEventListener("pointermove", follow);
    for (const name of ["pointerup", "pointercancel"]) window.addEventListener(name, end);
  };
  return (
    <>
      <datalist id={listId}>
        {[...offered.keys()].map((text) => (
          <option key={text} value={text} />
        ))}
      </datalist>
      {components.length === 0 ? <p className="status-none">{words.none}</p> : null}
      <ol className="status-lines" ref={list}>
        {components.map((component, at) => (
          <ComponentLine
            key={component.id ?? `new ${components.slice(0, at).filter(({ id }) => id === null).length}`}
            component={component}
            state={component.id === null ? null : (states.get(component.id) ?? null)}
            at={at}
            total={components.length}
            listId={listId}
            offered={offered}
            refusal={refusal}
            dragged={dragged === at}
            onDrag={() => drag(at)}
            onMove={(by) => move(at, at + by)}
            onChange={(changed) => onChange(components.map((one, place) => (place === at ? changed : one)))}
            onRemove={() => onChange(components.filter((_one, place) => place !== at))}
          />
        ))}
      </ol>
      <p className="sr" role="status">
        {said}
      </p>
      <button type="button" className="button small" disabled={components.length >= MOST} onClick={() => onChange([...components, NEW])} data-testid="status-add">
        {words.add}
      </button>
    </>
  );
}

function middleOf(line: Element): number {
  const { top, bottom } = line.getBoundingClientRect();
  return (top + bottom) / 2;
}

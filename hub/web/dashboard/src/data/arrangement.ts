// Where devices stand on the map: what people have saved, what has been moved and is not saved yet, and a place for the rest.

import { useMemo, useRef, useState } from "react";

import type { Layout, Point } from "../model/topology/answer";
import type { Graph, Key } from "../model/topology/graph";
import { placed } from "../model/topology/keep";
import { usePage } from "./context";
import { useAction, type Action } from "./useQuery";

const PATH = "/topology/layout";
const NONE: ReadonlyMap<Key, Point> = new Map();

export interface Arrangement {
  readonly places: ReadonlyMap<Key, Point>;
  readonly moved: ReadonlyMap<Key, Point>;
  /** null: nobody arranges. */
  readonly arranging: boolean;
  readonly begin: () => void;
  readonly move: (key: Key, point: Point) => void;
  readonly cancel: () => void;
  /** Saves where all devices stand; refused with the field `revision` when somebody else has saved since. */
  readonly save: Action<[]>;
  /** Saves the moves on top of what is saved now. */
  readonly saveOnTop: Action<[]>;
  readonly afresh: Action<[]>;
}

export function useArrangement(graph: Graph, layout: Layout): Arrangement {
  const { live } = usePage();
  const [begun, setBegun] = useState<Layout | null>(null);
  const [moved, setMoved] = useState(NONE);
  const last = useRef<{ revision: number; places: ReadonlyMap<Key, Point> }>({ revision: 0, places: NONE });
  // Who arranges keeps what was there at the beginning; what others save meanwhile is told at saving.
  const current = begun ?? layout;
  const base = useMemo(() => {
    // Of the same arrangement, what has once been placed stays: a newcomer moves nobody.
    const before = last.current.revision === current.revision ? last.current.places : NONE;
    const places = placed(graph, new Map([...before, ...Object.entries(current.positions)]));
    last.current = { revision: current.revision, places };
    return places;
  }, [graph, current.revision]);
  const places = useMemo(() => (moved.size === 0 ? base : new Map([...base, ...moved])), [base, moved]);
  const put = async (positions: Iterable<readonly [Key, Point]>, revision: number): Promise<void> => {
    const devices = new Set(graph.vertices.flatMap(({ key, deviceId }) => (deviceId === null ? [] : key)));
    const body = { revision, positions: Object.fromEntries([...positions].filter(([key]) => devices.has(key))) };
    const saved = await live.send<Layout>("PUT", PATH, body);
    last.current = { revision: saved.revision, places: NONE };
    end();
  };
  const end = (): void => {
    setBegun(null);
    setMoved(NONE);
  };
  return {
    places,
    moved,
    arranging: begun !== null,
    begin: () => setBegun(layout),
    move: (key, point) => setMoved((before) => new Map([...before, [key, point]])),
    cancel: () => {
      end();
      // Somebody may have saved another one meanwhile.
      live.queries.again(PATH);
    },
    save: useAction(() => put(places, current.revision)),
    saveOnTop: useAction(async () => {
      const theirs = await live.get<Layout>(PATH);
      const all = placed(graph, new Map(Object.entries(theirs.positions)));
      await put([...all, ...moved], theirs.revision);
    }),
    afresh: useAction(() => put([], layout.revision)),
  };
}

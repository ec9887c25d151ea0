// Which rows are chosen, and from where a range with Shift begins. Pure.

export interface Selection {
  readonly ids: ReadonlySet<number>;
  /** The row that was last chosen alone. */
  readonly anchor: number | null;
}

export const NOTHING: Selection = { ids: new Set(), anchor: null };

/** Chooses a row, or takes it out. With `range` all rows from the anchor to it become as the anchor is. */
export function choose(selection: Selection, id: number, range: boolean, shown: readonly number[]): Selection {
  const { anchor } = selection;
  const ids = new Set(selection.ids);
  const [from, to] = [anchor === null ? -1 : shown.indexOf(anchor), shown.indexOf(id)];
  if (!range || anchor === null || from < 0 || to < 0) {
    if (!ids.delete(id)) ids.add(id);
    return { ids, anchor: id };
  }
  const on = ids.has(anchor);
  for (const one of shown.slice(Math.min(from, to), Math.max(from, to) + 1)) {
    if (on) ids.add(one);
    else ids.delete(one);
  }
  return { ids, anchor };
}

/** Chooses all that are shown; when they all are chosen already, nothing of them. */
export function chooseAll(selection: Selection, shown: readonly number[]): Selection {
  const ids = new Set(selection.ids);
  const all = shown.length > 0 && shown.every((id) => ids.has(id));
  for (const id of shown) {
    if (all) ids.delete(id);
    else ids.add(id);
  }
  return { ids, anchor: null };
}

/** Forgets devices that are no more. Returns the same selection when none is gone. */
export function withoutGone(selection: Selection, isThere: (id: number) => boolean): Selection {
  const ids = [...selection.ids].filter(isThere);
  return ids.length === selection.ids.size ? selection : { ids: new Set(ids), anchor: selection.anchor };
}

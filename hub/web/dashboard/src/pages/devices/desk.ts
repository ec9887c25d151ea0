// Which dialog of the list is open, as the address says it, so that it can be linked to: `?edit=7`, `?desk=import`.

import { useObservable } from "../../data/context";
import { Observable } from "../../data/observable";
import { setQuery, useRoute } from "../../data/route";

export type Desk =
  | { readonly kind: "add" }
  | { readonly kind: "edit"; readonly id: number }
  | { readonly kind: "discover" }
  | { readonly kind: "import" };

export function openDesk(desk: Desk): void {
  if (desk.kind === "edit") setQuery({ edit: String(desk.id), desk: "" });
  else if (desk.kind === "add") setQuery({ edit: "new", desk: "" });
  else setQuery({ desk: desk.kind, edit: "" });
}

export function closeDesk(): void {
  setQuery({ edit: "", desk: "" });
}

export function useDesk(): Desk | null {
  const { query } = useRoute();
  const edit = query.get("edit") ?? "";
  if (edit === "new") return { kind: "add" };
  if (/^\d{1,15}$/u.test(edit)) return { kind: "edit", id: Number(edit) };
  const desk = query.get("desk");
  return desk === "discover" || desk === "import" ? { kind: desk } : null;
}

const own = new Observable(0);

/** After a person's own additions: they stand in the list at once, while those of others wait to be let in. */
export function letOwnIn(): void {
  own.set(own.get() + 1);
}

export function useOwn(): number {
  return useObservable(own);
}

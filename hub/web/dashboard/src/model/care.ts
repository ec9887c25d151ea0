// What became of many alerts of which somebody takes care at once. Pure.

export interface CareRow {
  readonly alertId: number;
  readonly outcome: "changed" | "refused";
  readonly field: string | null;
  readonly message: string | null;
}

/** Returns how many were refused, and why the first of them was; null: none. */
export function failure(rows: readonly CareRow[]): { readonly count: number; readonly message: string; readonly field: string | null } | null {
  const refused = rows.filter(({ outcome }) => outcome === "refused");
  const [first] = refused;
  return first === undefined ? null : { count: refused.length, message: first.message ?? "", field: first.field };
}

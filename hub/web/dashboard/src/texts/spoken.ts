// How a second language is laid over English: what it does not say is said in English. Pure.

/** The same shape, any part of which may be missing. */
export type Spoken<T> = T extends (...given: infer A) => string ? (...given: A) => string : T extends string ? string : T extends readonly unknown[] ? T : { readonly [K in keyof T]?: Spoken<T[K]> };

/** Returns `english` with the parts that `other` says; neither is changed. */
export function spokenOver<T extends object>(english: T, other: object): T {
  const said = new Map(Object.entries(other));
  const parts = Object.entries(english).map(([key, value]): [string, unknown] => {
    const mine: unknown = said.get(key);
    if (mine === undefined) return [key, value];
    return [key, isPart(value) && isPart(mine) ? spokenOver(value, mine) : mine];
  });
  return Object.fromEntries(parts) as T;
}

export function isPart(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

// Names in the order in which people count them, compared fast: thousands of rows are sorted within a frame. Pure.

const KEPT_MAX = 100_000;
const DIGITS = 16;
const kept = new Map<string, string>();

/** Returns a text whose plain order is the natural order of names: `sw9` before `sw10`, whatever case and accents. */
export function naturalKey(text: string): string {
  const known = kept.get(text);
  if (known !== undefined) return known;
  const key = text
    .normalize("NFD")
    .replace(/\p{M}/gu, "")
    .toLowerCase()
    .replace(/\d+/gu, (number) => number.replace(/^0+(?=\d)/u, "").padStart(DIGITS, "0"));
  if (kept.size >= KEPT_MAX) kept.clear();
  kept.set(text, key);
  return key;
}

export function compareNatural(a: string, b: string): number {
  const [left, right] = [naturalKey(a), naturalKey(b)];
  return left < right ? -1 : left > right ? 1 : 0;
}

// The hub's English sentences in the reader's language. The pairs and what they mean are the hub's own
// (core/languages/translation.py), and so is what comes of them: test/saying.test.ts compares. Pure.

/**
 * A sentence and what it becomes; `literal` is all of it, or the longest text between its fields. One with fields is
 * a regular expression, with their names and forms in their order.
 */
export type Pair = readonly [literal: string, target: string, pattern?: string, fields?: readonly (readonly [name: string, form: string])[]];

const MAX_CHARS = 1_000;
const MAX_DEPTH = 6;
const KEPT = 4_096;

/** Returns what translates a text; `units` are the names of d, h, min and s. What no pair knows stays as it is. */
export function translator(pairs: readonly Pair[], units: Readonly<Record<string, string>>): (text: string) => string {
  const plain = new Map(pairs.flatMap(([literal, target, pattern]) => (pattern === undefined ? [[literal, target] as const] : [])));
  const sentences = pairs.flatMap(([literal, target, pattern, fields = []]) => (pattern === undefined ? [] : [{ literal, pattern: new RegExp(pattern, "u"), fields, target }]));
  const kept = new Map<string, string>();
  const field = (form: string, value: string, depth: number): string => {
    switch (form) {
      case "said":
      case "figure":
      case "severity":
      case "status":
        return found(value, depth + 1);
      case "list":
        return value
          .split(", ")
          .map((part) => found(part, depth + 1))
          .join(", ");
      case "span":
        return value
          .split(" ")
          .map((word) => units[word] ?? word)
          .join(" ");
      default:
        return value;
    }
  };
  const found = (text: string, depth: number): string => {
    const whole = plain.get(text);
    if (whole !== undefined || depth > MAX_DEPTH || text.length > MAX_CHARS) return whole ?? text;
    for (const { literal, pattern, fields, target } of sentences) {
      const groups = text.includes(literal) ? pattern.exec(text) : null;
      if (groups === null) continue;
      const values = new Map(fields.map(([name, form], index) => [name, field(form, groups[index + 1] ?? "", depth)]));
      return target.replace(/\{(\w+)\}/gu, (whole, name: string) => values.get(name) ?? whole);
    }
    return text;
  };
  return (text) => {
    const known = kept.get(text);
    if (known !== undefined) return known;
    if (kept.size >= KEPT) kept.clear();
    const translated = found(text, 0);
    kept.set(text, translated);
    return translated;
  };
}

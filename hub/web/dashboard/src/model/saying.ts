// The hub's English sentences in the reader's language. The pairs and what they mean are the hub's own
// (core/languages/translation.py), and so is what comes of them: test/saying.test.ts compares. Pure.

/** A sentence as a regular expression, its fields in their order with their forms, and what it becomes. */
export type Pair = readonly [pattern: string, fields: readonly (readonly [name: string, form: string])[], target: string];

const MAX_CHARS = 1_000;
const MAX_DEPTH = 6;
const KEPT = 4_096;

/** Returns what translates a text; `units` are the names of d, h, min and s. What no pair knows stays as it is. */
export function translator(pairs: readonly Pair[], units: Readonly<Record<string, string>>): (text: string) => string {
  const sentences = pairs.map(([pattern, fields, target]) => ({ pattern: new RegExp(pattern, "u"), fields, target }));
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
    if (depth > MAX_DEPTH || text.length > MAX_CHARS) return text;
    for (const { pattern, fields, target } of sentences) {
      const groups = pattern.exec(text);
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

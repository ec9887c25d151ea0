// In which order a table's rows stand, as the address says it: `name`, or `-name` for the other way round. Pure.

export type Direction = "ascending" | "descending";

export function orderOf(text: string | null): { key: string; direction: Direction } | null {
  if (text === null || text === "" || text === "-") return null;
  return text.startsWith("-") ? { key: text.slice(1), direction: "descending" } : { key: text, direction: "ascending" };
}

/** Returns a comparison by a value; what has none stands last in either direction, text as people sort it. */
export function compareBy<T>(value: (row: T) => string | number | null, direction: Direction): (a: T, b: T) => number {
  const sign = direction === "ascending" ? 1 : -1;
  return (a, b) => {
    const [left, right] = [value(a), value(b)];
    if (left === null || right === null) return left === right ? 0 : left === null ? 1 : -1;
    if (typeof left === "number" && typeof right === "number") return sign * (left - right);
    return sign * String(left).localeCompare(String(right), undefined, { numeric: true, sensitivity: "base" });
  };
}

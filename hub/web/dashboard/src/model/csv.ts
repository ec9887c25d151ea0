// Rows as CSV that a spreadsheet opens without running anything in it. Pure.

const RISKY = /^[=+\-@\t\r]/u;

/** Returns one cell: quoted where it must be, and never a formula. Numbers stay numbers. */
export function csvCell(value: string | number | null): string {
  if (value === null) return "";
  if (typeof value === "number") return Number.isFinite(value) ? String(value) : "";
  const inert = RISKY.test(value) ? `'${value}` : value;
  return /[",\n\r]/u.test(inert) ? `"${inert.replaceAll('"', '""')}"` : inert;
}

export function csvText(heads: readonly string[], rows: Iterable<readonly (string | number | null)[]>): string {
  const lines = [heads.map(csvCell).join(",")];
  for (const row of rows) lines.push(row.map(csvCell).join(","));
  return `${lines.join("\r\n")}\r\n`;
}

// The text of a file as spreadsheets write it: in UTF-8, in UTF-16 with its mark, or in the letters of Windows. Pure.

/** Returns the text of a file's bytes; in no encoding are letters lost without a word. */
export function fileText(bytes: Uint8Array): string {
  const [first, second] = bytes;
  if (first === 0xff && second === 0xfe) return new TextDecoder("utf-16le").decode(bytes);
  if (first === 0xfe && second === 0xff) return new TextDecoder("utf-16be").decode(bytes);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    // What is no UTF-8 was saved as "CSV" by a spreadsheet on Windows, and its letters are those.
    return new TextDecoder("windows-1252").decode(bytes);
  }
}

// What the filter box means: words to find, and tokens such as `site:hq state:offline role:core tag:rack7`. Pure.

import type { Device } from "./device";

export interface Filter {
  readonly words: readonly string[];
  readonly tokens: readonly Token[];
}

export interface Token {
  readonly key: "site" | "state" | "role" | "tag";
  readonly value: string;
}

const TOKEN = /(site|state|status|role|tag):(?:"([^"]*)"|(\S*))/giu;

/** Reads what was typed. A token without a value yet filters nothing; a value with spaces stands in quotes. */
export function parseFilter(text: string): Filter {
  const tokens: Token[] = [];
  const rest = text.replace(TOKEN, (_match, key: string, quoted: string | undefined, bare: string | undefined) => {
    const value = (quoted ?? bare ?? "").toLowerCase();
    const name = key.toLowerCase() === "status" ? "state" : key.toLowerCase();
    if (value !== "") tokens.push({ key: name as Token["key"], value });
    return " ";
  });
  return { words: rest.toLowerCase().split(/\s+/u).filter((word) => word !== ""), tokens };
}

/** Returns whether a device passes: every word somewhere in it, and of each kind of token at least one. */
export function matches(filter: Filter, device: Device): boolean {
  const kinds = new Set(filter.tokens.map((token) => token.key));
  for (const kind of kinds) {
    if (!filter.tokens.some((token) => token.key === kind && matchesToken(token, device))) return false;
  }
  if (filter.words.length === 0) return true;
  return filter.words.every((word) => holds(device, word));
}

/** Looked for in one part after the other: most devices are found, or not, without their texts being put together. */
function holds(device: Device, word: string): boolean {
  return (
    device.name.toLowerCase().includes(word) ||
    device.address.toLowerCase().includes(word) ||
    device.siteName.toLowerCase().includes(word) ||
    device.role.toLowerCase().includes(word) ||
    device.tags.some((tag) => tag.toLowerCase().includes(word))
  );
}

function matchesToken(token: Token, device: Device): boolean {
  switch (token.key) {
    case "site":
      return device.siteName.toLowerCase().includes(token.value);
    case "state":
      return device.status.startsWith(token.value);
    case "role":
      return device.role.toLowerCase() === token.value;
    case "tag":
      return device.tags.some((tag) => tag.toLowerCase() === token.value);
  }
}

/** Returns the text with the token put in, or taken out when it stands there alone of its kind already. */
export function toggleToken(text: string, key: Token["key"], value: string): string {
  const wanted = `${key}:${/\s/u.test(value) ? `"${value}"` : value}`;
  const kept = text.replace(TOKEN, (match, name: string) => {
    const kind = name.toLowerCase() === "status" ? "state" : name.toLowerCase();
    return kind === key ? "" : match;
  });
  const had = text.toLowerCase().includes(wanted.toLowerCase());
  return [kept.replace(/\s+/gu, " ").trim(), had ? "" : wanted].filter((part) => part !== "").join(" ");
}

// What a token says of itself, read without its key: who it speaks for and until when. Only the hub judges tokens.

/** Who connects without a token. */
export const NOBODY = "anonymous";

/** `who` null: it cannot be told, so nothing may be shared by it. Times in epoch milliseconds, null: never. */
export interface Identity {
  readonly who: string | null;
  readonly expiresMs: number | null;
}

/** Returns what `token` says; null connects as nobody. A token that is no JWT says nothing. */
export function identityOf(token: string | null): Identity {
  if (token === null || token === "") return { who: NOBODY, expiresMs: null };
  const claims = claimsOf(token);
  const subject = claims["sub"] ?? claims["userId"];
  if (typeof subject !== "string" && typeof subject !== "number") return { who: null, expiresMs: expiryOf(claims) };
  // The same person with another role hears other things.
  const parts = [claims["iss"], subject, claims["role"]].map((part) => (part === undefined ? "" : String(part)));
  return { who: parts.join("|"), expiresMs: expiryOf(claims) };
}

function expiryOf(claims: Record<string, unknown>): number | null {
  return typeof claims["exp"] === "number" ? claims["exp"] * 1000 : null;
}

function claimsOf(token: string): Record<string, unknown> {
  try {
    const middle = (token.split(".")[1] ?? "").replaceAll("-", "+").replaceAll("_", "/");
    const claims: unknown = JSON.parse(atob(middle));
    return typeof claims === "object" && claims !== null ? (claims as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

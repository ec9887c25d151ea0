// Users, sessions and tokens as the hub answers them, and what there is to say of them. Pure.

import type { DeviceStatus } from "@noctule/client";

import { texts } from "../texts";

/** As `GET /api/v1/users` answers. */
export interface User {
  id: number;
  username: string;
  role: string;
  customerId: number | null;
  disabled: boolean;
  createdAt: string;
  revision: number;
}

/** As `GET /api/v1/sessions` answers. */
export interface SignedIn {
  id: number;
  userId: number;
  createdAt: string;
  seenAt: string;
  expiresAt: string;
  address: string | null;
  client: string;
  current: boolean;
}

/** As `GET /api/v1/tokens` answers. */
export interface Token {
  id: number;
  name: string;
  role: string;
  createdAt: string;
  issuedAt: string;
  expiresAt: string;
  formerUntil: string | null;
  revokedAt: string | null;
  /** When and from where it was last used; null: not known. */
  usedAt: string | null;
  usedFrom: string | null;
}

export const USER_ROLES = ["admin", "operator", "viewer", "billing", "customer"] as const;
export const TOKEN_ROLES = ["viewer", "operator", "admin", "billing", "metrics"] as const;

export type TokenState = "good" | "soon" | "expired" | "revoked";
const SOON_MS = 14 * 86_400_000;

export function tokenState(token: Token, nowMs: number): TokenState {
  if (token.revokedAt !== null) return "revoked";
  const leftMs = Date.parse(token.expiresAt) - nowMs;
  return leftMs <= 0 ? "expired" : leftMs <= SOON_MS ? "soon" : "good";
}

export const TOKEN_TONE: Readonly<Record<TokenState, DeviceStatus>> = { good: "online", soon: "degraded", expired: "unknown", revoked: "unknown" };

/** Returns how often each name is connected now. Names of people and of programs are told apart by their role alone. */
export function connectionsOf(clients: Iterable<{ user: string; role: string }>): ReadonlyMap<string, number> {
  const found = new Map<string, number>();
  for (const { user, role } of clients) found.set(`${role} ${user}`, (found.get(`${role} ${user}`) ?? 0) + 1);
  return found;
}

const BROWSERS: readonly (readonly [RegExp, string])[] = [
  [/Edg\//u, "Edge"],
  [/OPR\//u, "Opera"],
  [/Firefox\//u, "Firefox"],
  [/Chrome\//u, "Chrome"],
  [/Safari\//u, "Safari"],
];
const SYSTEMS: readonly (readonly [RegExp, string])[] = [
  [/Android/u, "Android"],
  [/iPhone|iPad/u, "iOS"],
  [/Windows/u, "Windows"],
  [/Mac OS X/u, "macOS"],
  [/Linux/u, "Linux"],
];

/** Returns what a program called itself, shorter where it is a browser: `Firefox on Linux`. */
export function clientWord(agent: string): string {
  const browser = BROWSERS.find(([pattern]) => pattern.test(agent))?.[1];
  const system = SYSTEMS.find(([pattern]) => pattern.test(agent))?.[1];
  return browser === undefined || system === undefined ? agent.slice(0, 80) : texts.account.browser(browser, system);
}

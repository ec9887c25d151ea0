// Agents as the hub answers them, and what there is to say of all. Pure.

import type { DeviceStatus } from "@noctule/client";

import { texts } from "../texts";

/** As `GET /api/v1/agents` answers. `clockSkewS`: its clock minus the hub's. */
export interface Agent {
  id: number;
  name: string;
  siteId: number;
  siteName: string;
  link: string;
  version: string;
  lastSeen: string | null;
  backlog: number | null;
  clockSkewS: number | null;
  createdAt: string;
}

/** Returns the state by which an agent's link is drawn. */
export function linkStatus(agent: Agent): DeviceStatus {
  if (agent.link === "connected") return "online";
  return agent.link === "silent" ? "offline" : "unknown";
}

/** Returns one sentence on all agents. */
export function agentsAnswer(agents: readonly Agent[]): string {
  const present = agents.filter(({ link }) => link !== "revoked");
  const silent = present.filter(({ link }) => link === "silent");
  const behind = present.filter(({ backlog }) => (backlog ?? 0) > 0);
  if (present.length === 0) return "";
  const first = silent.length === 0 ? texts.agents.allThere(present.length) : texts.agents.silent(silent.map(({ name }) => name));
  return behind.length === 0 ? first : `${first} ${texts.agents.behind(behind.map(({ name }) => name))}`;
}

/** Returns how far a clock is off, in words: `+2.1 s`, or that it is right to a tenth of a second. */
export function skewWords(skewS: number | null): string {
  if (skewS === null) return "–";
  if (Math.abs(skewS) < 0.1) return texts.agents.right;
  return `${skewS > 0 ? "+" : "−"}${Math.abs(skewS).toFixed(1)} s`;
}

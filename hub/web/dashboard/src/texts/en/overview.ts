// The overview, and the wall.

import { count } from "./count";

export const overview = {
  site: (n: number) => count(n, "device", "devices"),
  firing: "Firing now",
  firingUnknown: (why: string) => `What fires could not be read: ${why}`,
  calm: "Nothing is firing.",
  nothingRings: "Nothing rings.",
  more: (n: number) => `${n.toLocaleString("en-GB")} more`,
  quiet: (n: number) => `${count(n, "alert rings", "alerts ring")} nobody: silenced, inhibited or in somebody's care.`,
  busiest: "Busiest interfaces",
  busiestNone: "No interface has told of its traffic in the last minute and a half.",
  part: (n: number) => (n < 2 ? "" : `${n} alerts`),
  figures: { in: "In", out: "Out", agents: "Agents", clients: "Clients", alerts: "Alerts" },
  of: (n: number, total: number) => `of ${total.toLocaleString("en-GB")}${n === total ? "" : " connected"}`,
  agentsTitle: "Agents that are connected",
  clientsTitle: "Browsers and programs that listen",
  alertsTitle: "Alerts that ring, by severity",
  wall: "Wall",
  wallTitle: "The same for a screen on the wall: no pointer needed; Esc comes back",
  tile: (name: string, state: string) => `${name}: ${state.toLowerCase()}`,
  grid: "All devices by site",
};

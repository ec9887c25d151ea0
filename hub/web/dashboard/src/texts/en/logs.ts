// Network logs.

import { count } from "./count";

export const logs = {
  answer: (n: number, more: boolean) => (n === 0 ? "" : `${more ? "The newest " : ""}${count(n, "entry", "entries")}${more ? "; older ones come as you scroll" : ""}.`),
  waiting: (n: number) => `Paused, ${n.toLocaleString("en-GB")} new: show`,
  skipped: (n: number) => `${n.toLocaleString("en-GB")} came too fast: search again`,
  pause: "Pause",
  goOn: "Go on",
  export: "Save what is found as CSV",
  find: "Words, \"phrases\", prefix*",
  severity: "Severity",
  anySeverity: "Any severity",
  atLeast: (word: string) => `${word} and worse`,
  source: "Source",
  anySource: "Any source",
  allDevices: "Of all devices",
  onlyThis: "Only this device",
  entry: "Log entry",
  noDevice: "none of the agent's devices has this address",
  empty: "No log has come yet",
  emptyLead: "Let devices send syslog and traps to their agent; docs/traps-and-syslog.md says how. They appear here by themselves.",
  facts: { received: "Received", device: "Device", address: "From", severity: "Severity", source: "Source" },
};

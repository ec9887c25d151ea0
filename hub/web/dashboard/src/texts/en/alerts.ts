// Alerts and incidents.

import type { AlertState } from "@noctule/client";

import { count } from "./count";

const alerts = {
  heading: "Alerts",
  none: "Nothing fires.",
  noneFiltered: "No alert is as asked for.",
  emptyLead: "What needs somebody comes here by itself, worst first, and rings.",
  answer: ({ ringing, pending, quiet }: { ringing: number; pending: number; quiet: number }) =>
    [
      ringing === 0 ? "Nothing rings." : `${count(ringing, "problem rings", "problems ring")}.`,
      pending === 0 ? "" : `${pending.toLocaleString("en-GB")} may soon.`,
      quiet === 0 ? "" : `${count(quiet, "more is", "more are")} known, silenced or held back.`,
    ]
      .filter((part) => part !== "")
      .join(" "),
  history: (n: number, more: boolean) => `${more ? "The newest " : ""}${count(n, "alert", "alerts")}, those that are over too${more ? "; older ones come as you scroll" : ""}.`,
  waiting: (n: number) => `${n.toLocaleString("en-GB")} new: show`,
  tabs: { open: "Open", all: "With history" },
  filters: { label: "Which alerts", severity: "Severity", anySeverity: "Any severity", atLeast: { critical: "Critical", warning: "Warning and above", info: "Info and above" }, site: "Site", anySite: "All sites", rule: "Rule", anyRule: "All rules", device: "Device", mine: "Mine", unacknowledged: "Unacknowledged", clear: "Clear" },
  states: { inactive: "Over", pending: "Pending", firing: "Firing", resolved: "Resolved" } satisfies Record<AlertState, string>,
  acknowledged: (by: string) => `acknowledged by ${by}`,
  inhibited: (why: string) => `rings nobody: ${why}`,
  silenced: (comment: string) => `silenced: ${comment}`,
  assigned: (to: string) => `for ${to}`,
  lasted: (age: string) => `lasted ${age}`,
  late: "found later",
  parts: (n: number) => count(n, "more alert of the same incident", "more alerts of the same incident"),
  allParts: (n: number) => `All ${n.toLocaleString("en-GB")} of the incident`,
  select: (title: string) => `Select: ${title}`,
  selected: (n: number) => `${n.toLocaleString("en-GB")} selected`,
  selectAll: (n: number) => `Select all ${n.toLocaleString("en-GB")}`,
  clearSelection: "Select none",
  acknowledge: "Acknowledge",
  acknowledgeOne: (title: string) => `Acknowledge: ${title}`,
  acknowledgeMany: (n: number) => `Acknowledge ${count(n, "alert", "alerts")}`,
  takeBack: "Take back",
  someFailed: (failed: number, of: number, why: string) => `${failed} of ${of} stayed as they were: ${why}`,
  silence: "Silence",
  note: "Note for colleagues",
  noteHint: "Who does what, and when it should be done.",
  until: "Until",
  untils: { over: "it is over", "1h": "in 1 hour", "4h": "in 4 hours", "1d": "in 1 day", "3d": "in 3 days", "7d": "in 7 days", "30d": "in 30 days", morning: "8 in the morning" },
  older: "Show older ones",
};

const alert = {
  for: (state: string, age: string) => `${state} for ${age}.`,
  was: (state: string, age: string) => `${state} after ${age}.`,
  late: "It was over when the hub heard of it.",
  known: "What is known",
  facts: { severity: "Severity", since: "Since", over: "Over", rule: "Rule", about: "Device", acknowledged: "Acknowledged", assignee: "For", incident: "Incident", customers: "Customers read" },
  by: (who: string, at: string, until: string | null) => `${who}, ${at}${until === null ? "" : `, until ${until}`}`,
  until: (at: string) => `Until ${at}.`,
  nobody: "nobody",
  assign: "Who takes care of it",
  silenceThis: "Silence this",
  maintain: "Plan maintenance",
  evidence: "What was measured",
  quantities: { rttS: "Round-trip delay", lossRatio: "Loss", inUtilRatio: "Load in", outUtilRatio: "Load out", utilRatio: "Load", errorRatio: "Errors", discardRatio: "Discards", skewS: "Clock off by", freeRatio: "Free disk" } as Readonly<Record<string, string>>,
  levels: { threshold: "fires", clear: "over", usual: "usual" },
  score: (score: string) => `Flap score ${score}.`,
  path: "On the way to it",
  noPath: "Nothing stands between the agent and it.",
  away: (n: number) => (n === 1 ? "directly before it" : `${n} steps before it`),
  quiet: "Why it is quiet",
  silencedUntil: (comment: string, until: string) => `Silenced until ${until}: ${comment}`,
  maintenance: (name: string) => `In maintenance: ${name}`,
  suspended: (who: string) => `Suspended customer: ${who}`,
  told: "Who was told",
  noneTold: "No channel was told of it.",
  deliveryStates: { queued: "waits", failed: "failed, is tried again", delivered: "delivered", dead: "given up" } as Readonly<Record<string, string>>,
  deliveryKinds: { new: "the alert", reminder: "reminder", resolved: "its end" } as Readonly<Record<string, string>>,
  tries: (n: number) => count(n, "try", "tries"),
  story: "What became of it",
  dropped: (n: number) => `${count(n, "step", "steps")} in between are not kept.`,
  steps: { pending: "Pending", fired: "Fired", resolved: "Resolved", forgotten: "Ended before it fired", acknowledged: "Acknowledged", unacknowledged: "Acknowledgement taken back", lapsed: "Acknowledgement over", silenced: "Silenced", unsilenced: "Not silenced any more", inhibited: "Held back", freed: "Not held back any more", assigned: "Assigned", unassigned: "Assigned to nobody", followed: "Rule changed", joined: "Part of an incident", left: "Not part of the incident any more" } as Readonly<Record<string, string>>,
  ruleChanged: (then: number, now: number) => `The rule was changed since: revision ${then} then, ${now} now.`,
  ruleGone: "The rule was removed since.",
};

const unreachableWords = (n: number): string => (n === 0 ? "" : ` ${count(n, "device", "devices")} cannot be reached because of it.`);

const incidents = {
  answer: (n: number, more: boolean) => (n === 0 ? "No incident is open." : more ? `More than ${n.toLocaleString("en-GB")} incidents are open; older ones come as you scroll.` : `${count(n, "incident is", "incidents are")} open.`),
  history: (n: number, more: boolean) => (more ? `The newest ${n.toLocaleString("en-GB")} incidents, those that are over too; older ones come as you scroll.` : `${count(n, "incident", "incidents")}, those that are over too.`),
  empty: "No incident is open",
  emptyLead: "What falls together is one incident, called by its probable root cause.",
  columns: { title: "Probable cause", since: "Since", lasts: "Lasts", alerts: "Alerts", unreachable: "Unreachable" },
  open: (age: string, unreachable: number) => `Open for ${age}.${unreachableWords(unreachable)}`,
  over: (age: string, unreachable: number) => `Over after ${age}.${unreachable === 0 ? "" : ` ${count(unreachable, "device", "devices")} could not be reached because of it.`}`,
  merged: "Another incident took it over.",
  members: (n: number) => `Alerts (${n.toLocaleString("en-GB")})`,
  root: "root cause",
  devices: (n: number) => `Unreachable because of it (${n.toLocaleString("en-GB")})`,
  removed: "removed meanwhile",
  unreachable: (n: number) => `${n.toLocaleString("en-GB")} unreachable`,
  all: "Incidents",
};

export const alertTexts = { alerts, alert, incidents };

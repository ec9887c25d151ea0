// The audit log and the settings of the hub.

import { count } from "./count";

export const audit = {
  answer: (n: number, more: boolean) => (n === 0 ? "" : `${more ? "The newest " : ""}${count(n, "change", "changes")}.`),
  columns: { at: "When", who: "Who", did: "Did", kind: "What", name: "Name", difference: "Difference", from: "From" },
  actions: { added: "added", changed: "changed", removed: "removed", revoked: "revoked", rotated: "rotated", "signed-in": "signed in", "sign-in-blocked": "sign-in blocked", ended: "ended", "backed-up": "backed up", restored: "restored" } as Readonly<Record<string, string>>,
  kinds: { agent: "agent", alert: "alert", "alert-rule": "alert rule", channel: "channel", customer: "customer", delivery: "delivery", device: "device", hub: "hub", "join-token": "join token", key: "key", layout: "layout", maintenance: "maintenance", "notification-policy": "notification policy", refusal: "refusal", secret: "secret", service: "service", session: "session", settings: "settings", silence: "silence", site: "site", "status-page": "status page", token: "token", user: "user" } as Readonly<Record<string, string>>,
  field: (words: string) => words,
  who: "Who: a name, or local",
  whoLabel: "By whom",
  kind: "Kind of object",
  anyKind: "Anything",
  from: "From",
  to: "Until",
  clear: "Clear",
  csv: "Save what is found as CSV",
  csvLimit: (n: number) => `The newest ${n.toLocaleString("en-GB")} are saved; choose a shorter time for others.`,
  older: "Older ones",
  empty: "Nothing was changed yet.",
  facts: { at: "When", who: "Who", address: "From", object: "What" },
  onThisMachine: "on the hub's machine",
  fields: { field: "Field", before: "Before", after: "After" },
  noFields: "It says nothing more.",
  nothing: "–",
  onlyWho: "All by this one",
  onlyObject: "All of this object",
};

export const settings = {
  tabs: { hub: "Hub", sites: "Sites", backups: "Backups", about: "About" },
  hub: { organisation: "Organisation", organisationNote: "Stands on the status page and in mails.", timezone: "Time zone", timezoneNote: "Days and months of reports, maintenance and quiet hours.", publicUrl: "Address of this hub", publicUrlNote: "As people reach it; links in messages begin with it.", saved: "Saved.", admins: "Only administrators change these." },
  sites: { add: "Add a site", none: "No site yet", noneLead: "A site is a place with devices and an agent that polls them.", name: "Name", devices: "Devices", agents: "Agents", rename: "Rename", renameHeading: (name: string) => `Another name for ${name}`, remove: "Remove", removeHeading: (name: string) => `Remove ${name}?`, removeLead: "Only a site without devices and agents can be removed.", count: (n: number) => `${count(n, "site", "sites")}.` },
  backups: {
    lead: "A backup is a whole copy of the hub's data, taken while it works: configuration, history and logs. Keys are not in it.",
    start: "Make a backup and save it here",
    busy: "The hub copies and sends. Leave this page open; it can take minutes.",
    done: (size: string) => `${size} were saved. Try it now and then: noctule hub restore says whether it is whole.`,
    command: "On a server, each night, the command line is better:",
    last: "Made so far",
    none: "No backup was made yet.",
    by: (who: string) => `by ${who}`,
  },
  about: { version: "Version", uptime: "Runs for", page: "This page", licences: "Licences", licence: "Noctule is free software under the Apache License 2.0.", parts: "This page is made with:", docs: "API description", columns: { name: "Part", version: "Version", licence: "Licence" } },
};

import { expect, test } from "vitest";

import { bodyOf, draftOf, EMPTY_DRAFT, targetOf, type Channel } from "../src/model/channels";

const state = { health: "untried", failingSince: null, lastAt: null, lastOutcome: null, queued: 0, dead: 0 };
const channel = (part: Partial<Channel>): Channel => ({ id: 1, name: "night", kind: "webhook", enabled: true, severity: "warning", siteIds: [], tags: [], language: "id", webhook: null, smtp: null, apprise: null, state, createdAt: "", revision: 1, ...part });
const smtp = { host: "mail.example.net", port: 587, security: "starttls", username: "noc", passwordSet: true, sender: "noc@example.net", recipients: ["a@example.net"] } as const;

test("an edit without a new address sends no address, so that the secret one stays", () => {
  const webhook = channel({ webhook: { origin: "https://hooks.example.net", secretSet: true } });
  expect(bodyOf({ ...draftOf(webhook), name: "day" }, false)).toEqual({ name: "day", enabled: true, severity: "warning", siteIds: [], tags: [], language: "id" });
  expect(targetOf(webhook)).toBe("https://hooks.example.net");
});

test("an edit of a mail server sends a password only when one was written", () => {
  const draft = draftOf(channel({ kind: "smtp", smtp }));
  expect(bodyOf(draft, false)["smtp"]).toEqual({ host: "mail.example.net", port: 587, security: "starttls", username: "noc", sender: "noc@example.net", recipients: ["a@example.net"] });
  expect(bodyOf({ ...draft, password: "x" }, false)["smtp"]).toMatchObject({ password: "x" });
});

test("a new webhook without a key has none", () => {
  expect(bodyOf({ ...EMPTY_DRAFT, name: "a", url: " https://h.example " }, true)["webhook"]).toEqual({ url: "https://h.example", secret: null });
});

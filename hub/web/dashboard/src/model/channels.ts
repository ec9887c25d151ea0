// Notification channels as the hub answers them, and while somebody writes one. Pure.

import type { DeviceStatus, Severity } from "@noctule/client";

export type ChannelKind = "webhook" | "smtp" | "apprise";
/** What its messages are written in. */
export type ChannelLanguage = "en" | "id";
export type Security = "starttls" | "tls" | "none";

export interface Channel {
  readonly id: number;
  readonly name: string;
  readonly kind: ChannelKind;
  readonly enabled: boolean;
  readonly severity: Severity;
  readonly siteIds: readonly number[];
  readonly tags: readonly string[];
  readonly language: ChannelLanguage;
  readonly webhook: { readonly origin: string; readonly secretSet: boolean } | null;
  readonly smtp: {
    readonly host: string;
    readonly port: number;
    readonly security: Security;
    readonly username: string | null;
    readonly passwordSet: boolean;
    readonly sender: string;
    readonly recipients: readonly string[];
  } | null;
  readonly apprise: { readonly scheme: string } | null;
  readonly state: {
    readonly health: string;
    readonly failingSince: string | null;
    readonly lastAt: string | null;
    readonly lastOutcome: string | null;
    readonly queued: number;
    readonly dead: number;
  };
  readonly createdAt: string;
  readonly revision: number;
}

export interface Delivery {
  readonly id: number;
  readonly channelId: number;
  readonly alertId: number;
  readonly kind: string;
  readonly title: string;
  readonly state: string;
  readonly attempts: number;
  readonly createdAt: string;
  readonly nextAt: string | null;
  readonly outcome: string | null;
}

/** Returns where a channel sends to, as far as that is no secret. */
export function targetOf(channel: Channel): string {
  if (channel.webhook !== null) return channel.webhook.origin;
  if (channel.smtp !== null) return channel.smtp.recipients.join(", ");
  return channel.apprise === null ? "" : `${channel.apprise.scheme}://…`;
}

export function healthTone(health: string): DeviceStatus {
  if (health === "works") return "online";
  return health === "failing" ? "offline" : "unknown";
}

export function deliveryTone(state: string): DeviceStatus {
  if (state === "delivered") return "online";
  if (state === "dead") return "offline";
  return state === "failed" ? "degraded" : "unknown";
}

export interface Draft {
  readonly name: string;
  readonly kind: ChannelKind;
  readonly enabled: boolean;
  readonly severity: Severity;
  readonly siteIds: readonly number[];
  readonly tags: readonly string[];
  readonly language: ChannelLanguage;
  /** Of a webhook or of Apprise. */
  readonly url: string;
  readonly secret: string;
  readonly host: string;
  readonly port: string;
  readonly security: Security;
  readonly username: string;
  readonly password: string;
  readonly sender: string;
  readonly recipients: readonly string[];
}

export const EMPTY_DRAFT: Draft = {
  name: "",
  kind: "webhook",
  enabled: true,
  severity: "warning",
  siteIds: [],
  tags: [],
  language: "en",
  url: "",
  secret: "",
  host: "",
  port: "587",
  security: "starttls",
  username: "",
  password: "",
  sender: "",
  recipients: [],
};

export function draftOf(channel: Channel): Draft {
  const { name, kind, enabled, severity, siteIds, tags, language, smtp } = channel;
  const mail = smtp === null ? {} : { host: smtp.host, port: String(smtp.port), security: smtp.security, username: smtp.username ?? "", sender: smtp.sender, recipients: smtp.recipients };
  return { ...EMPTY_DRAFT, name, kind, enabled, severity, siteIds, tags, language, ...mail };
}

/** Returns what is sent. Secrets of a channel that is there are sent only when they were written anew. */
export function bodyOf(draft: Draft, isNew: boolean): Record<string, unknown> {
  const { name, enabled, severity, siteIds, tags, language, kind } = draft;
  const fields = { name, enabled, severity, siteIds, tags, language };
  if (kind === "smtp") {
    const { host, port, security, sender, recipients } = draft;
    const username = draft.username.trim() || null;
    return { ...fields, smtp: { host, port: Number(port), security, sender, recipients, username, ...(draft.password === "" ? {} : { password: draft.password }) } };
  }
  if (!isNew && draft.url === "") return fields;
  return { ...fields, [kind]: kind === "webhook" ? { url: draft.url.trim(), secret: draft.secret || null } : { url: draft.url.trim() } };
}

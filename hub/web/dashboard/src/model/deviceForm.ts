// What is entered of a device, as the hub takes it. Pure; what is allowed is the hub's to say.

export type SnmpChoice = "none" | "1" | "2c" | "3";

/** As `GET /api/v1/devices/{id}` answers, the parts that are edited. */
export interface EditedDevice {
  readonly id: number;
  readonly revision: number;
  readonly name: string;
  readonly address: string;
  readonly siteId: number;
  readonly siteName: string;
  readonly agentId: number | null;
  readonly agentName: string | null;
  readonly reachability: "icmp" | "snmp" | "both";
  readonly icmp: Readonly<Record<string, unknown>> | null;
  readonly snmp: Readonly<Record<string, unknown>> | null;
  readonly role: string;
  readonly tags: readonly string[];
  readonly parents: readonly number[];
  readonly note: string;
}

/** Returns the words of a field with commas between, each once. */
export function words(text: string): string[] {
  return [...new Set(text.split(",").map((word) => word.trim()).filter((word) => word !== ""))];
}

const textOf = (form: FormData, name: string): string => String(form.get(name) ?? "").trim();

/** Returns a number as it was entered; undefined when nothing was. */
function numberOf(form: FormData, name: string): number | undefined {
  const text = textOf(form, name);
  return text === "" ? undefined : Number(text);
}

/** Returns what opens a device by SNMP; empty when nothing was entered. Secrets are taken as they are, blanks too. */
export function credentialsOf(form: FormData, version: SnmpChoice): { community?: string; v3?: Record<string, string> } {
  if (version === "none") return {};
  const secret = (name: string): string => String(form.get(name) ?? "");
  if (version !== "3") return secret("community") === "" ? {} : { community: secret("community") };
  if (textOf(form, "user") === "") return {};
  const entered = {
    user: textOf(form, "user"),
    authProtocol: textOf(form, "authProtocol"),
    authSecret: secret("authSecret"),
    privProtocol: textOf(form, "privProtocol"),
    privSecret: secret("privSecret"),
    context: textOf(form, "context"),
  };
  return { v3: Object.fromEntries(Object.entries(entered).filter(([, value]) => value !== "")) };
}

/** Returns the `snmp` of a device; null: it is not polled. What the form does not show stays as `before`. */
export function snmpOf(form: FormData, before: EditedDevice["snmp"]): Record<string, unknown> | null {
  const version = textOf(form, "snmpVersion") as SnmpChoice;
  if (version === "none") return null;
  const intervalS = numberOf(form, "snmpIntervalS");
  const port = numberOf(form, "snmpPort");
  return {
    ...(before ?? {}),
    version,
    ...(port === undefined ? {} : { port }),
    ...(intervalS === undefined ? {} : { intervalS }),
    ...credentialsOf(form, version),
  };
}

/** Returns the `icmp` of a device; null: it is not pinged. */
export function icmpOf(form: FormData, before: EditedDevice["icmp"]): Record<string, unknown> | null {
  if (form.get("pinged") === null) return null;
  const intervalS = numberOf(form, "icmpIntervalS");
  const count = numberOf(form, "icmpCount");
  return { ...(before ?? {}), ...(intervalS === undefined ? {} : { intervalS }), ...(count === undefined ? {} : { count }) };
}

/** Returns the body of `POST /devices`, or with `before` of `PATCH /devices/{id}`. */
export function deviceBody(form: FormData, parents: readonly number[], before: EditedDevice | null): Record<string, unknown> {
  const agent = textOf(form, "agentId");
  const siteId = Number(textOf(form, "siteId"));
  // An agent that is not named anew stays with a site's device and goes with another site.
  const named = agent === "" || (before !== null && siteId === before.siteId && Number(agent) === before.agentId) ? {} : { agentId: Number(agent) };
  return {
    ...(before === null ? {} : { revision: before.revision }),
    name: textOf(form, "name"),
    address: textOf(form, "address"),
    siteId,
    ...named,
    reachability: textOf(form, "reachability"),
    icmp: icmpOf(form, before?.icmp ?? null),
    snmp: snmpOf(form, before?.snmp ?? null),
    role: textOf(form, "role"),
    tags: words(textOf(form, "tags")),
    parents: [...parents],
    note: textOf(form, "note"),
  };
}

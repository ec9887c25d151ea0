// Written by tools/client_types.py from noctule_shared; change it there.
// Events and measurements as a hub sends them, by name. Times are ISO 8601 UTC, rates bits per second,
// delays seconds, ratios 0..1; null means lost or unknown, never zero. Optional is what is left out when
// there is none, and what not every audience is shown.

/** A device's status, derived by the hub alone; `glossary.md` defines each. */
export type DeviceStatus = "online" | "degraded" | "offline" | "unreachable" | "unknown" | "maintenance";

/** What a component of the public status page is; `docs/status-page.md` says what makes it so. */
export type ComponentState = "operational" | "degraded" | "outage" | "maintenance" | "unknown";

/** ifAdminStatus and ifOperStatus with the names of RFC 2863; `unknown` also when there is no such number. */
export type IfStatus = "up" | "down" | "testing" | "unknown" | "dormant" | "notPresent" | "lowerLayerDown";

/** How much an alert matters. */
export type Severity = "info" | "warning" | "critical";

/** An alert's condition. Acknowledged, silenced and inhibited are a second axis. */
export type AlertState = "inactive" | "pending" | "firing" | "resolved";

/** Why a customer is suspended. */
export type SuspensionReason = "non-payment" | "abuse" | "requested" | "other";

/** What `agent:status` says of an agent. */
export type AgentLinkStatus = "connected" | "silent" | "revoked" | "fenced";

/** Where a round-trip delay comes from: an ICMP echo or the response time of an SNMP request. */
export type LatencySource = "icmp" | "snmp";

/** Why a request was refused. */
export type ErrorCode = "unauthorised" | "forbidden" | "not-found" | "invalid" | "too-many" | "too-large" | "busy";

/** What every logged event carries. `late`: it tells of the past and changes nothing that is shown as now. */
export interface Logged {
  seq?: number;
  committedAt?: string;
  late?: boolean;
}

/** A component of the public status page, and what it has become. */
export interface ComponentRef {
  id: number;
  label: string;
  state: ComponentState;
}

/** A customer's service that an event is about, as the customer calls it. Each customer sees its own ones alone. */
export interface ServiceRef {
  customerId: number;
  serviceId: number;
  label: string;
}

/** The silence that keeps an alert from ringing, and why somebody made it. */
export interface SilenceRef {
  id: number;
  comment: string;
}

/** The user who is to take care of an alert, with the name of that moment. */
export interface Assignee {
  userId: number;
  name: string;
}

/**
 * What fell together, named by its probable root cause, as it was when the alert was told.
 *
 * `rootAlertId` is the alert of the root cause, 0 where it is not told. `alerts` counts those that were ever in it,
 * `unreachable` the devices that could not be reached because of it.
 */
export interface IncidentRef {
  id: number;
  title: string;
  rootAlertId?: number;
  alerts?: number;
  unreachable?: number;
}

/** One device's latest round. `rttS` is the median round-trip delay; null: nothing came back. */
export interface LatencyItem {
  deviceId: number;
  rttS: number | null;
  lossRatio: number;
  mdevS: number | null;
  source: LatencySource;
  timestamp: string;
}

/** One interface's rates, or a device's total when `interfaceId` is null. null: unknown, never 0. */
export interface BandwidthItem {
  deviceId: number;
  interfaceId: number | null;
  inBps: number | null;
  outBps: number | null;
  inUtilRatio: number | null;
  outUtilRatio: number | null;
  quality: string[];
  timestamp: string;
}

/** A place in the hub's event log: everything up to and including `seq` of `epoch` (16 hex digits). */
export interface LogPosition {
  epoch: string;
  seq: number;
}

/**
 * An error as a client reads it: `{code, message, field?, retryAfterS?}`.
 *
 * `field` names the input that was refused; `retryAfterS` is in seconds. null means not applicable.
 */
export interface ErrorBody {
  code: ErrorCode;
  message: string;
  field?: string | null;
  retryAfterS?: number | null;
}

/**
 * `device:status`. `underlying` is the true status while under maintenance; `detail` is text for people.
 *
 * `previous` as `status`: it is so as long as before, for another `reason` or with another `underlying`.
 *
 * `components` are those of the status page that have changed with it: of the whole event all that the public sees.
 */
export interface DeviceStatusEvent extends Logged {
  timestamp: string;
  test?: boolean;
  deviceId: number;
  deviceName?: string;
  siteId?: number;
  status: DeviceStatus;
  previous: DeviceStatus;
  reason?: string;
  underlying?: DeviceStatus | null;
  detail?: string | null;
  components?: ComponentRef[] | null;
  services?: ServiceRef[] | null;
}

/** `interface:status`. */
export interface InterfaceStatusEvent extends Logged {
  timestamp: string;
  test?: boolean;
  deviceId: number;
  deviceName?: string;
  interfaceId: number;
  interfaceName?: string;
  ifAdminStatus: IfStatus;
  ifOperStatus: IfStatus;
  previous: IfStatus;
  previousAdminStatus: IfStatus;
  reason?: string;
  services?: ServiceRef[] | null;
}

/**
 * `alert:new` and `alert:update`; what is inhibited or silenced comes as an update alone, with what it is.
 *
 * Acknowledged since `acknowledgedAt` until `acknowledgedUntil`, null: for good. `trouble` is what a customer is
 * told of its service (`is down`), null: customers are not told.
 */
export interface AlertEvent extends Logged {
  timestamp: string;
  test?: boolean;
  id: number;
  rule?: string;
  title: string;
  severity: Severity;
  state: AlertState;
  deviceId: number | null;
  deviceName?: string | null;
  interfaceId?: number | null;
  siteId?: number | null;
  agentId?: number | null;
  startedAt: string;
  resolvedAt?: string | null;
  acknowledgedBy?: string | null;
  acknowledgedAt?: string | null;
  acknowledgedUntil?: string | null;
  note?: string | null;
  reason?: string;
  inhibitedBy?: string | null;
  silencedBy?: SilenceRef | null;
  assignee?: Assignee | null;
  incident?: IncidentRef | null;
  trouble?: string | null;
  services?: ServiceRef[] | null;
}

/**
 * `network:log`: one trap or syslog message, or (`source` inventory) one change of a device or its interfaces.
 *
 * `severity` is the RFC 5424 number, 0 emergency to 7 debug, `severityName` its word. From agents `source` is
 * `syslog` or `trap`, `facility` the label of RFC 5427 (null for a trap) and `address` the sender's; `deviceId`
 * null: the address is no device's. `change` says what became of the interface: one of interface-appeared,
 * -removed, -renamed, -speed, -duplex, -alias, -renumbered; or, without an `interfaceId`, `several` of them or
 * `rebooted`.
 */
export interface NetworkLogEvent extends Logged {
  timestamp: string;
  test?: boolean;
  deviceId?: number | null;
  deviceName?: string | null;
  interfaceId?: number | null;
  address?: string | null;
  severity: number;
  severityName?: string | null;
  facility?: string | null;
  source: string;
  message: string;
  change?: string | null;
}

/** `payment:update`. `amount` is a decimal number as text, never a float. */
export interface PaymentUpdateEvent extends Logged {
  timestamp: string;
  test?: boolean;
  paymentId: string;
  customerId: number;
  status: string;
  amount?: string | null;
  currency?: string | null;
}

/**
 * `customer:update`.
 *
 * `change` is one of added, changed, suspended, resumed, closed, removed, service-added, service-changed and
 * service-removed; the last three name the `serviceId`.
 */
export interface CustomerUpdateEvent extends Logged {
  timestamp: string;
  test?: boolean;
  customerId: number;
  state: string;
  change: string;
  suspensionReason?: SuspensionReason | null;
  serviceId?: number | null;
}

/** `agent:status`. `backlog` is the number of frames that the agent has not yet delivered, null unknown. */
export interface AgentStatusEvent extends Logged {
  timestamp: string;
  test?: boolean;
  agentId: number;
  agentName: string;
  status: AgentLinkStatus;
  backlog?: number | null;
  reason: string;
}

/** `latency:update`: what changed since the last tick; `more`: the rest comes with the next one. */
export interface LatencyUpdate {
  timestamp: string;
  items: LatencyItem[];
  more: boolean;
  test?: boolean;
}

/** `bandwidth:update`. */
export interface BandwidthUpdate {
  timestamp: string;
  items: BandwidthItem[];
  more: boolean;
  test?: boolean;
}

/**
 * `stats:update`: totals only. `devices` counts by status plus `total`; `alerts` firing by severity.
 *
 * `payments` counts updates since UTC midnight by status; rates null: no fresh sample.
 */
export interface StatsUpdate {
  timestamp: string;
  devices: Record<string, number>;
  alerts: Record<string, number>;
  agents?: Record<string, number>;
  clients?: number;
  inBps: number | null;
  outBps: number | null;
  payments?: Record<string, number>;
  test?: boolean;
}

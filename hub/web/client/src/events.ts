// Events and measurements as a hub sends them, by name. Mirrors noctule_shared/events.py; times are ISO 8601 UTC,
// rates bits per second, delays seconds, ratios 0..1, and null means lost or unknown, never zero.

export type DeviceStatus = "online" | "degraded" | "offline" | "unreachable" | "unknown" | "maintenance";
export type AlertState = "inactive" | "pending" | "firing" | "resolved";
export type Severity = "info" | "warning" | "critical";
export type AgentLinkStatus = "connected" | "silent" | "revoked" | "fenced";
export type LatencySource = "icmp" | "snmp";
export type IfStatus = "up" | "down" | "testing" | "unknown" | "dormant" | "notPresent" | "lowerLayerDown";

/** A place in the hub's event log: everything up to and including `seq` of `epoch` (16 hex digits). */
export interface LogPosition {
  epoch: string;
  seq: number;
}

/** What every logged event carries. `late`: it tells of the past and changes nothing that is shown as now. */
export interface Logged {
  timestamp: string;
  seq?: number;
  committedAt?: string;
  late?: boolean;
  test?: boolean;
}

/** What a component of the public status page is. */
export type ComponentState = "operational" | "degraded" | "outage" | "maintenance" | "unknown";

/** A customer's service that an event is about, by the label that the customer knows. */
export interface ServiceRef {
  customerId: number;
  serviceId: number;
  label: string;
}

/** What staff is told of what an event is about; a customer is told its own `services` in place of it. */
export interface About {
  deviceName?: string | null;
  reason?: string;
  services?: ServiceRef[];
}

export interface DeviceStatusEvent extends Logged, About {
  deviceId: number;
  siteId?: number;
  status: DeviceStatus;
  previous: DeviceStatus;
  underlying?: DeviceStatus | null;
  detail?: string | null;
  /** Components of the status page that changed with it; who has not signed in is told of these alone. */
  components?: { id: number; label: string; state: ComponentState }[] | null;
}

export interface InterfaceStatusEvent extends Logged, About {
  deviceId: number;
  interfaceId: number;
  interfaceName?: string;
  ifAdminStatus: IfStatus;
  ifOperStatus: IfStatus;
  previous: IfStatus;
  previousAdminStatus: IfStatus;
}

/**
 * `inhibitedBy`, `silencedBy`: it is listed with this reason and rings nobody. `acknowledgedUntil` null: until it is
 * resolved. `trouble`: what customers are told of it.
 */
export interface AlertEvent extends Logged, About {
  id: number;
  rule?: string;
  title: string;
  severity: Severity;
  state: AlertState;
  deviceId: number | null;
  interfaceId?: number | null;
  siteId?: number | null;
  agentId?: number | null;
  startedAt: string;
  resolvedAt?: string | null;
  acknowledgedBy?: string | null;
  acknowledgedAt?: string | null;
  acknowledgedUntil?: string | null;
  note?: string | null;
  inhibitedBy?: string | null;
  silencedBy?: { id: number; comment: string } | null;
  trouble?: string | null;
}

/**
 * One trap or syslog message. `severity` is the RFC 5424 number, 0 emergency to 7 debug, `severityName` its word.
 * From agents `source` is "syslog" or "trap" and `address` the sender's; without `deviceId` it is no device's.
 */
export interface NetworkLogEvent extends Logged {
  deviceId?: number | null;
  interfaceId?: number | null;
  deviceName?: string | null;
  address?: string | null;
  severity: number;
  severityName?: string | null;
  facility?: string | null;
  source: string;
  message: string;
  /** With `source` "inventory": what became of the interface, such as "interface-renamed". */
  change?: string | null;
}

/** `amount` is a decimal number as text. */
export interface PaymentUpdateEvent extends Logged {
  paymentId: string;
  customerId: number;
  status: string;
  amount?: string | null;
  currency?: string | null;
}

export interface CustomerUpdateEvent extends Logged {
  customerId: number;
  state: string;
  change: string;
  suspensionReason?: string | null;
  serviceId?: number | null;
}

export interface AgentStatusEvent extends Logged {
  agentId: number;
  agentName: string;
  status: AgentLinkStatus;
  backlog?: number | null;
  reason: string;
}

/** A device's latest round. `rttS` is the median round-trip delay; null: nothing came back. */
export interface LatencyItem {
  deviceId: number;
  rttS: number | null;
  lossRatio: number;
  mdevS: number | null;
  source: LatencySource;
  timestamp: string;
}

export interface LatencyUpdate {
  timestamp: string;
  items: LatencyItem[];
  more: boolean;
  test?: boolean;
}

/** An interface's rates, or a device's total when `interfaceId` is null. */
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

export interface BandwidthUpdate {
  timestamp: string;
  items: BandwidthItem[];
  more: boolean;
  test?: boolean;
}

export interface StatsUpdate {
  timestamp: string;
  devices: Record<string, number>;
  alerts: Record<string, number>;
  agents: Record<string, number>;
  clients: number;
  inBps: number | null;
  outBps: number | null;
  payments: Record<string, number>;
  test?: boolean;
}

export interface PositionEvent extends LogPosition {
  delivered: number;
}

export interface ReplayDoneEvent extends LogPosition {
  rooms: unknown;
}

/** Network logs that came too fast for `room` and were not sent to it; they are at `/api/v1/logs`. */
export interface LogsSkippedEvent {
  timestamp: string;
  room: string;
  count: number;
  fromSeq: number;
  toSeq: number;
}

/** Every event of the default namespace with its payload. */
export interface HubEvents {
  "device:status": DeviceStatusEvent;
  "interface:status": InterfaceStatusEvent;
  "alert:new": AlertEvent;
  "alert:update": AlertEvent;
  "network:log": NetworkLogEvent;
  "payment:update": PaymentUpdateEvent;
  "customer:update": CustomerUpdateEvent;
  "agent:status": AgentStatusEvent;
  "latency:update": LatencyUpdate;
  "bandwidth:update": BandwidthUpdate;
  "stats:update": StatsUpdate;
  position: PositionEvent;
  "replay:done": ReplayDoneEvent;
  "logs:skipped": LogsSkippedEvent;
}

export type EventName = keyof HubEvents;

export const EVENT_NAMES: readonly EventName[] = [
  "device:status",
  "interface:status",
  "alert:new",
  "alert:update",
  "network:log",
  "payment:update",
  "customer:update",
  "agent:status",
  "latency:update",
  "bandwidth:update",
  "stats:update",
  "position",
  "replay:done",
  "logs:skipped",
];

/** The error shape of every refusal, over HTTP and sockets. */
export interface HubError {
  code: string;
  message: string;
  field?: string;
  retryAfterS?: number;
}

export interface Ack {
  ok: boolean;
  error?: HubError;
}

export interface SubscribeAck extends Ack, Partial<LogPosition> {
  room?: string;
  head?: number;
  recovered?: boolean;
  replayed?: number;
}

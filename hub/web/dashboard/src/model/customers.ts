// Customers, their services and payments as the hub answers them, and what there is to say of them. Pure.

import type { AlertEvent, DeviceStatus } from "@noctule/client";

export type CustomerState = "active" | "suspended" | "closed";
export const SUSPENSION_REASONS = ["non-payment", "abuse", "requested", "other"] as const;

/** As `GET /api/v1/customers` answers. */
export interface Customer {
  id: number;
  name: string;
  reference: string | null;
  state: CustomerState;
  suspensionReason: string | null;
  timezone: string;
  note: string;
  createdAt: string;
  revision: number;
}

/** As `GET /api/v1/customers/{id}/services` answers; `interfaceId` null: the whole device. */
export interface Service {
  id: number;
  customerId: number;
  deviceId: number;
  interfaceId: number | null;
  label: string;
  committedBps: number | null;
  since: string;
  revision: number;
}

/** As `GET /api/v1/payments` answers. `amount` is an exact decimal number as text. */
export interface Payment {
  paymentId: string;
  customerId: number;
  status: string;
  amount: string | null;
  currency: string | null;
  occurredAt: string;
  receivedAt: string;
}

/** What the payments of one status add up to, by currency, in millionths. */
export interface Balance {
  readonly status: string;
  readonly count: number;
  readonly sums: ReadonlyMap<string, bigint>;
}

const DECIMALS = 6;

/** Returns an exact decimal number in millionths; null for what is none. */
export function millionths(amount: string | null): bigint | null {
  const match = /^(-?)(\d+)(?:\.(\d{1,6}))?$/u.exec(amount ?? "");
  if (match === null) return null;
  const value = BigInt(`${match[2] ?? "0"}${(match[3] ?? "").padEnd(DECIMALS, "0")}`);
  return match[1] === "-" ? -value : value;
}

/** Returns millionths as an exact decimal number, with two decimals at least. */
export function decimal(value: bigint): string {
  const digits = (value < 0n ? -value : value).toString().padStart(DECIMALS + 1, "0");
  const fraction = digits.slice(-DECIMALS).replace(/0{1,4}$/u, "");
  return `${value < 0n ? "-" : ""}${digits.slice(0, -DECIMALS)}.${fraction}`;
}

/** Returns each customer's payments by status, statuses in the order of the alphabet. */
export function balances(payments: Iterable<Payment>): ReadonlyMap<number, readonly Balance[]> {
  const found = new Map<number, Map<string, { count: number; sums: Map<string, bigint> }>>();
  for (const { customerId, status, amount, currency } of payments) {
    const statuses = found.get(customerId) ?? new Map<string, { count: number; sums: Map<string, bigint> }>();
    found.set(customerId, statuses);
    const balance = statuses.get(status) ?? { count: 0, sums: new Map<string, bigint>() };
    statuses.set(status, balance);
    balance.count += 1;
    const value = millionths(amount);
    if (value !== null && currency !== null) balance.sums.set(currency, (balance.sums.get(currency) ?? 0n) + value);
  }
  return new Map([...found].map(([id, statuses]) => [id, [...statuses].map(([status, balance]) => ({ status, ...balance })).sort((a, b) => a.status.localeCompare(b.status))]));
}

/** Returns an exact amount in a language's own figures; `CHF 49.90`. */
export function money(amount: string | null, currency: string | null, locale: string): string {
  const value = millionths(amount);
  if (value === null || currency === null) return "–";
  const exact = decimal(value) as `${number}`;
  return `${currency} ${new Intl.NumberFormat(locale, { minimumFractionDigits: 2, maximumFractionDigits: DECIMALS }).format(exact)}`;
}

/** Returns the open alerts that are about the services; one about a whole device is about all of its ports. */
export function troublesOf(services: readonly Service[], alerts: Iterable<AlertEvent>): readonly AlertEvent[] {
  return [...alerts].filter(
    (alert) =>
      alert.state === "firing" &&
      services.some(({ deviceId, interfaceId }) => deviceId === alert.deviceId && (interfaceId === null || alert.interfaceId == null || alert.interfaceId === interfaceId)),
  );
}

/** Returns the shape and colour by which a customer's state is drawn. */
export const CUSTOMER_TONE: Readonly<Record<CustomerState, DeviceStatus>> = { active: "online", suspended: "degraded", closed: "unknown" };

/** Returns the customers whose name, reference or number holds all words. */
export function findCustomers(customers: readonly Customer[], text: string): readonly Customer[] {
  const words = text.toLowerCase().split(/\s+/u).filter((word) => word !== "");
  if (words.length === 0) return customers;
  return customers.filter(({ id, name, reference, note }) => {
    const all = `${id} ${name} ${reference ?? ""} ${note}`.toLowerCase();
    return words.every((word) => all.includes(word));
  });
}

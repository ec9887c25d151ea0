// What the test page sends: whole payloads, so that every client can show them. The hub marks them as tests.

import type { EventName } from "@noctule/client";

export interface Sample {
  readonly event: EventName;
  readonly data: (nowIso: string) => Readonly<Record<string, unknown>>;
}

const DEVICE = { deviceId: 1, deviceName: "test device", siteId: 1 };

/** By the names that `POST /api/test/emit-test` takes. */
export const SAMPLES = {
  "device-status": {
    event: "device:status",
    data: () => ({ ...DEVICE, status: "offline", previous: "online", reason: "sent from the test page" }),
  },
  alert: {
    event: "alert:new",
    data: (nowIso) => ({
      id: 0,
      rule: "test",
      title: "Test alert",
      severity: "warning",
      state: "firing",
      deviceId: null,
      deviceName: null,
      startedAt: nowIso,
      reason: "sent from the test page",
    }),
  },
  bandwidth: {
    event: "bandwidth:update",
    data: (nowIso) => ({
      items: [
        {
          deviceId: 1,
          interfaceId: null,
          inBps: 1e8,
          outBps: 5e7,
          inUtilRatio: 0.1,
          outUtilRatio: 0.05,
          quality: ["ok"],
          timestamp: nowIso,
        },
      ],
      more: false,
    }),
  },
  payment: {
    event: "payment:update",
    data: () => ({ paymentId: "test-1", customerId: 1, status: "paid", amount: "9.90", currency: "EUR" }),
  },
  stats: {
    event: "stats:update",
    data: () => ({
      devices: { total: 1, online: 1 },
      alerts: { total: 0 },
      agents: { total: 1, connected: 1 },
      clients: 1,
      inBps: 1e8,
      outBps: 5e7,
      payments: {},
    }),
  },
  log: {
    event: "network:log",
    data: () => ({ deviceId: 1, severity: 6, source: "192.0.2.1", message: "sent from the test page" }),
  },
  customer: {
    event: "customer:update",
    data: () => ({ customerId: 1, state: "active", change: "sent from the test page" }),
  },
} as const satisfies Readonly<Record<string, Sample>>;

export type SampleName = keyof typeof SAMPLES;

export const SAMPLE_NAMES = Object.keys(SAMPLES) as SampleName[];

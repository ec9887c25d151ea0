// Incidents as the hub answers them: what fell together, called by its probable root cause. Pure.

import type { AlertEvent, DeviceStatus } from "@noctule/client";

export interface Incident {
  readonly id: number;
  readonly title: string;
  readonly rootAlertId: number;
  readonly siteId: number | null;
  readonly startedAt: string;
  /** null: something of it still fires. */
  readonly endedAt: string | null;
  /** All that were ever part of it. */
  readonly alerts: number;
  /** Devices that could not be reached because of it. */
  readonly unreachable: number;
  /** The incident that took it over. */
  readonly mergedInto: number | null;
}

export interface IncidentDetail extends Incident {
  /** That of the root cause first. */
  readonly members: readonly AlertEvent[];
  /** null: the device was removed meanwhile. */
  readonly devices: readonly { readonly deviceId: number; readonly deviceName: string | null; readonly status: DeviceStatus | null }[];
}

// The shapes of the states, in a square of 12: filled, in outline, and the hatching over that.

import type { DeviceStatus } from "@noctule/client";

export interface Shape {
  readonly solid?: string;
  readonly hollow?: string;
  readonly hatch?: string;
}

export const SHAPES: Readonly<Record<DeviceStatus, Shape>> = {
  online: { solid: "M2 6a4 4 0 1 0 8 0a4 4 0 1 0-8 0z" },
  degraded: { solid: "M6 1.2 11.2 10.6H.8Z" },
  offline: { solid: "M1.5 1.5h9v9h-9z" },
  unreachable: { hollow: "M6 .8 11.2 6 6 11.2.8 6Z", hatch: "M3.3 3.5 8.5 8.7M5.3 1.9 10.1 6.7M1.9 5.3 6.7 10.1" },
  unknown: { hollow: "M2.1 6a3.9 3.9 0 1 0 7.8 0a3.9 3.9 0 1 0-7.8 0z" },
  maintenance: { solid: "M4.4 1h3.2v3.4H11v3.2H7.6V11H4.4V7.6H1V4.4h3.4z" },
};

// What `GET /api/v1/topology` and its neighbours answer.

import type { DeviceStatus, IfStatus } from "@noctule/client";

export interface TopologyNode {
  readonly id: number;
  readonly name: string;
  readonly siteId: number;
  readonly status: DeviceStatus;
}

/** One end of a link: of a device, or of something outside. Names and states are null where the port is not known. */
export interface LinkEnd {
  readonly deviceId: number | null;
  readonly outside: string | null;
  readonly interfaceId: number | null;
  readonly port: string;
  readonly interfaceName: string | null;
  readonly ifAdminStatus: IfStatus | null;
  readonly ifOperStatus: IfStatus | null;
}

export interface TopologyLink {
  readonly a: LinkEnd;
  readonly b: LinkEnd;
  readonly confirmed: boolean;
  readonly aToBBps: number | null;
  readonly bToABps: number | null;
  readonly aToBUtilRatio: number | null;
  readonly bToAUtilRatio: number | null;
}

export interface Topology {
  readonly devices: readonly TopologyNode[];
  readonly links: readonly TopologyLink[];
  readonly outside: readonly { readonly key: string; readonly sysName: string; readonly chassisId: string }[];
  readonly parents: readonly { readonly deviceId: number; readonly parentId: number }[];
}

export interface Layout {
  readonly positions: Readonly<Record<string, Point>>;
  readonly revision: number;
}

export interface Suggestion {
  readonly deviceId: number;
  readonly deviceName: string;
  readonly revision: number;
  readonly parents: readonly { readonly deviceId: number; readonly deviceName: string; readonly reason: string }[];
}

export interface Suggestions {
  readonly roots: readonly number[];
  readonly items: readonly Suggestion[];
}

/** A place on the map, in the map's own units. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

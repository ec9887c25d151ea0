// Every event of the default namespace by name. The payloads come from the hub's own definitions, see `generated/`.

import type { ControlEvents } from "./control.js";
import type { ServiceRef } from "./generated/events.js";
import type { HubPayloads } from "./generated/payloads.js";

export * from "./control.js";
export * from "./generated/events.js";
export * from "./generated/payloads.js";

export interface HubEvents extends HubPayloads, ControlEvents {}

export type EventName = keyof HubEvents;

/** What staff is told of what an event is about; a customer is told its own `services` in place of it. */
export interface About {
  deviceName?: string | null;
  reason?: string;
  services?: ServiceRef[] | null;
}

// Written by tools/client_types.py from noctule_shared; change it there.

import type {
  AgentStatusEvent,
  AlertEvent,
  BandwidthUpdate,
  ComponentRef,
  CustomerUpdateEvent,
  DeviceStatusEvent,
  InterfaceStatusEvent,
  LatencyUpdate,
  Logged,
  NetworkLogEvent,
  PaymentUpdateEvent,
  StatsUpdate,
} from "./events.js";

/** `device:status` as it is to whom it reaches through the status page alone. */
export interface PublicDeviceStatusEvent extends Logged {
  timestamp: string;
  test?: boolean;
  deviceId?: undefined;
  deviceName?: undefined;
  siteId?: undefined;
  status?: undefined;
  previous?: undefined;
  reason?: undefined;
  underlying?: undefined;
  detail?: undefined;
  components: ComponentRef[];
  services?: undefined;
}

/** Every event and measurement of a hub with its payload. */
export interface HubPayloads {
  "device:status": DeviceStatusEvent | PublicDeviceStatusEvent;
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
}

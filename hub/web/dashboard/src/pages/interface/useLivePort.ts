// An interface as it was read, followed live.

import { useBandwidth, useInterfaceStatus } from "@noctule/client/hooks";
import { useEffect, useState } from "react";

import type { Interface } from "../../model/device";

export function useLivePort(read: Interface): Interface {
  const [port, setPort] = useState(read);
  // What is read anew is newer, except for a rate that came meanwhile.
  useEffect(() => {
    setPort((before) => {
      const [had, has] = [before.bandwidth, read.bandwidth];
      const newer = before.id === read.id && had !== null && (has === null || Date.parse(had.timestamp) > Date.parse(has.timestamp));
      return newer ? { ...read, bandwidth: had } : read;
    });
  }, [read]);
  useBandwidth(({ items, test }) => {
    if (test === true) return;
    for (const item of items) if (item.interfaceId === read.id) setPort((before) => ({ ...before, bandwidth: item }));
  });
  useInterfaceStatus((event) => {
    if (event.interfaceId !== read.id || event.late === true || event.test === true) return;
    const { ifAdminStatus, ifOperStatus } = event;
    setPort((before) => ({ ...before, ifAdminStatus, ifOperStatus }));
  });
  return port;
}

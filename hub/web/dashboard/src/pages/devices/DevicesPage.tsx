// The devices: a list of all, and beside it the one that is open.

import { useDeferredValue, useEffect, type ReactNode } from "react";

import { useMembers, useObservable, usePage } from "../../data/context";
import { Failed, Waiting } from "../../parts/Answered";
import { texts } from "../../texts";
import { DeviceFull } from "../device/DeviceFull";
import { DevicePanel } from "../device/DevicePanel";
import { MAY_OPERATE, type PageProps } from "../registry";
import { DeviceList } from "./DeviceList";
import { DropZone } from "./DropZone";
import { EmptyList } from "./Empty";
import "./list.css";
import "./desk.css";

export default function DevicesPage({ id, part }: PageProps): ReactNode {
  const { live } = usePage();
  // The rows that come first are rendered in pieces: together they would be one long task.
  const load = useDeferredValue(useObservable(live.fleet.load));
  const members = useMembers();
  useEffect(() => {
    document.documentElement.classList.toggle("panel-open", id !== null);
    return () => document.documentElement.classList.remove("panel-open");
  }, [id]);
  if (id !== null && part === "full") return <DeviceFull id={id} />;
  return (
    <div className="beside">
      <DropZone enabled={MAY_OPERATE.has(live.role)}>
        {load.phase === "loading" ? (
          <Waiting />
        ) : load.phase === "failed" ? (
          <Failed heading={texts.devices.failed} message={load.message} onRetry={() => void live.reload()} />
        ) : live.fleet.size === 0 ? (
          <EmptyList key={members} />
        ) : (
          <DeviceList openId={id} />
        )}
      </DropZone>
      {id === null ? null : <DevicePanel id={id} />}
    </div>
  );
}

// What operators do with a device. What a role may not do is not offered.

import { useState, type ReactNode } from "react";

import { usePage } from "../../data/context";
import { at, go } from "../../data/route";
import { useAction } from "../../data/useQuery";
import type { Device } from "../../model/device";
import { Confirm } from "../../parts/Dialog";
import { texts } from "../../texts";
import { MAY_OPERATE } from "../registry";
import { ProbeDialog } from "./ProbeDialog";

const HOUR_MS = 3_600_000;
const SILENT: ReadonlySet<string> = new Set(["offline", "unreachable", "unknown"]);

export function Actions({ device }: { device: Device }): ReactNode {
  const { live } = usePage();
  const [asking, setAsking] = useState<"probe" | "maintenance" | "remove" | null>(null);
  const [said, setSaid] = useState("");
  const words = texts.device.actions;
  const maintenance = useAction(async () => {
    const startsMs = Date.now();
    const once = { startsAt: new Date(startsMs).toISOString(), endsAt: new Date(startsMs + HOUR_MS).toISOString() };
    await live.send("POST", "/maintenance", { name: words.maintenanceName(device.name), deviceIds: [device.id], once });
    setSaid(words.done.maintenance);
  });
  const removal = useAction(async () => {
    await live.send("DELETE", `/devices/${device.id}`);
    await live.reload();
    go(at("devices"), { replace: true });
  });
  if (!MAY_OPERATE.has(live.role)) return null;
  const close = (): void => setAsking(null);
  return (
    <div className="device-actions" role="group" aria-label={words.label}>
      <button type="button" className="button small" onClick={() => setAsking("probe")} data-testid="device-probe">
        {SILENT.has(device.status) ? words.probe : words.test}
      </button>
      <button type="button" className="button small" onClick={() => go(at("devices"), { query: { edit: String(device.id) } })} data-testid="device-edit">
        {words.edit}
      </button>
      {device.status === "maintenance" ? null : (
        <button type="button" className="button small" onClick={() => setAsking("maintenance")} data-testid="device-maintenance">
          {words.maintenance}
        </button>
      )}
      <button type="button" className="button small danger" onClick={() => setAsking("remove")} data-testid="device-remove">
        {words.remove}
      </button>
      <span role="status" className="dim">
        {said}
      </span>
      {asking === "probe" ? <ProbeDialog device={device} onClose={close} /> : null}
      {asking === "maintenance" ? (
        <Confirm heading={words.maintenanceAsk(device.name)} word={texts.form.confirm} action={maintenance} onClose={close}>
          <p>{words.maintenanceLead}</p>
        </Confirm>
      ) : null}
      {asking === "remove" ? (
        <Confirm heading={words.removeAsk(device.name)} word={words.remove} action={removal} onClose={close}>
          <p>{words.removeLead}</p>
        </Confirm>
      ) : null}
    </div>
  );
}

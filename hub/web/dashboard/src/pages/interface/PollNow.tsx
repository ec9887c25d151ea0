// Has an interface's state read at once; what changed comes as an event.

import { useState, type ReactNode } from "react";

import { usePage } from "../../data/context";
import { useAction } from "../../data/useQuery";
import type { Interface } from "../../model/device";
import { Trouble } from "../../parts/Form";
import { texts } from "../../texts";
import { MAY_OPERATE } from "../registry";

export function PollNow({ port }: { port: Interface }): ReactNode {
  const { live } = usePage();
  const [done, setDone] = useState(false);
  const polling = useAction(async () => {
    setDone(false);
    await live.send("POST", `/devices/${port.deviceId}/interfaces/${port.id}/poll`);
    live.queries.again(`/interfaces/${port.id}`);
    setDone(true);
  });
  if (!MAY_OPERATE.has(live.role)) return null;
  return (
    <>
      <Trouble refusal={polling.refusal} />
      <span role="status" className="dim">
        {done ? texts.port.polled : ""}
      </span>
      <button type="button" className="button small" disabled={polling.busy} onClick={() => void polling.run()} data-testid="interface-poll">
        {texts.port.poll}
      </button>
    </>
  );
}

// Another name for an agent.

import type { ReactNode } from "react";

import { usePage } from "../../data/context";
import { useAction } from "../../data/useQuery";
import type { Agent } from "../../model/agents";
import { Dialog } from "../../parts/Dialog";
import { Form, TextField } from "../../parts/Form";
import { texts } from "../../texts";

export function Rename({ agent, onClose }: { agent: Agent; onClose: () => void }): ReactNode {
  const { live } = usePage();
  const rename = useAction((name: string) => live.send("PATCH", `/agents/${agent.id}`, { name }));
  return (
    <Dialog heading={texts.agents.renameHeading(agent.name)} onClose={onClose}>
      <Form
        busy={rename.busy}
        refusal={rename.refusal}
        said={["name"]}
        onSubmit={(form) => void rename.run(String(form.get("name") ?? "")).then((done) => done && onClose())}
      >
        <TextField label={texts.agents.columns.name} name="name" defaultValue={agent.name} field="name" refusal={rename.refusal} required autoFocus />
      </Form>
    </Dialog>
  );
}

// A token for a new agent, shown once, with what to do with it.

import { useState, type ReactNode } from "react";

import { usePage } from "../../data/context";
import { useAction, useQuery } from "../../data/useQuery";
import { Command } from "../../parts/Command";
import { Dialog } from "../../parts/Dialog";
import { Form, SelectField, TextField } from "../../parts/Form";
import { Answered } from "../../parts/Answered";
import { texts } from "../../texts";

interface Site {
  id: number;
  name: string;
}

interface JoinToken {
  token: string;
  expiresAt: string;
}

const HOUR_S = 3_600;

export function Enrol({ onClose }: { onClose: () => void }): ReactNode {
  const [made, setMade] = useState<JoinToken | null>(null);
  return (
    <Dialog heading={texts.agents.enrol} onClose={onClose} wide testId="enrol-dialog">
      {made === null ? <Ask onMade={setMade} /> : <Show made={made} />}
    </Dialog>
  );
}

function Ask({ onMade }: { onMade: (made: JoinToken) => void }): ReactNode {
  const { live } = usePage();
  const sites = useQuery<{ items: Site[] }>("/sites?limit=1000");
  const make = useAction(async (site: string, uses: number, hours: number) => {
    onMade(await live.send<JoinToken>("POST", "/agents/tokens", { site, uses, expiresInS: hours * HOUR_S }));
  });
  return (
    <Answered answer={sites} empty={({ items }) => (items.length > 0 ? null : <p>{texts.agents.noSites}</p>)}>
      {({ items }) => (
        <Form
          busy={make.busy}
          refusal={make.refusal}
          said={["site", "uses", "expiresInS"]}
          word={texts.agents.makeToken}
          onSubmit={(form) => void make.run(String(form.get("site")), Number(form.get("uses")), Number(form.get("hours")))}
        >
          <p className="dim">{texts.agents.enrolLead}</p>
          <SelectField label={texts.agents.columns.site} name="site" field="site" refusal={make.refusal} options={items.map(({ name }) => [name, name] as const)} />
          <div className="form-row">
            <TextField label={texts.agents.uses} name="uses" type="number" min={1} max={1000} defaultValue={1} field="uses" refusal={make.refusal} note={texts.agents.usesNote} />
            <TextField label={texts.agents.hours} name="hours" type="number" min={1} max={720} defaultValue={24} field="expiresInS" refusal={make.refusal} />
          </div>
        </Form>
      )}
    </Answered>
  );
}

function Show({ made }: { made: JoinToken }): ReactNode {
  const { steps } = texts.agents;
  return (
    <ol className="steps" data-testid="join-token">
      <li>
        <p>{steps.save}</p>
        <Command text={made.token} />
      </li>
      <li>
        <p>{steps.join}</p>
        <Command text={`noctule-agent join ${location.origin} --token-file token --data-dir /var/lib/noctule-agent`} />
      </li>
      <li>
        <p>{steps.run}</p>
        <Command text="noctule-agent run --data-dir /var/lib/noctule-agent" />
      </li>
    </ol>
  );
}

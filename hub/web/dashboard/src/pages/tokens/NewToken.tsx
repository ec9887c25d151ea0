// A token made or rotated: asked for, then shown this once.

import { useState, type ReactNode } from "react";

import { useNow } from "../../data/clock";
import { usePage } from "../../data/context";
import { useAction } from "../../data/useQuery";
import { clock } from "../../model/format";
import { TOKEN_ROLES, type Token } from "../../model/people";
import { Command } from "../../parts/Command";
import { Dialog } from "../../parts/Dialog";
import { Form, SelectField, TextField } from "../../parts/Form";
import { texts } from "../../texts";

interface Made {
  name: string;
  token: string;
  expiresAt: string;
}

const DAY_S = 86_400;
const HOUR_S = 3_600;

export function NewToken({ onClose }: { onClose: () => void }): ReactNode {
  const { live } = usePage();
  const words = texts.tokens;
  const [made, setMade] = useState<Made | null>(null);
  const [role, setRole] = useState<string>(TOKEN_ROLES[0]);
  const make = useAction(async (name: string, days: number) => setMade(await live.send<Made>("POST", "/tokens", { name, role, ttlS: Math.round(days * DAY_S) })));
  if (made !== null) return <Once made={made} onClose={onClose} />;
  return (
    <Dialog heading={words.add} onClose={onClose} testId="token-form">
      <Form busy={make.busy} refusal={make.refusal} said={["name", "role", "ttlS"]} word={words.add} onCancel={onClose} onSubmit={(form) => void make.run(String(form.get("name") ?? "").trim(), Number(form.get("days")))}>
        <TextField label={words.fields.name} note={words.fields.nameNote} name="name" field="name" refusal={make.refusal} maxLength={100} required autoFocus />
        <div className="form-row">
          <SelectField label={words.fields.role} note={texts.roles.may[role]} name="role" field="role" refusal={make.refusal} value={role} onChange={(event) => setRole(event.target.value)} options={TOKEN_ROLES.map((one) => [one, texts.roles.words[one] ?? one] as const)} />
          <TextField label={words.fields.days} name="days" type="number" min={1} max={1830} defaultValue={365} field="ttlS" refusal={make.refusal} required />
        </div>
      </Form>
    </Dialog>
  );
}

export function Rotate({ token, onClose }: { token: Token; onClose: () => void }): ReactNode {
  const { live } = usePage();
  const words = texts.tokens;
  const [made, setMade] = useState<Made | null>(null);
  const rotate = useAction(async (hours: number) => setMade(await live.send<Made>("POST", `/tokens/${token.id}/rotate`, { graceS: Math.round(hours * HOUR_S) })));
  if (made !== null) return <Once made={made} onClose={onClose} />;
  return (
    <Dialog heading={words.rotateHeading(token.name)} onClose={onClose}>
      <Form busy={rotate.busy} refusal={rotate.refusal} said={["graceS"]} word={words.rotate} onCancel={onClose} onSubmit={(form) => void rotate.run(Number(form.get("hours")))}>
        <p className="dim">{words.rotateLead}</p>
        <TextField label={words.fields.grace} name="hours" type="number" min={0} max={168} step="any" defaultValue={1} field="graceS" refusal={rotate.refusal} required autoFocus />
      </Form>
    </Dialog>
  );
}

function Once({ made, onClose }: { made: Made; onClose: () => void }): ReactNode {
  const words = texts.tokens;
  return (
    <Dialog heading={words.made(made.name)} onClose={onClose} wide stays testId="token-once">
      <div className="form">
        <p>{words.once}</p>
        <Command text={made.token} />
        <p className="dim">{words.how}</p>
        <Command text={'Authorization: Bearer TOKEN'} />
        <p className="dim">{words.until(clock(Date.parse(made.expiresAt), useNow()))}</p>
        <div className="form-end">
          <button type="button" className="button primary" onClick={onClose}>
            {words.done}
          </button>
        </div>
      </div>
    </Dialog>
  );
}

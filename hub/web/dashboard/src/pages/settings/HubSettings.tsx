// The hub's own settings.

import type { ReactNode } from "react";

import { usePage } from "../../data/context";
import { useAction, useQuery } from "../../data/useQuery";
import { Answered } from "../../parts/Answered";
import { Based } from "../../parts/Based";
import { Form, TextField } from "../../parts/Form";
import { Facts } from "../../parts/Page";
import { ZoneField } from "../../parts/ZoneField";
import { texts } from "../../texts";
import { MAY_ADMINISTER } from "../registry";

interface Kept {
  organisation: string;
  timezone: string;
  publicUrl: string | null;
  revision: number;
}

export function HubSettings(): ReactNode {
  const { live } = usePage();
  const answer = useQuery<Kept>("/settings");
  const words = texts.settings.hub;
  return (
    <Answered answer={answer}>
      {(kept) =>
        MAY_ADMINISTER.has(live.role) ? (
          <Based now={kept}>{(base, onSaved) => <Fields kept={base} onSaved={onSaved} />}</Based>
        ) : (
          <>
            <Facts
              facts={[
                [words.organisation, kept.organisation === "" ? "–" : kept.organisation],
                [words.timezone, kept.timezone],
                [words.publicUrl, kept.publicUrl ?? "–"],
              ]}
            />
            <p className="field-note">{words.admins}</p>
          </>
        )
      }
    </Answered>
  );
}

function Fields({ kept, onSaved }: { kept: Kept; onSaved: (kept: Kept) => void }): ReactNode {
  const { live } = usePage();
  const words = texts.settings.hub;
  const save = useAction(async (form: FormData) => {
    const text = (name: string): string => String(form.get(name) ?? "").trim();
    const body = { revision: kept.revision, organisation: text("organisation"), timezone: text("timezone"), publicUrl: text("publicUrl") || null };
    onSaved(await live.send<Kept>("PATCH", "/settings", body));
  });
  return (
    <Form busy={save.busy} refusal={save.refusal} said={["organisation", "timezone", "publicUrl"]} onSubmit={(form) => void save.run(form)}>
      <TextField label={words.organisation} note={words.organisationNote} name="organisation" defaultValue={kept.organisation} field="organisation" refusal={save.refusal} maxLength={100} />
      <ZoneField label={words.timezone} note={words.timezoneNote} name="timezone" defaultValue={kept.timezone} field="timezone" refusal={save.refusal} required />
      <TextField label={words.publicUrl} note={words.publicUrlNote} name="publicUrl" type="url" defaultValue={kept.publicUrl ?? ""} placeholder="https://noc.example.net" field="publicUrl" refusal={save.refusal} />
    </Form>
  );
}

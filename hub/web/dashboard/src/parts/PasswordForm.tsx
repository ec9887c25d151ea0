// One's own password, changed.

import { useState, type ReactNode } from "react";

import { usePage } from "../data/context";
import { useAction } from "../data/useQuery";
import { texts } from "../texts";
import { Dialog } from "./Dialog";
import { Form, TextField } from "./Form";

const MIN_CHARS = 10;

export function PasswordForm({ onClose }: { onClose: () => void }): ReactNode {
  const { session } = usePage();
  const words = texts.account;
  const [done, setDone] = useState(false);
  const change = useAction(async (form: FormData) => {
    const [old, wanted, again] = ["old", "new", "again"].map((name) => String(form.get(name) ?? ""));
    if (wanted !== again) throw new Error(words.notSame);
    await session.changePassword(old ?? "", wanted ?? "");
  });
  const { refusal } = change;
  return (
    <Dialog heading={words.password} onClose={onClose} testId="password-dialog">
      {done ? (
        <p role="status">{words.passwordDone}</p>
      ) : (
        <Form busy={change.busy} refusal={refusal} said={["oldPassword", "newPassword"]} onCancel={onClose} onSubmit={(form) => void change.run(form).then(setDone)}>
          <p className="dim">{words.passwordLead}</p>
          <TextField label={words.oldPassword} name="old" type="password" autoComplete="current-password" field="oldPassword" refusal={refusal} required autoFocus />
          <TextField label={words.newPassword} note={words.newNote} name="new" type="password" autoComplete="new-password" field="newPassword" refusal={refusal} minLength={MIN_CHARS} required />
          <TextField label={words.newAgain} name="again" type="password" autoComplete="new-password" required />
        </Form>
      )}
    </Dialog>
  );
}

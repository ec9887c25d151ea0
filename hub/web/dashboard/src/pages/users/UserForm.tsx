// A new user, or another role for one.

import { useState, type ReactNode } from "react";

import { usePage } from "../../data/context";
import { at, go } from "../../data/route";
import { useAction, useQuery } from "../../data/useQuery";
import type { Customer } from "../../model/customers";
import { USER_ROLES, type User } from "../../model/people";
import { Answered } from "../../parts/Answered";
import { Dialog } from "../../parts/Dialog";
import { Finder } from "../../parts/Finder";
import { Form, SelectField, TextField } from "../../parts/Form";
import { texts } from "../../texts";
import { CUSTOMERS } from "../customers/address";

export function UserForm({ user: now, onClose }: { user: User | null; onClose: () => void }): ReactNode {
  // What others change while it is open is refused by the revision that this was read with, not overwritten.
  const [user] = useState(now);
  const { live } = usePage();
  const words = texts.users;
  const [role, setRole] = useState(user?.role ?? "viewer");
  const [customerId, setCustomerId] = useState(user?.customerId ?? null);
  const save = useAction(async (form: FormData) => {
    const mine = role === "customer" ? customerId : null;
    if (user === null) {
      const fields = { username: String(form.get("username") ?? "").trim(), password: String(form.get("password") ?? ""), role, customerId: mine };
      const { id } = await live.send<User>("POST", "/users", fields);
      go(at("users", id));
    } else await live.send("PATCH", `/users/${user.id}`, { revision: user.revision, role, customerId: mine });
  });
  const { refusal } = save;
  const roles = USER_ROLES.map((one) => [one, texts.roles.words[one] ?? one] as const);
  return (
    <Dialog heading={user === null ? words.add : words.editHeading(user.username)} onClose={onClose} testId="user-form">
      <Form busy={save.busy} refusal={refusal} said={["username", "password", "role"]} onCancel={onClose} onSubmit={(form) => void save.run(form).then((done) => done && onClose())}>
        {user === null ? (
          <div className="form-row">
            <TextField label={words.fields.name} note={words.fields.nameNote} name="username" field="username" refusal={refusal} maxLength={64} required autoFocus autoCapitalize="none" />
            <TextField label={words.fields.password} note={words.fields.passwordNote} name="password" type="password" autoComplete="new-password" field="password" refusal={refusal} minLength={10} required />
          </div>
        ) : (
          <p className="dim">{words.editLead}</p>
        )}
        <SelectField label={words.fields.role} note={texts.roles.may[role]} name="role" field="role" refusal={refusal} options={roles} value={role} onChange={(event) => setRole(event.target.value)} />
        {role === "customer" ? <CustomerChoice id={customerId} onPick={setCustomerId} /> : null}
      </Form>
    </Dialog>
  );
}

function CustomerChoice({ id, onPick }: { id: number | null; onPick: (id: number | null) => void }): ReactNode {
  const answer = useQuery<{ items: Customer[] }>(CUSTOMERS);
  const words = texts.users;
  return (
    <Answered answer={answer}>
      {({ items }) => {
        const chosen = items.find((one) => one.id === id);
        if (id === null) return <Finder label={words.findCustomer} choices={items.filter(({ state }) => state !== "closed").map((one) => ({ key: one.id, word: one.name, hint: one.reference ?? "" }))} onPick={(key) => onPick(Number(key))} testId="find-customer" />;
        return (
          <p className="chosen">
            <span>{chosen?.name ?? words.gone(id)}</span>
            <button type="button" className="button small" onClick={() => onPick(null)}>
              {words.another}
            </button>
          </p>
        );
      }}
    </Answered>
  );
}

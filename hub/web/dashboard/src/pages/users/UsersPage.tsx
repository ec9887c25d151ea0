// The people who sign in, what they may, who of them is here now, and beside the list one of them.

import { useMemo, useState, type ReactNode } from "react";

import { useNow } from "../../data/clock";
import { at } from "../../data/route";
import { useQuery } from "../../data/useQuery";
import type { Customer } from "../../model/customers";
import { connectionsOf, type User } from "../../model/people";
import { Answered } from "../../parts/Answered";
import { DataTable, type Column } from "../../parts/DataTable";
import { Glyph } from "../../parts/Glyph";
import { Time } from "../../parts/Numbers";
import { Opened } from "../../parts/Opened";
import { Page } from "../../parts/Page";
import { texts } from "../../texts";
import { CUSTOMERS } from "../customers/address";
import type { PageProps } from "../registry";
import { UserForm } from "./UserForm";
import { UserPanel } from "./UserPanel";

const EVERY_MS = 5_000;

export default function UsersPage({ id }: PageProps): ReactNode {
  const answer = useQuery<{ items: User[] }>("/users?limit=1000#all", { everyMs: 60_000 });
  const clients = useQuery<{ items: { user: string; role: string }[] }>("/clients?limit=1000", { everyMs: EVERY_MS });
  const customers = useQuery<{ items: Customer[] }>(CUSTOMERS, { on: ["customer:update"] });
  const [adding, setAdding] = useState(false);
  const connections = useMemo(() => (clients.phase === "ready" ? connectionsOf(clients.data.items) : null), [clients]);
  const names = useMemo(() => new Map(customers.phase === "ready" ? customers.data.items.map((one) => [one.id, one.name]) : []), [customers]);
  const columns = useColumns(connections, names);
  const users = answer.phase === "ready" ? answer.data.items : [];
  const connected = connections === null ? null : users.filter((user) => connections.has(`${user.role} ${user.username}`)).length;
  return (
    <div className="beside">
      <div className="beside-list">
        <Page
          title={texts.rail.pages.users}
          answer={answer.phase === "ready" ? texts.users.answer(users.length, users.filter((user) => user.disabled).length, connected) : ""}
          testId="users"
          flush
          tools={
            <button type="button" className="button small" onClick={() => setAdding(true)} data-testid="user-add">
              {texts.users.add}
            </button>
          }
        >
          <Answered answer={answer}>
            {({ items }) => <DataTable label={texts.rail.pages.users} columns={columns} rows={items} keyOf={(user) => user.id} placeOf={(user) => at("users", user.id)} openKey={id} testId="user-table" />}
          </Answered>
        </Page>
      </div>
      <Opened page="users" id={id} answer={answer}>
        {(user) => <UserPanel key={user.id} user={user} customer={user.customerId === null ? null : (names.get(user.customerId) ?? texts.users.gone(user.customerId))} connections={connections === null ? null : (connections.get(`${user.role} ${user.username}`) ?? 0)} />}
      </Opened>
      {adding ? <UserForm user={null} onClose={() => setAdding(false)} /> : null}
    </div>
  );
}

/** Who is connected may not be known: then nothing is said. */
const wordOf = (connected: number | null): string => (connected === null ? "" : texts.users.connected(connected));

function useColumns(connections: ReadonlyMap<string, number> | null, customers: ReadonlyMap<number, string>): readonly Column<User>[] {
  const nowMs = useNow();
  return useMemo(() => {
    const heads = texts.users.columns;
    const connected = (user: User): number | null => (connections === null ? null : (connections.get(`${user.role} ${user.username}`) ?? 0));
    return [
      { key: "name", head: heads.name, narrow: "minmax(0, 1fr)", width: "minmax(120px, 1fr)", cell: (user) => user.username, sort: (user) => user.username },
      { key: "role", head: heads.role, narrow: "98px", width: "104px", cell: (user) => texts.roles.words[user.role] ?? user.role, sort: (user) => user.role },
      { key: "customer", head: heads.customer, width: "minmax(90px, 0.8fr)", cell: (user) => (user.customerId === null ? "" : (customers.get(user.customerId) ?? texts.users.gone(user.customerId))), sort: (user) => user.customerId },
      {
        key: "state",
        head: heads.state,
        narrow: "104px",
        width: "112px",
        cell: (user) => (
          <span className="with-glyph">
            <Glyph status={user.disabled ? "unknown" : "online"} /> {user.disabled ? texts.users.disabled : texts.users.enabled}
          </span>
        ),
        sort: (user) => Number(user.disabled),
      },
      { key: "connected", head: heads.connected, width: "108px", cell: (user) => wordOf(connected(user)), sort: connected },
      { key: "since", head: heads.since, width: "96px", align: "end", cell: (user) => <Time ms={Date.parse(user.createdAt)} nowMs={nowMs} />, sort: (user) => Date.parse(user.createdAt) },
    ] satisfies Column<User>[];
  }, [connections, customers, nowMs]);
}

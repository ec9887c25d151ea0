"""Notification policies in hub.db."""

import sqlite3
from typing import Any, Final

import msgspec
from noctule_shared.errors import ErrorCode, Refused, invalid

from noctule_hub.core.audit import AuditAction, Authorship
from noctule_hub.core.notifying.policies import MAX_POLICIES, Policy, PolicyFields
from noctule_hub.store.sqlite.audit import record
from noctule_hub.store.sqlite.backed import Backed
from noctule_hub.store.sqlite.channels import read_channels
from noctule_hub.store.sqlite.escalations import look_again
from noctule_hub.store.sqlite.revisions import check_revision

_COLUMNS: Final = "id, fields, created_ms, revision"
_KIND: Final = "notification-policy"


def read_policies(connection: sqlite3.Connection) -> list[Policy]:
    """Return all policies by id, the default one first."""
    rows = connection.execute(f"SELECT {_COLUMNS} FROM notification_policy ORDER BY id")  # noqa: S608  a constant
    return [_policy(row) for row in rows]


def read_policy(connection: sqlite3.Connection, policy_id: int) -> Policy:
    """Return a policy. Raises `Refused` (not-found)."""
    query = f"SELECT {_COLUMNS} FROM notification_policy WHERE id = ?"  # noqa: S608  a constant
    row = connection.execute(query, (policy_id,)).fetchone()
    if row is None:
        raise Refused(ErrorCode.NOT_FOUND, f"there is no notification policy {policy_id}")
    return _policy(row)


def check_policy(connection: sqlite3.Connection, policy_id: int | None) -> None:
    """Raise `Refused` (invalid, field policyId) when there is no such policy; None: the default one."""
    known = "SELECT 1 FROM notification_policy WHERE id = ?"
    if policy_id is not None and connection.execute(known, (policy_id,)).fetchone() is None:
        raise invalid("policyId", f"there is no notification policy {policy_id}")


def _policy(row: tuple[Any, ...]) -> Policy:
    return Policy(row[0], msgspec.json.decode(row[1], type=PolicyFields), row[2], row[3])


def _check(connection: sqlite3.Connection, fields: PolicyFields, *, own_id: int) -> None:
    taken = "SELECT 1 FROM notification_policy WHERE name = ? AND id != ?"
    if connection.execute(taken, (fields.name, own_id)).fetchone():
        raise invalid("name", "there is a notification policy of this name already")
    known = {channel.id for channel in read_channels(connection)}
    for index, step in enumerate(fields.steps):
        for channel_id in step.channel_ids or ():
            if channel_id not in known:
                raise invalid(f"steps[{index}].channelIds", f"there is no notification channel {channel_id}")


def _document(fields: PolicyFields) -> str:
    return msgspec.json.encode(fields).decode()


class SqlitePolicies(Backed):
    """`Policies` in SQLite."""

    async def policies(self) -> list[Policy]:
        """Return all policies by id, the default one first."""
        return await self._readers.read(read_policies)

    async def policy(self, policy_id: int) -> Policy:
        """Return a policy. Raises `Refused` (not-found)."""
        return await self._readers.read(lambda connection: read_policy(connection, policy_id))

    async def add_policy(self, fields: PolicyFields, *, by: Authorship) -> Policy:
        """Add a policy. Raises `Refused` (invalid, the field; too-many)."""

        def add(connection: sqlite3.Connection) -> Policy:
            _check(connection, fields, own_id=0)
            if connection.execute("SELECT count(*) FROM notification_policy").fetchone()[0] >= MAX_POLICIES:
                raise Refused(ErrorCode.TOO_MANY, f"{MAX_POLICIES} notification policies at most; remove one first")
            row = connection.execute(
                f"INSERT INTO notification_policy (name, fields, created_ms) VALUES (?, ?, ?) RETURNING {_COLUMNS}",  # noqa: S608  a constant
                (fields.name, _document(fields), by.at_ms),
            ).fetchone()
            policy = _policy(row)
            record(connection, by, AuditAction.ADDED, _KIND, object_id=policy.id, name=fields.name, after=policy)
            return policy

        return await self._writer.submit(add)

    async def update_policy(self, policy_id: int, fields: PolicyFields, *, revision: int, by: Authorship) -> Policy:
        """Change a policy. Raises `Refused` (not-found; invalid, the field)."""

        def update(connection: sqlite3.Connection) -> Policy:
            old = read_policy(connection, policy_id)
            check_revision("notification policy", old.revision, revision)
            _check(connection, fields, own_id=policy_id)
            connection.execute(
                "UPDATE notification_policy SET name = ?, fields = ?, revision = revision + 1 WHERE id = ?",
                (fields.name, _document(fields), policy_id),
            )
            look_again(connection, by.at_ms)
            new = read_policy(connection, policy_id)
            name = fields.name
            record(connection, by, AuditAction.CHANGED, _KIND, object_id=policy_id, name=name, before=old, after=new)
            return new

        return await self._writer.submit(update)

    async def remove_policy(self, policy_id: int, *, by: Authorship) -> None:
        """Remove a policy. Raises `Refused` (not-found; invalid, field id)."""

        def remove(connection: sqlite3.Connection) -> None:
            old = read_policy(connection, policy_id)
            if old.is_default:
                raise invalid("id", "this is the policy of all rules that name none; change it instead")
            query = "SELECT name FROM alert_rule WHERE policy_id = ? ORDER BY name"
            rules = [name for (name,) in connection.execute(query, (policy_id,))]
            if rules:
                raise invalid("id", f"rules still name this policy: {', '.join(rules)}; give them another one first")
            connection.execute("DELETE FROM notification_policy WHERE id = ?", (policy_id,))
            name = old.fields.name
            record(connection, by, AuditAction.REMOVED, _KIND, object_id=policy_id, name=name, before=old)

        await self._writer.submit(remove)

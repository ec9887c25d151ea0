"""Agents and join tokens in hub.db."""

import hmac
import sqlite3
from typing import Any, Final

from noctule_shared.errors import ErrorCode, Refused, invalid

from noctule_hub.core.accounts import JoinTokenRow
from noctule_hub.core.audit import AuditAction, Authorship
from noctule_hub.core.commit import Assignment
from noctule_hub.core.records import Agent
from noctule_hub.store.sqlite.assignments import (
    adopt,
    lowest_agent,
    note_config_change,
    read_assignments,
    read_config_changes,
    unassign,
)
from noctule_hub.store.sqlite.audit import record
from noctule_hub.store.sqlite.backed import Backed

_COLUMNS: Final = (
    "id, name, site_id, signing_key, sealing_key, version, created_ms, revoked_ms, last_seen_ms, config_revision, "
    "next_signing_key"
)


def read_agents(connection: sqlite3.Connection) -> list[Agent]:
    """Return all agents by id, revoked ones too."""
    return [Agent(*row) for row in connection.execute(f"SELECT {_COLUMNS} FROM agent ORDER BY id")]  # noqa: S608  a constant


def _agent(connection: sqlite3.Connection, agent_id: int) -> Agent:
    row = connection.execute(f"SELECT {_COLUMNS} FROM agent WHERE id = ?", (agent_id,)).fetchone()  # noqa: S608  a constant
    if row is None:
        raise Refused(ErrorCode.NOT_FOUND, f"there is no agent {agent_id}")
    return Agent(*row)


def _use_token(connection: sqlite3.Connection, token_id: int, secret_hash: str, now_ms: int) -> int:
    """Use a join token up by one and return its site's id. Raises `Refused` (unauthorised)."""
    row: tuple[Any, ...] | None = connection.execute(
        "SELECT secret_hash, uses_left, expires_ms, site_id FROM join_token WHERE id = ?", (token_id,)
    ).fetchone()
    # Compared also when there is no such token, and told in one wording: guessing must not learn which it was.
    right = hmac.compare_digest((row[0] if row else "").encode(), secret_hash.encode())
    if row is None or not right or row[1] <= 0 or row[2] <= now_ms:
        raise Refused(
            ErrorCode.UNAUTHORISED,
            "the join token is unknown, used up or expired; make one with: noctule agent token --site SITE",
            field="token",
        )
    connection.execute("UPDATE join_token SET uses_left = uses_left - 1 WHERE id = ?", (token_id,))
    site_id: int = row[3]
    return site_id


def _changed(connection: sqlite3.Connection, by: Authorship, action: AuditAction, old: Agent) -> Agent:
    """Write down what became of an agent and return it."""
    new = _agent(connection, old.id)
    record(connection, by, action, "agent", object_id=old.id, name=new.name, before=old, after=new)
    return new


class SqliteAgents(Backed):
    """`Agents` in SQLite."""

    async def add_join_token(
        self, *, site_id: int, secret_hash: str, uses: int, expires_ms: int, by: Authorship
    ) -> JoinTokenRow:
        """Keep a join token. Raises `Refused` (not-found, field site)."""

        def add(connection: sqlite3.Connection) -> JoinTokenRow:
            if not connection.execute("SELECT 1 FROM site WHERE id = ?", (site_id,)).fetchone():
                raise Refused(ErrorCode.NOT_FOUND, f"there is no site {site_id}", field="site")
            row = connection.execute(
                """INSERT INTO join_token (site_id, secret_hash, uses_left, expires_ms) VALUES (?, ?, ?, ?)
                   RETURNING id, site_id, secret_hash, uses_left, expires_ms""",
                (site_id, secret_hash, uses, expires_ms),
            )
            token = JoinTokenRow(*row.fetchone())
            record(connection, by, AuditAction.ADDED, "join-token", object_id=token.id, name="", after=token)
            return token

        return await self._writer.submit(add)

    async def enrol_agent(
        self,
        *,
        token_id: int,
        secret_hash: str,
        name: str,
        signing_key: str,
        sealing_key: str,
        version: str,
        by: Authorship,
    ) -> Agent:
        """Use a join token up by one and add the agent; devices of the site without an agent become its own.

        Raises `Refused` (unauthorised) when the token is unknown, wrong, used up or expired, in one wording;
        (invalid, field name) when the name is taken; then the token is not used up.
        """

        def enrol(connection: sqlite3.Connection) -> Agent:
            site_id = _use_token(connection, token_id, secret_hash, by.at_ms)
            if connection.execute("SELECT 1 FROM agent WHERE name = ? AND revoked_ms IS NULL", (name,)).fetchone():
                raise invalid("name", f"there is an agent named {name!r} already; choose another name or revoke it")
            agent_id: int = connection.execute(
                """INSERT INTO agent (name, site_id, signing_key, sealing_key, version, created_ms)
                   VALUES (?, ?, ?, ?, ?, ?) RETURNING id""",
                (name, site_id, signing_key, sealing_key, version, by.at_ms),
            ).fetchone()[0]
            adopt(connection, agent_id, site_id, by.at_ms)
            agent = _agent(connection, agent_id)
            record(connection, by, AuditAction.ADDED, "agent", object_id=agent_id, name=name, after=agent)
            return agent

        return await self._writer.submit(enrol)

    async def agents(self) -> list[Agent]:
        """Return all agents by id, revoked ones too."""
        return await self._readers.read(read_agents)

    async def rename_agent(self, agent_id: int, name: str, *, by: Authorship) -> Agent:
        """Give an agent another name. Raises `Refused` (not-found; invalid, field name, when it is taken)."""

        def rename(connection: sqlite3.Connection) -> Agent:
            old = _agent(connection, agent_id)
            taken = "SELECT 1 FROM agent WHERE name = ? AND revoked_ms IS NULL AND id <> ?"
            if connection.execute(taken, (name, agent_id)).fetchone():
                raise invalid("name", f"there is an agent named {name!r} already; choose another name or revoke it")
            connection.execute("UPDATE agent SET name = ? WHERE id = ?", (name, agent_id))
            note_config_change(connection, agent_id, ())
            return _changed(connection, by, AuditAction.CHANGED, old)

        return await self._writer.submit(rename)

    async def announce_agent_keys(self, agent_id: int, *, signing_key: str, sealing_key: str) -> None:
        """Keep keys that an agent will use from some connection on; until then the present ones count."""

        def announce(connection: sqlite3.Connection) -> None:
            connection.execute(
                "UPDATE agent SET next_signing_key = ?, next_sealing_key = ? WHERE id = ?",
                (signing_key, sealing_key, agent_id),
            )

        await self._writer.submit(announce)

    async def adopt_agent_keys(self, agent_id: int, *, by: Authorship) -> Agent:
        """Put the announced keys in the place of the former ones; all its secrets have to be sealed anew then.

        Raises `Refused` (not-found).
        """

        def take(connection: sqlite3.Connection) -> Agent:
            old = _agent(connection, agent_id)
            changed = connection.execute(
                """UPDATE agent SET signing_key = next_signing_key, sealing_key = next_sealing_key,
                       next_signing_key = NULL, next_sealing_key = NULL
                   WHERE id = ? AND next_signing_key IS NOT NULL""",
                (agent_id,),
            ).rowcount
            if not changed:
                return old
            own = connection.execute("SELECT id FROM device WHERE agent_id = ? AND removed_ms IS NULL", (agent_id,))
            note_config_change(connection, agent_id, [device_id for (device_id,) in own.fetchall()])
            return _changed(connection, by, AuditAction.CHANGED, old)

        return await self._writer.submit(take)

    async def config_changes(self, agent_id: int, *, since: int) -> set[int] | None:
        """Return ids of devices that changed, came or went for an agent after revision `since`; None: not known."""
        return await self._readers.read(lambda connection: read_config_changes(connection, agent_id, since))

    async def assignments(self) -> list[Assignment]:
        """Return who polled which device when, those of removed devices too."""
        return await self._readers.read(read_assignments)

    async def revoke_agent(self, agent_id: int, *, by: Authorship) -> Agent:
        """Revoke an agent for good; its devices go to the site's next agent, without one they wait for it.

        Revoking it again changes nothing. Raises `Refused` (not-found).
        """

        def revoke(connection: sqlite3.Connection) -> Agent:
            agent = _agent(connection, agent_id)
            if agent.revoked_ms is not None:
                return agent
            connection.execute("UPDATE agent SET revoked_ms = ? WHERE id = ?", (by.at_ms, agent_id))
            own = "SELECT id, site_id FROM device WHERE agent_id = ? AND removed_ms IS NULL"
            devices = connection.execute(own, (agent_id,)).fetchall()
            for device_id, _ in devices:
                unassign(connection, device_id, by.at_ms)
            note_config_change(connection, agent_id, [device_id for device_id, _ in devices])
            for site_id in {site_id for _, site_id in devices}:
                heir = lowest_agent(connection, site_id)
                if heir is not None:
                    adopt(connection, heir, site_id, by.at_ms)
            return _changed(connection, by, AuditAction.REVOKED, agent)

        return await self._writer.submit(revoke)

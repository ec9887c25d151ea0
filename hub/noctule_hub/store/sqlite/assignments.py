"""Who polls which device since when: a row measured by an agent counts while the device was assigned to it."""

import sqlite3
from collections.abc import Iterable
from typing import Final

from noctule_shared.errors import ErrorCode, Refused

from noctule_hub.core.commit import Assignment

# No hub counts so many changes between a backup and its restoration.
RESTORED_STEP: Final = 1_000_000


def read_assignments(connection: sqlite3.Connection) -> list[Assignment]:
    """Return all spans in which agents polled devices, those of removed devices too."""
    rows = connection.execute("SELECT device_id, agent_id, from_ms, to_ms FROM device_assignment")
    return [Assignment(*row) for row in rows]


def lowest_agent(connection: sqlite3.Connection, site_id: int) -> int | None:
    """Return the site's agent with the lowest id that is not revoked, None for none."""
    query = "SELECT min(id) FROM agent WHERE site_id = ? AND revoked_ms IS NULL"
    found: int | None = connection.execute(query, (site_id,)).fetchone()[0]
    return found


def check_agent(connection: sqlite3.Connection, agent_id: int) -> None:
    """Raise `Refused` (not-found, field agentId) unless there is such an agent and it may poll."""
    if not connection.execute("SELECT 1 FROM agent WHERE id = ? AND revoked_ms IS NULL", (agent_id,)).fetchone():
        raise Refused(ErrorCode.NOT_FOUND, f"there is no active agent {agent_id}", field="agentId")


def assign(connection: sqlite3.Connection, device_id: int, agent_id: int, now_ms: int) -> None:
    """Record that a device without an agent is polled by `agent_id` from now on."""
    connection.execute("UPDATE device SET agent_id = ? WHERE id = ?", (agent_id, device_id))
    connection.execute("INSERT INTO device_assignment VALUES (?, ?, ?, NULL)", (device_id, agent_id, now_ms))


def unassign(connection: sqlite3.Connection, device_id: int, now_ms: int) -> None:
    """Record that nobody polls the device from now on."""
    connection.execute("UPDATE device SET agent_id = NULL WHERE id = ?", (device_id,))
    connection.execute(
        "UPDATE device_assignment SET to_ms = ? WHERE device_id = ? AND to_ms IS NULL", (now_ms, device_id)
    )


def adopt(connection: sqlite3.Connection, agent_id: int, site_id: int, now_ms: int) -> None:
    """Give an agent the site's devices that nobody polls, except an address and port that it polls already."""
    adopted = connection.execute(
        """SELECT min(id) FROM device AS free
           WHERE site_id = ? AND agent_id IS NULL AND removed_ms IS NULL AND NOT EXISTS (
               SELECT 1 FROM device AS own WHERE own.agent_id = ? AND own.removed_ms IS NULL
               AND own.address = free.address AND ifnull(own.snmp_port, 0) = ifnull(free.snmp_port, 0))
           GROUP BY address, ifnull(snmp_port, 0)""",
        (site_id, agent_id),
    ).fetchall()
    for (device_id,) in adopted:
        assign(connection, device_id, agent_id, now_ms)
    if adopted:
        note_config_change(connection, agent_id, [device_id for (device_id,) in adopted])


def note_config_change(connection: sqlite3.Connection, agent_id: int | None, device_ids: Iterable[int]) -> None:
    """Count a change of what an agent is told, and remember which devices it is about; None: nobody polls them.

    No devices: it is about what the agent or its site is called.
    """
    found = connection.execute(
        "UPDATE agent SET config_revision = config_revision + 1 WHERE id = ? RETURNING config_revision", (agent_id,)
    ).fetchone()
    if found is not None:
        connection.executemany(
            "INSERT OR REPLACE INTO config_change VALUES (?, ?, ?)",
            [(agent_id, device_id, found[0]) for device_id in device_ids],
        )


def read_config_changes(connection: sqlite3.Connection, agent_id: int, since: int) -> set[int] | None:
    """Return the devices that changed for an agent after its revision `since`; None: not known, send it all."""
    found = connection.execute("SELECT config_revision, config_floor FROM agent WHERE id = ?", (agent_id,)).fetchone()
    if found is None or not max(1, found[1]) <= since <= found[0]:
        return None
    rows = connection.execute(
        "SELECT device_id FROM config_change WHERE agent_id = ? AND revision > ?", (agent_id, since)
    )
    return {device_id for (device_id,) in rows}


def forget_config_changes(connection: sqlite3.Connection) -> None:
    """Give every agent's list a revision that none has had, and let it be sent whole: hub.db is an older copy."""
    connection.execute("DELETE FROM config_change")
    connection.execute("UPDATE agent SET config_revision = config_revision + ?", (RESTORED_STEP,))
    connection.execute("UPDATE agent SET config_floor = config_revision")

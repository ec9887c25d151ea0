"""Who polls which device since when: a row measured by an agent counts while the device was assigned to it."""

import sqlite3

from noctule_shared.errors import ErrorCode, Refused


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
        raise_config_revision(connection, agent_id)


def raise_config_revision(connection: sqlite3.Connection, agent_id: int | None) -> None:
    """Count a change of an agent's device list; None: nobody polls the device."""
    connection.execute("UPDATE agent SET config_revision = config_revision + 1 WHERE id = ?", (agent_id,))

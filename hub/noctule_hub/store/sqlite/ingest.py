"""The engine's side of hub.db: its state after a start, and group commits."""

import sqlite3
from typing import Any, Final

from noctule_shared.axes import Axis, CanaryLevel, Duplex, IcmpLevel, IfStatus, SnmpLevel
from noctule_shared.events import DeviceStatus
from noctule_shared.frames import FrameClass, TableName

from noctule_hub.core.commit import AgentCursor, Commit, Configuration, EngineState, GapRow
from noctule_hub.core.records import Axes, DeviceState, Interface
from noctule_hub.store.sqlite.agents import read_agents
from noctule_hub.store.sqlite.alert_rules import read_rules
from noctule_hub.store.sqlite.alert_story import add_steps
from noctule_hub.store.sqlite.alerts import put_alerts, read_open_alerts
from noctule_hub.store.sqlite.assignments import read_assignments
from noctule_hub.store.sqlite.audit import record
from noctule_hub.store.sqlite.backed import Backed
from noctule_hub.store.sqlite.columns import KINDS
from noctule_hub.store.sqlite.customers import read_customers
from noctule_hub.store.sqlite.devices import read_devices
from noctule_hub.store.sqlite.discovered import put_systems, replace_neighbours
from noctule_hub.store.sqlite.flaps import put_flaps, read_flaps
from noctule_hub.store.sqlite.incidents import put_incidents, read_open_incidents
from noctule_hub.store.sqlite.log import append_events
from noctule_hub.store.sqlite.maintenance import read_windows
from noctule_hub.store.sqlite.schema import highest_id
from noctule_hub.store.sqlite.services import read_services
from noctule_hub.store.sqlite.silences import read_silences
from noctule_hub.store.sqlite.sites import read_sites
from noctule_hub.store.sqlite.status_page import read_status_page
from noctule_hub.store.sqlite.statuses import put_statuses
from noctule_hub.store.sqlite.users import read_assignees

MAX_GAPS: Final = 10_000

_INTERFACE: Final = (
    "id",
    "device_id",
    "identity",
    "if_index",
    "inventory_rev",
    "if_name",
    "if_descr",
    "if_alias",
    "if_type",
    "speed_bps",
    "if_admin_status",
    "if_oper_status",
    "polled",
    "state_ms",
    "removed_ms",
    "duplex",
)
_CURSOR: Final = ("agent_id", "epoch", "next_seq", "moved_ms", "told_ms", "last_digest")
_STATE: Final = ("device_id", "icmp", "icmp_ms", "snmp", "snmp_ms", "status", "reason", "since_ms", "underlying")


def _upsert(table: str, columns: tuple[str, ...]) -> str:
    """Return the statement that adds a row or replaces that of the same key, the first column."""
    changed = ", ".join(f"{column} = excluded.{column}" for column in columns[1:])
    return (
        f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))}) "  # noqa: S608  constants
        f"ON CONFLICT ({columns[0]}) DO UPDATE SET {changed}"
    )


_PUT_INTERFACE: Final = _upsert("interface", _INTERFACE)
_PUT_STATE: Final = _upsert("device_state", _STATE)
# A frame that the cursor has passed may be projected and gone already: it must not come back.
_ADD_FRAME: Final = """INSERT OR IGNORE INTO frame
    SELECT ?1, ?2, ?3, ?4, ?5, ?6
    WHERE NOT EXISTS (SELECT 1 FROM agent_cursor WHERE agent_id = ?1 AND epoch = ?2 AND next_seq > ?3)"""
_MOVE_CURSOR: Final = """INSERT INTO agent_cursor VALUES (?, ?, ?, ?, ?, ?)
    ON CONFLICT (agent_id, epoch) DO UPDATE
    SET next_seq = excluded.next_seq, moved_ms = max(moved_ms, excluded.moved_ms), told_ms = excluded.told_ms,
        last_digest = excluded.last_digest
    WHERE excluded.next_seq >= next_seq"""
_PUT_CANARY: Final = "INSERT INTO canary VALUES (?, ?) ON CONFLICT (agent_id) DO UPDATE SET level = excluded.level"
_SEE_AGENT: Final = "UPDATE agent SET last_seen_ms = max(ifnull(last_seen_ms, 0), ?) WHERE id = ?"


def _interface(row: tuple[Any, ...]) -> Interface:
    values = dict(zip(_INTERFACE, row, strict=True))
    admin, oper = IfStatus(values.pop("if_admin_status")), IfStatus(values.pop("if_oper_status"))
    duplex = values.pop("duplex")
    return Interface(
        if_admin_status=admin,
        if_oper_status=oper,
        polled=bool(values.pop("polled")),
        duplex=None if duplex is None else Duplex(duplex),
        **values,
    )


def _state(row: tuple[Any, ...]) -> DeviceState:
    return DeviceState(
        device_id=row[0],
        axes=Axes(IcmpLevel(row[1]), row[2], SnmpLevel(row[3]), row[4]),
        status=DeviceStatus(row[5]),
        reason=row[6],
        since_ms=row[7],
        underlying=None if row[8] is None else DeviceStatus(row[8]),
    )


def _read_configuration(connection: sqlite3.Connection) -> Configuration:
    return Configuration(
        devices=read_devices(connection),
        sites=read_sites(connection),
        agents=read_agents(connection),
        assignments=read_assignments(connection),
        windows=read_windows(connection),
        status_page=read_status_page(connection),
        customers=read_customers(connection),
        services=read_services(connection),
        rules=read_rules(connection),
        silences=read_silences(connection),
        assignees=read_assignees(connection),
    )


def _read_engine_state(connection: sqlite3.Connection) -> EngineState:
    present = "JOIN device ON device.id = device_id WHERE device.removed_ms IS NULL ORDER BY 1"
    interfaces = ", ".join(f"interface.{column}" for column in _INTERFACE)
    return EngineState(
        configuration=_read_configuration(connection),
        interfaces=[
            _interface(row)
            for row in connection.execute(f"SELECT {interfaces} FROM interface {present}")  # noqa: S608  constants
        ],
        states=[
            _state(row)
            for row in connection.execute(f"SELECT {', '.join(_STATE)} FROM device_state {present}")  # noqa: S608  constants
        ],
        alerts=read_open_alerts(connection),
        cursors=[
            AgentCursor(*row)
            for row in connection.execute(f"SELECT {', '.join(_CURSOR)} FROM agent_cursor")  # noqa: S608  constants
        ],
        canaries={
            agent_id: CanaryLevel(level) for agent_id, level in connection.execute("SELECT agent_id, level FROM canary")
        },
        next_interface_id=highest_id(connection, "interface") + 1,
        next_alert_id=highest_id(connection, "alert") + 1,
        flaps=read_flaps(connection),
        incidents=read_open_incidents(connection),
        next_incident_id=highest_id(connection, "incident") + 1,
        late_levels={
            (device_id, Axis(axis)): (level, at_ms)
            for device_id, axis, level, at_ms in connection.execute(
                "SELECT device_id, axis, level, at_ms FROM late_level"
            )
        },
    )


def _apply(connection: sqlite3.Connection, commit: Commit) -> list[int]:
    many = connection.executemany
    many(
        _ADD_FRAME,
        [(row.agent_id, row.epoch, row.seq, row.received_ms, row.frame_class, row.body) for row in commit.frames],
    )
    many(
        "INSERT OR IGNORE INTO rejected_frame VALUES (?, ?, ?, ?, ?, ?, ?)",
        [
            (row.agent_id, row.epoch, row.seq, row.received_ms, row.reason, row.message, row.body)
            for row in commit.rejected
        ],
    )
    many(_MOVE_CURSOR, [tuple(getattr(row, column) for column in _CURSOR) for row in commit.cursors])
    many("DELETE FROM agent_cursor WHERE agent_id = ? AND epoch = ?", commit.forgotten_epochs)
    many(
        "INSERT INTO gap (agent_id, from_ms, to_ms, samples, reason) VALUES (?, ?, ?, ?, ?)",
        [(row.agent_id, row.from_ms, row.to_ms, row.samples, row.reason) for row in commit.gaps],
    )
    many(_PUT_INTERFACE, [tuple(getattr(row, column) for column in _INTERFACE) for row in commit.interfaces])
    many(
        "INSERT OR IGNORE INTO series (kind, object_id) VALUES (?, ?)",
        [(KINDS[TableName.INTERFACE], row.id) for row in commit.interfaces],
    )
    many(
        "INSERT OR REPLACE INTO binding VALUES (?, ?, ?, ?)",
        [(row.device_id, row.if_index, row.from_rev, row.interface_id) for row in commit.bindings],
    )
    put_systems(connection, commit.systems)
    replace_neighbours(connection, commit.neighbours)
    many(
        _PUT_STATE,
        [
            (
                row.device_id,
                row.axes.icmp,
                row.axes.icmp_ms,
                row.axes.snmp,
                row.axes.snmp_ms,
                row.status,
                row.reason,
                row.since_ms,
                row.underlying,
            )
            for row in commit.states
        ],
    )
    put_alerts(connection, commit.alerts)
    add_steps(connection, commit.steps)
    put_flaps(connection, commit.flaps, commit.forgotten_flaps)
    put_incidents(connection, commit.incidents)
    many(_PUT_CANARY, list(commit.canaries.items()))
    many("DELETE FROM late_level WHERE device_id = ? AND axis = ?", commit.forgotten_late_levels)
    many("INSERT OR REPLACE INTO late_level VALUES (?, ?, ?, ?)", [(*k, *v) for k, v in commit.late_levels.items()])
    many(_SEE_AGENT, [(seen_ms, agent_id) for agent_id, seen_ms in commit.seen_agents.items()])
    for done in commit.audited:
        record(
            connection,
            done.by,
            done.action,
            done.kind,
            object_id=done.object_id,
            name=done.name,
            before=done.before,
            after=done.after,
        )
    seqs = append_events(connection, commit.events, commit.now_ms)
    put_statuses(connection, commit.events, seqs)
    return seqs


class SqliteIngest(Backed):
    """`Ingest` in SQLite."""

    async def configuration(self) -> Configuration:
        """Return what the engine works by, consistent in itself."""
        return await self._readers.read(_read_configuration)

    async def load_engine_state(self) -> EngineState:
        """Return what the engine needs after a start, consistent in itself; of alerts those not resolved."""
        return await self._readers.read(_read_engine_state)

    async def commit(self, commit: Commit) -> list[int]:
        """Apply a group commit whole or not at all, durably; returns the seqs of its events.

        Frames already there and cursors already beyond are left as they are. Once durable, its tables are
        part of the series, also when the caller has been cancelled meanwhile.
        """

        def join_tail(seqs: list[int]) -> None:
            self._head.note(seqs)
            received = [row.received_ms for row in commit.frames if row.frame_class == FrameClass.MEASUREMENTS]
            self._tail.append(commit.tables, max(received, default=commit.now_ms))

        return await self._writer.submit(lambda connection: _apply(connection, commit), after=join_tail)

    async def gaps(self, agent_id: int, *, from_ms: int, to_ms: int, limit: int) -> list[GapRow]:
        """Return at most `limit` (and `MAX_GAPS`) holes that touch `[from_ms, to_ms)`, newest first."""
        query = """SELECT agent_id, from_ms, to_ms, samples, reason FROM gap
            WHERE agent_id = ? AND to_ms >= ? AND from_ms < ? ORDER BY to_ms DESC, id DESC LIMIT ?"""
        values = (agent_id, from_ms, to_ms, max(0, min(limit, MAX_GAPS)))
        return await self._readers.read(lambda connection: [GapRow(*row) for row in connection.execute(query, values)])

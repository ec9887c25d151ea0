"""What became of alerts, step by step, whom they were told to, and rules as they were; how long that is kept."""

import sqlite3
from collections.abc import Iterable
from typing import Any, Final

import msgspec
from noctule_shared.events import AlertState

from noctule_hub.core.alerting.rules import Rule
from noctule_hub.core.alerting.steps import FIRST_STEPS, MAX_STEPS, AlertStep, Step, Story
from noctule_hub.core.alerting.told import MAX_TOLD, Told
from noctule_hub.core.notifying.deliveries import DeliveryKind, DeliveryState
from noctule_hub.core.records import Alert
from noctule_hub.store.sqlite.alerts import SELECT_ALERT, alert_of
from noctule_hub.store.sqlite.backed import Backed

# Versions that are kept of rules of one name, the newest.
MAX_VERSIONS: Final = 100
MAX_FORGOTTEN: Final = 100
# Alerts that are dropped at a time: commits must not wait for it.
DROPPED_AT_ONCE: Final = 1_000

_decode_step: Final = msgspec.json.Decoder(Step).decode
_decode_rule: Final = msgspec.json.Decoder(Rule).decode
# In steps' order, the first ones and the newest are kept.
_EXCESS: Final = f"""SELECT id FROM alert_step WHERE alert_id = ?1 ORDER BY id
    LIMIT (SELECT count(*) - {MAX_STEPS} FROM alert_step WHERE alert_id = ?1) OFFSET {FIRST_STEPS}"""  # noqa: S608  constants


def add_steps(connection: sqlite3.Connection, steps: Iterable[AlertStep]) -> None:
    """Add steps of alerts that are there; of each alert no more than `MAX_STEPS` stay, the others are counted."""
    rows = [(one.alert_id, msgspec.json.encode(one.step).decode()) for one in steps]
    if not rows:
        return
    connection.executemany("INSERT INTO alert_step (alert_id, step) VALUES (?, ?)", rows)
    alert_ids = msgspec.json.encode(sorted({alert_id for alert_id, _ in rows})).decode()
    full = connection.execute(
        """SELECT alert_id FROM alert_step WHERE alert_id IN (SELECT value FROM json_each(?))
           GROUP BY alert_id HAVING count(*) > ?""",
        (alert_ids, MAX_STEPS),
    ).fetchall()
    for (alert_id,) in full:
        dropped = connection.execute(f"DELETE FROM alert_step WHERE id IN ({_EXCESS})", (alert_id,)).rowcount  # noqa: S608  constants
        connection.execute("UPDATE alert SET steps_dropped = steps_dropped + ? WHERE id = ?", (dropped, alert_id))


def keep_version(connection: sqlite3.Connection, rule: Rule, until_ms: int) -> None:
    """Keep a rule as it was until `until_ms`."""
    connection.execute(
        "INSERT INTO alert_rule_version (name, revision, until_ms, rule) VALUES (?, ?, ?, ?)",
        (rule.name, rule.revision, until_ms, msgspec.json.encode(rule).decode()),
    )
    connection.execute(
        f"""DELETE FROM alert_rule_version WHERE name = ?1 AND id <= (SELECT id FROM alert_rule_version
                WHERE name = ?1 ORDER BY id DESC LIMIT 1 OFFSET {MAX_VERSIONS})""",  # noqa: S608  a constant
        (rule.name,),
    )


def drop_alerts(
    connection: sqlite3.Connection, *, before_ms: int, forgotten_before_ms: int, most: int, at_once: int
) -> int:
    """Drop up to `at_once` alerts that are over, with their steps; returns how many went.

    Those that were over before `before_ms`, forgotten ones that began before `forgotten_before_ms`, and the oldest of
    more than `most`. Versions of rules go that none of those left can have been judged by.
    """
    surplus = connection.execute("SELECT count(*) FROM alert").fetchone()[0] - most
    found = [
        *connection.execute(
            "SELECT id FROM alert WHERE state = 'inactive' AND started_ms < ? ORDER BY started_ms LIMIT ?",
            (forgotten_before_ms, at_once),
        ),
        *connection.execute(
            "SELECT id FROM alert WHERE state = 'resolved' AND started_ms < ?1 AND resolved_ms < ?1 LIMIT ?2",
            (before_ms, at_once),
        ),
    ]
    if surplus > 0:
        over = "SELECT id FROM alert WHERE state IN ('resolved', 'inactive') ORDER BY id LIMIT ?"
        found += connection.execute(over, (min(surplus, at_once),)).fetchall()
    gone = list(dict.fromkeys(found))[:at_once]
    connection.executemany("DELETE FROM alert_step WHERE alert_id = ?", gone)
    connection.executemany("DELETE FROM alert WHERE id = ?", gone)
    connection.execute("DELETE FROM alert_rule_version WHERE until_ms < ?", (before_ms,))
    return len(gone)


def _read_version(connection: sqlite3.Connection, name: str, revision: int, at_ms: int) -> Rule | None:
    row = connection.execute(
        """SELECT rule FROM alert_rule_version WHERE name = ? AND revision = ? AND until_ms >= ?
           ORDER BY until_ms LIMIT 1""",
        (name, revision, at_ms),
    ).fetchone()
    return None if row is None else _decode_rule(row[0])


def _told(row: tuple[Any, ...]) -> Told:
    return Told(row[0], row[1], DeliveryKind(row[2]), DeliveryState(row[3]), *row[4:])


class SqliteAlertStories(Backed):
    """`AlertStories` in SQLite."""

    async def alert_story(self, alert_id: int) -> Story:
        """Return the steps of an alert, none for one that is not there."""

        def read(connection: sqlite3.Connection) -> Story:
            rows = connection.execute("SELECT step FROM alert_step WHERE alert_id = ? ORDER BY id", (alert_id,))
            dropped = connection.execute("SELECT steps_dropped FROM alert WHERE id = ?", (alert_id,)).fetchone()
            return Story(tuple(_decode_step(row[0]) for row in rows), 0 if dropped is None else dropped[0])

        return await self._readers.read(read)

    async def told_of_alert(self, alert_id: int) -> list[Told]:
        """Return what channels were told of an alert, at most `MAX_TOLD`, oldest first."""
        query = """SELECT channel.id, channel.name, kind, state, attempts, delivery.created_ms, next_ms, outcome,
                (SELECT max(at_ms) FROM delivery_attempt WHERE delivery_id = delivery.id)
            FROM delivery JOIN channel ON channel.id = channel_id WHERE alert_id = ? ORDER BY delivery.id LIMIT ?"""
        return await self._readers.read(
            lambda connection: [_told(row) for row in connection.execute(query, (alert_id, MAX_TOLD))]
        )

    async def rule_version(self, name: str, revision: int, *, at_ms: int) -> Rule | None:
        """Return the rule of that name as it was at that revision, which it had at `at_ms`, None: not the present."""
        return await self._readers.read(lambda connection: _read_version(connection, name, revision, at_ms))

    async def forgotten_alerts(self, device_id: int, interface_id: int | None) -> list[Alert]:
        """Return alerts about a device alone, or one interface of it, that never fired; at most 100, newest first."""
        query = f"""{SELECT_ALERT} WHERE device_id = ? AND interface_id IS ? AND state = ?
            ORDER BY id DESC LIMIT {MAX_FORGOTTEN}"""
        values = (device_id, interface_id, AlertState.INACTIVE)
        return await self._readers.read(lambda connection: [alert_of(row) for row in connection.execute(query, values)])

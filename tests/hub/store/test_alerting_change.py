"""The change of hub.db that made rules data: a hub alerts as before, and customers still see what they saw."""

import sqlite3
from pathlib import Path

from noctule_hub.core.alerting.rules import SEEDED
from noctule_hub.store.sqlite import open_store
from noctule_hub.store.sqlite.changes.alerting import add_alerting
from noctule_hub.store.sqlite.migrations import MIGRATIONS
from sqlite_utils import Database

from tests.hub.store.samples import NOW_MS


async def test_rules_are_as_they_were_and_open_alerts_go_on(tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / "hub.db", isolation_level=None)
    db = Database(connection)
    before = MIGRATIONS[: MIGRATIONS.index(add_alerting)]
    for migration in before:
        migration(db)
    connection.execute(f"PRAGMA user_version = {len(before)}")
    connection.executemany(
        "INSERT INTO alert (key, rule, title, severity, state, reason, started_ms)"
        " VALUES (?, ?, '', ?, 'firing', '', 1)",
        [
            ("device-offline:device:1", "device-offline", "critical"),
            ("agent-silent:agent:1", "agent-silent", "critical"),
            ("interface-down:interface:1", "interface-down", "warning"),
        ],
    )
    connection.close()

    store = await open_store(tmp_path, clock_ms=lambda: NOW_MS)
    assert await store.rules() == list(SEEDED)
    alerts = sorted((await store.load_engine_state()).alerts, key=lambda alert: alert.id)
    assert [(alert.rule, alert.trouble) for alert in alerts] == [
        ("device-offline", "is down"),
        ("agent-silent", None),
        ("interface-down", "is down"),
    ]
    await store.close()

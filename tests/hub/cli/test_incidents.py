"""Incidents by the command line, against a real hub whose hub.db is given what agents would have brought about."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from typing import Any

import pytest
from click.testing import Result
from noctule_hub.core.alerting.incidents import Incident
from noctule_hub.store.sqlite.alerts import put_alerts
from noctule_hub.store.sqlite.incidents import put_incidents
from noctule_shared.events import AlertState

from tests.hub.cli.conftest import RunningHub
from tests.hub.store.samples import NOW_MS, alert

Run = Callable[..., Result]
Ask = Callable[..., Any]


@pytest.fixture
def kept(hub: RunningHub) -> Iterator[None]:
    """Let there be an incident that is over, another one and one that it took over, whose alerts are over as well."""
    over = Incident(
        1, "core1 is offline", "device:1", 1, None, NOW_MS, NOW_MS + 1, unreachable=frozenset({9_000_871, 9_000_872})
    )
    taken = Incident(2, "core2 is offline", "device:2", 2, None, NOW_MS, NOW_MS + 1, merged_into=1)
    last = Incident(3, "core3 is offline", "device:3", 3, None, NOW_MS)
    of = {1: over, 2: over, 3: last}
    resolved = {number: alert(number, key=f"cli{number}", state=AlertState.RESOLVED) for number in of}
    alerts = [replace(resolved[number], incident=of[number].ref) for number in of]
    with closing(sqlite3.connect(hub.data_dir / "hub.db")) as connection, connection:
        put_incidents(connection, [over, taken, last])
        put_alerts(connection, alerts)
    yield
    with closing(sqlite3.connect(hub.data_dir / "hub.db")) as connection, connection:
        connection.execute("DELETE FROM incident_device")
        connection.execute("DELETE FROM incident")
        connection.execute("DELETE FROM alert WHERE key LIKE 'cli%'")


@pytest.mark.usefixtures("kept")
def test_incidents_are_listed_and_shown(signed_in: Run, ask: Ask) -> None:
    assert [one["id"] for one in ask("alert", "incident", "list")["items"]] == [3]
    assert [one["id"] for one in ask("alert", "incident", "list", "--all")["items"]] == [3, 2, 1]
    assert [one["id"] for one in ask("alert", "incident", "list", "--all", "--limit", "2")["items"]] == [3, 2]
    assert len(ask("alert", "list", "--all", "--limit", "2")["items"]) == 2
    listed = signed_in("alert", "incident", "list", "--all").stdout
    assert "part of incident 1 now" in listed
    shown = ask("alert", "incident", "show", "1")
    assert ([one["id"] for one in shown["members"]], shown["unreachable"]) == ([1, 2], 2)
    printed = signed_in("alert", "incident", "show", "1").stdout
    assert "root cause" in printed
    assert "(removed)" in printed
    missing = signed_in("alert", "incident", "show", "987654")
    assert (missing.exit_code, "there is no incident 987654" in missing.stderr) == (1, True)

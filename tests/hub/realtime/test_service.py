import inspect
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from noctule_hub.realtime.service import SocketService

if TYPE_CHECKING:
    from tests.hub.realtime.conftest import SocketHub

TRANSPORTS = ["websocket", "polling"]
CLIENTS_PAGE = Path(__file__).parents[3] / "docs" / "clients.md"


def test_methods_are_told_by_the_guides_names_with_their_parameters() -> None:
    table = CLIENTS_PAGE.read_text("utf-8").partition("## A program around a hub")[2]
    told = {name: split_words(given) for name, given in re.findall(r"`([a-z_]+)\(([a-z_, ]*)\)`", table)}
    emitting = {name for name in vars(SocketService) if name.startswith(("emit_", "connected_", "is_user_"))}
    # `emit_test` is what /ws-test has the hub emit.
    assert told.keys() >= emitting - {"emit_test"}
    for name, given in told.items():
        assert list(inspect.signature(getattr(SocketService, name)).parameters)[1:] == given, name


def split_words(given: str) -> list[str]:
    return [word for word in given.split(", ") if word]


@pytest.mark.parametrize("transport", TRANSPORTS)
async def test_plain_client_gets_a_device_event_with_no_further_call(hub: "SocketHub", transport: str) -> None:
    client = await hub.join({"token": "viewer"}, transport=transport)
    await hub.service.emit_device_status(7, "offline", {"previous": "online", "reason": "icmp-down"})
    await client.until(lambda c: bool(c.of("device:status")), "device:status")
    (event,) = client.of("device:status")
    assert event["deviceId"] == 7
    assert event["deviceName"] == "sw7"
    assert event["siteId"] == 4
    assert event["status"] == "offline"
    assert event["seq"] == 1
    assert event["committedAt"].endswith("Z")
    assert "late" not in event


@pytest.mark.parametrize("transport", TRANSPORTS)
async def test_anonymous_sees_only_stats_and_public(hub: "SocketHub", transport: str) -> None:
    client = await hub.join(transport=transport)
    assert client.of("replay:done")[0]["rooms"] == ["stats", "public"]
    await hub.log(1, rooms=("devices", "device:1", "site:4"))
    await hub.log(2, rooms=("devices", "public"))
    await client.until(lambda c: bool(c.of("device:status")), "the public event")
    await client.until(lambda c: bool(c.of("stats:update")), "stats:update")
    (event,) = client.of("device:status")
    assert event["components"] == [{"id": 2, "label": "Fibre", "state": "outage"}]
    assert set(event) == {"timestamp", "components", "seq", "committedAt"}
    assert "payments" not in client.of("stats:update")[0]
    assert client.of("stats:update")[0]["devices"] == {"total": 3, "online": 3}

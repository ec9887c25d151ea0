"""The hub's settings over HTTP."""

from typing import Any

import pytest
from noctule_hub.core.principal import Role

from tests.hub.api.harness import Hub

PATH = "/api/v1/settings"


async def test_settings_are_read_by_staff_and_changed_by_admins(hub: Hub) -> None:
    default = {"organisation": "", "timezone": "UTC", "publicUrl": None, "revision": 1}
    assert (await hub.get(PATH, role=Role.VIEWER)).json == default
    change = {"revision": 1, "organisation": " Example Net ", "publicUrl": "https://noctule.example.net/"}
    answer = await hub.ask("PATCH", PATH, json=change)
    assert answer.json == {
        "organisation": "Example Net",
        "timezone": "UTC",
        "publicUrl": "https://noctule.example.net",
        "revision": 2,
    }
    assert (await hub.ask("PATCH", PATH, json=change)).json["field"] == "revision"
    assert (await hub.ask("PATCH", PATH, json={"revision": 2}, role=Role.OPERATOR)).status == 403
    emptied = await hub.ask("PATCH", PATH, json={"revision": 2, "organisation": "", "publicUrl": None})
    assert (emptied.json["organisation"], emptied.json["publicUrl"]) == ("", None)
    (entry, _) = (await hub.get("/api/v1/audit?kind=settings")).json["items"]
    assert (entry["before"]["organisation"], entry["after"]["organisation"]) == ("Example Net", "")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"timezone": "Mars/Olympus"}, "timezone"),
        ({"timezone": "/etc/localtime"}, "timezone"),
        ({"timezone": ""}, "timezone"),
        ({"organisation": "a\x1b[0m"}, "organisation"),
        ({"organisation": "a" * 101}, "organisation"),
        ({"publicUrl": "javascript:alert(1)"}, "publicUrl"),
        ({"publicUrl": "https://user:secret@example.net"}, "publicUrl"),
        ({"publicUrl": "https://example.net/?a=1"}, "publicUrl"),
        ({"publicUrl": "https://[::1"}, "publicUrl"),
        ({"publicUrl": "https://exa mple.net"}, "publicUrl"),
        ({"publicUrl": "https://example.net:99999"}, "publicUrl"),
        ({"colour": "red"}, "colour"),
        ({"revision": "1"}, "revision"),
    ],
)
async def test_bad_input_names_the_field_and_changes_nothing(hub: Hub, change: dict[str, Any], field: str) -> None:
    answer = await hub.ask("PATCH", PATH, json={"revision": 1} | change)
    assert (answer.status, answer.json["field"]) == (400, field), answer.text
    assert (await hub.get(PATH)).json["revision"] == 1

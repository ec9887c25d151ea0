"""Rules of alerts over HTTP."""

from typing import Any

import pytest
from noctule_hub.core.principal import Role
from noctule_shared.times import iso_from_ms

from tests.hub.api.harness import NOW_MS, Hub

PATH = "/api/v1/rules"
NEW = {"name": "core-port-down", "condition": {"kind": "interface-down"}, "severity": "critical"}
ALL: dict[str, list[object]] = {
    "siteIds": [],
    "deviceIds": [],
    "tags": [],
    "names": [],
    "ifTypes": [],
    "interfaceNames": [],
}


async def test_a_rule_is_added_shown_changed_and_removed(hub: Hub) -> None:
    selector = {"siteIds": [hub.site.id, hub.site.id], "tags": ["core"], "interfaceNames": ["ge-*"], "ifTypes": [6]}
    answer = await hub.post(PATH, NEW | {"forS": 30, "trouble": "is down", "selector": selector}, role=Role.OPERATOR)
    assert answer.status == 201, answer.text
    rule = answer.json
    assert rule == NEW | {
        "id": 5,
        "forS": 30,
        "trouble": "is down",
        "selector": ALL | selector | {"siteIds": [hub.site.id]},
        "enabled": True,
        "createdAt": iso_from_ms(NOW_MS),
        "revision": 1,
    }
    path = f"{PATH}/5"
    assert (await hub.get(path, role=Role.VIEWER)).json == rule
    listed = (await hub.get(PATH, role=Role.VIEWER)).json["items"]
    assert [one["name"] for one in listed] == [
        "device-offline",
        "agent-silent",
        "agent-contested",
        "interface-down",
        "core-port-down",
    ]
    changes = {"revision": 1, "severity": "info", "forS": 0, "trouble": None, "selector": {}, "enabled": False}
    changed = (await hub.patch(path, changes)).json
    assert changed == rule | changes | {"selector": ALL, "revision": 2}
    assert (await hub.patch(path, {"revision": 2})).json == changed | {"revision": 3}
    assert (await hub.patch(path, {"revision": 2})).json["field"] == "revision"
    assert (await hub.ask("DELETE", path)).status == 204
    assert (await hub.get(path)).status == 404
    assert hub.engine.reloads == 4


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"name": "Core Down"}, "name"),
        ({"name": "a--b"}, "name"),
        ({"name": "x" * 65}, "name"),
        ({"name": "interface-down"}, "name"),
        ({"condition": {"kind": "nothing"}}, "condition.kind"),
        ({"condition": {"kind": "interface-down", "over": 1}}, "condition.over"),
        ({"severity": "bad"}, "severity"),
        ({"forS": 86_401}, "forS"),
        ({"forS": -1}, "forS"),
        ({"trouble": "a\nb"}, "trouble"),
        ({"selector": {"siteIds": [0]}}, "selector.siteIds[0]"),
        ({"selector": {"siteIds": [99]}}, "selector.siteIds"),
        ({"selector": {"deviceIds": [99]}}, "selector.deviceIds"),
        ({"selector": {"names": [""]}}, "selector.names[0]"),
        ({"selector": {"names": ["*"] * 33}}, "selector.names"),
        ({"selector": {"roles": []}}, "selector.roles"),
        ({"condition": {"kind": "device-offline"}, "selector": {"ifTypes": [6]}}, "selector.ifTypes"),
        ({"condition": {"kind": "agent-silent"}, "selector": {"tags": ["core"]}}, "selector.tags"),
        ({"condition": {"kind": "agent-silent"}, "trouble": "is down"}, "trouble"),
    ],
)
async def test_a_wrong_rule_is_refused_by_field_and_nothing_changes(hub: Hub, body: dict[str, Any], field: str) -> None:
    answer = await hub.post(PATH, NEW | body)
    assert (answer.status, answer.json["field"]) == (400, field)
    assert len((await hub.get(PATH)).json["items"]) == 4
    assert hub.engine.reloads == 0


@pytest.mark.parametrize("body", [{"name": "other"}, {"condition": {"kind": "agent-silent"}}])
async def test_what_a_rule_is_about_and_called_stays(hub: Hub, body: dict[str, Any]) -> None:
    answer = await hub.patch(f"{PATH}/1", {"revision": 1} | body)
    assert (answer.status, answer.json["field"]) == (400, next(iter(body)))


async def test_a_viewer_changes_no_rules(hub: Hub) -> None:
    assert (await hub.post(PATH, NEW, role=Role.VIEWER)).status == 403

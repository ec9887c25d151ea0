"""Rules of alerts over HTTP."""

from typing import Any

import pytest
from noctule_hub.core.alerting.rules import SEEDED
from noctule_hub.core.principal import Role
from noctule_shared.times import iso_from_ms

from tests.hub.api.harness import NOW_MS, Hub

PATH = "/api/v1/rules"
NEW = {"name": "core-port-down", "condition": {"kind": "interface-down"}, "severity": "critical"}
ALL: dict[str, list[object]] = {
    "siteIds": [],
    "deviceIds": [],
    "roles": [],
    "tags": [],
    "names": [],
    "ifTypes": [],
    "interfaceNames": [],
}


async def test_a_rule_is_added_shown_changed_and_removed(hub: Hub) -> None:
    selector = {"siteIds": [hub.site.id, hub.site.id], "roles": ["core"], "interfaceNames": ["ge-*"], "ifTypes": [6]}
    answer = await hub.post(PATH, NEW | {"forS": 30, "trouble": "is down", "selector": selector}, role=Role.OPERATOR)
    assert answer.status == 201, answer.text
    rule = answer.json
    assert rule == NEW | {
        "id": len(SEEDED) + 1,
        "forS": 30,
        "trouble": "is down",
        "selector": ALL | selector | {"siteIds": [hub.site.id]},
        "enabled": True,
        "policyId": None,
        "createdAt": iso_from_ms(NOW_MS),
        "revision": 1,
    }
    path = f"{PATH}/{len(SEEDED) + 1}"
    assert (await hub.get(path, role=Role.VIEWER)).json == rule
    listed = (await hub.get(PATH, role=Role.VIEWER)).json["items"]
    assert [one["name"] for one in listed] == [
        *(seeded.name for seeded in SEEDED),
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
        ({"selector": {"owners": []}}, "selector.owners"),
        ({"condition": {"kind": "device-offline"}, "selector": {"ifTypes": [6]}}, "selector.ifTypes"),
        ({"condition": {"kind": "agent-silent"}, "selector": {"roles": ["core"]}}, "selector.roles"),
        ({"condition": {"kind": "agent-silent"}, "selector": {"tags": ["core"]}}, "selector.tags"),
        ({"condition": {"kind": "agent-silent"}, "trouble": "is down"}, "trouble"),
    ],
)
async def test_a_wrong_rule_is_refused_by_field_and_nothing_changes(hub: Hub, body: dict[str, Any], field: str) -> None:
    answer = await hub.post(PATH, NEW | body)
    assert (answer.status, answer.json["field"]) == (400, field)
    assert len((await hub.get(PATH)).json["items"]) == len(SEEDED)
    assert hub.engine.reloads == 0


@pytest.mark.parametrize(
    ("body", "field"), [({"name": "other"}, "name"), ({"condition": {"kind": "agent-silent"}}, "condition.kind")]
)
async def test_what_a_rule_is_about_and_called_stays(hub: Hub, body: dict[str, Any], field: str) -> None:
    answer = await hub.patch(f"{PATH}/1", {"revision": 1} | body)
    assert (answer.status, answer.json["field"]) == (400, field)


LOSS = {"kind": "high-loss", "lossRatio": 0.1, "clearRatio": 0.02, "windowS": 120}


async def test_the_figures_of_a_condition_are_changed(hub: Hub) -> None:
    path = f"{PATH}/{next(rule.id for rule in SEEDED if rule.name == 'high-loss')}"
    changed = (await hub.patch(path, {"revision": 1, "condition": LOSS})).json
    assert (changed["condition"], changed["revision"]) == (LOSS, 2)
    assert (await hub.get(path)).json == changed
    assert (await hub.patch(path, {"revision": 2, "forS": 5})).json["condition"] == LOSS


@pytest.mark.parametrize(
    ("figures", "field"),
    [
        ({"lossRatio": 1.5}, "condition.lossRatio"),
        ({"clearRatio": 0.2}, "condition.clearRatio"),
        ({"windowS": 5}, "condition.windowS"),
        ({"lost": 0.1}, "condition.lost"),
        ({"kind": "high-errors"}, "condition.lossRatio"),
    ],
)
async def test_figures_that_cannot_be_are_refused_by_name(hub: Hub, figures: dict[str, Any], field: str) -> None:
    path = f"{PATH}/{next(rule.id for rule in SEEDED if rule.name == 'high-loss')}"
    answer = await hub.patch(path, {"revision": 1, "condition": LOSS | figures})
    assert (answer.status, answer.json["field"]) == (400, field)


async def test_a_viewer_changes_no_rules(hub: Hub) -> None:
    assert (await hub.post(PATH, NEW, role=Role.VIEWER)).status == 403

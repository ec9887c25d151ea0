"""One change for many devices: each for itself, one reload, and what does not go with a device is told of that one."""

from typing import Any

import pytest
from noctule_hub.core.principal import Role

from tests.hub.api.harness import Answer, Hub
from tests.hub.api.test_devices import add, enrol


async def change(hub: Hub, ids: list[int], **changes: Any) -> Answer:
    return await hub.post("/api/v1/devices/bulk", {"ids": ids, "change": changes})


async def three(hub: Hub) -> list[int]:
    """Return a device with SNMP and thresholds of its own, one that is only pinged, and one that is not pinged."""
    parts: list[dict[str, Any]] = [
        {
            "snmp": {"community": "planted", "port": 1161},
            "icmp": {"thresholds": {"retries": 5}},
            "tags": ["old", "kept"],
        },
        {},
        {"reachability": "snmp", "snmp": {"community": "planted", "intervalS": 60}},
    ]
    return [
        (await add(hub, name=f"d{n}", address=f"192.0.2.{n}", **part)).json["id"] for n, part in enumerate(parts, 1)
    ]


def outcomes(answer: Answer) -> list[tuple[str, str | None]]:
    assert answer.status == 200, answer.text
    return [(row["outcome"], row["field"]) for row in answer.json["rows"]]


async def test_tags_are_put_on_and_taken_away_with_one_reload(hub: Hub) -> None:
    ids = await three(hub)
    reloads = hub.engine.reloads
    answer = await change(hub, [*ids, ids[0]], addTags=["new", "kept"], removeTags=["old"])
    assert outcomes(answer) == [("changed", None)] * 3
    assert [device.tags for device in hub.engine.devices()] == [("kept", "new"), ("new", "kept"), ("new", "kept")]
    assert hub.engine.reloads == reloads + 1
    assert outcomes(await change(hub, ids, addTags=["new"])) == [("unchanged", None)] * 3
    assert hub.engine.reloads == reloads + 1
    audit = (await hub.get("/api/v1/audit?kind=device")).json["items"]
    assert [entry["action"] for entry in audit].count("changed") == 3


async def test_a_role_is_given_to_many_and_taken_away(hub: Hub) -> None:
    ids = await three(hub)
    assert outcomes(await change(hub, ids, role="access")) == [("changed", None)] * 3
    assert [one["id"] for one in (await hub.get("/api/v1/devices?role=Access")).json["items"]] == ids
    assert outcomes(await change(hub, ids[:1], role="")) == [("changed", None)]
    assert [device.role for device in hub.engine.devices()] == ["", "access", "access"]
    refused = await hub.post("/api/v1/devices/bulk", {"ids": ids, "change": {"role": "a\u202eb"}})
    assert (refused.status, refused.json["field"]) == (400, "change.role")


async def test_what_is_not_named_stays_and_what_does_not_fit_is_told_of_that_device(hub: Hub) -> None:
    ids = await three(hub)
    answer = await change(hub, ids, icmp={"intervalS": 20, "thresholds": {"goodRounds": 3}}, snmp={"intervalS": 45})
    assert outcomes(answer) == [("changed", None), ("refused", "snmp"), ("refused", "icmp")]
    device = (await hub.get(f"/api/v1/devices/{ids[0]}")).json
    assert device["icmp"]["intervalS"] == 20
    assert device["icmp"]["thresholds"] == {**device["icmp"]["thresholds"], "retries": 5, "goodRounds": 3}
    assert (device["snmp"]["intervalS"], device["snmp"]["port"]) == (45, 1161)
    assert (await hub.get(f"/api/v1/devices/{ids[1]}")).json["revision"] == 1
    refused = await change(hub, ids[:1], icmp={"thresholds": {"clearLossRatio": 0.5}})
    assert outcomes(refused) == [("refused", "icmp.thresholds.clearLossRatio")]


async def test_secrets_stay_and_another_site_brings_its_own_agent(hub: Hub) -> None:
    agent_id = await enrol(hub)
    ids = await three(hub)
    sealed = await hub.store.device_secrets(agent_id)
    south = (await hub.post("/api/v1/sites", {"name": "south"})).json["id"]
    assert outcomes(await change(hub, ids, site="South")) == [("changed", None)] * 3
    devices = await hub.store.devices()
    assert {(device.site_id, device.agent_id) for device in devices} == {(south, None)}
    assert await hub.store.device_secrets(None) == sealed
    answer = await change(hub, ids, agent="agent-1")
    assert outcomes(answer) == [("changed", None)] * 3
    assert "planted" not in answer.text


async def test_removal_needs_the_count_that_was_meant(hub: Hub) -> None:
    ids = await three(hub)
    path = "/api/v1/devices/bulk-remove"
    answer = await hub.post(path, {"ids": ids, "count": 2})
    assert (answer.status, answer.json["field"]) == (400, "count")
    assert len(await hub.store.devices()) == 3
    answer = await hub.post(path, {"ids": [*ids[:2], 999], "count": 3})
    assert outcomes(answer) == [("removed", None), ("removed", None), ("refused", None)]
    assert [device.id for device in await hub.store.devices()] == ids[2:]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"ids": [], "change": {"addTags": ["x"]}}, "ids"),
        ({"ids": [1], "change": {}}, "change"),
        ({"ids": [1], "change": {"addTags": ["\x07"]}}, "change.addTags[0]"),
        ({"ids": [1], "change": {"site": "nowhere"}}, "change.site"),
        ({"ids": [1], "change": {"agent": "nobody"}}, "change.agent"),
        ({"ids": [1], "change": {"icmp": {"intervalS": 0}}}, "change.icmp.intervalS"),
        ({"ids": [1], "change": {"name": "x"}}, "change.name"),
        ({"ids": list(range(1, 1002)), "change": {"addTags": ["x"]}}, "ids"),
    ],
)
async def test_what_cannot_be_meant_is_refused_before_anything_changes(
    hub: Hub, body: dict[str, Any], field: str
) -> None:
    answer = await hub.post("/api/v1/devices/bulk", body)
    assert (answer.status, answer.json["field"]) == (400, field)


async def test_viewers_change_nothing(hub: Hub) -> None:
    ids = await three(hub)
    for path, body in (("bulk", {"ids": ids, "change": {"addTags": ["x"]}}), ("bulk-remove", {"ids": ids, "count": 3})):
        assert (await hub.post(f"/api/v1/devices/{path}", body, role=Role.VIEWER)).status == 403

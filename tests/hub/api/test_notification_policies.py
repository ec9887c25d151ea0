"""Notification policies over HTTP: checked when they are saved, never removed while in use, tried without sending."""

from typing import Any

import pytest
from noctule_hub.core.principal import Role
from noctule_shared.times import iso_from_ms

from tests.hub.api.harness import NOW_MS, Hub

PATH = "/api/v1/notification-policies"
STEPS = [{"afterS": 900, "channelIds": [2]}, {"channelIds": [1]}, {"afterS": 3600, "channelIds": None}]


@pytest.fixture
async def channels(hub: Hub) -> list[int]:
    hooks = [{"name": name, "webhook": {"url": f"https://{name}.example.net/"}} for name in ("night", "boss")]
    return [(await hub.post("/api/v1/channels", body)).json["id"] for body in hooks]


async def added(hub: Hub, **body: Any) -> dict[str, Any]:
    answer = await hub.post(PATH, {"name": "core", "steps": STEPS} | body)
    assert answer.status == 201, answer.text
    found: dict[str, Any] = answer.json
    return found


async def test_every_hub_has_a_default_policy_that_can_be_changed_but_not_removed(hub: Hub) -> None:
    (default,) = (await hub.get(PATH, role=Role.OPERATOR)).json["items"]
    assert default == {
        "id": 1,
        "name": "default",
        "default": True,
        "steps": [{"afterS": 0, "channelIds": None, "channelNames": None}],
        "repeatS": None,
        "recovery": True,
        "groupBy": "none",
        "groupWaitS": 10,
        "title": None,
        "text": None,
        "createdAt": iso_from_ms(0),
        "revision": 1,
    }
    changed = await hub.patch(f"{PATH}/1", {"revision": 1, "repeatS": 3600, "groupBy": "incident"})
    assert (changed.json["repeatS"], changed.json["groupBy"], changed.json["revision"]) == (3600, "incident", 2)
    refused = await hub.delete(f"{PATH}/1")
    assert (refused.status, refused.json["field"]) == (400, "id")


@pytest.mark.usefixtures("channels")
async def test_a_policy_is_added_shown_changed_and_removed(hub: Hub) -> None:
    policy = await added(hub, title="{severity}: {device}")
    assert [(one["afterS"], one["channelNames"]) for one in policy["steps"]] == [
        (0, ["night"]),
        (900, ["boss"]),
        (3600, None),
    ]
    path = f"{PATH}/{policy['id']}"
    body = {"revision": 1, "title": None, "repeatS": 600, "steps": [{"afterS": 0}]}
    changed = await hub.patch(path, body)
    assert changed.json == policy | {
        "steps": [{"afterS": 0, "channelIds": None, "channelNames": None}],
        "title": None,
        "repeatS": 600,
        "revision": 2,
        "createdAt": iso_from_ms(NOW_MS),
    }
    stale = await hub.patch(path, {"revision": 1, "repeatS": None})
    assert (stale.status, stale.json["field"]) == (400, "revision")
    assert hub.notifications.changes == 3
    assert (await hub.delete(path)).status == 204
    assert (await hub.get(path)).status == 404
    entries = (await hub.get("/api/v1/audit?kind=notification-policy")).json["items"]
    assert [one["action"] for one in entries] == ["removed", "changed", "added"]


@pytest.mark.usefixtures("channels")
@pytest.mark.parametrize(
    ("body", "field", "words"),
    [
        ({"steps": []}, "steps", "must be a list of at least 1 entry"),
        ({"steps": [{"afterS": 5}, {"afterS": 5}]}, "steps", "two steps are at the same time"),
        ({"steps": [{"channelIds": []}]}, "steps[0].channelIds", "at least 1 entry"),
        ({"steps": [{"channelIds": [1, 77]}]}, "steps[0].channelIds", "there is no notification channel 77"),
        ({"repeatS": 1}, "repeatS", "at least 300"),
        ({"groupWaitS": 301}, "groupWaitS", "at most 300"),
        ({"name": "DEFAULT"}, "name", "of this name already"),
        ({"title": "{devcie}"}, "title", "{devcie} is not known; did you mean {device}?"),
        ({"title": "{resolved}"}, "title", "nothing comes of it"),
        ({"title": "two\nlines"}, "title", "must hold no control characters"),
        ({"text": "{ open"}, "text", "{ at character 1 stands alone"),
        ({"text": "{note}"}, "text", "nothing comes of it"),
        ({"text": "\u202etxet"}, "text", "must hold no control characters but ends of lines"),
    ],
)
async def test_what_could_not_work_is_refused_when_it_is_saved(
    hub: Hub, body: dict[str, Any], field: str, words: str
) -> None:
    answer = await hub.post(PATH, {"name": "core", "steps": STEPS} | body)
    assert (answer.status, answer.json["field"]) == (400, field)
    assert words in answer.json["message"]


@pytest.mark.usefixtures("channels")
async def test_what_is_in_use_is_not_removed_and_says_by_what(hub: Hub) -> None:
    policy = await added(hub)
    rule = (await hub.get("/api/v1/rules/1")).json
    named = await hub.patch("/api/v1/rules/1", {"revision": rule["revision"], "policyId": policy["id"]})
    assert (named.status, named.json["policyId"]) == (200, policy["id"])
    refused = await hub.delete(f"{PATH}/{policy['id']}")
    assert (refused.status, "device-offline" in refused.json["message"]) == (400, True)
    channel = await hub.delete("/api/v1/channels/2")
    assert (channel.status, "core" in channel.json["message"]) == (400, True)
    unknown = await hub.patch("/api/v1/rules/2", {"revision": 1, "policyId": 77})
    assert (unknown.status, unknown.json["field"]) == (400, "policyId")
    freed = await hub.patch("/api/v1/rules/1", {"revision": named.json["revision"], "policyId": None})
    assert freed.json["policyId"] is None
    assert (await hub.delete(f"{PATH}/{policy['id']}")).status == 204
    assert (await hub.delete("/api/v1/channels/2")).status == 204


@pytest.mark.usefixtures("channels")
async def test_a_policy_is_tried_without_sending_and_sent_only_when_asked(hub: Hub) -> None:
    policy = await added(hub, groupBy="site", title="{severity}: {device}", repeatS=3600)
    await hub.patch("/api/v1/channels/2", {"revision": 1, "enabled": False})
    path = f"{PATH}/{policy['id']}/test"
    dry = (await hub.post(path, {})).json
    # An example that is critical waits three seconds for its like.
    assert [(one["afterS"], one["atS"]) for one in dry["steps"]] == [(0, 3.0), (900, 903.0), (3600, 3603.0)]
    assert [[(told["name"], told["told"], told["reason"]) for told in one["channels"]] for one in dry["steps"]] == [
        [("night", True, None)],
        [("boss", False, "it is disabled")],
        [("night", True, None), ("boss", False, "it is disabled")],
    ]
    assert dry["problem"]["title"] == "critical: core1"
    assert (dry["end"]["title"], dry["repeatS"]) == ("resolved: core1", 3600)
    assert hub.notifications.tried == []
    sent = (await hub.post(path, {"send": True})).json
    assert [channel.fields.name for channel in hub.notifications.tried] == ["night"]
    assert hub.notifications.said[0].title == "critical: core1"
    assert sent["steps"][0]["channels"][0]["outcome"] == "taken"
    assert (await hub.post(path, {"alertId": 77})).status == 404


@pytest.mark.usefixtures("channels")
async def test_a_policy_is_tried_in_the_language_of_each_channel(hub: Hub) -> None:
    policy = await added(hub)
    await hub.patch("/api/v1/channels/1", {"revision": 1, "language": "id"})
    tried = (await hub.post(f"{PATH}/{policy['id']}/test", {"send": True})).json
    said = [
        (channel.fields.name, message.title)
        for channel, message in zip(hub.notifications.tried, hub.notifications.said, strict=True)
    ]
    assert said == [("night", "[kritis] core1 offline"), ("boss", "[critical] core1 is offline")]
    # What is shown is in the language of the first that would be told.
    assert (tried["problem"]["title"], tried["end"]["title"]) == ("[kritis] core1 offline", "[pulih] core1 offline")


async def test_only_administrators_write_policies(hub: Hub) -> None:
    for role in (Role.OPERATOR, Role.VIEWER):
        assert (await hub.post(PATH, {"name": "core", "steps": [{}]}, role=role)).status == 403
        assert (await hub.post(f"{PATH}/1/test", {}, role=role)).status == 403
    assert (await hub.get(PATH, role=Role.VIEWER)).status == 403

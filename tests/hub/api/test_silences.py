"""Silences over HTTP."""

from typing import Any

import pytest
from noctule_hub.core.principal import Role
from noctule_shared.times import iso_from_ms

from tests.hub.api.harness import NOW_MS, Hub

PATH = "/api/v1/silences"
HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
NEW = {
    "matchers": {"rules": ["device-offline"], "severity": "warning", "names": ["core*"]},
    "comment": " new card ",
    "endsAt": iso_from_ms(NOW_MS + HOUR_MS),
}


async def test_a_silence_is_added_shown_changed_expired_and_removed(hub: Hub) -> None:
    answer = await hub.post(PATH, NEW, role=Role.OPERATOR)
    assert answer.status == 201, answer.text
    silence = answer.json
    assert silence == {
        "id": 1,
        "matchers": {
            "rules": ["device-offline"],
            "severity": "warning",
            "siteIds": [],
            "deviceIds": [],
            "roles": [],
            "tags": [],
            "names": ["core*"],
        },
        "comment": "new card",
        "startsAt": iso_from_ms(NOW_MS),
        "endsAt": iso_from_ms(NOW_MS + HOUR_MS),
        "active": True,
        "createdBy": "operator",
        "createdAt": iso_from_ms(NOW_MS),
        "revision": 1,
    }
    path = f"{PATH}/1"
    assert (await hub.get(path, role=Role.VIEWER)).json == silence
    assert (await hub.get(PATH, role=Role.VIEWER)).json == {"items": [silence], "nextCursor": None}
    changes = {"revision": 1, "comment": "longer", "endsAt": iso_from_ms(NOW_MS + 2 * HOUR_MS)}
    changed = (await hub.patch(path, changes)).json
    assert changed == silence | changes | {"revision": 2}
    hub.now_ms += 1_000
    ended = await hub.post(f"{path}/expire", {})
    assert (ended.status, ended.json["active"], ended.json["endsAt"]) == (200, False, iso_from_ms(hub.now_ms))
    assert (await hub.post(f"{path}/expire", {})).json["field"] == "id"
    assert (await hub.ask("DELETE", path)).status == 204
    assert (await hub.get(path)).status == 404
    assert hub.engine.reloads == 4


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"matchers": {}}, "matchers"),
        ({"matchers": {"rules": ["nothing"]}}, "matchers.rules"),
        ({"matchers": {"siteIds": [99]}}, "matchers.siteIds"),
        ({"matchers": {"deviceIds": [99]}}, "matchers.deviceIds"),
        ({"matchers": {"severity": "bad"}}, "matchers.severity"),
        ({"matchers": {"names": ["a\x00b"]}}, "matchers.names[0]"),
        ({"comment": " "}, "comment"),
        ({"endsAt": iso_from_ms(NOW_MS)}, "endsAt"),
        ({"endsAt": iso_from_ms(NOW_MS + 91 * DAY_MS)}, "endsAt"),
        ({"startsAt": iso_from_ms(NOW_MS + 2 * HOUR_MS)}, "endsAt"),
        ({"startsAt": iso_from_ms(NOW_MS + 91 * DAY_MS), "endsAt": iso_from_ms(NOW_MS + 92 * DAY_MS)}, "startsAt"),
        ({"startsAt": "now"}, "startsAt"),
    ],
)
async def test_a_wrong_silence_is_refused_by_field_and_nothing_changes(
    hub: Hub, body: dict[str, Any], field: str
) -> None:
    answer = await hub.post(PATH, NEW | body)
    assert (answer.status, answer.json["field"]) == (400, field)
    assert (await hub.get(PATH)).json["items"] == []
    assert hub.engine.reloads == 0

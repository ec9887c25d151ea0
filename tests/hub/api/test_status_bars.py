"""The bars of a list of devices over HTTP: one answer for many, and nothing for those that are not there."""

import pytest
from noctule_hub.core.commit import Commit
from noctule_hub.core.records import NewEvent
from noctule_shared.events import EventName

from tests.hub.api.harness import NOW_MS, Hub
from tests.hub.api.test_devices import add

HALF_HOUR_MS = 1_800_000


async def told(hub: Hub, device_id: int, status: str, at_ms: int) -> None:
    data = {"status": status, "reason": "x", "previous": "unknown"}
    event = NewEvent(EventName.DEVICE_STATUS, data, ("devices",), at_ms, device_id)
    await hub.store.commit(Commit(now_ms=NOW_MS, events=[event]))


async def test_bars_tell_the_last_day_of_each_device_that_is_asked_for(hub: Hub) -> None:
    ids = [(await add(hub, name=name, address=f"192.0.2.{n}")).json["id"] for n, name in enumerate("abc", 1)]
    begins_ms = (NOW_MS // HALF_HOUR_MS - 47) * HALF_HOUR_MS
    await told(hub, ids[0], "online", begins_ms - 1)
    await told(hub, ids[0], "offline", begins_ms + 2 * HALF_HOUR_MS)
    await told(hub, ids[0], "online", begins_ms + 3 * HALF_HOUR_MS)
    answer = await hub.get(f"/api/v1/statuses/bars?ids={ids[1]},{ids[0]},{ids[0]},999")
    assert answer.status == 200, answer.text
    first, second = answer.json["items"]
    assert (answer.json["stepS"], first["deviceId"], second["deviceId"]) == (1800, ids[0], ids[1])
    assert first["bar"] == "++x" + "+" * 45
    assert 0.97 < first["ratio"] < 0.98
    assert (second["bar"], second["ratio"]) == ("?" * 48, None)
    week = (await hub.get(f"/api/v1/statuses/bars?ids={ids[0]}&hours=168")).json
    assert (week["stepS"], len(week["items"][0]["bar"])) == (12_600, 48)


async def test_a_device_with_more_changes_than_can_be_told_is_left_out(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = [(await add(hub, name=name, address=f"192.0.2.{n}")).json["id"] for n, name in enumerate("ab", 1)]
    for device_id in ids:
        for minute in range(3):
            await told(hub, device_id, "offline" if minute % 2 else "online", NOW_MS - minute * 60_000)
    monkeypatch.setattr("noctule_hub.api.status_bars.MAX_CHANGES", 4)
    items = (await hub.get(f"/api/v1/statuses/bars?ids={ids[0]},{ids[1]}")).json["items"]
    assert [item["deviceId"] for item in items] == ids[:1]


@pytest.mark.parametrize(
    "query", ["", "?ids=", "?ids=x", "?ids=1,,2", "?ids=0", f"?ids={','.join(map(str, range(1, 502)))}"]
)
async def test_what_is_no_list_of_ids_is_refused_by_name(hub: Hub, query: str) -> None:
    answer = await hub.get(f"/api/v1/statuses/bars{query}")
    assert (answer.status, answer.json["field"]) == (400, "ids")

"""What devices say of themselves and hear by LLDP, over HTTP, as data."""

from noctule_hub.core.commit import Commit
from noctule_hub.core.principal import Role
from noctule_hub.core.records import Neighbour, SystemGroup

from tests.hub.api.harness import NOW_MS, Hub
from tests.hub.store.samples import interface


async def listening(hub: Hub, *neighbours: Neighbour) -> str:
    """Register a device with interface 5 that hears these; return the path of what it hears."""
    body = {"name": "core1", "address": "192.0.2.1", "site": "north"}
    device_id = (await hub.post("/api/v1/devices", body)).json["id"]
    hub.engine.ports[device_id] = [interface(5, device_id)]
    await hub.store.commit(Commit(now_ms=NOW_MS, neighbours={device_id: list(neighbours)}))
    return f"/api/v1/devices/{device_id}/neighbours"


async def test_a_neighbour_is_shown_with_the_port_it_is_on(hub: Hub) -> None:
    path = await listening(
        hub,
        Neighbour(5, "ge-0/0/0", 4, "00:c0:ff:ee:00:01", 5, "xe-0/0/1", "to core1", "core2", NOW_MS),
        Neighbour(None, "17", 0, "<b>\x1b[2J", 9, "", "", "", NOW_MS),
    )
    answer = await hub.get(path)
    assert answer.json == {
        "items": [
            {
                "interfaceId": 5,
                "interfaceName": "ge-0/0/0",
                "localPort": "ge-0/0/0",
                "chassisIdSubtype": "macAddress",
                "chassisId": "00:c0:ff:ee:00:01",
                "portIdSubtype": "interfaceName",
                "portId": "xe-0/0/1",
                "portDescr": "to core1",
                "sysName": "core2",
                "deviceId": None,
                "deviceName": None,
                "seenAt": "2026-11-18T11:06:40.000Z",
            },
            {
                "interfaceId": None,
                "interfaceName": None,
                "localPort": "17",
                "chassisIdSubtype": None,
                "chassisId": "<b>\x1b[2J",
                "portIdSubtype": None,
                "portId": "",
                "portDescr": "",
                "sysName": "",
                "deviceId": None,
                "deviceName": None,
                "seenAt": "2026-11-18T11:06:40.000Z",
            },
        ],
        "nextCursor": None,
    }
    assert answer.headers["Content-Type"].startswith("application/json")


async def test_a_neighbour_that_is_a_device_here_is_named_as_one(hub: Hub) -> None:
    path = await listening(
        hub,
        Neighbour(5, "p1", 4, "00:c0:ff:ee:00:01", 5, "xe-0/0/1", "", "core2.example.net", NOW_MS),
        Neighbour(5, "p2", 4, "00:c0:ff:ee:00:01", 5, "xe-0/0/2", "", "", NOW_MS),
        Neighbour(5, "p3", 4, "00:c0:ff:ee:00:02", 5, "xe-0/0/1", "", "somebody-else", NOW_MS),
    )
    peer_id = (await hub.post("/api/v1/devices", {"name": "core2", "address": "192.0.2.2", "site": "north"})).json["id"]
    items = (await hub.get(path)).json["items"]
    assert [(item["deviceId"], item["deviceName"]) for item in items] == [
        (peer_id, "core2"),
        (peer_id, "core2"),
        (None, None),
    ]


async def test_pages_of_neighbours_lose_and_double_none(hub: Hub) -> None:
    rows = [Neighbour(5, "p", 7, "c", 7, str(number), "", "", NOW_MS) for number in range(5)]
    path = await listening(hub, *rows)
    found: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        answer = (await hub.get(f"{path}?limit=2" + (f"&cursor={cursor}" if cursor else ""))).json
        found += [item["portId"] for item in answer["items"]]
        cursor = answer["nextCursor"]
    assert found == ["0", "1", "2", "3", "4"]


async def test_what_a_device_says_of_itself_is_shown(hub: Hub) -> None:
    path = (await listening(hub)).replace("neighbours", "system")
    nothing = (await hub.get(path)).json
    assert set(nothing.values()) == {None}
    said = SystemGroup("<i>core1", "RouterOS", "1.3.6.1.4.1.14988.1", "", None, NOW_MS)
    await hub.store.commit(Commit(now_ms=NOW_MS, systems={int(path.split("/")[4]): said}))
    assert (await hub.get(path)).json == {
        "sysName": "<i>core1",
        "sysDescr": "RouterOS",
        "sysObjectId": "1.3.6.1.4.1.14988.1",
        "sysLocation": "",
        "sysContact": None,
        "seenAt": "2026-11-18T11:06:40.000Z",
    }


async def test_customers_and_strangers_see_neither(hub: Hub) -> None:
    heard = await listening(hub)
    for path in (heard, heard.replace("neighbours", "system")):
        assert (await hub.get(path, role=Role.VIEWER)).status == 200
        assert (await hub.get(path, role=Role.CUSTOMER)).status == 403
        assert (await hub.get(path, role=Role.ANONYMOUS)).status == 401

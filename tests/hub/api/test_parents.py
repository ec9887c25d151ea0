"""Suggested parents over HTTP."""

from noctule_hub.core.commit import Commit
from noctule_hub.core.principal import Role
from noctule_hub.core.records import IcmpSettings, Neighbour, NewDevice
from noctule_shared.axes import Reachability

from tests.hub.api.harness import NOW_MS, Hub

PATH = "/api/v1/parents/suggestions"


async def device(hub: Hub, name: str, address: str, parents: tuple[int, ...] = ()) -> int:
    new = NewDevice(name, address, hub.site.id, Reachability.ICMP, IcmpSettings(), None, parents=parents)
    return (await hub.add_device(new)).id


async def test_what_lldp_tells_is_suggested_from_the_root_and_nothing_is_set(hub: Hub) -> None:
    core, edge = await device(hub, "core", "192.0.2.1"), await device(hub, "edge", "192.0.2.2")
    heard = {core: [Neighbour(None, "a1", 4, "m", 5, "b1", "", "edge", NOW_MS)]}
    await hub.store.commit(Commit(now_ms=NOW_MS, neighbours=heard))
    assert (await hub.get(PATH)).json == {"roots": [], "items": []}
    answer = (await hub.get(f"{PATH}?root={core}", role=Role.VIEWER)).json
    reason = "linked with core on b1 (one of them tells of the link), which is one link nearer to the agent"
    assert answer == {
        "roots": [core],
        "items": [
            {
                "deviceId": edge,
                "deviceName": "edge",
                "revision": 1,
                "parents": [{"deviceId": core, "deviceName": "core", "reason": reason}],
            }
        ],
    }
    assert [one.parents for one in await hub.store.devices()] == [(), ()]
    # Where others stand behind a device already, it is the root.
    await device(hub, "third", "192.0.2.3", parents=(core,))
    assert (await hub.get(PATH)).json["roots"] == [core]


async def test_a_root_that_is_no_device_is_refused(hub: Hub) -> None:
    answer = await hub.get(f"{PATH}?root=99")
    assert answer.status == 400
    assert answer.json["field"] == "root"

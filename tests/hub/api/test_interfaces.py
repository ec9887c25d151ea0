"""Interfaces one by one, and those that carry most."""

import pytest
from noctule_hub.core.principal import Role
from noctule_hub.core.records import NewDevice
from noctule_shared.axes import Reachability

from tests.hub.api.harness import Hub
from tests.hub.store.samples import interface


async def ported(hub: Hub) -> int:
    device = await hub.add_device(NewDevice("core1", "192.0.2.1", hub.site.id, Reachability.ICMP, None, None))
    hub.engine.ports[device.id] = [interface(7, device.id), interface(8, device.id)]
    return device.id


async def test_one_interface_is_as_in_the_list_of_its_device(hub: Hub) -> None:
    device_id = await ported(hub)
    listed = (await hub.get(f"/api/v1/devices/{device_id}/interfaces", role=Role.VIEWER)).json["items"]
    assert [row["id"] for row in listed] == [7, 8]
    assert (await hub.get("/api/v1/interfaces/7", role=Role.VIEWER)).json == listed[0]
    assert (await hub.get("/api/v1/interfaces/9")).status == 404


async def test_the_busiest_come_with_their_devices(hub: Hub) -> None:
    device_id = await ported(hub)
    found = (await hub.get("/api/v1/interfaces/busiest?limit=1", role=Role.VIEWER)).json
    assert [(row["deviceName"], row["interface"]["deviceId"], row["interface"]["id"]) for row in found["items"]] == [
        ("core1", device_id, 7)
    ]


@pytest.mark.parametrize("limit", ["0", "101", "x"])
async def test_a_limit_that_is_none_is_refused(hub: Hub, limit: str) -> None:
    answer = await hub.get(f"/api/v1/interfaces/busiest?limit={limit}")
    assert (answer.status, answer.json["field"]) == (400, "limit")

"""The topology and its layout over HTTP."""

from typing import Any

import pytest
from noctule_hub.core.commit import Commit
from noctule_hub.core.principal import Role
from noctule_hub.core.records import Axes, DeviceState, IcmpSettings, Interface, Neighbour, NewDevice
from noctule_shared.axes import IfStatus, Reachability
from noctule_shared.events import DeviceStatus
from noctule_shared.times import iso_from_ms
from noctule_shared.updates import BandwidthItem

from tests.hub.api.harness import NOW_MS, Hub

LAYOUT = "/api/v1/topology/layout"


async def device(hub: Hub, name: str, address: str, parents: tuple[int, ...] = ()) -> int:
    new = NewDevice(name, address, hub.site.id, Reachability.ICMP, IcmpSettings(), None, parents=parents)
    return (await hub.add_device(new)).id


def port(interface_id: int, device_id: int, name: str) -> Interface:
    up = IfStatus.UP
    return Interface(
        interface_id, device_id, name, interface_id, 1, name, name, "", 6, 10**9, up, up, polled=True, state_ms=0
    )


def end(device_id: int | None, interface_id: int | None, port: str, outside: str | None = None) -> dict[str, Any]:
    name, state = (None, None) if interface_id is None else (port, "up")
    known = {"deviceId": device_id, "outside": outside, "interfaceId": interface_id, "port": port}
    return known | {"interfaceName": name, "ifAdminStatus": state, "ifOperStatus": state}


def rates(device_id: int, interface_id: int, in_bps: float, out_bps: float) -> BandwidthItem:
    return BandwidthItem(
        device_id=device_id,
        interface_id=interface_id,
        in_bps=in_bps,
        out_bps=out_bps,
        in_util_ratio=in_bps / 1e9,
        out_util_ratio=None,
        quality=["ok"],
        timestamp=iso_from_ms(NOW_MS),
    )


async def test_devices_links_rates_parents_and_strangers_are_told(hub: Hub) -> None:
    core = await device(hub, "core", "192.0.2.1")
    edge = await device(hub, "edge", "192.0.2.2", parents=(core,))
    hub.engine.ports = {core: [port(11, core, "a1")], edge: [port(21, edge, "b1")]}
    hub.engine.states[core] = DeviceState(core, Axes(), DeviceStatus.ONLINE, "", NOW_MS)
    hub.engine.rates[edge, 21] = rates(edge, 21, 5e6, 2e6)
    heard = {
        core: [
            Neighbour(11, "a1", 4, "m", 5, "b1", "", "edge", NOW_MS),
            Neighbour(None, "a2", 4, "00:00:5e:00:53:09", 5, "xe-0", "", "isp", NOW_MS),
        ]
    }
    await hub.store.commit(Commit(now_ms=NOW_MS, neighbours=heard))
    answer = await hub.get("/api/v1/topology", role=Role.VIEWER)
    assert answer.json == {
        "devices": [
            {"id": core, "name": "core", "siteId": hub.site.id, "status": "online"},
            {"id": edge, "name": "edge", "siteId": hub.site.id, "status": "unknown"},
        ],
        "links": [
            {
                "a": end(core, 11, "a1"),
                "b": end(edge, 21, "b1"),
                "confirmed": False,
                "aToBBps": 5e6,
                "bToABps": 2e6,
                "aToBUtilRatio": 0.005,
                "bToAUtilRatio": None,
            },
            {
                "a": end(core, None, "a2"),
                "b": end(None, None, "xe-0", "4:00:00:5e:00:53:09"),
                "confirmed": False,
                "aToBBps": None,
                "bToABps": None,
                "aToBUtilRatio": None,
                "bToAUtilRatio": None,
            },
        ],
        "outside": [{"key": "4:00:00:5e:00:53:09", "sysName": "isp", "chassisId": "00:00:5e:00:53:09"}],
        "parents": [{"deviceId": edge, "parentId": core}],
    }


async def test_a_layout_is_put_and_devices_are_moved(hub: Hub) -> None:
    core, edge = await device(hub, "core", "192.0.2.1"), await device(hub, "edge", "192.0.2.2")
    assert (await hub.get(LAYOUT, role=Role.VIEWER)).json == {"positions": {}, "revision": 1}
    body = {"revision": 1, "positions": {str(core): {"x": 1, "y": -2.5}, str(edge): {"x": 0, "y": 0}}}
    put = await hub.ask("PUT", LAYOUT, json=body, role=Role.OPERATOR)
    assert put.json == {"positions": {"1": {"x": 1.0, "y": -2.5}, "2": {"x": 0.0, "y": 0.0}}, "revision": 2}
    assert (await hub.ask("PUT", LAYOUT, json=body)).json["field"] == "revision"
    moved = await hub.ask("PATCH", LAYOUT, json={"positions": {"2": None, "1": {"x": 7, "y": 7}}})
    assert moved.json == {"positions": {"1": {"x": 7.0, "y": 7.0}}, "revision": 3}
    assert (await hub.get(LAYOUT)).json == moved.json


@pytest.mark.parametrize(
    ("positions", "field"),
    [
        ({"9": {"x": 1, "y": 1}}, "positions.9"),
        ({"1": {"x": 1}}, "positions[...].y"),
        ({"1": {"x": 1, "y": 1e7}}, "positions[...].y"),
        ({"1": {"x": 1, "y": "1"}}, "positions[...].y"),
        ({"1": {"x": 1, "y": 1, "z": 1}}, "positions[...].z"),
        ({"0": {"x": 1, "y": 1}}, "positions"),
        ({"a": {"x": 1, "y": 1}}, "positions"),
    ],
)
async def test_a_position_that_is_none_is_refused(hub: Hub, positions: dict[str, Any], field: str) -> None:
    await device(hub, "core", "192.0.2.1")
    for method in ("PUT", "PATCH"):
        body = {"positions": positions} | ({"revision": 1} if method == "PUT" else {})
        answer = await hub.ask(method, LAYOUT, json=body)
        assert (answer.status, answer.json["field"]) == (400, field), answer.text
    assert (await hub.get(LAYOUT)).json["revision"] == 1


async def test_numbers_that_are_not_finite_are_refused(hub: Hub) -> None:
    await device(hub, "core", "192.0.2.1")
    for number in ("NaN", "Infinity", "1e999"):
        answer = await hub.ask(
            "PATCH",
            LAYOUT,
            data=f'{{"positions": {{"1": {{"x": {number}, "y": 1}}}}}}',
            headers={"Content-Type": "application/json"},
        )
        assert answer.status == 400

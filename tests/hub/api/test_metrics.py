"""Prometheus text over HTTP: who may read it, and devices whose names are hostile."""

import dataclasses
import ipaddress

import pytest
from noctule_hub.config import HubSettings
from noctule_hub.core.audit import local
from noctule_hub.core.exposition import gauge
from noctule_hub.core.principal import Role
from noctule_hub.core.records import Axes, Device, DeviceState, IcmpSettings, Interface, NewDevice
from noctule_shared.axes import IfStatus, LatencySource, Reachability
from noctule_shared.events import DeviceStatus
from noctule_shared.times import iso_from_ms
from noctule_shared.updates import BandwidthItem, LatencyItem

from tests.hub.api.harness import NOW_MS, Hub
from tests.hub.prometheus_text import parse

HOSTILE = 'Gi"0/1"} 1\nfake 7\x1b[2J\u202e\\<img onerror=x>'


async def add(hub: Hub, name: str, address: str, site_id: int | None = None) -> Device:
    new = NewDevice(name, address, site_id or hub.site.id, Reachability.ICMP, IcmpSettings(), None)
    return await hub.add_device(new)


def port(device: Device, number: int, alias: str = "") -> Interface:
    return Interface(
        id=number,
        device_id=device.id,
        identity=f"p{number}",
        if_index=number,
        inventory_rev=1,
        if_name=f"p{number}",
        if_descr="",
        if_alias=alias,
        if_type=6,
        speed_bps=10**9,
        if_admin_status=IfStatus.UP,
        if_oper_status=IfStatus.UP,
        polled=True,
        state_ms=NOW_MS,
    )


def rates(device: Device, number: int | None, in_bps: float | None, ts_ms: int = NOW_MS) -> BandwidthItem:
    return BandwidthItem(device.id, number, in_bps, 1.5, None, None, [], iso_from_ms(ts_ms))


def latency(device: Device, rtt_s: float | None, ts_ms: int = NOW_MS) -> LatencyItem:
    return LatencyItem(device.id, rtt_s, 0.25, None, LatencySource.ICMP, iso_from_ms(ts_ms))


def state(device: Device, status: DeviceStatus) -> DeviceState:
    return DeviceState(device.id, Axes(), status, "tested", NOW_MS)


async def test_this_machine_reads_the_hubs_own_metrics_without_a_sign_in(hub: Hub) -> None:
    hub.context = dataclasses.replace(hub.context, metrics=lambda: [gauge("noctule_x", "X.", 1)])
    hub.app._state[next(key for key in hub.app._state if "context" in str(key))] = hub.context
    answer = await hub.get("/metrics", role=Role.ANONYMOUS)
    assert (answer.status, parse(answer.text)["noctule_x"].only()) == (200, 1)
    assert answer.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "Via", "X-Real-IP", "X-Forwarded-Proto"])
async def test_behind_a_proxy_on_this_machine_nobody_counts_as_local(hub: Hub, header: str) -> None:
    sent = {header: "127.0.0.1"}
    assert (await hub.ask("GET", "/metrics", role=Role.ANONYMOUS, headers=sent)).status == 401
    assert (await hub.ask("GET", "/metrics", role=Role.METRICS, headers=sent)).status == 200
    hub.context.config.settings = HubSettings(trusted_proxies=(ipaddress.ip_network("127.0.0.1"),))
    assert (await hub.ask("GET", "/metrics", role=Role.ANONYMOUS, headers=sent)).status == 401


async def test_devices_metrics_need_the_role_also_from_this_machine(hub: Hub) -> None:
    assert (await hub.get("/api/v1/metrics/devices", role=Role.ANONYMOUS)).status == 401
    assert (await hub.get("/api/v1/metrics/devices", role=Role.VIEWER)).status == 403
    assert (await hub.get("/api/v1/metrics/devices", role=Role.METRICS)).status == 200


async def test_latest_values_of_devices_and_interfaces(hub: Hub) -> None:
    device = await add(hub, "core1", "192.0.2.1")
    hub.engine.states[device.id] = state(device, DeviceStatus.DEGRADED)
    hub.engine.latencies[device.id] = latency(device, 0.0125)
    hub.engine.ports[device.id] = [port(device, 1, "to core2")]
    hub.engine.rates = {(device.id, None): rates(device, None, 5e8), (device.id, 1): rates(device, 1, None)}
    found = parse((await hub.get("/api/v1/metrics/devices", role=Role.METRICS)).text)
    labels = {"device_id": str(device.id), "device": "core1", "address": "192.0.2.1", "site": "north"}
    status = found["noctule_device_status"]
    assert status.value("noctule_device_status", **labels, status="degraded") == 1
    assert found["noctule_device_up"].only() == 1
    assert found["noctule_device_rtt_seconds"].value("noctule_device_rtt_seconds", **labels, source="icmp") == 0.0125
    assert found["noctule_device_loss_ratio"].only() == 0.25
    assert "noctule_device_rtt_mdev_seconds" not in found
    assert found["noctule_device_in_bits_per_second"].only() == 5e8
    assert "noctule_interface_in_bits_per_second" not in found
    assert found["noctule_interface_out_bits_per_second"].only() == 1.5
    assert found["noctule_interface_up"].only() == 1
    ((_, port_labels),) = found["noctule_interface_speed_bits_per_second"].samples
    assert dict(port_labels)["alias"] == "to core2"


async def test_a_value_that_is_old_or_unknown_has_no_sample(hub: Hub) -> None:
    device = await add(hub, "core1", "192.0.2.1")
    hub.engine.latencies[device.id] = latency(device, 0.0125, NOW_MS - 300_001)
    hub.engine.rates = {(device.id, None): rates(device, None, 5e8, NOW_MS - 300_001)}
    assert set(parse((await hub.get("/api/v1/metrics/devices", role=Role.METRICS)).text)) == {"noctule_device_status"}


async def test_two_ports_of_one_hostile_name_are_two_inert_samples(hub: Hub) -> None:
    device = await add(hub, "core1", "192.0.2.1")
    ports = [port(device, n, HOSTILE) for n in (1, 2)]
    hub.engine.ports[device.id] = [dataclasses.replace(one, identity=HOSTILE) for one in ports]
    text = (await hub.get("/api/v1/metrics/devices", role=Role.METRICS)).text
    assert len(parse(text)["noctule_interface_up"].samples) == 2
    assert "\x1b" not in text


async def test_one_site_alone_may_be_asked_for(hub: Hub) -> None:
    south = await hub.store.add_site("south", by=local(NOW_MS))
    await add(hub, "core1", "192.0.2.1")
    await add(hub, "core2", "192.0.2.2", south.id)
    found = parse((await hub.get(f"/api/v1/metrics/devices?site={south.id}", role=Role.METRICS)).text)
    ((_, labels),) = found["noctule_device_status"].samples
    assert dict(labels)["device"] == "core2"
    answer = await hub.get("/api/v1/metrics/devices?site=x", role=Role.METRICS)
    assert (answer.status, answer.json["field"]) == (400, "site")


async def test_many_devices_come_in_more_than_one_chunk_and_whole(hub: Hub) -> None:
    device = await add(hub, "core1", "192.0.2.1")
    hub.engine.ports[device.id] = [port(device, number, "x" * 200) for number in range(1, 2_001)]
    text = (await hub.get("/api/v1/metrics/devices", role=Role.METRICS)).text
    assert len(text) > 500_000
    assert len(parse(text)["noctule_interface_up"].samples) == 2_000

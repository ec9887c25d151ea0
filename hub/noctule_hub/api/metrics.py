"""Prometheus text: `GET /metrics`, the hub itself, and `GET /api/v1/metrics/devices`, what it measures."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

import msgspec
from aiohttp import web
from noctule_shared.axes import IfStatus
from noctule_shared.events import DeviceStatus
from noctule_shared.times import ms_from_iso
from noctule_shared.updates import BandwidthItem, LatencyItem

from noctule_hub.api.bodies import Id, read_query
from noctule_hub.api.context import ApiContext, context_of
from noctule_hub.api.endpoints import Contract, Costly, Endpoint
from noctule_hub.api.streaming import stream_text
from noctule_hub.auth.permissions import Action
from noctule_hub.core.exposition import CONTENT_TYPE, Family, Labels, Sample, gauge, lines, text
from noctule_hub.core.records import Device, Interface

# Prometheus itself takes a value for gone after 5 min; what is older has no sample.
FRESH_MS: Final = 300_000
_REACHED: Final = {
    DeviceStatus.ONLINE: 1,
    DeviceStatus.DEGRADED: 1,
    DeviceStatus.OFFLINE: 0,
    DeviceStatus.UNREACHABLE: 0,
}

LatencyValue = Callable[[LatencyItem], float | None]
RateValue = Callable[[BandwidthItem], float | None]
PortValue = Callable[[Interface], float | None]


class DevicesQuery(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """Query of `GET /api/v1/metrics/devices`; `site` None: all sites."""

    site: Id | None = None


async def hub_metrics(request: web.Request) -> web.Response:
    """`GET /metrics`."""
    body = text(context_of(request).metrics()).encode()
    return web.Response(body=body, headers={"Content-Type": CONTENT_TYPE})


async def device_metrics(request: web.Request) -> web.StreamResponse:
    """`GET /api/v1/metrics/devices?site=`: written while it is made, so that its length costs no memory."""
    context = context_of(request)
    site_id = read_query(request, DevicesQuery).site
    devices = [device for device in context.live.devices() if site_id in {None, device.site_id}]
    sites = {site.id: site.name for site in await context.store.sites()}
    return await stream_text(request, lines(device_families(context, devices, sites)), content_type=CONTENT_TYPE)


def device_families(context: ApiContext, devices: Sequence[Device], sites: Mapping[int, str]) -> Iterator[Family]:
    """Yield each family once; its samples are read when they are written."""
    view = _View(context, devices, sites)
    yield gauge("noctule_device_status", "1 with the device's present status as a label.", view.statuses())
    yield gauge("noctule_device_up", "1: online or degraded, 0: offline or unreachable.", view.reached())
    yield gauge("noctule_device_rtt_seconds", "Latest median round trip.", view.latencies(lambda item: item.rtt_s))
    loss = view.latencies(lambda item: item.loss_ratio)
    yield gauge("noctule_device_loss_ratio", "Share of the latest round's packets that were lost.", loss)
    mdev = view.latencies(lambda item: item.mdev_s)
    yield gauge("noctule_device_rtt_mdev_seconds", "Mean deviation of the latest round's round trips.", mdev)
    total_in = view.totals(lambda item: item.in_bps)
    yield gauge("noctule_device_in_bits_per_second", "Received over all physical ports.", total_in)
    total_out = view.totals(lambda item: item.out_bps)
    yield gauge("noctule_device_out_bits_per_second", "Sent over all physical ports.", total_out)
    rate_in = view.rates(lambda item: item.in_bps)
    yield gauge("noctule_interface_in_bits_per_second", "Received by the interface.", rate_in)
    rate_out = view.rates(lambda item: item.out_bps)
    yield gauge("noctule_interface_out_bits_per_second", "Sent by the interface.", rate_out)
    speeds = view.ports(lambda port: port.speed_bps)
    yield gauge("noctule_interface_speed_bits_per_second", "ifHighSpeed or ifSpeed.", speeds)
    up = view.ports(lambda port: float(port.if_oper_status is IfStatus.UP))
    yield gauge("noctule_interface_up", "1 when ifOperStatus is up.", up)


class _View:
    """Devices' latest values as samples. Ids make every label set unique, whatever names devices give."""

    def __init__(self, context: ApiContext, devices: Sequence[Device], sites: Mapping[int, str]) -> None:
        self._live = context.live
        self._devices = devices
        self._sites = sites
        self._now_ms = context.clock_ms()

    def statuses(self) -> Iterator[Sample]:
        for device in self._devices:
            yield {**self._labels(device), "status": self._status(device).value}, 1

    def reached(self) -> Iterator[Sample]:
        for device in self._devices:
            yield self._labels(device), _REACHED.get(self._status(device))

    def latencies(self, value: LatencyValue) -> Iterator[Sample]:
        for device in self._devices:
            item = self._live.latency(device.id)
            if item is not None and self._is_fresh(item.timestamp):
                yield {**self._labels(device), "source": item.source.value}, value(item)

    def totals(self, value: RateValue) -> Iterator[Sample]:
        for device in self._devices:
            item = self._live.bandwidth(device.id, None)
            if item is not None and self._is_fresh(item.timestamp):
                yield self._labels(device), value(item)

    def rates(self, value: RateValue) -> Iterator[Sample]:
        for device in self._devices:
            for port in self._live.interfaces(device.id):
                item = self._live.bandwidth(device.id, port.id)
                if item is not None and self._is_fresh(item.timestamp):
                    yield self._port_labels(device, port), value(item)

    def ports(self, value: PortValue) -> Iterator[Sample]:
        for device in self._devices:
            for port in self._live.interfaces(device.id):
                yield self._port_labels(device, port), value(port)

    def _status(self, device: Device) -> DeviceStatus:
        state = self._live.device_state(device.id)
        return DeviceStatus.UNKNOWN if state is None else state.status

    def _labels(self, device: Device) -> Labels:
        site = self._sites.get(device.site_id, "")
        return {"device_id": str(device.id), "device": device.name, "address": device.address, "site": site}

    def _port_labels(self, device: Device, port: Interface) -> Labels:
        names = {"interface_id": str(port.id), "interface": port.identity, "alias": port.if_alias}
        return {"device_id": str(device.id), "device": device.name, **names}

    def _is_fresh(self, timestamp: str) -> bool:
        return self._now_ms - ms_from_iso(timestamp, field="timestamp") <= FRESH_MS


ENDPOINTS: Final = (
    Endpoint("GET", "/metrics", Action.READ_HUB_METRICS, hub_metrics),
    Endpoint(
        "GET",
        "/api/v1/metrics/devices",
        Action.READ_DEVICE_METRICS,
        device_metrics,
        Contract(query=DevicesQuery, media_type="text/plain"),
        costly=Costly.READ,
    ),
)

"""Events and measurements from the hub's own code to clients: checked, given their rooms, and put on their way.

Events go through the log and reach clients when they are committed; measurements go through the tick.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, TypeVar

import msgspec
from noctule_shared.errors import invalid
from noctule_shared.events import (
    EVENT_CLASSES,
    AgentStatusEvent,
    AlertEvent,
    CustomerUpdateEvent,
    DeviceStatus,
    DeviceStatusEvent,
    EventClass,
    EventName,
    InterfaceStatusEvent,
    NetworkLogEvent,
    PaymentUpdateEvent,
)
from noctule_shared.times import iso_from_ms, ms_from_iso
from noctule_shared.updates import BandwidthItem, LatencyItem, StatsUpdate

from noctule_hub.core.announcements import concerned
from noctule_hub.core.customers import Service
from noctule_hub.core.records import Device, NewEvent
from noctule_hub.core.rooms import parse_room, rooms_of_event
from noctule_hub.core.tenancy import NOBODY, Tenancy, customer_rooms
from noctule_hub.realtime.ticker import Ticker
from noctule_hub.store.protocol import EventLog

PAYLOADS: Final[Mapping[EventName, type[msgspec.Struct]]] = {
    EventName.DEVICE_STATUS: DeviceStatusEvent,
    EventName.INTERFACE_STATUS: InterfaceStatusEvent,
    EventName.ALERT_NEW: AlertEvent,
    EventName.ALERT_UPDATE: AlertEvent,
    EventName.NETWORK_LOG: NetworkLogEvent,
    EventName.PAYMENT_UPDATE: PaymentUpdateEvent,
    EventName.CUSTOMER_UPDATE: CustomerUpdateEvent,
    EventName.AGENT_STATUS: AgentStatusEvent,
    EventName.STATS_UPDATE: StatsUpdate,
}

# The names by which `POST /api/test/emit-test` knows events.
TEST_EVENTS: Final[Mapping[str, EventName]] = {
    "device-status": EventName.DEVICE_STATUS,
    "alert": EventName.ALERT_NEW,
    "bandwidth": EventName.BANDWIDTH_UPDATE,
    "payment": EventName.PAYMENT_UPDATE,
    "stats": EventName.STATS_UPDATE,
    "log": EventName.NETWORK_LOG,
    "customer": EventName.CUSTOMER_UPDATE,
}

DeviceOf = Callable[[int], Device | None]
Given = msgspec.Struct | Mapping[str, Any]
ItemType = TypeVar("ItemType", LatencyItem, BandwidthItem)


class Publisher:
    """What `SocketService` emits with.

    `device_of` finds a registered device, None when there is none of that id; `tenancy` says whose devices are.
    """

    def __init__(
        self,
        event_log: EventLog,
        ticker: Ticker,
        device_of: DeviceOf,
        clock_ms: Callable[[], int],
        tenancy: Callable[[], Tenancy] = lambda: NOBODY,
    ) -> None:
        self._log = event_log
        self._ticker = ticker
        self._device_of = device_of
        self._clock_ms = clock_ms
        self._tenancy = tenancy

    async def append(self, name: EventName, data: Given, *, rooms: Iterable[str] | None = None) -> int:
        """Append an event to the log and return its seq; clients receive it once it is committed.

        `rooms` None: those of the event. Raises `Refused` (invalid, naming the field) for a payload or room that is
        not one.
        """
        payload = self._payload(name, data)
        services = self._services(name, payload)
        if services:
            payload["services"] = msgspec.to_builtins([service.ref for service in services])
        own_rooms = (*rooms_of_event(name, payload), *customer_rooms(services))
        chosen = tuple(dict.fromkeys(own_rooms if rooms is None else rooms))
        for room in chosen:
            if parse_room(room) is None:
                raise invalid("room", f"{room[:40]!r} is not a room")
        device = self._device_of(payload["deviceId"]) if payload.get("deviceId") else None
        event = NewEvent(
            name,
            payload,
            chosen,
            ms_from_iso(payload["timestamp"]),
            device_id=payload.get("deviceId"),
            site_id=payload.get("siteId") or (device.site_id if device is not None else None),
        )
        seqs = await self._log.append([event], now_ms=self._clock_ms())
        return seqs[0]

    def device_status(self, device_id: int, status: DeviceStatus | str, data: Mapping[str, Any]) -> dict[str, Any]:
        """Return the payload of `device:status` with what the registered device and common sense fill in."""
        device = self._device_of(device_id)
        known = {} if device is None else {"deviceName": device.name, "siteId": device.site_id}
        filled = {"previous": DeviceStatus.UNKNOWN.value, "reason": "reported", **known}
        return {**filled, **data, "deviceId": device_id, "status": str(status)}

    async def emit(self, name: str, data: Given, room: str) -> int | None:
        """Send any event or measurement to one room; returns the seq of a logged event, None for a measurement.

        Raises `Refused` (invalid, naming event, room or field).
        """
        event = event_name(name)
        if EVENT_CLASSES[event] is EventClass.EVENT:
            return await self.append(event, data, rooms=(room,))
        if EVENT_CLASSES[event] is EventClass.CONTROL:
            raise invalid("event", f"{event} belongs to the connection and cannot be sent to a room")
        if parse_room(room) is None:
            raise invalid("room", f"{room[:40]!r} is not a room")
        self._ticker.send(event, (room,), self._timed(plain(data)))
        return None

    def bandwidth(self, data: Given | Iterable[Given]) -> None:
        """Put rates into the next tick. Raises `Refused` (invalid, naming the field)."""
        self._ticker.offer_bandwidth(items_of(data, BandwidthItem), self._site_of, self._tenancy())

    def latency(self, data: Given | Iterable[Given]) -> None:
        """Put latencies into the next tick. Raises `Refused` (invalid, naming the field)."""
        self._ticker.offer_latency(items_of(data, LatencyItem), self._site_of, self._tenancy())

    def stats(self, data: Given) -> None:
        """Send totals at once. Raises `Refused` (invalid, naming the field)."""
        stats = msgspec.convert(self._payload(EventName.STATS_UPDATE, data), StatsUpdate)
        self._ticker.send_stats(stats, self._clock_ms())

    def test(self, name: str, data: Mapping[str, Any]) -> None:
        """Show an event marked `test: true` to those in its rooms. It is not logged and changes nothing.

        `name` is one of `TEST_EVENTS`, or the event's own. Raises `Refused` (invalid, field event).
        """
        event = TEST_EVENTS.get(name)
        if event is None:
            event = next((known for known in TEST_EVENTS.values() if known.value == name), None)
        if event is None:
            raise invalid("event", f"event must be one of {', '.join(TEST_EVENTS)}")
        payload = {**self._timed(data), "test": True}
        self._ticker.send(event, rooms_of_event(event, payload), payload)

    def _services(self, name: EventName, payload: dict[str, Any]) -> tuple[Service, ...]:
        """Return the services that an event is about now; what the payload itself says of them does not count."""
        payload.pop("services", None)
        device_id = payload.get("deviceId")
        if device_id is None:
            return ()
        match name:
            case EventName.DEVICE_STATUS:
                return self._tenancy().on_device(device_id)
            case EventName.INTERFACE_STATUS:
                return self._tenancy().of_interface(device_id, payload["interfaceId"])
            case EventName.ALERT_NEW | EventName.ALERT_UPDATE:
                return concerned(self._tenancy(), payload.get("trouble"), device_id, payload.get("interfaceId"))
            case _:
                return ()

    def _payload(self, name: EventName, data: Given) -> dict[str, Any]:
        checked = _checked(self._timed(plain(data)), PAYLOADS[name])
        built: dict[str, Any] = msgspec.to_builtins(checked)
        return built

    def _timed(self, data: Mapping[str, Any]) -> dict[str, Any]:
        return {"timestamp": iso_from_ms(self._clock_ms()), **data}

    def _site_of(self, device_id: int) -> int | None:
        device = self._device_of(device_id)
        return None if device is None else device.site_id


def event_name(name: str) -> EventName:
    """Return the event of that name. Raises `Refused` (invalid, field event)."""
    try:
        return EventName(name)
    except ValueError as error:
        raise invalid("event", f"{name[:40]!r} is not an event; use one of {', '.join(EventName)}") from error


def plain(data: Given) -> dict[str, Any]:
    """Return a payload struct or mapping as a JSON object."""
    built: dict[str, Any] = msgspec.to_builtins(data)
    return built


def items_of(data: Given | Iterable[Given], kind: type[ItemType]) -> list[ItemType]:
    """Return one item, `{items: [...]}` or several items, checked. Raises `Refused` (invalid, naming the field)."""
    if isinstance(data, Mapping) and "items" in data:
        data = data["items"]
    given = [data] if isinstance(data, msgspec.Struct | Mapping) else data
    return [_checked(plain(item), kind) for item in given]


Checked = TypeVar("Checked", bound=msgspec.Struct)


def _checked(data: Mapping[str, Any], kind: type[Checked]) -> Checked:
    try:
        return msgspec.convert(data, kind)
    except msgspec.ValidationError as error:
        reason, _, path = str(error).partition(" - at `$")
        raise invalid(path.strip(".`") or "data", reason) from error

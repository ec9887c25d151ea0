"""Records for the store's tests, small and complete."""

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from noctule_hub.core.audit import local
from noctule_hub.core.commit import AgentCursor, Binding, Commit, FrameRow
from noctule_hub.core.records import (
    Alert,
    Axes,
    Device,
    DeviceState,
    IcmpSettings,
    Interface,
    Neighbour,
    NewDevice,
    NewEvent,
    SnmpSettings,
)
from noctule_hub.core.series import MeasuredRows
from noctule_hub.store.protocol import Store
from noctule_shared.axes import IcmpLevel, IfStatus, Reachability, SnmpLevel
from noctule_shared.errors import ErrorCode, Refused
from noctule_shared.events import SEVERITY_NAMES, AlertState, DeviceStatus, EventName, Severity
from noctule_shared.frames import (
    LATENCY_COLUMNS,
    FrameClass,
    MeasurementsBody,
    Table,
    TableName,
    encode_frame,
    pack_table,
)
from noctule_shared.interface_filter import InterfaceFilter
from noctule_shared.link import SnmpVersion
from noctule_shared.times import iso_from_ms

NOW_MS = 1_795_000_000_000
EPOCH = "00112233445566aa"

LatencyRow = tuple[int, int, float]
InterfaceRow = tuple[int, int, int, int, float]


def new_device(site_id: int, name: str = "r1", address: str = "192.0.2.1", **changes: object) -> NewDevice:
    values: dict[str, object] = {
        "name": name,
        "address": address,
        "site_id": site_id,
        "reachability": Reachability.BOTH,
        "icmp": IcmpSettings(5.0, 3),
        "snmp": SnmpSettings(SnmpVersion.V2C, 1161, 15.0, interfaces=InterfaceFilter(skip_names=("Vlan*",))),
        "role": "border",
        "tags": ("core", "rack 7"),
    }
    return NewDevice(**(values | changes))  # type: ignore[arg-type]


async def enrolled(store: Store, *, site: str = "north", agent: str = "a1") -> tuple[int, int]:
    """Add a site with an agent; return their ids."""
    site_id = (await store.add_site(site, by=local(0))).id
    return site_id, await enrol(store, site_id, agent)


async def enrol(store: Store, site_id: int, name: str, *, now_ms: int = NOW_MS) -> int:
    token = await store.add_join_token(
        site_id=site_id, secret_hash="ab" * 32, uses=1, expires_ms=now_ms + 1000, by=local(0)
    )
    agent = await store.enrol_agent(
        token_id=token.id,
        secret_hash="ab" * 32,
        name=name,
        signing_key="11" * 32,
        sealing_key="22" * 32,
        version="0.1.0",
        by=local(now_ms),
    )
    return agent.id


async def polled_device(store: Store) -> tuple[int, Device]:
    """Add a site, its agent and a device; return the agent's id and the device."""
    site_id, agent_id = await enrolled(store)
    return agent_id, await store.add_device(new_device(site_id), seal=None, by=local(NOW_MS))


def latency_table(rows: Sequence[LatencyRow]) -> Table:
    """Rows of device id, time and median delay in seconds; NaN: no reply. Each column has values of its own."""
    columns: dict[str, list[float]] = {
        "device_id": [row[0] for row in rows],
        "ts_ms": [row[1] for row in rows],
        "source": [0 for _ in rows],
        "sent": [5 for _ in rows],
        "received": [0 if math.isnan(row[2]) else 5 for row in rows],
    }
    delays = [name for name, dtype in LATENCY_COLUMNS.items() if dtype == "f4"]
    for place, name in enumerate(delays):
        columns[name] = [row[2] + 0.001 * (place - delays.index("rtt_median_s")) for row in rows]
    return pack_table(TableName.LATENCY, columns)


def interface_table(rows: Sequence[InterfaceRow]) -> Table:
    """Rows of device id, ifIndex, inventory revision, time and octets."""
    columns: dict[str, list[float]] = {
        "device_id": [row[0] for row in rows],
        "if_index": [row[1] for row in rows],
        "inventory_rev": [row[2] for row in rows],
        "ts_ms": [row[3] for row in rows],
        "interval_s": [30.01 for _ in rows],
        "quality": [0 for _ in rows],
    }
    for name in ("octets", "packets", "errors", "discards"):
        columns[f"in_{name}"] = [row[4] for row in rows]
        columns[f"out_{name}"] = [math.nan for _ in rows]
    return pack_table(TableName.INTERFACE, columns)


def measurement_frame(  # noqa: PLR0917  a frame's key and its tables
    agent_id: int,
    seq: int,
    latency: Sequence[LatencyRow] = (),
    interface: Sequence[InterfaceRow] = (),
    received_ms: int = NOW_MS,
    epoch: str = EPOCH,
) -> FrameRow:
    tables = {}
    if latency:
        tables[TableName.LATENCY.value] = latency_table(latency)
    if interface:
        tables[TableName.INTERFACE.value] = interface_table(interface)
    body = encode_frame(MeasurementsBody(tables))
    return FrameRow(agent_id, epoch, seq, received_ms, FrameClass.MEASUREMENTS, body)


def latency_rows(rows: Sequence[LatencyRow]) -> MeasuredRows:
    """What the engine makes of `latency_table`."""
    table = latency_table(rows)
    dtypes = {name: np.dtype(f"<{column.dtype}") for name, column in table.columns.items()}
    columns = {name: np.frombuffer(column.data, dtypes[name]) for name, column in table.columns.items()}
    return MeasuredRows(TableName.LATENCY, columns.pop("device_id").astype(np.int64), columns)


def measured(agent_id: int, seq: int, rows: Sequence[LatencyRow], *, received_ms: int = NOW_MS) -> Commit:
    """A commit of one frame of latency rows, as the engine makes it."""
    return Commit(
        now_ms=received_ms,
        frames=[measurement_frame(agent_id, seq, rows, received_ms=received_ms)],
        cursors=[AgentCursor(agent_id, EPOCH, seq + 1)],
        tables=[latency_rows(rows)],
    )


def event(number: int = 1, *, device_id: int | None = 7) -> NewEvent:
    return NewEvent(
        name=EventName.DEVICE_STATUS,
        data={"deviceId": device_id, "number": number, "text": "naïve \N{BAT}"},
        rooms=("devices", f"device:{device_id}"),
        observed_ms=NOW_MS - 5,
        device_id=device_id,
        site_id=3,
        late=number % 2 == 0,
    )


def network_log(
    message: str,
    *,
    device_id: int | None = 7,
    site_id: int | None = 3,
    severity: int | None = 5,
    source: str = "syslog",
    facility: str | None = "local3",
    observed_ms: int = NOW_MS,
    late: bool = False,
    **more: object,
) -> NewEvent:
    """Return a `network:log` as the engine appends it; `more` are further fields of its payload, or other ones."""
    data: dict[str, Any] = {
        "timestamp": iso_from_ms(observed_ms),
        "deviceName": None if device_id is None else f"r{device_id}",
        "deviceId": device_id,
        "address": "192.0.2.1",
        "severity": severity,
        "severityName": SEVERITY_NAMES[severity] if severity is not None and severity < 8 else None,
        "facility": facility,
        "source": source,
        "message": message,
    }
    data = {key: value for key, value in (data | more).items() if value is not None}
    rooms = ("logs",) if device_id is None else ("logs", f"device:{device_id}")
    site_id = None if device_id is None else site_id
    return NewEvent(EventName.NETWORK_LOG, data, rooms, observed_ms, device_id=device_id, site_id=site_id, late=late)


def device_state(device_id: int, status: DeviceStatus = DeviceStatus.ONLINE) -> DeviceState:
    return DeviceState(
        device_id=device_id,
        axes=Axes(IcmpLevel.UP, NOW_MS - 10, SnmpLevel.DOWN, NOW_MS - 20),
        status=status,
        reason="icmp-up",
        since_ms=NOW_MS - 10,
        underlying=DeviceStatus.DEGRADED,
    )


def interface(interface_id: int, device_id: int, *, if_index: int = 1, name: str = "ge-0/0/0") -> Interface:
    return Interface(
        id=interface_id,
        device_id=device_id,
        identity=name,
        if_index=if_index,
        inventory_rev=1,
        if_name=name,
        if_descr=name,
        if_alias="uplink",
        if_type=6,
        speed_bps=1_000_000_000,
        if_admin_status=IfStatus.UP,
        if_oper_status=IfStatus.LOWER_LAYER_DOWN,
        polled=True,
        state_ms=NOW_MS,
    )


def neighbour(interface_id: int | None, port_id: str) -> Neighbour:
    return Neighbour(interface_id, "ge-0/0/0", 4, "00:c0:ff:ee:00:01", 5, port_id, "to core1", "core2", NOW_MS)


def bindings(device_id: int, *rows: tuple[int, int, int]) -> list[Binding]:
    """Bindings of ifIndex, first inventory revision and interface."""
    return [Binding(device_id, if_index, from_rev, interface_id) for if_index, from_rev, interface_id in rows]


def alert(alert_id: int, *, key: str = "device:1:offline", state: AlertState = AlertState.FIRING) -> Alert:
    return Alert(
        id=alert_id,
        key=key,
        rule="device-offline",
        title="r1 is offline",
        severity=Severity.CRITICAL,
        state=state,
        reason="icmp-down",
        started_ms=NOW_MS + alert_id,
        fired_ms=NOW_MS + alert_id,
        resolved_ms=NOW_MS + 9 if state == AlertState.RESOLVED else None,
        device_id=1,
        interface_id=None,
        agent_id=1,
        site_id=1,
    )


def refused(code: ErrorCode, field: str | None = None) -> Callable[[Refused], bool]:
    return lambda error: error.code == code and error.field == field

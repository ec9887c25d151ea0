from typing import TYPE_CHECKING, Any

import pytest
from noctule_hub.core.customers import Customer, Service
from noctule_hub.core.tenancy import Tenancy
from noctule_shared.customers import CustomerState
from noctule_shared.errors import Refused
from noctule_shared.events import AlertEvent, AlertState, EventName, NetworkLogEvent, Severity

if TYPE_CHECKING:
    from tests.hub.realtime.conftest import SocketHub

AT = "2026-11-22T03:12:00.000Z"


async def test_each_emit_method_reaches_the_rooms_of_the_guide(hub: "SocketHub") -> None:
    client = await hub.join({"token": "admin"})
    service = hub.service
    alert = AlertEvent(
        timestamp=AT,
        id=1,
        rule="device-offline",
        title="sw1 is offline",
        severity=Severity.CRITICAL,
        state=AlertState.FIRING,
        device_id=1,
        device_name="sw1",
        started_at=AT,
        reason="icmp-down",
    )
    assert await service.emit_device_status(1, "offline") == 1
    assert await service.emit_new_alert(alert) == 2
    assert await service.emit_payment_update("p-1", "paid", {"customerId": 9, "amount": "10.00"}) == 3
    assert await service.emit_network_log(NetworkLogEvent(timestamp=AT, severity=3, source="sw1", message="x")) == 4
    assert await service.emit_customer_update(9, {"state": "active", "change": "created"}) == 5
    await client.until(lambda c: c.seqs() == [1, 2, 3, 4, 5], "the five events")
    assert client.of("alert:new")[0]["title"] == "sw1 is offline"
    assert client.of("payment:update")[0]["paymentId"] == "p-1"
    assert client.of("network:log")[0]["message"] == "x"
    assert client.of("customer:update")[0]["change"] == "created"


async def test_measurements_reach_clients_with_the_tick(hub: "SocketHub") -> None:
    client = await hub.join({"token": "viewer"})
    hub.service.emit_bandwidth_update(
        {
            "deviceId": 1,
            "interfaceId": None,
            "inBps": 5e6,
            "outBps": None,
            "inUtilRatio": None,
            "outUtilRatio": None,
            "quality": ["ok"],
            "timestamp": AT,
        }
    )
    item = {"deviceId": 2, "rttS": None, "lossRatio": 1.0, "mdevS": None, "source": "snmp", "timestamp": AT}
    hub.service.emit_latency_update({"items": [item]})
    hub.service.emit_stats_update({**_stats(), "clients": 44})
    assert client.of("bandwidth:update") == []
    hub.service.turn()
    await client.until(lambda c: bool(c.of("bandwidth:update")), "bandwidth:update")
    assert client.of("bandwidth:update")[0]["items"][0]["inBps"] == 5e6
    assert client.of("latency:update")[0]["items"] == [item]
    assert 44 in [stats["clients"] for stats in client.of("stats:update")]


async def test_event_for_a_user_reaches_that_user_alone(hub: "SocketHub") -> None:
    vera, ada = await hub.join({"token": "viewer"}), await hub.join({"token": "customer"})
    seq = await hub.service.emit_to_user(3, "customer:update", {"customerId": 9, "state": "x", "change": "y"})
    assert seq == 1
    await hub.log(2, rooms=("public",))
    await vera.until(lambda c: c.seqs() == [1, 2], "both events")
    await ada.until(lambda c: c.seqs() == [2], "the public event")


async def test_event_to_one_room_goes_nowhere_else(hub: "SocketHub") -> None:
    client = await hub.join({"token": "viewer", "subscribe": ["device:1", "devices"]})
    payload: dict[str, Any] = {"deviceName": "sw1", "siteId": 4, "previous": "online", "reason": "test"}
    await hub.service.emit_to_room("site:4", "device:status", {"deviceId": 1, "status": "offline", **payload})
    await hub.service.emit_to_room("device:1", "device:status", {"deviceId": 1, "status": "online", **payload})
    await client.until(lambda c: c.seqs() == [2], "the device's event")
    assert await hub.service.emit_to_room("devices", "latency:update", {"items": [], "more": False}) is None
    await client.until(lambda c: bool(c.of("latency:update")), "the measurement")


@pytest.mark.parametrize(
    ("room", "event", "data", "field"),
    [
        ("nowhere", "device:status", {"deviceId": 1, "status": "offline"}, "deviceName"),
        ("nowhere", "latency:update", {"items": []}, "room"),
        ("devices", "position", {}, "event"),
        ("devices", "no:such", {}, "event"),
        ("logs", "network:log", {"severity": "high", "source": "a", "message": "b"}, "severity"),
    ],
)
async def test_what_is_no_event_is_refused_naming_the_field(
    hub: "SocketHub", room: str, event: str, data: dict[str, Any], field: str
) -> None:
    with pytest.raises(Refused) as refused:
        await hub.service.emit_to_room(room, event, data)
    assert field in f"{refused.value.field} {refused.value.message}"
    assert await hub.store.head() == 0


async def test_unknown_room_is_refused_before_anything_is_logged(hub: "SocketHub") -> None:
    with pytest.raises(Refused, match="nowhere"):
        await hub.service.emit_to_room("nowhere", "customer:update", {"customerId": 1, "state": "a", "change": "b"})
    assert await hub.store.head() == 0


@pytest.mark.parametrize(
    ("name", "event", "data"),
    [
        ("device-status", EventName.DEVICE_STATUS, {"deviceId": 1, "status": "offline"}),
        ("alert", EventName.ALERT_NEW, {"title": "trial"}),
        ("bandwidth", EventName.BANDWIDTH_UPDATE, {"items": []}),
        ("payment", EventName.PAYMENT_UPDATE, {"paymentId": "p-1"}),
        ("stats", EventName.STATS_UPDATE, {"clients": 1}),
        ("log", EventName.NETWORK_LOG, {"message": "trial"}),
        ("customer", EventName.CUSTOMER_UPDATE, {"customerId": 9}),
    ],
)
async def test_test_event_is_marked_and_leaves_no_trace(
    hub: "SocketHub", name: str, event: EventName, data: dict[str, Any]
) -> None:
    client = await hub.join({"token": "admin"})
    await hub.service.emit_test(name, data | {"unknownField": 1})
    await client.until(lambda c: any(seen.get("test") for seen in c.of(event.value)), "the test event")
    seen = next(seen for seen in client.of(event.value) if seen.get("test"))
    assert seen.pop("timestamp").endswith("Z")
    assert seen == {**data, "test": True}
    assert await hub.store.head() == 0
    assert next(iter(hub.service.connections)).delivered == 0


async def test_unknown_test_event_is_refused_with_the_known_ones(hub: "SocketHub") -> None:
    with pytest.raises(Refused, match="device-status") as refused:
        await hub.service.emit_test("reboot", {})
    assert refused.value.field == "event"


def _stats() -> dict[str, Any]:
    return {
        "devices": {"total": 1},
        "alerts": {},
        "agents": {},
        "inBps": None,
        "outBps": None,
        "payments": {},
    }


async def test_event_goes_to_the_customers_whose_services_it_is_about(hub: "SocketHub") -> None:
    owner = Customer(9, "carl", None, "UTC", "", CustomerState.ACTIVE, None, 0)
    hub.service.publisher._tenancy = lambda: Tenancy([owner], [Service(3, 9, 1, None, "box", None, 0)])
    client = await hub.join({"token": "customer"})
    forged = [{"customerId": 9, "serviceId": 8, "label": "forged"}]
    assert await hub.service.emit_device_status(2, "offline", {"services": forged}) == 1
    assert await hub.service.emit_device_status(1, "offline", {"reason": "for the NOC", "services": forged}) == 2
    await client.until(lambda c: c.seqs() == [2], "the event of its device alone")
    (heard,) = client.of("device:status")
    assert heard["services"] == [{"customerId": 9, "serviceId": 3, "label": "box"}]
    assert {"reason", "deviceName"} & set(heard) == set()


async def test_billing_sees_of_each_row_the_customers_whose_rooms_it_is_in(hub: "SocketHub") -> None:
    owners = [Customer(number, f"c{number}", None, "UTC", "", CustomerState.ACTIVE, None, 0) for number in (8, 9)]
    services = [Service(number, number, 1, number, f"s{number}", None, 0) for number in (8, 9)]
    hub.service.publisher._tenancy = lambda: Tenancy(owners, services)
    client = await hub.join({"token": "billing", "subscribe": ["customer:8"]})
    both = await hub.join({"token": "billing", "subscribe": ["customer:8", "customer:9"]})
    await hub.service.emit_device_status(1, "offline")
    for each, labels in ((client, ["s8"]), (both, ["s8", "s9"])):
        await each.until(lambda c: bool(c.of("device:status")), "device:status")
        assert [one["label"] for one in each.of("device:status")[0]["services"]] == labels

"""Customers and services over HTTP: who may do what, and what is refused by name."""

from typing import Any

import pytest
from noctule_hub.core.commit import Commit
from noctule_hub.core.customers import Customer, Service
from noctule_hub.core.principal import Role
from noctule_hub.core.records import Axes, DeviceState, NewEvent
from noctule_hub.core.tenancy import Tenancy
from noctule_shared.events import DeviceStatus, EventName
from noctule_shared.times import iso_from_ms
from noctule_shared.updates import BandwidthItem

from tests.hub.api.harness import NOW_MS, Answer, Hub
from tests.hub.store.samples import interface, new_device

CUSTOMERS = "/api/v1/customers"
ALMA = {"name": "alma", "reference": "A-1", "timezone": "Europe/Zurich", "note": "call her\nnot him"}


async def add(hub: Hub, **changes: object) -> Answer:
    return await hub.post(CUSTOMERS, ALMA | changes)


async def switch(hub: Hub) -> int:
    """Add a device with the interfaces 1 and 2, which are present."""
    device = await hub.add_device(new_device(hub.site.id))
    ports = [interface(number, device.id, if_index=number, name=f"ge-{number}") for number in (1, 2)]
    await hub.store.commit(Commit(NOW_MS, interfaces=ports))
    hub.engine.ports[device.id] = ports
    return device.id


async def test_a_customer_has_the_shape_that_clients_rely_on(hub: Hub) -> None:
    answer = await add(hub)
    assert answer.status == 201
    assert answer.json == {
        "id": 1,
        "name": "alma",
        "reference": "A-1",
        "state": "active",
        "suspensionReason": None,
        "timezone": "Europe/Zurich",
        "note": "call her\nnot him",
        "createdAt": "2026-11-18T11:06:40.000Z",
        "revision": 1,
    }
    assert (await hub.get(f"{CUSTOMERS}/1")).json == answer.json
    assert hub.engine.reloads == 1


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": " "}, "name"),
        ({"name": "a\x1b[2J"}, "name"),
        ({"name": "x" * 101}, "name"),
        ({"reference": "a b"}, "reference"),
        ({"reference": ""}, "reference"),
        ({"timezone": "Mars/Olympus"}, "timezone"),
        ({"timezone": "../../etc/passwd"}, "timezone"),
        ({"timezone": ""}, "timezone"),
        ({"note": "x" * 4_001}, "note"),
        ({"note": "a\x00b"}, "note"),
        ({"state": "active"}, "state"),
        ({"name": 7}, "name"),
    ],
)
async def test_a_bad_field_is_named_and_nothing_is_added(hub: Hub, changes: dict[str, object], field: str) -> None:
    answer = await add(hub, **changes)
    assert (answer.status, answer.json["field"]) == (400, field)
    assert (await hub.get(CUSTOMERS)).json["items"] == []
    assert hub.engine.reloads == 0


async def test_an_edit_changes_what_it_names_and_no_more(hub: Hub) -> None:
    await add(hub)
    answer = await hub.ask("PATCH", f"{CUSTOMERS}/1", json={"revision": 1, "reference": None})
    assert (answer.json["reference"], answer.json["name"], answer.json["revision"]) == (None, "alma", 2)
    late = await hub.ask("PATCH", f"{CUSTOMERS}/1", json={"revision": 1, "name": "x"})
    assert (late.status, late.json["field"]) == (400, "revision")


async def test_customers_are_found_by_state_and_by_the_billing_systems_reference(hub: Hub) -> None:
    await add(hub)
    await add(hub, name="bruno", reference="B-2")
    await hub.post(f"{CUSTOMERS}/2/suspend", {"revision": 1, "reason": "abuse"})
    for query, names in (("state=suspended", ["bruno"]), ("reference=A-1", ["alma"]), ("limit=1", ["alma"])):
        answer = await hub.get(f"{CUSTOMERS}?{query}")
        assert [item["name"] for item in answer.json["items"]] == names
    assert answer.json["nextCursor"] == "1"


async def test_billing_suspends_and_resumes_for_non_payment_and_changes_nothing_else(hub: Hub) -> None:
    await add(hub)
    billing = Role.BILLING
    one = f"{CUSTOMERS}/1"
    suspended = await hub.post(f"{one}/suspend", {"revision": 1, "reason": "non-payment"}, role=billing)
    assert (suspended.json["state"], suspended.json["suspensionReason"]) == ("suspended", "non-payment")
    assert (await hub.post(f"{one}/resume", {"revision": 2}, role=billing)).json["state"] == "active"
    refused = await hub.post(f"{one}/suspend", {"revision": 3, "reason": "abuse"}, role=billing)
    assert (refused.status, refused.json["code"]) == (403, "forbidden")
    for method, path, body in (
        ("PATCH", one, {"revision": 3, "name": "x"}),
        ("POST", f"{one}/close", {"revision": 3}),
        ("DELETE", one, None),
        ("POST", CUSTOMERS, ALMA),
    ):
        assert (await hub.ask(method, path, role=billing, json=body)).status == 403


async def test_a_step_that_does_not_go_from_here_is_refused_by_name(hub: Hub) -> None:
    await add(hub)
    answer = await hub.post(f"{CUSTOMERS}/1/resume", {"revision": 1})
    assert (answer.status, answer.json["field"]) == (400, "state")
    assert "is active" in answer.json["message"]


async def test_services_are_added_changed_and_removed(hub: Hub) -> None:
    device_id = await switch(hub)
    await add(hub)
    services = f"{CUSTOMERS}/1/services"
    added = await hub.post(services, {"deviceId": device_id, "interfaceId": 1, "label": "fibre", "committedBps": 10**9})
    assert added.status == 201
    assert added.json == {
        "id": 1,
        "customerId": 1,
        "deviceId": device_id,
        "interfaceId": 1,
        "label": "fibre",
        "committedBps": 10**9,
        "since": "2026-11-18T11:06:40.000Z",
        "revision": 1,
    }
    hub.now_ms += 1_000
    changed = await hub.ask("PATCH", f"{services}/1", json={"revision": 1, "interfaceId": 2, "committedBps": None})
    assert (changed.json["interfaceId"], changed.json["committedBps"], changed.json["label"]) == (2, None, "fibre")
    assert changed.json["since"] == "2026-11-18T11:06:41.000Z"
    assert (await hub.get(services)).json["items"] == [changed.json]
    assert (await hub.ask("DELETE", f"{services}/1")).status == 204
    assert (await hub.get(services)).json["items"] == []
    assert (await hub.ask("PATCH", f"{services}/1", json={"revision": 1})).status == 404


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"deviceId": 99, "label": "x"}, "deviceId"),
        ({"deviceId": 1, "interfaceId": 99, "label": "x"}, "interfaceId"),
        ({"deviceId": 1, "label": ""}, "label"),
        ({"deviceId": 1, "label": "\u202ex"}, "label"),
        ({"deviceId": 1, "label": "x", "committedBps": 0}, "committedBps"),
        ({"deviceId": 0, "label": "x"}, "deviceId"),
        ({"label": "x"}, "deviceId"),
    ],
)
async def test_a_bad_service_is_refused_by_name(hub: Hub, body: dict[str, object], field: str) -> None:
    await switch(hub)
    await add(hub)
    answer = await hub.post(f"{CUSTOMERS}/1/services", body)
    assert (answer.status, answer.json["field"]) == (400, field)
    assert await hub.store.services() == []


async def test_whose_a_device_or_port_is_stands_beside_it_for_who_may_know(hub: Hub) -> None:
    device_id = await switch(hub)
    await add(hub)
    await hub.post(f"{CUSTOMERS}/1/services", {"deviceId": device_id, "interfaceId": 1, "label": "fibre"})
    await hub.post(f"{CUSTOMERS}/1/suspend", {"revision": 1, "reason": "non-payment"})
    hub.engine.tenancy = Tenancy(await hub.store.customers(), await hub.store.services())
    owner = {
        "id": 1,
        "name": "alma",
        "state": "suspended",
        "suspensionReason": "non-payment",
        "serviceId": 1,
        "serviceLabel": "fibre",
        "interfaceId": 1,
    }
    assert (await hub.get(f"/api/v1/devices/{device_id}")).json["customers"] == [owner]
    ports = (await hub.get(f"/api/v1/devices/{device_id}/interfaces")).json["items"]
    assert [port["customers"] for port in ports] == [[owner], []]
    seen = await hub.get(f"/api/v1/devices/{device_id}", role=Role.VIEWER)
    assert seen.json["customers"] is None
    assert "alma" not in (await hub.get(f"/api/v1/devices/{device_id}/interfaces", role=Role.VIEWER)).text


async def own(hub: Hub) -> tuple[Customer, Service, Service]:
    """Make the customer that role customer's user belongs to, with port 1 of a switch and a whole device."""
    device_id = await switch(hub)
    for number in range(9):
        await add(hub, name=f"c{number}", reference=None)
    alma = await hub.store.customer(9)
    whole = await hub.add_device(new_device(hub.site.id, name="cpe", address="192.0.2.9"))
    services = []
    for body in ({"deviceId": device_id, "interfaceId": 1, "label": "fibre"}, {"deviceId": whole.id, "label": "box"}):
        answer = await hub.post(f"{CUSTOMERS}/9/services", body)
        assert answer.status == 201, answer.text
        services.append(answer.json["id"])
    found = {service.id: service for service in await hub.store.services_of(9)}
    return alma, found[services[0]], found[services[1]]


async def test_a_suspended_customer_is_told_so_and_nothing_of_the_nocs(hub: Hub) -> None:
    assert (await hub.get("/api/v1/me/customer", role=Role.CUSTOMER)).status == 404
    alma, _, _ = await own(hub)
    await hub.post(f"{CUSTOMERS}/9/suspend", {"revision": alma.revision, "reason": "non-payment"})
    assert (await hub.get("/api/v1/me/customer", role=Role.CUSTOMER)).json == {
        "id": 9,
        "name": "c8",
        "state": "suspended",
        "suspensionReason": "non-payment",
        "timezone": "Europe/Zurich",
    }


async def test_a_customer_sees_its_services_with_their_state_and_rates(hub: Hub) -> None:
    _, port, whole = await own(hub)
    hub.engine.states[port.device_id] = DeviceState(port.device_id, Axes(), DeviceStatus.ONLINE, "why", NOW_MS)
    rates = BandwidthItem(port.device_id, 1, 5.0, None, None, None, ["ok"], "2026-11-18T11:06:40.000Z")
    older = replace_time(rates, "2026-11-18T11:06:39.999Z")
    hub.engine.rates[port.device_id, 1] = rates
    hub.engine.rates[whole.device_id, None] = older
    first, second = (await hub.get("/api/v1/me/services", role=Role.CUSTOMER)).json["items"]
    assert (first["label"], first["state"], first["bandwidth"]["inBps"]) == ("fibre", "down", 5.0)
    assert (second["label"], second["state"], second["bandwidth"]) == ("box", "unknown", None)
    ports = await hub.get(f"/api/v1/me/services/{port.id}/interfaces", role=Role.CUSTOMER)
    assert ports.json["items"] == []


def replace_time(item: BandwidthItem, timestamp: str) -> BandwidthItem:
    return BandwidthItem(item.device_id, None, 5.0, None, None, None, ["ok"], timestamp)


async def test_a_service_that_is_a_whole_device_shows_each_of_its_interfaces(hub: Hub) -> None:
    _, _, whole = await own(hub)
    hub.engine.ports[whole.device_id] = [interface(7, whole.device_id)]
    url = f"/api/v1/me/services/{whole.id}"
    ports = await hub.get(f"{url}/interfaces", role=Role.CUSTOMER)
    assert [(port["id"], port["name"], port["state"]) for port in ports.json["items"]] == [(7, "ge-0/0/0", "down")]
    unnamed = await hub.get(f"{url}/bandwidth", role=Role.CUSTOMER)
    assert (unnamed.status, unnamed.json["field"]) == (400, "interfaceId")
    assert (await hub.get(f"{url}/bandwidth?interfaceId=7", role=Role.CUSTOMER)).json["tsMs"] == []
    assert (await hub.get(f"{url}/bandwidth?interfaceId=1", role=Role.CUSTOMER)).status == 404


async def test_a_customers_month_is_its_own_zones_and_begins_with_its_service(hub: Hub) -> None:
    _, port, whole = await own(hub)
    before_ms, after_ms = port.since_ms - 3_600_000, port.since_ms + 3_600_000
    down = DeviceState(port.device_id, Axes(), DeviceStatus.OFFLINE, "behind a neighbour's router", before_ms)
    up = DeviceState(port.device_id, Axes(), DeviceStatus.ONLINE, "answers", after_ms)
    events = [
        NewEvent(EventName.DEVICE_STATUS, told(state), (), state.since_ms, device_id=port.device_id)
        for state in (down, up)
    ]
    await hub.store.commit(Commit(NOW_MS, events=events))
    hub.now_ms = after_ms + 3_600_000
    url = f"/api/v1/me/services/{port.id}"
    found = (await hub.get(f"{url}/availability/2026-11", role=Role.CUSTOMER)).json
    begin = "2026-11-18T11:10:00.000Z"
    assert (found["tz"], found["from"], found["complete"]) == ("Europe/Zurich", begin, False)
    assert found["seconds"]["offline"] == 3_400
    assert found["seconds"]["online"] == 3_600
    assert found["outages"] == [{"from": begin, "to": "2026-11-18T12:06:40.000Z", "status": "offline"}]
    assert "neighbour" not in str(found)
    month = (await hub.get(f"{url}/months/2026-11?tz=UTC", role=Role.CUSTOMER)).json
    assert (month["interfaceId"], month["tz"], month["from"], month["gaps"]) == (1, "UTC", begin, [])
    refused = await hub.get(f"/api/v1/me/services/{whole.id}/months/2026-11", role=Role.CUSTOMER)
    assert (refused.status, refused.json["field"]) == (400, "id")
    for path in ("months", "availability"):
        assert (await hub.get(f"/api/v1/me/services/77/{path}/2026-11", role=Role.CUSTOMER)).status == 404


def told(state: DeviceState) -> dict[str, Any]:
    return {
        "timestamp": iso_from_ms(state.since_ms),
        "deviceId": state.device_id,
        "deviceName": "switch",
        "siteId": 1,
        "status": state.status.value,
        "previous": "unknown",
        "reason": state.reason,
    }


async def test_a_closed_or_removed_customers_users_see_nothing_any_more(hub: Hub) -> None:
    alma, port, _ = await own(hub)
    await hub.post(f"{CUSTOMERS}/{alma.id}/close", {"revision": alma.revision})
    assert (await hub.get("/api/v1/me/services", role=Role.CUSTOMER)).json["items"] == []
    assert (await hub.get(f"/api/v1/me/services/{port.id}/latency", role=Role.CUSTOMER)).status == 404
    # Its user stands in the way, so that nobody signs in as a customer that is gone.
    refused = await hub.ask("DELETE", f"{CUSTOMERS}/{alma.id}")
    assert (refused.status, refused.json["field"]) == (400, "id")
    assert "customer sign in as this customer" in refused.json["message"]


async def test_nobody_signs_in_as_a_customer_that_is_yet_to_come(hub: Hub) -> None:
    body = {"username": "eve", "role": "customer", "password": "planted-password-1", "customerId": 1}
    answer = await hub.post("/api/v1/users", body)
    assert (answer.status, answer.json["field"]) == (400, "customerId")
    await add(hub)
    assert (await hub.post("/api/v1/users", body)).status == 201


async def test_a_user_whose_customer_does_not_exist_sees_nothing(hub: Hub) -> None:
    for path in ("services", "alerts", "payments"):
        answer = await hub.get(f"/api/v1/me/{path}", role=Role.CUSTOMER)
        assert answer.json == {"items": [], "nextCursor": None}

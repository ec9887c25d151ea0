"""Payments over HTTP: told by the billing system, once each."""

from typing import Any

import pytest
from noctule_hub.core.principal import Role
from noctule_shared.times import iso_from_ms

from tests.hub.api.harness import NOW_MS, Answer, Hub

PAYMENTS = "/api/v1/payments"
PAID = {
    "customerId": 1,
    "status": "paid",
    "occurredAt": "2026-11-18T08:00:00+01:00",
    "amount": "12.50",
    "currency": "EUR",
}


async def pay(
    hub: Hub, payment_id: str = "bill-7", *, key: str | None = "k1", role: Role = Role.BILLING, **changes: Any
) -> Answer:
    headers = {} if key is None else {"Idempotency-Key": key}
    body = {name: value for name, value in (PAID | changes).items() if value is not ...}
    return await hub.ask("POST", f"{PAYMENTS}/{payment_id}/updates", role=role, headers=headers, json=body)


@pytest.fixture
async def customer(hub: Hub) -> None:
    await hub.post("/api/v1/customers", {"name": "alma"})


@pytest.mark.usefixtures("customer")
async def test_an_update_is_answered_alike_each_time_and_done_once(hub: Hub) -> None:
    first = await pay(hub)
    assert first.status == 200
    assert first.json == {
        "payment": {
            "paymentId": "bill-7",
            "customerId": 1,
            "status": "paid",
            "amount": "12.50",
            "currency": "EUR",
            "occurredAt": "2026-11-18T07:00:00.000Z",
            "receivedAt": iso_from_ms(NOW_MS),
        },
        "late": False,
    }
    hub.now_ms += 60_000
    assert (await pay(hub, occurredAt="2026-11-18T07:00:00Z")).text == first.text
    other = await pay(hub, status="failed")
    assert (other.status, other.json["field"]) == (400, "Idempotency-Key")
    another_payment = await pay(hub, "bill-8")
    assert another_payment.json["field"] == "Idempotency-Key"
    assert hub.context.payments_today.today(hub.now_ms) == {"total": 1, "paid": 1}
    details = (await hub.get(f"{PAYMENTS}/bill-7", role=Role.BILLING)).json
    assert [row["subject"] for row in details["updates"]] == [f"user:{hub.users[Role.BILLING].id}"]


@pytest.mark.usefixtures("customer")
async def test_an_older_update_is_history_only(hub: Hub) -> None:
    await pay(hub)
    late = await pay(hub, key="k2", status="issued", occurredAt="2026-11-17T08:00:00Z")
    assert (late.json["late"], late.json["payment"]["status"]) == (True, "paid")
    details = (await hub.get(f"{PAYMENTS}/bill-7")).json
    assert [(row["status"], row["late"]) for row in details["updates"]] == [("issued", True), ("paid", False)]


@pytest.mark.usefixtures("customer")
@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"customerId": 99}, "customerId"),
        ({"customerId": ...}, "customerId"),
        ({"status": ""}, "status"),
        ({"status": "<img>"}, "status"),
        ({"status": "x" * 33}, "status"),
        ({"amount": 12.5}, "amount"),
        ({"amount": "12,50"}, "amount"),
        ({"amount": "1e3"}, "amount"),
        ({"amount": "=1+1"}, "amount"),
        ({"amount": "1\n"}, "amount"),
        ({"amount": "012.50"}, "amount"),
        ({"status": "paid\n"}, "status"),
        ({"amount": "1.1234567"}, "amount"),
        ({"amount": None}, "amount"),
        ({"currency": None}, "currency"),
        ({"currency": "eur"}, "currency"),
        ({"currency": "EURO"}, "currency"),
        ({"occurredAt": "yesterday"}, "occurredAt"),
        ({"occurredAt": "2026-11-18T08:00:00"}, "occurredAt"),
        ({"occurredAt": "2026-11-20T08:00:00Z"}, "occurredAt"),
        ({"occurredAt": "1969-01-01T00:00:00Z"}, "occurredAt"),
        ({"paid": True}, "paid"),
    ],
)
async def test_a_bad_field_is_named_and_nothing_is_kept(hub: Hub, changes: dict[str, Any], field: str) -> None:
    answer = await pay(hub, **changes)
    assert (answer.status, answer.json["field"]) == (400, field)
    assert (await hub.get(PAYMENTS)).json["items"] == []
    assert (await pay(hub)).status == 200


@pytest.mark.usefixtures("customer")
@pytest.mark.parametrize("key", [None, "", "x" * 129, "a b", "naïve"])
async def test_an_update_without_a_usable_key_is_refused(hub: Hub, key: str | None) -> None:
    answer = await pay(hub, key=key)
    assert (answer.status, answer.json["field"]) == (400, "Idempotency-Key")


@pytest.mark.usefixtures("customer")
@pytest.mark.parametrize("payment_id", ["-x", "a%20b", "x" * 65, "%2e%2e", "a%0A", "=1"])
async def test_an_id_outside_its_alphabet_names_nothing(hub: Hub, payment_id: str) -> None:
    assert (await pay(hub, payment_id)).status == 404
    assert (await hub.get(f"{PAYMENTS}/{payment_id}")).status == 404


@pytest.mark.usefixtures("customer")
async def test_payments_are_read_page_by_page_by_those_who_may(hub: Hub) -> None:
    await hub.post("/api/v1/customers", {"name": "bruno"})
    for number, customer_id in ((1, 1), (2, 2), (3, 1)):
        await pay(hub, f"bill-{number}", key=f"k{number}", customerId=customer_id)
    first = (await hub.get(f"{PAYMENTS}?limit=2", role=Role.BILLING)).json
    assert ([item["paymentId"] for item in first["items"]], first["nextCursor"]) == (["bill-1", "bill-2"], "bill-2")
    rest = (await hub.get(f"{PAYMENTS}?limit=2&cursor=bill-2")).json
    assert ([item["paymentId"] for item in rest["items"]], rest["nextCursor"]) == (["bill-3"], None)
    own = (await hub.get(f"{PAYMENTS}?customerId=1")).json
    assert [item["paymentId"] for item in own["items"]] == ["bill-1", "bill-3"]
    for role in (Role.VIEWER, Role.CUSTOMER, Role.METRICS):
        assert (await hub.get(PAYMENTS, role=role)).status == 403
    assert (await pay(hub, key="k9", role=Role.OPERATOR)).status == 403

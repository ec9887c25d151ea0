"""What customers, services and payments of any backend must do; part of `contract`."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from noctule_hub.core.audit import AuditAction, Authorship, local
from noctule_hub.core.commit import Commit
from noctule_hub.core.customers import Customer, CustomerFields, CustomerFilter, ServiceFields, Step, StepRequest
from noctule_hub.core.payments import KEYS_KEPT_MS, Applied, PaymentUpdate
from noctule_hub.core.principal import Role
from noctule_hub.store.protocol import Store
from noctule_shared.customers import CustomerState, SuspensionReason
from noctule_shared.errors import ErrorCode, Refused
from noctule_shared.events import EventName

from tests.hub.store.samples import NOW_MS, alert, interface, polled_device

BY = Authorship("user:7", "ada", "192.0.2.77", NOW_MS)
ALMA = CustomerFields("alma", "A-1", "Europe/Zurich", "call her")


def refused(code: ErrorCode, field: str | None = None) -> Callable[[Refused], bool]:
    return lambda error: error.code == code and error.field == field


async def switch(store: Store) -> int:
    """Add a device with the interfaces 1, 2 and 3."""
    _, device = await polled_device(store)
    ports = [interface(number, device.id, if_index=number, name=f"ge-{number}") for number in (1, 2, 3)]
    await store.commit(Commit(NOW_MS, interfaces=ports))
    return device.id


async def updates(store: Store) -> list[tuple[object, ...]]:
    rows = await store.events_after(0, limit=100)
    return [
        (row.data["change"], row.data["state"], row.data.get("serviceId"), row.rooms)
        for row in rows
        if row.name is EventName.CUSTOMER_UPDATE
    ]


class CustomerContract:
    """Customers and their services."""

    async def test_a_customer_is_kept_and_its_id_never_comes_again(self, store: Store) -> None:
        added = await store.add_customer(ALMA, by=BY)
        assert added == Customer(
            1, "alma", "A-1", "Europe/Zurich", "call her", CustomerState.ACTIVE, None, NOW_MS, revision=1
        )
        assert await store.customers() == [added]
        assert await store.customer(added.id) == added
        await store.remove_customer(added.id, by=BY)
        assert await store.customers() == []
        with pytest.raises(Refused, check=refused(ErrorCode.NOT_FOUND)):
            await store.customer(added.id)
        assert (await store.add_customer(ALMA, by=BY)).id == 2

    async def test_customers_are_found_by_state_name_and_reference(self, store: Store) -> None:
        for number, name in enumerate(("alma", "bruno", "carla"), start=1):
            await store.add_customer(CustomerFields(name, f"R-{number}"), by=BY)
        await store.move_customer(2, StepRequest(Step.CLOSE), revision=1, by=BY)

        async def found(after_id: int = 0, limit: int = 9, **wanted: object) -> list[int]:
            chosen = CustomerFilter(**wanted)  # type: ignore[arg-type]
            return [one.id for one in await store.find_customers(chosen, after_id=after_id, limit=limit)]

        assert await found() == [1, 2, 3]
        assert await found(after_id=1, limit=1) == [2]
        assert await found(state=CustomerState.CLOSED) == [2]
        assert (await found(name="ALMA"), await found(reference="R-3"), await found(reference="r-3")) == ([1], [3], [])

    async def test_each_change_of_a_customer_is_told_and_written_down_with_it(self, store: Store) -> None:
        added = await store.add_customer(ALMA, by=BY)
        changed = await store.update_customer(added.id, replace(ALMA, note="new"), revision=1, by=BY)
        reason = SuspensionReason.NON_PAYMENT
        suspended = await store.move_customer(added.id, StepRequest(Step.SUSPEND, reason), revision=2, by=BY)
        assert (changed.note, suspended.state, suspended.suspension_reason) == ("new", CustomerState.SUSPENDED, reason)
        await store.move_customer(added.id, StepRequest(Step.RESUME), revision=3, by=BY)
        await store.move_customer(added.id, StepRequest(Step.CLOSE), revision=4, by=BY)
        await store.remove_customer(added.id, by=BY)
        rooms = ("customers", "customer:1")
        assert await updates(store) == [
            ("added", "active", None, rooms),
            ("changed", "active", None, rooms),
            ("suspended", "suspended", None, rooms),
            ("resumed", "active", None, rooms),
            ("closed", "closed", None, rooms),
            ("removed", "closed", None, rooms),
        ]
        entries = await store.audit_entries(before_id=None, kind="customer", object_id=1, subject="user:7", limit=10)
        assert [entry.action for entry in entries] == [
            AuditAction.REMOVED,
            *[AuditAction.CHANGED] * 4,
            AuditAction.ADDED,
        ]
        assert entries[3].before is not None
        assert (entries[3].before["state"], (entries[3].after or {})["suspensionReason"]) == ("active", "non-payment")

    async def test_names_and_references_are_each_one_customers(self, store: Store) -> None:
        await store.add_customer(ALMA, by=BY)
        other = await store.add_customer(CustomerFields("bruno"), by=BY)
        await store.add_customer(CustomerFields("carla"), by=BY)
        for fields, field in ((CustomerFields("ALMA"), "name"), (CustomerFields("x", "A-1"), "reference")):
            with pytest.raises(Refused, check=refused(ErrorCode.INVALID, field)):
                await store.add_customer(fields, by=BY)
            with pytest.raises(Refused, check=refused(ErrorCode.INVALID, field)):
                await store.update_customer(other.id, fields, revision=1, by=BY)
        assert await store.customer(other.id) == other

    async def test_what_somebody_else_changed_meanwhile_is_not_overwritten(self, store: Store) -> None:
        added = await store.add_customer(ALMA, by=BY)
        with pytest.raises(Refused, check=refused(ErrorCode.INVALID, "revision")):
            await store.update_customer(added.id, ALMA, revision=2, by=BY)
        with pytest.raises(Refused, check=refused(ErrorCode.INVALID, "revision")):
            await store.move_customer(added.id, StepRequest(Step.CLOSE), revision=2, by=BY)
        assert len(await updates(store)) == 1

    async def test_a_customer_as_which_somebody_signs_in_is_not_removed(self, store: Store) -> None:
        added = await store.add_customer(ALMA, by=BY)
        await add_user(store, added.id)
        with pytest.raises(Refused, check=refused(ErrorCode.INVALID, "id")):
            await store.remove_customer(added.id, by=BY)
        assert await store.customers() == [added]

    async def test_services_come_and_go_with_their_events_and_their_customer(self, store: Store) -> None:
        device_id = await switch(store)
        alma = await store.add_customer(ALMA, by=BY)
        added = await store.add_service(alma.id, ServiceFields(device_id, 2, "fibre", 10**9), by=BY)
        assert (added.customer_id, added.interface_id, added.since_ms) == (alma.id, 2, NOW_MS)
        assert await store.services_of(alma.id) == await store.services() == [added]
        later = replace(BY, at_ms=NOW_MS + 5)
        renamed = await store.update_service(
            alma.id, added.id, ServiceFields(device_id, 2, "line"), revision=1, by=later
        )
        assert (renamed.label, renamed.since_ms, renamed.revision) == ("line", NOW_MS, 2)
        moved = await store.update_service(alma.id, added.id, ServiceFields(device_id, 3, "line"), revision=2, by=later)
        assert moved.since_ms == NOW_MS + 5
        await store.remove_service(alma.id, added.id, by=BY)
        again = await store.add_service(alma.id, ServiceFields(device_id, None, "all"), by=BY)
        assert again.id > added.id
        await store.remove_customer(alma.id, by=BY)
        assert await store.services() == []
        assert [(change, service) for change, _, service, _ in await updates(store)] == [
            ("added", None),
            ("service-added", 1),
            ("service-changed", 1),
            ("service-changed", 1),
            ("service-removed", 1),
            ("service-added", 2),
            ("removed", None),
        ]
        entries = await store.audit_entries(before_id=None, kind="service", object_id=None, subject=None, limit=10)
        assert len(entries) == 6

    async def test_a_port_is_one_customers_and_a_whole_device_shares_nothing(self, store: Store) -> None:
        device_id = await switch(store)
        alma, bruno = [await store.add_customer(CustomerFields(name), by=BY) for name in ("alma", "bruno")]

        async def add(customer: Customer, interface_id: int | None, label: str) -> None:
            await store.add_service(customer.id, ServiceFields(device_id, interface_id, label), by=BY)

        await add(alma, 1, "fibre")
        for interface_id, field in ((1, "interfaceId"), (None, "deviceId")):
            with pytest.raises(Refused, check=refused(ErrorCode.INVALID, field)):
                await add(bruno, interface_id, "x")
        await add(alma, None, "all of it")
        with pytest.raises(Refused, check=refused(ErrorCode.INVALID, "interfaceId")):
            await add(bruno, 2, "x")
        with pytest.raises(Refused, check=refused(ErrorCode.INVALID, "label")):
            await add(alma, 2, "FIBRE")
        await add(alma, 2, "second")
        assert len(await store.services()) == 3

    @pytest.mark.parametrize(
        ("device", "interface_id", "field"), [(99, None, "deviceId"), (1, 99, "interfaceId"), (1, 0, "interfaceId")]
    )
    async def test_a_service_of_something_that_is_not_there_is_refused(
        self, store: Store, device: int, interface_id: int | None, field: str
    ) -> None:
        await switch(store)
        alma = await store.add_customer(ALMA, by=BY)
        with pytest.raises(Refused, check=refused(ErrorCode.INVALID, field)):
            await store.add_service(alma.id, ServiceFields(device, interface_id, "x"), by=BY)

    async def test_a_service_is_found_by_its_own_customer_alone(self, store: Store) -> None:
        device_id = await switch(store)
        alma, bruno = [await store.add_customer(CustomerFields(name), by=BY) for name in ("alma", "bruno")]
        service = await store.add_service(alma.id, ServiceFields(device_id, 1, "fibre"), by=BY)
        with pytest.raises(Refused, check=refused(ErrorCode.NOT_FOUND)):
            await store.remove_service(bruno.id, service.id, by=BY)
        with pytest.raises(Refused, check=refused(ErrorCode.NOT_FOUND)):
            await store.update_service(bruno.id, service.id, ServiceFields(device_id, 2, "x"), revision=1, by=BY)
        assert await store.services() == [service]

    async def test_the_engine_begins_with_customers_services_and_why_alerts_are_inhibited(self, store: Store) -> None:
        device_id = await switch(store)
        alma = await store.add_customer(ALMA, by=BY)
        service = await store.add_service(alma.id, ServiceFields(device_id, 1, "fibre"), by=BY)
        inhibited = replace(alert(1), inhibited_by="its customer is suspended: non-payment")
        await store.commit(Commit(NOW_MS, alerts=[inhibited]))
        state = await store.load_engine_state()
        found = state.configuration
        assert (found.customers, found.services, state.alerts) == ([alma], [service], [inhibited])


async def add_user(store: Store, customer_id: int) -> None:
    await store.add_user(username="alma", password_hash="$x", role=Role.CUSTOMER, customer_id=customer_id, by=BY)


def update(status: str = "paid", *, at_ms: int = 1_000, payment_id: str = "p-1", customer_id: int = 1) -> PaymentUpdate:
    return PaymentUpdate(payment_id, customer_id, status, "12.50", "EUR", at_ms)


class PaymentContract:
    """Payments and idempotency keys."""

    async def pay(self, store: Store, told: PaymentUpdate, key: str = "k1", **changes: object) -> Applied:
        values: dict[str, object] = {"request_hash": repr(told), "subject": "token:3", "now_ms": NOW_MS}
        return await store.update_payment(told, key=key, **(values | changes))  # type: ignore[arg-type]

    async def test_an_update_is_kept_and_told_once_however_often_it_is_sent(self, store: Store) -> None:
        await store.add_customer(ALMA, by=local(NOW_MS))
        first = await self.pay(store, update())
        again = await self.pay(store, update(), now_ms=NOW_MS + 5)
        assert again == replace(first, repeated=True)
        assert await store.payment("p-1") == first.payment
        rows = [row for row in await store.events_after(0, limit=10) if row.name is EventName.PAYMENT_UPDATE]
        assert [(row.data["status"], row.rooms, row.late) for row in rows] == [
            ("paid", ("payments", "customer:1"), False)
        ]

    async def test_a_key_stands_for_one_request_of_one_sender(self, store: Store) -> None:
        await store.add_customer(ALMA, by=local(NOW_MS))
        await self.pay(store, update())
        with pytest.raises(Refused, check=refused(ErrorCode.INVALID, "Idempotency-Key")):
            await self.pay(store, update("failed"))
        assert (await self.pay(store, update("failed"), subject="token:4")).payment.status == "failed"

    async def test_keys_are_forgotten_after_seven_days(self, store: Store) -> None:
        await store.add_customer(ALMA, by=local(NOW_MS))
        await self.pay(store, update())
        kept = await self.pay(store, update(), now_ms=NOW_MS + KEYS_KEPT_MS)
        gone = await self.pay(store, update(), now_ms=NOW_MS + KEYS_KEPT_MS + 1)
        assert (kept.repeated, gone.repeated) == (True, False)

    async def test_a_refused_update_leaves_its_key_free(self, store: Store) -> None:
        await store.add_customer(ALMA, by=local(NOW_MS))
        with pytest.raises(Refused, check=refused(ErrorCode.INVALID, "customerId")):
            await self.pay(store, update(customer_id=99))
        await self.pay(store, update())
        with pytest.raises(Refused, check=refused(ErrorCode.INVALID, "customerId")):
            await self.pay(store, update(customer_id=2), key="k2")

    async def test_a_late_update_is_in_the_history_and_not_the_present(self, store: Store) -> None:
        await store.add_customer(ALMA, by=local(NOW_MS))
        await self.pay(store, update("paid", at_ms=2_000))
        late = await self.pay(store, update("issued", at_ms=1_000), key="k2")
        assert (late.late, late.payment.status) == (True, "paid")
        history = await store.payment_history("p-1")
        assert [(row.update.status, row.late, row.subject) for row in history] == [
            ("issued", True, "token:3"),
            ("paid", False, "token:3"),
        ]
        rows = [row for row in await store.events_after(0, limit=10) if row.name is EventName.PAYMENT_UPDATE]
        assert [(row.data["status"], row.late) for row in rows] == [("paid", False), ("issued", True)]

    async def test_payments_are_listed_page_by_page_of_all_or_one_customer(self, store: Store) -> None:
        for name in ("alma", "bruno"):
            await store.add_customer(CustomerFields(name), by=local(NOW_MS))
        for number, customer_id in ((1, 1), (2, 2), (3, 1)):
            await self.pay(store, update(payment_id=f"p-{number}", customer_id=customer_id), key=f"k{number}")

        async def found(**filters: object) -> list[str]:
            chosen: dict[str, object] = {"customer_id": None, "after": None, "limit": 2}
            payments = await store.payments(**(chosen | filters))  # type: ignore[arg-type]
            return [payment.payment_id for payment in payments]

        assert await found() == ["p-1", "p-2"]
        assert await found(after="p-2") == ["p-3"]
        assert await found(customer_id=1) == ["p-1", "p-3"]
        assert await store.payment_counts(since_ms=NOW_MS) == {"paid": 3}
        assert await store.payment_counts(since_ms=NOW_MS + 1) == {}

    async def test_payments_outlive_their_customer(self, store: Store) -> None:
        alma = await store.add_customer(ALMA, by=local(NOW_MS))
        await self.pay(store, update())
        await store.remove_customer(alma.id, by=local(NOW_MS))
        assert [payment.payment_id for payment in await store.payments(customer_id=1, after=None, limit=9)] == ["p-1"]

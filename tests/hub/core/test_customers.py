"""What may become of a customer, and what is told of it."""

import pytest
from noctule_hub.core.customers import (
    STEPS,
    Customer,
    CustomerChange,
    Step,
    StepRequest,
    customer_event,
    take_step,
)
from noctule_shared.customers import CustomerState, SuspensionReason
from noctule_shared.errors import ErrorCode, Refused

NOW_MS = 1_795_000_000_000
ACTIVE, SUSPENDED, CLOSED = CustomerState.ACTIVE, CustomerState.SUSPENDED, CustomerState.CLOSED
UNPAID, ABUSE = SuspensionReason.NON_PAYMENT, SuspensionReason.ABUSE


def customer(state: CustomerState = ACTIVE, reason: SuspensionReason | None = None) -> Customer:
    return Customer(4, "alma", "A-1", "Europe/Zurich", "call her", state, reason, NOW_MS)


@pytest.mark.parametrize(
    ("before", "request_", "after"),
    [
        (customer(), StepRequest(Step.SUSPEND, UNPAID), (SUSPENDED, UNPAID)),
        (customer(SUSPENDED, ABUSE), StepRequest(Step.SUSPEND, UNPAID), (SUSPENDED, UNPAID)),
        (customer(SUSPENDED, UNPAID), StepRequest(Step.RESUME), (ACTIVE, None)),
        (customer(CLOSED), StepRequest(Step.RESUME), (ACTIVE, None)),
        (customer(SUSPENDED, UNPAID), StepRequest(Step.CLOSE), (CLOSED, None)),
        (customer(), StepRequest(Step.SUSPEND, UNPAID, only_non_payment=True), (SUSPENDED, UNPAID)),
        (customer(SUSPENDED, UNPAID), StepRequest(Step.RESUME, only_non_payment=True), (ACTIVE, None)),
    ],
)
def test_a_step_leads_to_one_state(
    before: Customer, request_: StepRequest, after: tuple[CustomerState, SuspensionReason | None]
) -> None:
    assert take_step(before, request_) == after


@pytest.mark.parametrize(
    ("before", "step"),
    [(state, step) for state in CustomerState for step in Step if (state, step) not in STEPS],
)
def test_a_step_that_does_not_go_from_here_is_refused(before: CustomerState, step: Step) -> None:
    with pytest.raises(Refused) as caught:
        take_step(customer(before), StepRequest(step, UNPAID))
    assert (caught.value.code, caught.value.field) == (ErrorCode.INVALID, "state")


@pytest.mark.parametrize(
    ("before", "request_"),
    [
        (customer(), StepRequest(Step.SUSPEND, ABUSE, only_non_payment=True)),
        (customer(SUSPENDED, ABUSE), StepRequest(Step.SUSPEND, UNPAID, only_non_payment=True)),
        (customer(SUSPENDED, ABUSE), StepRequest(Step.RESUME, only_non_payment=True)),
        (customer(CLOSED), StepRequest(Step.RESUME, only_non_payment=True)),
    ],
)
def test_billing_touches_only_what_is_about_payment(before: Customer, request_: StepRequest) -> None:
    with pytest.raises(Refused) as caught:
        take_step(before, request_)
    assert caught.value.code is ErrorCode.FORBIDDEN


def test_an_update_tells_the_customer_its_state_and_nothing_that_staff_wrote_of_it() -> None:
    event = customer_event(customer(SUSPENDED, UNPAID), CustomerChange.SUSPENDED, NOW_MS)
    assert event.rooms == ("customers", "customer:4")
    assert event.data == {
        "timestamp": "2026-11-18T11:06:40.000Z",
        "customerId": 4,
        "state": "suspended",
        "change": "suspended",
        "suspensionReason": "non-payment",
    }

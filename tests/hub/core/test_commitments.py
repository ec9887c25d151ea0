"""What an interface carries in a month against the rate that its customer agreed upon."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from noctule_hub.core.alerting.rules import SEEDED
from noctule_hub.core.commitments import MIN_BINS, CommittedMonth, committed_services, observe_commitments
from noctule_hub.core.customers import Customer, Service
from noctule_hub.core.inventory import observe_inventory
from noctule_hub.core.world import Draft, World
from noctule_shared.axes import IfStatus
from noctule_shared.customers import CustomerState
from noctule_shared.events import EventName
from noctule_shared.observations import Inventory, InventoryInterface

NOW_MS = 1_795_000_000_000
MBIT = 1_000_000
Drafted = Callable[[int], Draft]
Configure = Callable[..., None]

ACME = Customer(5, "Acme", None, "UTC", "", CustomerState.ACTIVE, None, 0)
LINK = Service(8, 5, 1, 1, "Acme's link", 100 * MBIT, 0)


def configured(configure: Configure, *services: Service) -> None:
    configure(rules=[replace(row, enabled=True) for row in SEEDED], customers=[ACME], services=services)


@pytest.fixture(autouse=True)
def _port(configure: Configure, drafted: Drafted) -> None:
    configured(configure, LINK)
    up = IfStatus.UP
    row = InventoryInterface(1, "ge-0/0/1", "ge-0/0/1", "", "to Acme", 6, 10**9, up, up, 64, polled=True)
    observe_inventory(drafted(0), 1, Inventory(1, 7, NOW_MS, None, [row]))


def month(p95_mbit: float | None, **changes: Any) -> CommittedMonth:
    p95_bps = None if p95_mbit is None else p95_mbit * MBIT
    return replace(CommittedMonth(8, 1, NOW_MS - 86_400_000, p95_bps, 400, 0.98), **changes)


def read(drafted: Drafted, *months: CommittedMonth, after_ms: int = 0) -> list[tuple[str, str]]:
    draft = drafted(after_ms)
    observe_commitments(draft, months)
    return [
        (row.data["state"], row.data["reason"])
        for row in draft.events
        if row.name in {EventName.ALERT_NEW, EventName.ALERT_UPDATE}
    ]


def test_a_month_above_the_committed_rate_alerts_with_both(drafted: Drafted, world: World) -> None:
    reason = "95th percentile 112.3 Mbit/s of 100 Mbit/s committed this month (coverage 98 %)"
    assert read(drafted, month(112.3)) == [("firing", reason)]
    alert = world.alerts.get("over-committed:interface:1")
    assert alert is not None
    # Who reads alerts may not read customers: their names are not in it.
    assert alert.title == "core1 ge-0/0/1 (to Acme) carries more than is committed"
    assert alert.evidence is not None
    assert (alert.evidence.threshold, alert.evidence.clear) == (100 * MBIT, 98 * MBIT)


@pytest.mark.parametrize(("p95_mbit", "states"), [(100.5, []), (99, []), (98, ["resolved"]), (None, [])])
def test_it_is_over_below_the_lower_figure(drafted: Drafted, p95_mbit: float | None, states: list[str]) -> None:
    read(drafted, month(101))
    assert [state for state, _ in read(drafted, month(p95_mbit), after_ms=900_000)] == states


@pytest.mark.parametrize("changes", [{"bins_used": MIN_BINS - 1}, {"service_id": 9}, {"interface_id": 2}])
def test_of_too_little_or_of_another_service_nothing_is_said(drafted: Drafted, changes: dict[str, Any]) -> None:
    assert read(drafted, month(500, **changes)) == []


def test_another_month_starts_anew(drafted: Drafted) -> None:
    read(drafted, month(150))
    young = month(150, from_ms=NOW_MS + 1_000, bins_used=10)
    assert read(drafted, young, after_ms=60_000) == [("resolved", "another month began")]
    old = month(150, from_ms=NOW_MS + 1_000)
    assert [state for state, _ in read(drafted, old, after_ms=120_000)] == ["firing"]


@pytest.mark.parametrize("services", [[], [replace(LINK, committed_bps=None)]])
def test_it_ends_when_no_rate_is_committed_any_more(
    drafted: Drafted, configure: Configure, services: list[Service]
) -> None:
    read(drafted, month(150))
    configured(configure, *services)
    assert read(drafted) == [("resolved", "no rate is committed any more")]


def test_only_interfaces_with_a_rate_are_read(world: World, configure: Configure) -> None:
    configured(configure, LINK, replace(LINK, id=9, device_id=2, interface_id=None))
    assert committed_services(world) == {1: LINK}

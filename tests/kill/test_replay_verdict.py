"""The judge of the replay test finds each kind of fault: what it is shown here is right but for one thing."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest
from noctule_hub.core.principal import Principal, Role
from noctule_hub.core.projection import project
from noctule_hub.core.records import EventRow
from noctule_hub.core.rooms import sight
from noctule_shared.events import EventName
from noctule_shared.times import iso_from_ms

from tests.kill.listeners import Line, Listener, Rights
from tests.kill.replay_verdict import Had, ReplayVerdict, judge

NOW_MS = 1_795_000_000_000
CUSTOMER = Principal("user:5", Role.CUSTOMER, "carl", user_id=5, customer_id=9)
VIEWER = Principal("token:3", Role.VIEWER, "vera")
ROWS = 20


def row(seq: int) -> EventRow:
    """Return a row of device 1, which customer 9 has from seq 6 on."""
    rooms = ("devices", "device:1", *(("customer:9",) if seq > 5 else ()))
    service = {"serviceId": 1, "customerId": 9, "label": "Line 1"}
    data = {
        "timestamp": iso_from_ms(NOW_MS + seq),
        "deviceId": 1,
        "deviceName": "sw1",
        "siteId": 4,
        "status": "offline" if seq % 2 else "online",
        "previous": "online" if seq % 2 else "offline",
        "reason": "no reply",
        **({"services": [service]} if seq > 5 else {}),
    }
    return EventRow(seq, EventName.DEVICE_STATUS, data, rooms, NOW_MS + seq, NOW_MS + seq, 1, 4, late=False)


def told(principal: Principal, one: EventRow) -> Line:
    rooms = [room for room in one.rooms if room in {"devices", "customer:9"}]
    seen_as = sight(principal, rooms)
    payload = project(one.name, one.data, seen_as.audience, seen_as.customer_ids)
    assert payload is not None
    data = {**payload, "seq": one.seq, "committedAt": iso_from_ms(one.committed_ms)}
    return Line(one.committed_ms, one.name.value, data)


def stated(event: str, data: Any = None, at_ms: int = NOW_MS) -> Line:
    return Line(at_ms, event, data)


@dataclass
class Case:
    """A log and a viewer, a customer and a user who was a viewer and is a customer from seq 11 on."""

    rows: list[EventRow]
    viewer: Listener
    customer: Listener
    moved: Listener
    had: list[Had]

    def judge(self) -> ReplayVerdict:
        return judge(self.rows, [self.viewer, self.customer, self.moved], self.had, head=ROWS)


def case() -> Case:
    rows = [row(seq) for seq in range(1, ROWS + 1)]
    opening = [stated("dial", {"since": None}), stated("connect"), stated("replay:done", {"seq": 0, "rooms": []})]
    viewer = Listener("viewer", [Rights(VIEWER)], None, begun=(0, 0))
    viewer.lives = [opening + [told(VIEWER, one) for one in rows]]
    customer = Listener("customer", [Rights(CUSTOMER)], None, begun=(0, 0))
    customer.lives = [opening + [told(CUSTOMER, one) for one in rows if one.seq > 5]]
    before = Principal("user:6", Role.VIEWER, "mo", user_id=6)
    after = Principal("user:6", Role.CUSTOMER, "mo", user_id=6, customer_id=9)
    rights = [Rights(before), Rights(after, asked_ms=NOW_MS + 10, answered_ms=NOW_MS + 10)]
    again = [
        stated("dial", {"since": {"epoch": "e", "seq": 10}}, NOW_MS + 11),
        stated("connect", at_ms=NOW_MS + 11),
        stated("replay:done", {"seq": 11, "rooms": ["stats", "public", "customer:9", "user:6"]}, NOW_MS + 11),
    ]
    moved = Listener("moved", rights, None, begun=(0, 0))
    moved.lives = [
        [*opening, *(told(before, one) for one in rows[:10]), *again, *(told(after, one) for one in rows[10:])]
    ]
    return Case(rows, viewer, customer, moved, [Had(9, 1, None, (NOW_MS + 5, NOW_MS + 6))])


def lose(faulty: Case) -> None:
    del faulty.viewer.lives[0][7]


def double(faulty: Case) -> None:
    faulty.viewer.lives[0].insert(8, faulty.viewer.lives[0][7])


def disorder(faulty: Case) -> None:
    lines = faulty.viewer.lives[0]
    lines[7], lines[8] = lines[8], lines[7]


def tell_what_was_before(faulty: Case) -> None:
    faulty.customer.lives[0].insert(3, told(CUSTOMER, faulty.rows[3]))


def tell_as_staff(faulty: Case) -> None:
    faulty.customer.lives[0][5] = told(VIEWER, faulty.rows[7])


def tell_by_old_rights(faulty: Case) -> None:
    faulty.moved.lives[0].insert(13, told(VIEWER, faulty.rows[10]))


def lose_by_new_rights(faulty: Case) -> None:
    del faulty.moved.lives[0][-1]


def tell_no_customer(faulty: Case) -> None:
    faulty.rows[15] = replace(faulty.rows[15], rooms=("devices", "device:1"))
    del faulty.customer.lives[0][-5], faulty.moved.lives[0][-5]


def tell_a_stranger(faulty: Case) -> None:
    faulty.rows[2] = replace(faulty.rows[2], rooms=(*faulty.rows[2].rooms, "customer:9"))
    faulty.customer.lives[0].insert(3, told(CUSTOMER, faulty.rows[2]))


def measure(faulty: Case) -> None:
    faulty.customer.lives[0].append(stated("latency:update", {"items": [{"deviceId": 2}]}))


def skip(faulty: Case) -> None:
    faulty.viewer.lives[0].append(stated("gap", {"kind": "log"}))


def test_what_is_right_is_not_accused() -> None:
    assert case().judge().wrong == []


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lose, "events that viewer never heard"),
        (double, "events that viewer handled twice"),
        (disorder, "events out of order at viewer"),
        (tell_what_was_before, "events that customer was not to hear, or not so"),
        (tell_as_staff, "events with words of the NOC at customer"),
        (tell_by_old_rights, "events that moved was not to hear, or not so"),
        (lose_by_new_rights, "events that moved never heard"),
        (tell_no_customer, "rows not told to the customer who had the device"),
        (tell_a_stranger, "rows told to a customer who did not have the device"),
        (measure, "measurements that customer was not to hear"),
        (skip, "events at viewer about what was lost"),
    ],
)
def test_each_fault_is_found(spoil: Callable[[Case], None], words: str) -> None:
    faulty = case()
    spoil(faulty)
    assert any(words in wrong for wrong in faulty.judge().wrong)


def test_what_comes_again_is_only_what_a_death_explains() -> None:
    killed = case()
    lines = killed.viewer.lives[0]
    killed.viewer.keeps = "after"
    killed.viewer.killed_ms = [NOW_MS + 10]
    killed.viewer.lives = [lines[:10], [stated("dial", {"since": None}), *lines[9:]]]
    verdict = killed.judge()
    assert (verdict.wrong, verdict.again) == ([], 1)
    killed.viewer.lives[1] = [stated("dial", {"since": None}), *lines[8:]]
    assert "2 again over 1 deaths" in " ".join(killed.judge().wrong)

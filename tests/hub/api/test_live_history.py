"""The sockets' `history`: the numbers are HTTP's, as bytes, and so are rights and limits."""

import asyncio
import math
from typing import Any

import numpy as np
import pytest
from noctule_hub.api.limits import MAX_WAITING_READS
from noctule_hub.api.live_history import LiveHistory
from noctule_hub.core.principal import ANONYMOUS, Principal, Role
from noctule_hub.core.resolution import DAY_MS, HOUR_MS
from noctule_shared.errors import ErrorCode, Refused
from noctule_shared.times import iso_from_ms

from tests.hub.api.harness import NOW_MS, Hub
from tests.hub.api.test_customers import own
from tests.hub.api.test_series import PORT, every, give_rounds, give_traffic, read, watched

VIEWER = Principal("user:3", Role.VIEWER, "vera", user_id=3)
ALMA = Principal("user:6", Role.CUSTOMER, "customer", user_id=6, customer_id=9)


async def ask(hub: Hub, principal: Principal, series: object, span_ms: int = HOUR_MS, **more: Any) -> dict[str, Any]:
    asked = {"series": series, "from": iso_from_ms(NOW_MS - span_ms), "to": iso_from_ms(NOW_MS), **more}
    return await LiveHistory(hub.context).call(principal, asked)


def numbers(column: bytes, kind: str = "<f4") -> list[float | None]:
    return [None if math.isnan(value) else value for value in np.frombuffer(column, kind).tolist()]


async def test_latency_is_what_http_answers_as_typed_columns(hub: Hub) -> None:
    await give_rounds(hub, await watched(hub), 1, every(10, NOW_MS - DAY_MS, NOW_MS))
    answer = await ask(hub, VIEWER, "latency:1")
    over_http = await read(hub, "devices/1/latency", NOW_MS - HOUR_MS, NOW_MS)
    columns = answer.pop("columns")
    assert answer == {"ok": True, "series": "latency:1", "resolution": "raw", "stepS": None, "gaps": []}
    assert numbers(columns["tsMs"], "<f8") == over_http["tsMs"]
    rtts = numbers(columns["rttS"])
    assert [rtt is None for rtt in rtts] == [rtt is None for rtt in over_http["rttS"]]
    assert None in rtts
    assert [rtt for rtt in rtts if rtt is not None] == pytest.approx([r for r in over_http["rttS"] if r is not None])
    assert {len(numbers(column)) for name, column in columns.items() if name != "tsMs"} == {360}


async def test_many_rows_are_put_together_whatever_the_resolution(hub: Hub) -> None:
    await give_traffic(hub, await watched(hub), 1, every(10, NOW_MS - DAY_MS, NOW_MS), 1_000.0)
    answer = await ask(hub, VIEWER, f"bandwidth:{PORT}", DAY_MS, resolution="raw", points=100)
    assert 50 <= len(numbers(answer["columns"]["tsMs"], "<f8")) <= 101
    assert answer["stepS"] >= 600
    assert numbers(answer["columns"]["inBps"])[1] == pytest.approx(800.0)
    answer = await ask(hub, VIEWER, f"bandwidth:{PORT}", DAY_MS, points=100)
    assert (answer["resolution"], answer["stepS"]) == ("1h", 3_600.0)


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"series": "devices:1"}, "series"),
        ({"series": 7}, "series"),
        ({}, "series"),
        ({"series": "latency:1", "points": 1_000_000}, "points"),
        ({"series": "latency:1", "from": "yesterday"}, "from"),
        ({"series": "latency:1", "colour": "red"}, "colour"),
    ],
)
async def test_what_is_asked_wrongly_is_refused_by_field(hub: Hub, asked: dict[str, Any], field: str) -> None:
    with pytest.raises(Refused) as refused:
        await LiveHistory(hub.context).call(VIEWER, asked)
    assert (refused.value.code, refused.value.field) == (ErrorCode.INVALID, field)


@pytest.mark.parametrize("asked", [None, 7, "latency:1", []])
async def test_what_is_no_object_is_refused(hub: Hub, asked: object) -> None:
    with pytest.raises(Refused) as refused:
        await LiveHistory(hub.context).call(VIEWER, asked)
    assert (refused.value.code, refused.value.field) == (ErrorCode.INVALID, "series")


async def test_a_customer_reads_its_own_services_since_it_has_them_and_nothing_else(hub: Hub) -> None:
    _, port, whole = await own(hub)
    begin_ms = port.since_ms
    answer = await ask(hub, ALMA, f"service-bandwidth:{port.id}", DAY_MS)
    assert answer["ok"]
    assert all(at is not None and at >= begin_ms for at in numbers(answer["columns"]["tsMs"], "<f8"))
    assert answer["gaps"] == []
    for series in (f"latency:{port.device_id}", "bandwidth:1"):
        with pytest.raises(Refused) as refused:
            await ask(hub, ALMA, series)
        assert refused.value.code is ErrorCode.FORBIDDEN
    for series, more in (
        ("service-latency:77", {}),
        (f"service-bandwidth:{port.id}", {"interfaceId": 99}),
        (f"service-bandwidth:{whole.id}", {"interfaceId": 99}),
    ):
        with pytest.raises(Refused) as refused:
            await ask(hub, ALMA, series, **more)
        assert refused.value.code is ErrorCode.NOT_FOUND
    other = Principal("user:7", Role.CUSTOMER, "bruno", user_id=7, customer_id=10)
    with pytest.raises(Refused) as refused:
        await ask(hub, other, f"service-latency:{port.id}")
    assert refused.value.code is ErrorCode.NOT_FOUND


@pytest.mark.parametrize("principal", [ANONYMOUS, Principal("user:4", Role.BILLING, "bill", user_id=4)])
async def test_who_may_not_read_the_network_reads_no_history(hub: Hub, principal: Principal) -> None:
    await watched(hub)
    for series in ("latency:1", f"bandwidth:{PORT}", "service-latency:1", "service-bandwidth:1"):
        with pytest.raises(Refused) as refused:
            await ask(hub, principal, series)
        assert refused.value.code is ErrorCode.FORBIDDEN


async def test_reads_take_turns_with_those_over_http(hub: Hub) -> None:
    await watched(hub)
    at_once = hub.context.config.settings.limits.costly_reads
    async with asyncio.TaskGroup() as held:
        leave = asyncio.Event()

        async def hold() -> None:
            async with hub.context.costly_reads.turn(at_once=at_once):
                await leave.wait()

        for _ in range(at_once + MAX_WAITING_READS):
            held.create_task(hold())
        await asyncio.sleep(0)
        assert hub.context.costly_reads.waiting == MAX_WAITING_READS
        with pytest.raises(Refused) as refused:
            await ask(hub, VIEWER, "latency:1")
        leave.set()
    assert refused.value.code is ErrorCode.BUSY

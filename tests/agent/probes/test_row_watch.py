"""Rows that traps named: read behind a poll under way, and nothing of it ends the watch."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Collection, Sequence

import pytest
from noctule_agent.core.budget import DEFAULT_LIMITS
from noctule_agent.core.stamps import Stamps
from noctule_agent.probes.row_watch import RowWatch
from noctule_agent.probes.snmp import mib
from noctule_agent.probes.snmp.backend import Backend
from noctule_agent.probes.snmp.budget import AgentBudget
from noctule_agent.probes.snmp.client import SnmpClient
from noctule_agent.probes.snmp.mib import Column
from noctule_agent.probes.snmp.session import Reason, SnmpFailure, Value
from noctule_agent.probes.snmp_watch import SnmpWatch
from noctule_shared.axes import IfStatus
from noctule_shared.link import SnmpCredentials
from noctule_shared.observations import InterfaceChanged

from tests.agent.probes.snmp.fake_session import FakeSession
from tests.agent.test_monitor import ListSink, device


class GatedSession(FakeSession):
    """A device whose walk of ifOperStatus ends only when its gate is open. `row_read` is set when a row was read."""

    def __init__(self) -> None:
        super().__init__()
        self.gate = asyncio.Event()
        self.gate.set()
        self.walked = asyncio.Event()
        self.row_read = asyncio.Event()

    async def next(self, oid: str, *, repetitions: int, timeout_s: float) -> list[tuple[str, Value | None]]:
        found = await super().next(oid, repetitions=repetitions, timeout_s=timeout_s)
        if oid == Column.ifOperStatus:
            self.walked.set()
            await self.gate.wait()
        return found

    async def get(self, oids: Sequence[str], *, timeout_s: float) -> dict[str, Value | None]:
        if f"{mib.IF_LAST_CHANGE}.3" in oids:
            self.row_read.set()
        return await super().get(oids, timeout_s=timeout_s)


class Bench:
    """A device with one port, its SNMP watch and the rows' watch."""

    def __init__(self) -> None:
        self.sink = ListSink()
        self.session = GatedSession()
        self.session.add_interface(3, "eth3")
        config = device(7, port=161, interval_s=60).config
        assert config.snmp is not None
        self.snmp = SnmpWatch(
            config, config.snmp, SnmpCredentials(community="x"), self.sink,
            report=lambda *_: None, backend=Backend.AUTO, first_revision=1, measures_latency=False,
            stamps=Stamps(), budget=AgentBudget(DEFAULT_LIMITS).of_device(None),
        )  # fmt: skip
        self.snmp._client = SnmpClient(self.session, interval_s=60)
        self.rows = RowWatch("router 7", self.snmp)

    def changes(self) -> list[IfStatus]:
        return [event.if_oper_status for event in self.sink.events if isinstance(event, InterfaceChanged)]


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    found = Bench()
    await found.snmp.measure()
    task = asyncio.create_task(found.rows.run())
    yield found
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


async def test_named_row_is_read_and_its_change_told(bench: Bench) -> None:
    bench.session.set(Column.ifOperStatus, 3, 2)
    bench.rows.hint(3)
    await bench.sink.until(bench.changes)
    assert bench.changes() == [IfStatus.DOWN]


async def test_row_is_read_behind_a_discovery_under_way_so_that_no_older_answer_follows(bench: Bench) -> None:
    bench.snmp.poller.rediscover()
    bench.session.walked.clear()
    bench.session.gate.clear()
    poll = asyncio.create_task(bench.snmp.measure())
    await bench.session.walked.wait()
    # The walk has its answers from before the port fell.
    bench.session.set(Column.ifOperStatus, 3, 2)
    bench.rows.hint(3)
    await asyncio.sleep(0)
    bench.session.gate.set()
    await poll
    async with asyncio.timeout(20):
        await bench.session.row_read.wait()
    assert bench.changes() == [IfStatus.DOWN]


@pytest.mark.parametrize("error", [SnmpFailure(Reason.TIMEOUT, "silent"), ZeroDivisionError()])
async def test_row_that_cannot_be_read_leaves_the_watch_going(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    read: asyncio.Queue[list[int]] = asyncio.Queue()

    async def fail(rows: Collection[int]) -> None:
        read.put_nowait(list(rows))
        raise error

    monkeypatch.setattr(bench.snmp, "check_rows", fail)
    async with asyncio.timeout(20):
        bench.rows.hint(3)
        assert await read.get() == [3]
        bench.rows.hint(4)
        assert await read.get() == [4]
    assert bench.rows.errors == (0 if isinstance(error, SnmpFailure) else 2)

"""Requests wait for their turn without failing, without counting as slow and without holding up others."""

import asyncio
import contextlib
import time
from collections.abc import Sequence

import pytest
from noctule_agent.core.budget import SnmpLimits
from noctule_agent.probes.snmp.budget import AgentBudget
from noctule_agent.probes.snmp.client import SnmpClient
from noctule_agent.probes.snmp.session import Reason, SnmpFailure, Value
from noctule_shared.link import SnmpVersion

DEADLINE_S = 10.0


class Session:
    """Answers at once, or fails."""

    version = SnmpVersion.V2C
    remark = None

    def __init__(self, *, fails: bool = False) -> None:
        self.requests = 0
        self._fails = fails

    async def get(self, oids: Sequence[str], *, timeout_s: float) -> dict[str, Value | None]:
        del timeout_s
        self.requests += 1
        if self._fails:
            raise SnmpFailure(Reason.PORT_CLOSED, "closed")
        return dict.fromkeys(oids, 1)

    async def next(self, oid: str, *, repetitions: int, timeout_s: float) -> list[tuple[str, Value | None]]:
        del oid, repetitions, timeout_s
        self.requests += 1
        return []

    async def close(self) -> None:
        pass


def budget(*, requests_per_s: float = 1e6, devices_at_once: int = 1) -> AgentBudget:
    return AgentBudget(SnmpLimits(requests_per_s, devices_at_once))


def client(agent: AgentBudget, session: Session, max_requests_per_s: float | None = None) -> SnmpClient:
    return SnmpClient(session, interval_s=60, budget=agent.of_device(max_requests_per_s))


async def turns_of_the_loop() -> None:
    """Let every task go as far as it can."""
    for _ in range(10):
        await asyncio.sleep(0)


async def test_request_waits_for_a_place_and_its_wait_is_no_response_time() -> None:
    agent, session = budget(), Session()
    async with asyncio.timeout(DEADLINE_S):
        async with agent.of_device(None):
            waiting = asyncio.create_task(client(agent, session).response())
            await turns_of_the_loop()
            assert session.requests == 0
            left_s = time.monotonic()
        answer = await waiting
    assert answer.mono_s - answer.response_s / 2 >= left_s
    assert (agent.waits, agent.waited_s > 0) == (1, True)


async def test_requests_within_the_budgets_are_not_counted_as_waits() -> None:
    agent, session = budget(), Session()
    asking = client(agent, session)
    await asking.response()
    await asking.walk("1.3.6.1")
    assert (session.requests, agent.waits, agent.waited_s) == (2, 0, 0.0)


async def test_device_that_waits_for_its_own_budget_holds_no_place() -> None:
    agent, slow, quick = budget(), Session(), Session()
    limited = client(agent, slow, max_requests_per_s=0.1)
    async with asyncio.timeout(DEADLINE_S):
        await limited.response()
        waiting = asyncio.create_task(limited.response())
        await turns_of_the_loop()
        await client(agent, quick).response()
        waiting.cancel()
        await asyncio.wait([waiting])
    assert (slow.requests, quick.requests) == (1, 1)


async def test_agents_own_rate_holds_for_all_devices_together() -> None:
    agent, session = budget(requests_per_s=1, devices_at_once=50), Session()
    asking = [asyncio.create_task(client(agent, session).response()) for _ in range(20)]
    await turns_of_the_loop()
    assert session.requests == 1
    for task in asking:
        task.cancel()
    await asyncio.wait(asking)


@pytest.mark.parametrize("requests_per_s", [1e6, 1.0], ids=["waits-for-a-place", "waits-for-the-rate"])
async def test_wait_that_is_broken_off_gives_its_place_back(requests_per_s: float) -> None:
    agent, session = budget(requests_per_s=requests_per_s), Session()
    async with asyncio.timeout(DEADLINE_S):
        async with agent.of_device(None):
            waiting = asyncio.create_task(client(agent, session).response())
            await turns_of_the_loop()
            if requests_per_s > 1:
                waiting.cancel()
        await turns_of_the_loop()
        waiting.cancel()
        await asyncio.wait([waiting])
        assert session.requests == 0
        await client(agent, session).response()


async def test_poll_whose_cancellation_was_swallowed_ends_at_its_next_request() -> None:
    agent, asked = budget(), asyncio.Event()

    class Swallowing(Session):
        async def get(self, oids: Sequence[str], *, timeout_s: float) -> dict[str, Value | None]:
            asked.set()
            # As asyncio.wait_for does when the answer comes at the same moment.
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.Event().wait()
            return await super().get(oids, timeout_s=timeout_s)

    session = Swallowing()
    asking = client(agent, session)

    async def poll() -> None:
        while True:
            await asking.response()

    task = asyncio.create_task(poll())
    async with asyncio.timeout(DEADLINE_S):
        await asked.wait()
        task.cancel()
        await asyncio.wait([task])
    assert (task.cancelled(), session.requests) == (True, 1)


async def test_failed_request_gives_its_place_back() -> None:
    agent = budget()
    for _ in range(3):
        with pytest.raises(SnmpFailure, match="closed"):
            await client(agent, Session(fails=True)).response()
    async with asyncio.timeout(DEADLINE_S):
        await client(agent, Session()).response()

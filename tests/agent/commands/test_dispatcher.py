"""Each command gets one result, whatever becomes of the link, and no fault in one ends anything else."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable

import msgspec
import pytest
from noctule_agent.commands.dispatcher import Dispatcher
from noctule_agent.errors import CommandRefused
from noctule_agent.probes.snmp.session import Reason, SnmpFailure
from noctule_shared.commands import CommandFailure, PollRowBody, TracerouteBody
from noctule_shared.errors import invalid
from noctule_shared.link import Command, CommandKind, Result


class Work:
    """Carries out nothing; `go` lets commands end, `end` says how."""

    def __init__(self) -> None:
        self.begun: list[str] = []
        self.started = asyncio.Event()
        self.go = asyncio.Event()
        self.end: Callable[[], msgspec.Struct] = lambda: PollRowBody(3)

    async def execute(self, command: Command, *, limit_s: float) -> msgspec.Struct:
        assert limit_s > 0
        self.begun.append(command.id)
        self.started.set()
        await self.go.wait()
        return self.end()


def command(command_id: str, *, in_s: float = 30.0, kind: CommandKind = CommandKind.PROBE) -> Command:
    return Command(command_id, kind, int((time.time() + in_s) * 1000), {})


@contextlib.asynccontextmanager
async def running(work: Work) -> AsyncIterator[Dispatcher]:
    dispatcher = Dispatcher(work)
    task = asyncio.create_task(dispatcher.run())
    await asyncio.sleep(0)
    try:
        yield dispatcher
    finally:
        task.cancel()
        await asyncio.wait([task])


async def test_command_outlives_its_link_and_is_carried_out_once() -> None:
    work = Work()
    async with running(work) as dispatcher:
        over_first_link = asyncio.create_task(dispatcher.obey(command("a"), skew_ms=0))
        await work.started.wait()
        over_first_link.cancel()
        await asyncio.wait([over_first_link])
        over_second_link = asyncio.create_task(dispatcher.obey(command("a"), skew_ms=0))
        await asyncio.sleep(0)
        work.go.set()
        first = await over_second_link
        again = await dispatcher.obey(command("a"), skew_ms=0)
    assert first == again == Result("a", ok=True, reason=None, body={"ifIndex": 3})
    assert work.begun == ["a"]
    assert dispatcher.counts == {"ok": 1}


async def test_deadline_is_of_the_hub_s_clock() -> None:
    work = Work()
    work.go.set()
    async with running(work) as dispatcher:
        late = await dispatcher.obey(command("a", in_s=30), skew_ms=40_000)
        in_time = await dispatcher.obey(command("b", in_s=-30), skew_ms=-40_000)
    assert (late.ok, late.reason) == (False, "expired")
    assert in_time.ok


async def test_command_that_takes_too_long_is_stopped_and_says_so() -> None:
    work = Work()
    async with running(work) as dispatcher:
        result = await dispatcher.obey(command("a", in_s=0.05), skew_ms=0)
        assert (result.ok, result.reason) == (False, "timeout")


@pytest.mark.parametrize(
    ("error", "reason", "words"),
    [
        (CommandRefused(CommandFailure.NOT_OWN, "device 9 is not mine"), "not-own", "device 9 is not mine"),
        (invalid("network", "is none"), "invalid", "network: is none"),
        (SnmpFailure(Reason.TIMEOUT, "no answer"), "no-answer", "no answer"),
        (ZeroDivisionError("secret detail"), "failed", "fault in the agent: ZeroDivisionError"),
    ],
)
async def test_failure_is_told_by_reason_and_message(error: Exception, reason: str, words: str) -> None:
    def fail() -> msgspec.Struct:
        raise error

    work = Work()
    work.end = fail
    work.go.set()
    async with running(work) as dispatcher:
        result = await dispatcher.obey(command("a"), skew_ms=0)
        assert (result.ok, result.reason, result.body) == (False, reason, {"message": words})
        work.end = lambda: PollRowBody(1)
        assert (await dispatcher.obey(command("b"), skew_ms=0)).ok


async def test_answer_that_no_message_holds_is_refused_by_name() -> None:
    work = Work()
    work.end = lambda: TracerouteBody("ü" * 100_000, reached=False, hops=[])
    work.go.set()
    async with running(work) as dispatcher:
        result = await dispatcher.obey(command("a"), skew_ms=0)
    assert result.reason == "too-large"


async def test_agent_that_stops_answers_busy() -> None:
    work = Work()
    dispatcher = Dispatcher(work)
    assert (await dispatcher.obey(command("a"), skew_ms=0)).reason == "busy"
    assert work.begun == []

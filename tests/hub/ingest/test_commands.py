"""A command gets its agent's answer or a refusal by reason, and nothing waits for ever."""

import asyncio
import time

import msgspec
import pytest
from noctule_hub.ingest.commands import MAX_PENDING, Commands
from noctule_hub.ingest.session import Link
from noctule_shared.commands import CommandFailure, PollRowArgs, PollRowBody
from noctule_shared.errors import ErrorCode, Refused
from noctule_shared.link import Command, CommandKind, Message, Result

ARGS = PollRowArgs(5, 3)


def clock_ms() -> int:
    return time.time_ns() // 1_000_000


class Links:
    """Agents' links; `sent` holds what went out."""

    def __init__(self) -> None:
        self.links = {agent_id: Link(f"sid{agent_id}", agent_id, "a", "", welcomed=True) for agent_id in (1, 2)}
        self.sent: list[tuple[int, Command]] = []
        self.news = asyncio.Event()
        self.commands = Commands(self.send, self.links.get, clock_ms)

    async def send(self, link: Link, message: Message, command: msgspec.Struct) -> None:
        assert message is Message.COMMAND
        assert isinstance(command, Command)
        self.sent.append((link.agent_id, command))
        self.news.set()

    async def until_sent(self, count: int) -> None:
        async with asyncio.timeout(10):
            while len(self.sent) < count:
                self.news.clear()
                await self.news.wait()

    def ask(self, agent_id: int = 1, timeout_s: float = 10.0) -> "asyncio.Task[PollRowBody]":
        asked = self.commands.ask(agent_id, CommandKind.POLL_ROW, ARGS, PollRowBody, timeout_s=timeout_s)
        return asyncio.create_task(asked)

    async def answered(self, *, reason: str | None = None, body: dict[str, object] | None) -> PollRowBody:
        """Ask and answer; `reason` None: with ok."""
        asked = self.ask()
        await self.news.wait()
        _, command = self.sent[-1]
        self.commands.take(1, Result(command.id, ok=reason is None, reason=reason, body=body))
        return await asked


async def test_answer_is_that_of_the_command_with_a_deadline_on_our_clock() -> None:
    link = Links()
    before_ms = clock_ms()
    assert await link.answered(body={"ifIndex": 3}) == PollRowBody(3)
    ((agent_id, command),) = link.sent
    assert (agent_id, command.kind, command.args) == (1, "poll-row", {"deviceId": 5, "ifIndex": 3})
    assert before_ms + 10_000 <= command.deadline_ms <= clock_ms() + 10_000
    assert link.commands.waiting(1) == []


@pytest.mark.parametrize(
    ("reason", "code"),
    [
        (CommandFailure.BUSY, ErrorCode.BUSY),
        (CommandFailure.TIMEOUT, ErrorCode.BUSY),
        (CommandFailure.NOT_OWN, ErrorCode.BUSY),
        (CommandFailure.NOT_ALLOWED, ErrorCode.FORBIDDEN),
        (CommandFailure.INVALID, ErrorCode.INVALID),
        (CommandFailure.TOO_LARGE, ErrorCode.TOO_LARGE),
        ("a-reason-of-a-newer-agent", ErrorCode.BUSY),
    ],
)
async def test_refusal_of_an_agent_is_told_by_reason(reason: str, code: ErrorCode) -> None:
    with pytest.raises(Refused, match="because I say so") as caught:
        await Links().answered(reason=reason, body={"message": "because I say so"})
    assert caught.value.code is code
    assert (caught.value.retry_after_s is not None) is (code is ErrorCode.BUSY)


@pytest.mark.parametrize("body", [None, {}, {"ifIndex": "x"}, {"message": 3}])
async def test_answer_that_is_none_is_refused_and_not_passed_on(body: dict[str, object] | None) -> None:
    with pytest.raises(Refused, match="not understood"):
        await Links().answered(body=body)
    with pytest.raises(Refused, match="gave no reason"):
        await Links().answered(reason="failed", body=body)


@pytest.mark.parametrize("link", [None, Link("sid", 1, "a", "")])
async def test_agent_without_a_link_or_not_welcomed_yet_is_not_waited_for(link: Link | None) -> None:
    links = Links()
    if link is None:
        del links.links[1]
    else:
        links.links[1] = link
    with pytest.raises(Refused, match="not connected") as caught:
        await links.ask()
    assert (caught.value.code, links.sent) == (ErrorCode.BUSY, [])


async def test_silent_agent_is_told_after_the_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("noctule_hub.ingest.commands.GRACE_S", 0.0)
    link = Links()
    with pytest.raises(Refused, match="did not answer within 0 s"):
        await link.ask(timeout_s=0.01)
    _, command = link.sent[0]
    link.commands.take(1, Result(command.id, ok=True, reason=None, body={"ifIndex": 3}))
    assert link.commands.strays == 1


async def test_result_of_another_agent_is_not_taken_for_this_one_s() -> None:
    link = Links()
    asked = link.ask()
    await link.news.wait()
    _, command = link.sent[0]
    link.commands.take(2, Result(command.id, ok=True, reason=None, body={"ifIndex": 99}))
    assert link.commands.strays == 1
    link.commands.take(1, Result(command.id, ok=True, reason=None, body={"ifIndex": 3}))
    link.commands.take(1, Result(command.id, ok=True, reason=None, body={"ifIndex": 4}))
    assert await asked == PollRowBody(3)


async def test_commands_that_wait_for_one_agent_are_bounded_and_those_of_others_are_not_concerned() -> None:
    link = Links()
    waiting = [link.ask() for _ in range(MAX_PENDING)]
    await link.until_sent(MAX_PENDING)
    with pytest.raises(Refused, match="wait for this agent already"):
        await link.ask()
    other = link.ask(agent_id=2)
    await link.until_sent(MAX_PENDING + 1)
    for task in (*waiting, other):
        task.cancel()
    await asyncio.wait([*waiting, other])
    assert link.commands.waiting(1) == link.commands.waiting(2) == []

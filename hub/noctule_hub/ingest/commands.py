"""Commands to agents: each waits for its one result, over links that may break in between, until its deadline.

What is asked and who may ask is left to callers; the wire to `link_server`.
"""

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final, TypeVar

import msgspec
from noctule_shared.commands import CommandFailure
from noctule_shared.errors import ErrorCode, Refused
from noctule_shared.link import Command, CommandKind, Message, Result

from noctule_hub.ingest.session import Link, checked

# Commands of one agent that wait for a result; it works on four at a time and says busy beyond.
MAX_PENDING: Final = 16
# An agent tells a missed deadline itself; its word may need so long.
GRACE_S: Final = 2.0
MAX_MESSAGE_CHARS: Final = 500
RETRY_AFTER_S: Final = 5.0
_ID_BYTES: Final = 16

_CODES: Final = {
    CommandFailure.NOT_OWN: ErrorCode.BUSY,
    CommandFailure.NOT_ALLOWED: ErrorCode.FORBIDDEN,
    CommandFailure.NO_PERMISSION: ErrorCode.FORBIDDEN,
    CommandFailure.INVALID: ErrorCode.INVALID,
    CommandFailure.UNSUPPORTED: ErrorCode.INVALID,
    CommandFailure.TOO_LARGE: ErrorCode.TOO_LARGE,
}

Body = TypeVar("Body", bound=msgspec.Struct)


@dataclass(frozen=True, slots=True)
class _Pending:
    agent_id: int
    command: Command
    result: asyncio.Future[Result]


class Commands:
    """All commands under way. `link_of` tells an agent's link, None when there is none; `send` puts a message on it."""

    def __init__(
        self,
        send: Callable[[Link, Message, msgspec.Struct], Awaitable[None]],
        link_of: Callable[[int], Link | None],
        clock_ms: Callable[[], int],
    ) -> None:
        self.strays = 0
        self._send = send
        self._link_of = link_of
        self._clock_ms = clock_ms
        self._pending: dict[str, _Pending] = {}

    async def ask(
        self, agent_id: int, kind: CommandKind, args: msgspec.Struct, answer: type[Body], *, timeout_s: float
    ) -> Body:
        """Return what an agent answers to a command within `timeout_s`; it is carried out at most once.

        Raises `Refused`: busy when the agent has no link, does not answer in time or cannot do it now, forbidden
        when its own configuration forbids it, invalid, too-large.
        """
        if len(self.waiting(agent_id)) >= MAX_PENDING:
            raise _busy(f"{MAX_PENDING} commands wait for this agent already")
        built: dict[str, Any] = msgspec.to_builtins(args)
        command = Command(secrets.token_hex(_ID_BYTES), kind, self._clock_ms() + round(timeout_s * 1000), built)
        pending = _Pending(agent_id, command, asyncio.get_running_loop().create_future())
        self._pending[command.id] = pending
        try:
            link = self._link_of(agent_id)
            if link is None or not link.welcomed:
                raise _busy("the device's agent is not connected")
            await self._send(link, Message.COMMAND, command)
            async with asyncio.timeout(timeout_s + GRACE_S):
                result = await pending.result
        except TimeoutError:
            raise _busy(f"the agent did not answer within {timeout_s:.0f} s") from None
        finally:
            del self._pending[command.id]
        return _body(result, answer)

    async def resume(self, link: Link) -> None:
        """Take that a link was welcomed: commands that wait for its agent are sent again, which is no second order."""
        link.welcomed = True
        for command in self.waiting(link.agent_id):
            await self._send(link, Message.COMMAND, command)

    async def heard(self, link: Link, data: object) -> None:
        """Take a result message. Raises `ProtocolBreachError` when it is none."""
        self.take(link.agent_id, checked(Result, data))

    def waiting(self, agent_id: int) -> list[Command]:
        """Return the commands that wait for an agent, in the order asked."""
        return [pending.command for pending in self._pending.values() if pending.agent_id == agent_id]

    def take(self, agent_id: int, result: Result) -> None:
        """Take a result. One that nobody waits for, or that is another agent's to give, is counted and no more."""
        pending = self._pending.get(result.id)
        if pending is None or pending.agent_id != agent_id or pending.result.done():
            self.strays += 1
            return
        pending.result.set_result(result)


def _body(result: Result, answer: type[Body]) -> Body:
    if not result.ok:
        raise _refusal(result)
    try:
        return msgspec.convert(result.body, answer)
    except msgspec.ValidationError:
        raise _busy("the agent's answer is not understood; upgrade the older of agent and hub") from None


def _refusal(result: Result) -> Refused:
    told = (result.body or {}).get("message")
    message = told[:MAX_MESSAGE_CHARS] if isinstance(told, str) and told else "it gave no reason"
    try:
        reason = CommandFailure(result.reason or "")
    except ValueError:
        return _busy(f"the agent refused: {message}")
    code = _CODES.get(reason, ErrorCode.BUSY)
    retry_after_s = RETRY_AFTER_S if code is ErrorCode.BUSY else None
    return Refused(code, f"the agent says: {message}", retry_after_s=retry_after_s)


def _busy(message: str) -> Refused:
    return Refused(ErrorCode.BUSY, message, retry_after_s=RETRY_AFTER_S)

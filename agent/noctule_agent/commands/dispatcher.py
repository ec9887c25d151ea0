"""Takes commands from links and gives each its one result; who may begin is decided by `core.commands`.

A command outlives the link that brought it: asked again over the next one, its result is given again.
"""

import asyncio
import json
import logging
import time
from typing import Any, Final, Protocol

import msgspec
from noctule_shared.commands import MAX_RESULT_BYTES, CommandFailure
from noctule_shared.errors import NoctuleError, Refused
from noctule_shared.link import Command, CommandKind, Result

from noctule_agent.core.commands import Begin, CommandBook, Refuse, Repeat, Wait
from noctule_agent.errors import CommandRefused
from noctule_agent.probes.snmp.session import SnmpFailure

MAX_MESSAGE_CHARS: Final = 500

_log = logging.getLogger(__name__)


class Execution(Protocol):
    """Carries out one command: `execution.Commands`, or a fake in tests."""

    async def execute(self, command: Command, *, limit_s: float) -> msgspec.Struct:
        """Return the body of the result; `limit_s` is what is left of its time.

        Raises `CommandRefused`, `Refused` for arguments that do not fit, `SnmpFailure` for a silent device.
        """
        ...


class Dispatcher:
    """The commands of one agent. `obey` while `run` runs; before, every command is refused as busy."""

    def __init__(self, execution: Execution) -> None:
        self.counts: dict[str, int] = {}
        self._execution = execution
        self._book = CommandBook()
        self._results: dict[str, asyncio.Task[Result]] = {}
        self._group: asyncio.TaskGroup | None = None

    async def run(self) -> None:
        """Carry out commands until cancelled; those under way are cancelled with it."""
        try:
            async with asyncio.TaskGroup() as group:
                self._group = group
                await asyncio.Event().wait()
        finally:
            self._group = None

    async def obey(self, command: Command, *, skew_ms: int) -> Result:
        """Return the result of a command, carried out once however often it is asked for.

        `skew_ms` is the hub's clock minus ours: deadlines are of the hub's clock.
        """
        remaining_s = (command.deadline_ms - skew_ms) / 1000 - time.time()
        if self._group is None:
            return self._failed(command, CommandFailure.BUSY, "the agent is starting or stopping")
        admission = self._book.admit(
            command.id,
            remaining_s=remaining_s,
            now_s=time.monotonic(),
            takes_place=command.kind is not CommandKind.FOCUS,
        )
        match admission:
            case Repeat(result):
                return result
            case Refuse(reason, message):
                return self._failed(command, reason, message)
            case Begin(ends_s):
                self._results[command.id] = self._group.create_task(self._carry_out(command, ends_s))
            case Wait():
                pass
        # Shielded: a link that ends takes only the waiting with it.
        return await asyncio.shield(self._results[command.id])

    async def _carry_out(self, command: Command, ends_s: float) -> Result:
        try:
            result = await self._result(command, ends_s)
            self._book.settle(command.id, result)
            return result
        finally:
            self._results.pop(command.id, None)

    async def _result(self, command: Command, ends_s: float) -> Result:
        limit_s = ends_s - time.monotonic()
        try:
            async with asyncio.timeout(limit_s):
                body = await self._execution.execute(command, limit_s=limit_s)
        except TimeoutError:
            return self._failed(command, CommandFailure.TIMEOUT, f"it was not done within {limit_s:.0f} s")
        except NoctuleError as error:
            return self._failed(command, *_why(error))
        except Exception as error:  # noqa: BLE001  the command's boundary: a fault must not end the measuring
            _log.exception("command %s failed", command.kind)
            return self._failed(command, CommandFailure.FAILED, f"fault in the agent: {type(error).__name__}")
        return self._done(command, body)

    def _done(self, command: Command, body: msgspec.Struct) -> Result:
        built: dict[str, Any] = msgspec.to_builtins(body)
        # As the link writes it, beyond ASCII too.
        size_bytes = len(json.dumps(built, separators=(",", ":")))
        if size_bytes > MAX_RESULT_BYTES:
            message = f"the answer of {size_bytes} bytes is over {MAX_RESULT_BYTES}; ask for less at once"
            return self._failed(command, CommandFailure.TOO_LARGE, message)
        self._count("ok")
        return Result(command.id, ok=True, reason=None, body=built)

    def _failed(self, command: Command, reason: CommandFailure, message: str) -> Result:
        self._count(reason.value)
        _log.info("command %s of the hub: %s: %s", command.kind, reason, message)
        return Result(command.id, ok=False, reason=reason.value, body={"message": message[:MAX_MESSAGE_CHARS]})

    def _count(self, word: str) -> None:
        self.counts[word] = self.counts.get(word, 0) + 1


def _why(error: NoctuleError) -> tuple[CommandFailure, str]:
    match error:
        case CommandRefused():
            return error.reason, str(error)
        case SnmpFailure():
            return CommandFailure.NO_ANSWER, str(error)
        case Refused():
            return CommandFailure.INVALID, f"{error.field}: {error.message}" if error.field else error.message
        case _:
            return CommandFailure.FAILED, str(error)

"""The agent's errors: each message is one clear line for a person, naming what to do.

The command line prints them; refusals of single inputs are `noctule_shared.errors.Refused`.
"""

from collections.abc import Iterator

from noctule_shared.commands import CommandFailure
from noctule_shared.errors import NoctuleError


class AgentError(NoctuleError):
    """Base of the agent's own errors."""


class ConfigError(AgentError):
    """agent.toml cannot be used; the message names file, key, value and the nearest valid key."""


class DataDirError(AgentError):
    """The data folder or a file in it cannot be used."""


class AlreadyRunning(AgentError):  # noqa: N818  named as in the log
    """Another agent works on the same data folder."""


class NotEnrolled(AgentError):  # noqa: N818  named as in the log
    """There is no usable enrolment in the data folder."""


class JoinFailed(AgentError):  # noqa: N818  named as in the log
    """The hub could not be joined; nothing was changed here."""


class HubUnreachable(AgentError):  # noqa: N818  named as in the log
    """No answer came from the hub, or not one of a Noctule hub."""


class WebSocketBlocked(HubUnreachable):
    """Something between answers, but lets no WebSocket through."""


class HubNotTrusted(AgentError):  # noqa: N818  named as in the log
    """The hub did not prove that it is the one this agent was told to trust."""


class Fenced(AgentError):  # noqa: N818  named as in the protocol
    """The hub has shut this agent out; `retry` False: until a person has acted."""

    def __init__(self, code: str, message: str, *, retry: bool) -> None:
        super().__init__(f"the hub shut this agent out ({code}): {message}")
        self.code = code
        self.retry = retry


class LinkLost(AgentError):  # noqa: N818  named as in the log
    """The link to the hub ended; it is taken up again after a pause."""


class SealBroken(AgentError):  # noqa: N818  named as in the log
    """Sealed credentials cannot be opened with this agent's key for this device."""


class CommandRefused(AgentError):  # noqa: N818  a refusal, named as in the protocol
    """A command of the hub is not carried out, for `reason`; the message is for people and holds no secret."""

    def __init__(self, reason: CommandFailure, message: str) -> None:
        super().__init__(message)
        self.reason = reason


class OutboxUnavailable(AgentError):  # noqa: N818  a state, named as in the log
    """The outbox cannot write at present (disk full, folder gone); nothing was changed, try again later."""


def sole_cause(group: BaseExceptionGroup[BaseException]) -> AgentError | None:
    """Return the error that says most of a TaskGroup's failures; None when something unexpected is among them.

    Being fenced comes before the cut that follows it.
    """
    known, other = group.split(AgentError)
    if known is None or other is not None:
        return None
    leaves = list(_leaves(known))
    return next((error for error in leaves if isinstance(error, Fenced)), leaves[0])


def _leaves(group: BaseExceptionGroup[AgentError]) -> Iterator[AgentError]:
    for error in group.exceptions:
        if isinstance(error, BaseExceptionGroup):
            yield from _leaves(error)
        else:
            yield error

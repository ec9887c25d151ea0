"""The one error shape that every client sees, over HTTP, Socket.IO and the agent link.

Each package has its own exception hierarchy; what leaves a process leaves as an `ErrorBody`.
"""

from enum import StrEnum

import msgspec


class ErrorCode(StrEnum):
    """Why a request was refused."""

    UNAUTHORISED = "unauthorised"
    FORBIDDEN = "forbidden"
    NOT_FOUND = "not-found"
    INVALID = "invalid"
    TOO_MANY = "too-many"
    TOO_LARGE = "too-large"
    BUSY = "busy"


class ErrorBody(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True):
    """An error as a client reads it: `{code, message, field?, retryAfterS?}`.

    `field` names the input that was refused; `retry_after_s` is in seconds. None means not applicable.
    """

    code: ErrorCode
    message: str
    field: str | None = None
    retry_after_s: float | None = None


class NoctuleError(Exception):
    """Base of every error that is meant to be read by a person or a client program."""


class Refused(NoctuleError):  # noqa: N818  a refusal is the domain's word for it
    """An input was refused and nothing was changed.

    Raised wherever an input from outside enters; handlers turn it into an `ErrorBody`.
    """

    def __init__(
        self, code: ErrorCode, message: str, *, field: str | None = None, retry_after_s: float | None = None
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.field = field
        self.retry_after_s = retry_after_s

    def body(self) -> ErrorBody:
        """Return the refusal in the shape that crosses the wire."""
        return ErrorBody(self.code, self.message, self.field, self.retry_after_s)


def invalid(field: str, message: str) -> Refused:
    """Return a refusal of one named input; `message` says what is wrong and how to mend it."""
    return Refused(ErrorCode.INVALID, message, field=field)

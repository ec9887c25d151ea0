"""What an SNMP backend is: one request at a time to one device, values out, failures with a reason.

Retries, request sizes and what to ask are left to `client`; which OIDs mean what to `mib`.
"""

import errno
from collections.abc import Sequence
from enum import StrEnum
from typing import Protocol

from noctule_shared.errors import NoctuleError
from noctule_shared.link import SnmpVersion

# int: INTEGER, counters, gauges, time ticks; bytes: octet strings; str: object identifiers and IP addresses.
Value = int | bytes | str


class Reason(StrEnum):
    """Why a device gave no usable answer."""

    TIMEOUT = "timeout"
    PORT_CLOSED = "port-closed"
    WRONG_CREDENTIALS = "wrong-credentials"
    NO_SUCH_HOST = "no-such-host"
    NO_PERMISSION = "no-permission"
    BAD_RESPONSE = "bad-response"


class Refusal(StrEnum):
    """What a device holds against credentials, as far as SNMP tells (RFC 3414 section 3.2, RFC 3415)."""

    UNKNOWN_USER = "unknown-user"
    WRONG_AUTH = "wrong-auth"
    WRONG_PRIV = "wrong-priv"
    # The device has no key of this user for the level that was asked for.
    LEVEL_TOO_HIGH = "level-too-high"
    # The credentials are genuine, but open nothing at this level.
    NO_ACCESS = "no-access"
    UNKNOWN_CONTEXT = "unknown-context"


class SnmpFailure(NoctuleError):  # noqa: N818  a failed measurement is an outcome
    """A request failed for `reason`; the message is for people and holds no secret."""

    def __init__(self, reason: Reason, message: str) -> None:
        super().__init__(message)
        self.reason = reason


class CredentialsRefused(SnmpFailure):
    """The device answered that it does not take the credentials, for `refusal`."""

    def __init__(self, refusal: Refusal, message: str) -> None:
        super().__init__(Reason.WRONG_CREDENTIALS, message)
        self.refusal = refusal


class ErrorStatus(SnmpFailure):
    """The device answered with an error status: tooBig, or with v1 one of several names does not exist."""

    def __init__(self, message: str) -> None:
        super().__init__(Reason.BAD_RESPONSE, message)


class SnmpSession(Protocol):
    """A session with one device. Not for concurrent use: one request is in flight at a time."""

    @property
    def version(self) -> SnmpVersion:
        """The version spoken: v1 has neither GETBULK nor Counter64."""
        ...

    @property
    def remark(self) -> str | None:
        """What a person should know of how this device answers; None: nothing unusual."""
        ...

    async def get(self, oids: Sequence[str], *, timeout_s: float) -> dict[str, Value | None]:
        """Return the values of `oids` from one PDU; None: the device has no such instance.

        A name that is not in the result was left out by the device, or this backend cannot tell the two apart.
        Raises `SnmpFailure`; `ErrorStatus` when fewer names may bring an answer.
        """
        ...

    async def next(self, oid: str, *, repetitions: int, timeout_s: float) -> list[tuple[str, Value | None]]:
        """Return what follows `oid`, in the device's order: up to `repetitions` names by GETBULK.

        One name by GETNEXT for 0 repetitions, and always with v1. Empty: the device has nothing after `oid`.
        None: a value of a type that is not read here. Nothing is checked: names may even go backwards. A name
        twice in one answer may come once. Raises `SnmpFailure`; `ErrorStatus` as `get`.
        """
        ...

    async def close(self) -> None:
        """Release the session's descriptors."""
        ...


def failure_of_os(error: OSError) -> SnmpFailure:
    """Return the failure that an error of the agent's own kernel stands for."""
    text = error.strerror or str(error)
    if error.errno in {errno.EPERM, errno.EACCES}:
        return SnmpFailure(Reason.NO_PERMISSION, f"this machine may not send there (a local firewall?): {text}")
    if error.errno == errno.ECONNREFUSED:
        return SnmpFailure(Reason.PORT_CLOSED, "the UDP port is closed")
    return SnmpFailure(Reason.TIMEOUT, f"cannot send: {text}")

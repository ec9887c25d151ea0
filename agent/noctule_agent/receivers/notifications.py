"""Decodes SNMPv1 and v2c notifications by pysnmp; v3 is left to `usm`, the meaning to `core.traps`.

Communities are not checked: they travel in clear and a sender is known by its address.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from pyasn1.codec.ber import decoder, encoder  # type: ignore[import-untyped]  # pyasn1 has no types
from pyasn1.error import PyAsn1Error  # type: ignore[import-untyped]  # likewise
from pysnmp.error import PySnmpError  # type: ignore[import-untyped]  # pysnmp has no types
from pysnmp.proto import api  # type: ignore[import-untyped]  # likewise

from noctule_agent.core.traps import Notification, Value, notification, v1_trap_oid
from noctule_agent.probes.snmp.pysnmp_session import read_value

# Beyond it a notification is refused unread; a datagram that is not cut to fragments holds 1,472.
MAX_NOTIFICATION_BYTES: Final = 8192
# What pysnmp and pyasn1 were seen to raise for bytes that are no message; they promise nothing.
DECODING_ERRORS: Final = (
    PySnmpError, PyAsn1Error, ValueError, TypeError, LookupError, AttributeError, ArithmeticError, RecursionError,
)  # fmt: skip
VERSION_1: Final = 0
VERSION_2C: Final = 1
VERSION_3: Final = 3


class Refusal(StrEnum):
    """Why a datagram brought no notification."""

    TOO_LARGE = "too-large"
    MALFORMED = "malformed"
    UNAUTHENTICATED = "unauthenticated"
    NEW_ENGINE_LIMIT = "new-engine-limit"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a datagram brought.

    `answers` are sent at once (v3 reports); `reply` acknowledges an inform, once it is kept. Neither a notification nor
    a refusal: a step of the v3 handshake.
    """

    notification: Notification | None = None
    refusal: Refusal | None = None
    answers: Sequence[bytes] = ()
    reply: bytes | None = None


def version_of(datagram: bytes) -> int | None:
    """Return the message version field: 0 for v1, 1 for v2c, 3 for v3; None when it is no SNMP message."""
    try:
        return int(api.decodeMessageVersion(datagram))
    except DECODING_ERRORS:
        return None


def read_community_message(datagram: bytes, version: int) -> Outcome:
    """Return what a v1 or v2c message brought; what is no notification, or no such message, is `malformed`."""
    module = api.PROTOCOL_MODULES[version]
    try:
        message, _ = decoder.decode(datagram, asn1Spec=module.Message())
        pdu = module.apiMessage.get_pdu(message)
        if version == VERSION_1:
            return _read_v1(module, pdu)
        if pdu.isSameTypeWith(module.SNMPv2TrapPDU()):
            return _outcome(notification(bindings_of(module.apiPDU.get_varbinds(pdu)), request_id=None))
        if pdu.isSameTypeWith(module.InformRequestPDU()):
            reply = module.apiMessage.get_response(message)
            module.apiPDU.set_varbinds(module.apiMessage.get_pdu(reply), module.apiPDU.get_varbinds(pdu))
            request_id = int(module.apiPDU.get_request_id(pdu))
            sent = notification(bindings_of(module.apiPDU.get_varbinds(pdu)), request_id=request_id)
            return _outcome(sent, bytes(encoder.encode(reply)))
    except DECODING_ERRORS:
        pass
    return Outcome(refusal=Refusal.MALFORMED)


def bindings_of(found: Sequence[tuple[Any, Any]]) -> list[tuple[str, Value | None]]:
    """Return variable bindings as names and values of ours."""
    return [(str(name), read_value(value)) for name, value in found]


def _read_v1(module: Any, pdu: Any) -> Outcome:  # noqa: ANN401  pysnmp has no types
    if not pdu.isSameTypeWith(module.TrapPDU()):
        return Outcome(refusal=Refusal.MALFORMED)
    trap = module.apiTrapPDU
    oid = v1_trap_oid(str(trap.get_enterprise(pdu)), int(trap.get_generic_trap(pdu)), int(trap.get_specific_trap(pdu)))
    return Outcome(Notification(oid, int(trap.get_timestamp(pdu)), bindings_of(trap.get_varbinds(pdu))))


def _outcome(sent: Notification | None, reply: bytes | None = None) -> Outcome:
    return Outcome(refusal=Refusal.MALFORMED) if sent is None else Outcome(sent, reply=reply)

"""Reads SNMPv1 and v2c messages from a capture: what was asked, independent of the product's libraries.

Just enough of BER (X.690) for definite lengths; anything else raises ValueError.
"""

from dataclasses import dataclass
from enum import IntEnum

SEQUENCE = 0x30
OID = 0x06


class PduKind(IntEnum):
    """The tags of the PDUs (RFC 3416 section 3)."""

    GET = 0xA0
    GET_NEXT = 0xA1
    RESPONSE = 0xA2
    SET = 0xA3
    GET_BULK = 0xA5
    INFORM = 0xA6
    TRAP = 0xA7
    REPORT = 0xA8


@dataclass(frozen=True, slots=True)
class Pdu:
    """One PDU with the names of its variable bindings in their order."""

    kind: PduKind
    request_id: int
    names: tuple[str, ...]


def read_message(octets: bytes) -> Pdu:
    """Return the PDU of a v1 or v2c message."""
    (message,) = _elements(octets)
    if message[0] != SEQUENCE:
        raise ValueError("an SNMP message is a sequence")
    _, _, (tag, body) = _elements(message[1])
    (_, request_id), _, _, (_, bindings) = _elements(body)
    names = []
    for _, binding in _elements(bindings):
        (name_tag, name), _ = _elements(binding)
        if name_tag != OID:
            raise ValueError("a variable binding begins with its name")
        names.append(_oid(name))
    return Pdu(PduKind(tag), int.from_bytes(request_id, "big", signed=True), tuple(names))


def _elements(octets: bytes) -> list[tuple[int, bytes]]:
    found: list[tuple[int, bytes]] = []
    position = 0
    while position < len(octets):
        tag, length = octets[position], octets[position + 1]
        position += 2
        if length & 0x80:
            digits = length & 0x7F
            length = int.from_bytes(octets[position : position + digits], "big")
            position += digits
        if position + length > len(octets):
            raise ValueError("an element is longer than what holds it")
        found.append((tag, octets[position : position + length]))
        position += length
    return found


def _oid(octets: bytes) -> str:
    numbers: list[int] = []
    number = 0
    for octet in octets:
        number = number << 7 | octet & 0x7F
        if not octet & 0x80:
            numbers.append(number)
            number = 0
    first = min(2, numbers[0] // 40)
    return ".".join(map(str, [first, numbers[0] - 40 * first, *numbers[1:]]))

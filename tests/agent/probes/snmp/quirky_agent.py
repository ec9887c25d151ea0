"""A tiny SNMPv1/v2c agent of our own that misbehaves as devices in the field do."""

import asyncio
import bisect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from noctule_agent.core.walking import oid_key
from noctule_agent.probes.snmp import mib
from noctule_agent.probes.snmp.mib import Column
from noctule_agent.probes.snmp.port_probe import tlv

GET, GET_NEXT, RESPONSE, GET_BULK = 0xA0, 0xA1, 0xA2, 0xA5
NO_SUCH_INSTANCE, END_OF_VIEW = bytes((0x81, 0)), bytes((0x82, 0))
TOO_BIG, NO_SUCH_NAME, GEN_ERR = 1, 2, 5
NULL = bytes((5, 0))
MAX_REPETITIONS = 100

Key = tuple[int, ...]


@dataclass(frozen=True)
class Typed:
    """A value with its BER tag: 0x41 Counter32, 0x42 Gauge32, 0x43 TimeTicks, 0x46 Counter64."""

    tag: int
    number: int


@dataclass
class Quirks:
    """What the agent does wrong; all off: it is a correct agent."""

    silent_above_repetitions: int | None = None
    skips_rows_above_repetitions: int | None = None
    silent_above_varbinds: int | None = None
    too_big_above_varbinds: int | None = None
    cut_above_varbinds: int | None = None
    silent_names: set[str] = field(default_factory=set)
    # A name that GETNEXT and GETBULK answer with one that lies before it.
    goes_back_after: str | None = None
    goes_back_above_repetitions: int = 0
    goes_back_to: str = Column.ifIndex.of(1)
    other_source: str | None = None
    # Answers from there bear a request id of their own.
    other_source_guesses: bool = False
    v1_only: bool = False
    gen_err_names: set[str] = field(default_factory=set)
    null_names: set[str] = field(default_factory=set)
    wrong_request_id: bool = False
    wrong_community: bool = False
    # What becomes of a finished answer, and how many answers it befalls.
    mangle: Callable[[bytes], bytes] | None = None
    mangles: int = 1_000_000


class QuirkyAgent(asyncio.DatagramProtocol):
    """Serves `instances` on 127.0.0.1; tests change them and the quirks while it runs."""

    def __init__(self, quirks: Quirks | None = None, instances: Mapping[str, Any] | None = None) -> None:
        self.quirks = quirks or Quirks()
        self.instances: dict[str, Any] = {
            mib.SYS_UP_TIME: Typed(0x43, 1_000_000),
            mib.SYS_NAME: b"quirky",
            mib.SYS_OBJECT_ID: "1.3.6.1.4.1.99999.1",
            **(instances or {}),
        }
        self.requests: list[tuple[int, int]] = []
        self.asked: set[str] = set()
        self.port = 0
        self._transport: Any = None
        self._other: Any = None

    def add_interface(self, if_index: int, name: str, **columns: Any) -> None:
        row: dict[str, Any] = {
            "ifIndex": if_index,
            "ifDescr": name.encode(),
            "ifType": 6,
            "ifAdminStatus": 1,
            "ifOperStatus": 1,
            "ifInOctets": Typed(0x41, 100 * if_index),
            "ifOutOctets": Typed(0x41, 200 * if_index),
            "ifHCInOctets": Typed(0x46, 100 * if_index),
            "ifHCOutOctets": Typed(0x46, 200 * if_index),
        }
        for column, value in (row | columns).items():
            self.instances[Column[column].of(if_index)] = value

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        await loop.create_datagram_endpoint(lambda: self, local_addr=("127.0.0.1", 0))
        if self.quirks.other_source:
            self._other, _ = await loop.create_datagram_endpoint(
                asyncio.DatagramProtocol, local_addr=(self.quirks.other_source, self.port)
            )
        return self

    async def __aexit__(self, *_: object) -> None:
        for transport in (self._transport, self._other):
            if transport is not None:
                transport.close()
        await asyncio.sleep(0)

    def connection_made(self, transport: Any) -> None:
        self._transport = transport
        self.port = transport.get_extra_info("sockname")[1]

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        answer = self._answer(data)
        if answer is not None:
            (self._other or self._transport).sendto(answer, addr)

    def _answer(self, data: bytes) -> bytes | None:
        _, message, _ = read(data, 0)
        _, version, at = read(message, 0)
        number = int.from_bytes(version, "big")
        if number > 1 or (self.quirks.v1_only and number != 0):
            return None
        _, community, at = read(message, at)
        kind, pdu, _ = read(message, at)
        _, request_id, at = read(pdu, 0)
        _, _, at = read(pdu, at)
        _, second, at = read(pdu, at)
        names = names_of(read(pdu, at)[1])
        repetitions = int.from_bytes(second, "big") if kind == GET_BULK else 0
        self.requests.append((kind, repetitions if kind == GET_BULK else len(names)))
        self.asked.update(names)
        quirks = self.quirks
        if self._is_silent(kind, names, repetitions):
            return None
        status, bindings = self._bindings(kind, names, repetitions)
        if number == 0 and any(value in {NO_SUCH_INSTANCE, END_OF_VIEW} for _, value in bindings):
            status, bindings = NO_SUCH_NAME, [(name, NULL) for name in names]
        listed = b"".join(tlv(0x30, oid(name) + value) for name, value in bindings)
        if quirks.wrong_request_id or quirks.other_source_guesses:
            request_id = bytes(octet ^ 1 for octet in request_id)
        if quirks.wrong_community:
            community += b"x"
        body = tlv(2, request_id) + integer(2, status) + integer(2, 1 if status else 0)
        answer = tlv(0x30, tlv(2, version) + tlv(4, community) + tlv(RESPONSE, body + tlv(0x30, listed)))
        if quirks.mangle is not None and quirks.mangles > 0:
            quirks.mangles -= 1
            answer = quirks.mangle(answer)
        return answer

    def _bindings(self, kind: int, names: list[str], repetitions: int) -> tuple[int, list[tuple[str, bytes]]]:
        quirks = self.quirks
        if kind == GET and over(len(names), quirks.too_big_above_varbinds):
            return TOO_BIG, []
        if kind == GET:
            bindings = [(name, self._value(name)) for name in names]
        else:
            bindings = self._next(names[0], max(1, repetitions))
        if quirks.gen_err_names & {name for name, _ in bindings}:
            return GEN_ERR, [(name, NULL) for name in names]
        if kind == GET and over(len(names), quirks.cut_above_varbinds):
            bindings = bindings[: quirks.cut_above_varbinds]
        return 0, bindings

    def _is_silent(self, kind: int, names: list[str], repetitions: int) -> bool:
        quirks = self.quirks
        if kind == GET:
            return over(len(names), quirks.silent_above_varbinds) or bool(quirks.silent_names & set(names))
        return over(repetitions, quirks.silent_above_repetitions)

    def _value(self, name: str) -> bytes:
        if name in self.quirks.null_names:
            return NULL
        found = self.instances.get(name)
        return NO_SUCH_INSTANCE if found is None else value_of(found)

    def _next(self, name: str, count: int) -> list[tuple[str, bytes]]:
        keys = sorted(oid_key(known) for known in self.instances)
        at = bisect.bisect_right(keys, oid_key(name))
        found: list[tuple[str, bytes]] = []
        count = min(count, MAX_REPETITIONS)
        quirks = self.quirks
        stride = 2 if over(count, quirks.skips_rows_above_repetitions) else 1
        text = name
        for key in keys[at::stride]:
            if len(found) == count:
                break
            if text == quirks.goes_back_after and count > quirks.goes_back_above_repetitions:
                return found + [(quirks.goes_back_to, self._value(quirks.goes_back_to))] * (count - len(found))
            text = ".".join(map(str, key))
            found.append((text, self._value(text)))
        if not found:
            found = [(name, END_OF_VIEW)]
        return found


def over(number: int, limit: int | None) -> bool:
    return limit is not None and number > limit


def read(data: bytes, at: int) -> tuple[int, bytes, int]:
    """Return tag, content and the position after one BER element."""
    tag, length, at = data[at], data[at + 1], at + 2
    if length & 0x80:
        size = length & 0x7F
        length, at = int.from_bytes(data[at : at + size], "big"), at + size
    return tag, data[at : at + length], at + length


def integer(tag: int, number: int) -> bytes:
    return tlv(tag, number.to_bytes(number.bit_length() // 8 + 1, "big", signed=True))


def oid(name: str) -> bytes:
    parts = oid_key(name)
    content = bytes((40 * parts[0] + parts[1],))
    for part in parts[2:]:
        septets = [part & 0x7F]
        while part := part >> 7:
            septets.append(0x80 | (part & 0x7F))
        content += bytes(reversed(septets))
    return tlv(6, content)


def names_of(bindings: bytes) -> list[str]:
    names = []
    at = 0
    while at < len(bindings):
        _, binding, at = read(bindings, at)
        content = read(binding, 0)[1]
        parts = [content[0] // 40, content[0] % 40]
        number = 0
        for octet in content[1:]:
            number = number << 7 | octet & 0x7F
            if not octet & 0x80:
                parts.append(number)
                number = 0
        names.append(".".join(map(str, parts)))
    return names


def value_of(value: Any) -> bytes:
    match value:
        case Typed(tag, number):
            return integer(tag, number)
        case bool() | int():
            return integer(2, value)
        case bytes():
            return tlv(4, value)
        case _:
            return oid(value)

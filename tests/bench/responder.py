"""A fast SNMPv2c agent for every address of 127.0.0.0/8, as its own process: `responder.py PORT PORTS`.

Each address is the same switch with PORTS ports. Answers are built once for each question and kept as bytes; only
the request id, sysUpTime and the 64-bit counters, which all show the same moment, are filled in. So it costs little
beside a client that is measured. Just enough of BER (X.690) and of SNMP (RFC 3416) for clients that behave.
"""

import bisect
import contextlib
import os
import signal
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Iterator

COMMUNITY = "public"
START_DEADLINE_S = 10.0
MAX_ANSWERS = 200_000
RCVBUF_BYTES = 4 * 1024 * 1024
_SO_RCVBUFFORCE = 33
_IP_PKTINFO = 8
_PKTINFO = struct.Struct("=i4s4s")
_GET, _GET_NEXT, _RESPONSE, _GET_BULK = 0xA0, 0xA1, 0xA2, 0xA5
_NO_SUCH_INSTANCE, _END_OF_MIB = b"\x81\x00", b"\x82\x00"
_SYS_UP_TIME = (1, 3, 6, 1, 2, 1, 1, 3, 0)
_IF_ENTRY = (1, 3, 6, 1, 2, 1, 2, 2, 1)
_IF_X_ENTRY = (1, 3, 6, 1, 2, 1, 31, 1, 1, 1)
# Stand for what is filled in: 4 octets of sysUpTime, 8 octets of every Counter64.
_TICKS, _COUNT = b"<TK>", b"<COUNT64"
# It started so long ago that sysUpTime takes four octets, for months to come. 80 Mbit/s flow on every port.
_EPOCH_S = time.time() - 10_000_000
_COUNT_BASE = 1 << 60
_OCTETS_PER_S = 10_000_000


class Switch:
    """The objects of one switch by OID, as encoded variable bindings."""

    def __init__(self, ports: int) -> None:
        values = _system(ports)
        for index in range(1, ports + 1):
            values |= {(*_IF_ENTRY, column, index): value for column, value in _if_entry(index).items()}
            values |= {(*_IF_X_ENTRY, column, index): value for column, value in _if_x_entry(index).items()}
        self._oids = sorted(values)
        self._bindings = {oid: _tlv(0x30, _oid(oid) + value) for oid, value in values.items()}

    def get(self, oid: tuple[int, ...]) -> bytes:
        """Return the binding of one instance."""
        return self._bindings.get(oid) or _tlv(0x30, _oid(oid) + _NO_SUCH_INSTANCE)

    def after(self, oid: tuple[int, ...], count: int) -> list[bytes]:
        """Return the bindings of the `count` instances after an OID."""
        start = bisect.bisect_right(self._oids, oid)
        found = [self._bindings[name] for name in self._oids[start : start + count]]
        return found if len(found) == count else [*found, _tlv(0x30, _oid(oid) + _END_OF_MIB)]


class Responder:
    """Answers messages; the bytes of an answer are built once."""

    def __init__(self, ports: int) -> None:
        self._switch = Switch(ports)
        self._answers: dict[bytes, list[list[bytes]]] = {}

    def answer(self, message: bytes) -> bytes:
        """Return the answer to a GET, GETNEXT or GETBULK of version 2c; raises ValueError for anything else."""
        start, _ = _content(message, 0, 0x30)
        _, pdu = _content(message, start, 0x02)
        _, pdu = _content(message, pdu, 0x04)
        kind = message[pdu]
        body, _ = _content(message, pdu, kind)
        _, rest = _content(message, body, 0x02)
        key = bytes((kind,)) + message[rest:]
        parts = self._answers.get(key)
        if parts is None:
            if len(self._answers) >= MAX_ANSWERS:
                self._answers.clear()
            parts = self._answers[key] = self._built(kind, message, rest)
        now_s = time.time() - _EPOCH_S
        ticks = int(now_s * 100).to_bytes(4, "big")
        count = (_COUNT_BASE + int(now_s * _OCTETS_PER_S)).to_bytes(8, "big")
        bindings = ticks.join([count.join(part) for part in parts])
        return _tlv(0x30, message[start:pdu] + _tlv(_RESPONSE, message[body:rest] + b"\x02\x01\0\x02\x01\0" + bindings))

    def _built(self, kind: int, message: bytes, rest: int) -> list[list[bytes]]:
        first, after = _content(message, rest, 0x02)
        non_repeaters = int.from_bytes(message[first:after], "big")
        second, after = _content(message, after, 0x02)
        repetitions = int.from_bytes(message[second:after], "big")
        names = _names(message, after)
        if kind == _GET:
            found = [self._switch.get(name) for name in names]
        elif kind == _GET_NEXT:
            found = [self._switch.after(name, 1)[0] for name in names]
        elif kind == _GET_BULK:
            found = [self._switch.after(name, 1)[0] for name in names[:non_repeaters]]
            columns = [self._switch.after(name, repetitions) for name in names[non_repeaters:]]
            for row in range(repetitions):
                found += [column[min(row, len(column) - 1)] for column in columns]
        else:
            raise ValueError(f"a PDU of kind {kind:#x}")
        bindings = _tlv(0x30, b"".join(found))
        return [part.split(_COUNT) for part in bindings.split(_TICKS)]


def serve(port: int, ports: int) -> None:
    """Answer until ended, each datagram from the address that it came to."""
    responder = Responder(ports)
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    with contextlib.suppress(OSError):
        sock.setsockopt(socket.SOL_SOCKET, _SO_RCVBUFFORCE, RCVBUF_BYTES)
    sock.setsockopt(socket.IPPROTO_IP, _IP_PKTINFO, 1)
    sock.bind(("0.0.0.0", port))
    sys.stdout.write(f"{sock.getsockname()[1]}\n")
    sys.stdout.flush()
    while True:
        message, ancillary, _, sender = sock.recvmsg(4096, 64)
        local = _PKTINFO.unpack(ancillary[0][2])[2]
        if local[0] != 127:
            continue
        with contextlib.suppress(ValueError, IndexError, OSError):
            answer = responder.answer(message)
            sock.sendmsg([answer], [(socket.IPPROTO_IP, _IP_PKTINFO, _PKTINFO.pack(0, local, local))], 0, sender)


@contextlib.contextmanager
def running(ports: int) -> Iterator[int]:
    """Yield the UDP port of a responder that runs for the block."""
    process = subprocess.Popen([sys.executable, __file__, "0", str(ports)], stdout=subprocess.PIPE, text=True)
    try:
        if process.stdout is None:
            raise AssertionError("it is a pipe")
        yield int(process.stdout.readline())
    finally:
        stop(process)


def stop(process: "subprocess.Popen[str]") -> None:
    """End a child, with SIGKILL when SIGTERM does not help."""
    process.terminate()
    try:
        process.wait(START_DEADLINE_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    if process.stdout is not None:
        process.stdout.close()


def _system(ports: int) -> dict[tuple[int, ...], bytes]:
    system = (1, 3, 6, 1, 2, 1, 1)
    return {
        (*system, 1, 0): _tlv(0x04, b"Simulated switch"),
        (*system, 2, 0): _oid((1, 3, 6, 1, 4, 1, 99999, 1)),
        _SYS_UP_TIME: _tlv(0x43, _TICKS),
        (*system, 4, 0): _tlv(0x04, b"noc@example.net"),
        (*system, 5, 0): _tlv(0x04, b"switch"),
        (*system, 6, 0): _tlv(0x04, b"loopback"),
        (1, 3, 6, 1, 2, 1, 2, 1, 0): _integer(0x02, ports),
        (1, 3, 6, 1, 2, 1, 31, 1, 5, 0): _integer(0x43, 0),
    }


def _if_entry(index: int) -> dict[int, bytes]:
    packets, broken = _integer(0x41, 1_000_000 + index), _integer(0x41, index % 7)
    return {
        1: _integer(0x02, index),
        2: _tlv(0x04, b"GigabitEthernet0/%d" % index),
        3: _integer(0x02, 6),
        4: _integer(0x02, 1500),
        5: _integer(0x42, 1_000_000_000),
        6: _tlv(0x04, bytes((2, 0, 0, 0, 0, index))),
        **dict.fromkeys((7, 8), _integer(0x02, 1)),
        9: _integer(0x43, 100),
        **dict.fromkeys((10, 11, 12, 16, 17, 18), packets),
        **dict.fromkeys((13, 14, 15, 19, 20), broken),
        21: _integer(0x42, 0),
        22: _oid((0, 0)),
    }


def _if_x_entry(index: int) -> dict[int, bytes]:
    return {
        1: _tlv(0x04, b"Gi0/%d" % index),
        **dict.fromkeys((2, 3, 4, 5), _integer(0x41, 1000 + index)),
        **dict.fromkeys((6, 7, 8, 9, 10, 11, 12, 13), _tlv(0x46, _COUNT)),
        14: _integer(0x02, 1),
        15: _integer(0x42, 1000),
        16: _integer(0x02, 2),
        17: _integer(0x02, 1),
        18: _tlv(0x04, b"to customer %d" % index),
        19: _integer(0x43, 0),
    }


def _tlv(tag: int, content: bytes) -> bytes:
    length = len(content)
    if length < 0x80:
        return bytes((tag, length)) + content
    return bytes((tag, 0x82, length >> 8, length & 0xFF)) + content


def _integer(tag: int, number: int) -> bytes:
    return _tlv(tag, number.to_bytes(number.bit_length() // 8 + 1, "big"))


def _oid(numbers: tuple[int, ...]) -> bytes:
    octets = bytearray((numbers[0] * 40 + numbers[1],))
    for number in numbers[2:]:
        septets = [number & 0x7F]
        while number := number >> 7:
            septets.append(number & 0x7F | 0x80)
        octets += bytes(reversed(septets))
    return _tlv(0x06, bytes(octets))


def _content(message: bytes, at: int, tag: int) -> tuple[int, int]:
    """Return where the content of the element at `at` begins and ends."""
    if message[at] != tag:
        raise ValueError(f"tag {message[at]:#x} instead of {tag:#x}")
    length = message[at + 1]
    start = at + 2
    if length & 0x80:
        start += length & 0x7F
        length = int.from_bytes(message[at + 2 : start], "big")
    return start, start + length


def _names(message: bytes, at: int) -> list[tuple[int, ...]]:
    at, end = _content(message, at, 0x30)
    names = []
    while at < end:
        binding, at = _content(message, at, 0x30)
        start, stop_at = _content(message, binding, 0x06)
        numbers, number = [*divmod(message[start], 40)], 0
        for octet in message[start + 1 : stop_at]:
            number = number << 7 | octet & 0x7F
            if not octet & 0x80:
                numbers.append(number)
                number = 0
        names.append(tuple(numbers))
    return names


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    serve(int(sys.argv[1]), int(sys.argv[2]))

"""What passes an interface: echoes and SNMP, a line of JSON for each packet, in the kernel's order.

Usage: capture.py DEVICE. Runs until SIGTERM; the last line is {"dropped": packets that the kernel lost}.
"""

import contextlib
import ipaddress
import selectors
import signal
import socket
import struct
import sys
import time
from typing import Final

import msgspec

ETH_P_ALL: Final = 3
SO_RCVBUFFORCE: Final = 33
RCVBUF_BYTES: Final = 16 * 1024 * 1024
SOL_PACKET: Final = 263
PACKET_STATISTICS: Final = 6
SNMP_PORT: Final = 161
ICMP: Final = 1
ICMP6: Final = 58
UDP: Final = 17
V6_FRAGMENT: Final = 44
ECHOES: Final = {(ICMP, 8): "request", (ICMP, 0): "reply", (ICMP6, 128): "request", (ICMP6, 129): "reply"}


class Seen(msgspec.Struct, frozen=True):
    """One packet at `at_s` (epoch). `kind` is request or reply (an echo), snmp, fragment, or end.

    `port` is the SNMP client's, `payload` its message in hex; `dropped` belongs to the end.
    """

    kind: str
    at_s: float
    source: str = ""
    destination: str = ""
    port: int = 0
    payload: str = ""
    dropped: int = 0


def describe(frame: bytes) -> Seen | None:
    """Return what is in an Ethernet frame, None when it is neither an echo nor SNMP."""
    (kind,) = struct.unpack_from("!H", frame, 12)
    packet = frame[14:]
    if kind == 0x0800:  # IPv4
        protocol, header = packet[9], (packet[0] & 15) * 4
        ends = packet[12:16], packet[16:20]
        fragment = bool(struct.unpack_from("!H", packet, 6)[0] & 0x3FFF)
    elif kind == 0x86DD:  # IPv6
        protocol, header = packet[6], 40
        ends = packet[8:24], packet[24:40]
        fragment = protocol == V6_FRAGMENT
    else:
        return None
    source, destination = (str(ipaddress.ip_address(end)) for end in ends)
    if fragment:
        return Seen("fragment", time.time(), source, destination)
    if protocol in {ICMP, ICMP6}:
        echo = ECHOES.get((protocol, packet[header]))
        return None if echo is None else Seen(echo, time.time(), source, destination)
    if protocol != UDP:
        return None
    ports = struct.unpack_from("!HH", packet, header)
    if SNMP_PORT not in ports:
        return None
    (length,) = struct.unpack_from("!H", packet, header + 4)
    port = ports[1] if ports[0] == SNMP_PORT else ports[0]
    return Seen("snmp", time.time(), source, destination, port, packet[header + 8 : header + length].hex())


def say(seen: Seen) -> None:
    sys.stdout.write(msgspec.json.encode(seen).decode() + "\n")


def main() -> None:
    sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
    sock.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, RCVBUF_BYTES)
    sock.bind((sys.argv[1], 0))
    sock.setblocking(False)  # noqa: FBT003  the standard library's own signature
    woken, wakes = socket.socketpair()
    wakes.setblocking(False)  # noqa: FBT003  likewise
    signal.set_wakeup_fd(wakes.fileno())
    signal.signal(signal.SIGTERM, lambda _number, _frame: None)
    selector = selectors.DefaultSelector()
    selector.register(sock, selectors.EVENT_READ)
    selector.register(woken, selectors.EVENT_READ)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    ending = False
    while not ending:
        ending = any(key.fileobj is woken for key, _ in selector.select())
        with contextlib.suppress(BlockingIOError):
            while True:
                found = describe(sock.recv(65535))
                if found is not None:
                    say(found)
        sys.stdout.flush()
    _, dropped = struct.unpack("=II", sock.getsockopt(SOL_PACKET, PACKET_STATISTICS, 8))
    say(Seen("end", time.time(), dropped=dropped))


if __name__ == "__main__":
    main()

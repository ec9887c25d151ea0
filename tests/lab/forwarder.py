"""A link that misbehaves on purpose: a TUN pair, and what delays, doubles and reorders packets between them.

Usage: forwarder.py LEFT RIGHT SEED < plan (JSON: destination -> treatment). Both interfaces are made where it
starts; moving one elsewhere and giving them addresses is left to whoever starts it. Packets from LEFT are
treated by their destination, all others pass at once. What a packet suffers depends on the seed, the
destination and its number alone. Prints `ready`, then a line of JSON for each treated packet once it is gone.
"""

import contextlib
import errno
import fcntl
import heapq
import ipaddress
import itertools
import os
import random
import select
import struct
import sys
import time
from dataclasses import dataclass, field
from typing import Final

import msgspec

TUNSETIFF: Final = 0x400454CA
IFF_TUN: Final = 0x0001
IFF_NO_PI: Final = 0x1000
MAX_PACKET_BYTES: Final = 2048
MAX_HELD: Final = 10_000


class Treatment(msgspec.Struct, frozen=True):
    """What happens to packets for one destination.

    Each is delayed by `delay_s` and up to `jitter_s` more; a share `doubled_ratio` is sent twice, the second
    time `double_after_s` later; a share `held_ratio` is kept `held_s` longer, so that later ones overtake it.
    Only the `first` packets are treated, the rest pass at once.
    """

    delay_s: float = 0.0
    jitter_s: float = 0.0
    doubled_ratio: float = 0.0
    double_after_s: float = 0.001
    held_ratio: float = 0.0
    held_s: float = 0.0
    first: int = 1_000_000


class Passage(msgspec.Struct, frozen=True):
    """What was done to one packet: times of CLOCK_MONOTONIC. `sent_s` has two entries for a doubled one."""

    destination: str
    number: int
    identifier: int
    sequence: int
    held: bool
    delay_s: float
    read_s: float
    sent_s: list[float]


@dataclass(order=True, slots=True)
class _Departure:
    at_s: float
    order: int
    octets: bytes = field(compare=False)
    passage: Passage | None = field(compare=False)
    last: bool = field(compare=False)


class Forwarder:
    """The link between two open TUN devices, left to right treated and right to left not."""

    def __init__(self, left: int, right: int, plan: dict[str, Treatment], seed: str) -> None:
        self._left = left
        self._right = right
        self._plan = {ipaddress.ip_address(address).packed: treatment for address, treatment in plan.items()}
        self._random = {packed: random.Random(f"{seed} {packed.hex()}") for packed in self._plan}  # noqa: S311  a plan
        self._numbers = {packed: itertools.count() for packed in self._plan}
        self._departures: list[_Departure] = []
        self._order = itertools.count()

    def run(self) -> None:
        """Forward until killed."""
        while True:
            wait_s = max(0.0, self._departures[0].at_s - time.monotonic()) if self._departures else None
            ready, _, _ = select.select([self._left, self._right], [], [], wait_s)
            if self._right in ready:
                self._pass_on()
            if self._left in ready:
                self._take_in()
            self._send_due()

    def _pass_on(self) -> None:
        with contextlib.suppress(BlockingIOError):
            while True:
                put(self._left, os.read(self._right, MAX_PACKET_BYTES))

    def _take_in(self) -> None:
        with contextlib.suppress(BlockingIOError):
            while True:
                self._treat(os.read(self._left, MAX_PACKET_BYTES), time.monotonic())

    def _treat(self, octets: bytes, now_s: float) -> None:
        v6 = octets[0] >> 4 == 6
        destination = octets[24:40] if v6 else octets[16:20]
        treatment = self._plan.get(destination)
        number = next(self._numbers[destination]) if treatment is not None else 0
        if treatment is None or number >= treatment.first or len(self._departures) >= MAX_HELD:
            put(self._right, octets)
            return
        # All are drawn for every packet, so that one choice does not move the next.
        jitter, doubled, held = (self._random[destination].random() for _ in range(3))
        is_held = held < treatment.held_ratio
        delay_s = treatment.delay_s + jitter * treatment.jitter_s + (treatment.held_s if is_held else 0.0)
        identifier, sequence = struct.unpack_from("!HH", octets, (40 if v6 else (octets[0] & 15) * 4) + 4)
        passage = Passage(
            str(ipaddress.ip_address(destination)), number, identifier, sequence, is_held, delay_s, now_s, []
        )
        is_doubled = doubled < treatment.doubled_ratio
        self._push(_Departure(now_s + delay_s, next(self._order), octets, passage, not is_doubled))
        if is_doubled:
            again_s = now_s + delay_s + treatment.double_after_s
            self._push(_Departure(again_s, next(self._order), octets, passage, last=True))

    def _push(self, departure: _Departure) -> None:
        heapq.heappush(self._departures, departure)

    def _send_due(self) -> None:
        while self._departures and self._departures[0].at_s <= time.monotonic():
            departure = heapq.heappop(self._departures)
            if departure.passage is not None:
                departure.passage.sent_s.append(time.monotonic())
            put(self._right, departure.octets)
            if departure.passage is not None and departure.last:
                sys.stdout.write(msgspec.json.encode(departure.passage).decode() + "\n")
                sys.stdout.flush()


def open_tun(name: str) -> int:
    """Return the descriptor of a new TUN interface. Raises OSError, as without root or without TUN."""
    descriptor = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(descriptor, TUNSETIFF, struct.pack("16sH22x", name.encode(), IFF_TUN | IFF_NO_PI))
    return descriptor


def put(descriptor: int, octets: bytes) -> None:
    """Send a packet out of a TUN interface; one that is not up yet takes nothing."""
    try:
        os.write(descriptor, octets)
    except OSError as error:
        if error.errno != errno.EIO:
            raise


def main() -> None:
    left, right, seed = sys.argv[1:]
    # A link does not wait for a processor: what the forwarder's turn adds would be taken for delay.
    os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))
    plan = msgspec.json.decode(sys.stdin.read(), type=dict[str, Treatment])
    forwarder = Forwarder(open_tun(left), open_tun(right), plan, seed)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    forwarder.run()


if __name__ == "__main__":
    main()

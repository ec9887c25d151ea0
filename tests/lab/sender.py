"""Traffic of a known rate: UDP datagrams by an absolute schedule, so that a late turn is made up for.

Usage: sender.py ADDRESS PORT FRAME_BYTES FRAMES_PER_S. Runs until SIGTERM, then prints what it sent as one
JSON document. A frame is the datagram with its UDP, IPv4 and Ethernet headers.
"""

import signal
import socket
import sys
import time
from contextlib import closing
from typing import Final

import msgspec

HEADERS_BYTES: Final = 8 + 20 + 14
TURN_S: Final = 0.01


class Sent(msgspec.Struct, frozen=True):
    """How many frames were sent in how many seconds."""

    frames: int
    seconds: float


def main() -> None:
    address, port, frame_bytes, frames_per_s = sys.argv[1], *map(int, sys.argv[2:])
    # SIGTERM ends the waiting, not a datagram half sent.
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
    payload = bytes(frame_bytes - HEADERS_BYTES)
    frames = 0
    with closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as sock:
        sock.connect((address, port))
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        started_s = time.monotonic()
        while signal.sigtimedwait({signal.SIGTERM}, TURN_S) is None:
            due = int((time.monotonic() - started_s) * frames_per_s)
            for _ in range(due - frames):
                sock.send(payload)
            frames = max(frames, due)
        seconds = time.monotonic() - started_s
    sys.stdout.write(msgspec.json.encode(Sent(frames, seconds)).decode() + "\n")


if __name__ == "__main__":
    main()

"""The kernel's own octet counters of some interfaces, read again and again: what SNMP is compared with.

Usage: counters.py DEVICE ...; prints a line of JSON for each reading.
"""

import signal
import sys
import time
from pathlib import Path
from typing import Final

import msgspec

PERIOD_S: Final = 0.05


class Counted(msgspec.Struct, frozen=True):
    """Octets in and out of each device at `at_s` (epoch)."""

    at_s: float
    octets: dict[str, tuple[int, int]]


def main() -> None:
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
    folders = {device: Path("/sys/class/net", device, "statistics") for device in sys.argv[1:]}
    while True:
        at_s = time.time()
        octets = {device: (_read(folder, "rx_bytes"), _read(folder, "tx_bytes")) for device, folder in folders.items()}
        sys.stdout.write(msgspec.json.encode(Counted(at_s, octets)).decode() + "\n")
        sys.stdout.flush()
        if signal.sigtimedwait({signal.SIGTERM}, PERIOD_S) is not None:
            return


def _read(folder: Path, name: str) -> int:
    return int((folder / name).read_text())


if __name__ == "__main__":
    main()

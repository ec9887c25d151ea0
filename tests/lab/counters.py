"""The kernel's own octet counters of some interfaces, read again and again: what SNMP is compared with.

Usage: counters.py DEVICE ...; prints lines of JSON {"atS": epoch seconds, "octets": {device: [in, out]}}.
"""

import json
import signal
import sys
import time
from pathlib import Path
from typing import Final

PERIOD_S: Final = 0.05


def main() -> None:
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
    folders = {device: Path("/sys/class/net", device, "statistics") for device in sys.argv[1:]}
    while True:
        at_s = time.time()
        octets = {
            device: [int((folder / name).read_text()) for name in ("rx_bytes", "tx_bytes")]
            for device, folder in folders.items()
        }
        sys.stdout.write(json.dumps({"atS": at_s, "octets": octets}) + "\n")
        sys.stdout.flush()
        if signal.sigtimedwait({signal.SIGTERM}, PERIOD_S) is not None:
            return


if __name__ == "__main__":
    main()

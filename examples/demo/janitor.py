"""The janitor: removes what a demo leaves, however the demo came to its end.

It runs as `python janitor.py FOLDER` in a session of its own, where neither Ctrl-C nor a closed terminal reaches it,
and reads lines from the demo: `+PID` a process group was started, `-PID` it has ended. When the demo is gone, the
system closes the pipe; then the janitor ends the groups that are left and removes the folder. It uses the standard
library alone, so that nothing can keep it from starting.
"""

import os
import shutil
import signal
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Final

FAREWELL_S: Final = 3.0
LOOK_S: Final = 0.05
REMOVALS_MAX: Final = 20


def main(folder: Path) -> None:
    """Wait for the demo's end, then clear up."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    groups: set[int] = set()
    for line in sys.stdin:
        sign, group = line[0], int(line[1:])
        (groups.add if sign == "+" else groups.discard)(group)
    end(groups)
    remove(folder)


def end(groups: set[int]) -> None:
    """Ask the groups to end, and after some seconds make them."""
    _signal(groups, signal.SIGTERM)
    deadline = time.monotonic() + FAREWELL_S
    while _signal(groups, 0) and time.monotonic() < deadline:
        time.sleep(LOOK_S)
    _signal(groups, signal.SIGKILL)


def _signal(groups: set[int], number: int) -> bool:
    """Send a signal to each group; return whether any of them is still there."""
    there = False
    for group in groups:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(group, number)
            there = True
    return there


def remove(folder: Path) -> None:
    """Remove the folder; again if someone wrote into it meanwhile."""
    for _ in range(REMOVALS_MAX):
        shutil.rmtree(folder, ignore_errors=True)
        if not folder.exists():
            return
        time.sleep(LOOK_S)


if __name__ == "__main__":
    main(Path(sys.argv[1]))

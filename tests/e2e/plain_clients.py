"""Plain clients as processes: they only connect with a token, in JavaScript or Python, and print what they hear."""

import json
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import pytest

from tests.e2e.conftest import DEADLINE_S
from tests.kill.processes import environment

HERE: Final = Path(__file__).parent
WEB: Final = HERE.parents[1] / "hub" / "web"


class PlainClient:
    """A client in a process of its own; what it printed, in order."""

    def __init__(self, *command: str) -> None:
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment()
        )
        self._lines: list[tuple[str, Any]] = []
        self._looked = 0
        self._news = threading.Condition()
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    @property
    def heard(self) -> set[str]:
        """The names of all events until now."""
        with self._news:
            return {event for event, _ in self._lines}

    def until(self, event: str) -> Any:
        """Return the next event of that name after the one that was returned last."""
        self._looked, data = self._find(event, self._looked, lambda _: True)
        return data

    def has_heard(self, event: str, holds: Callable[[Any], bool] = lambda _: True) -> Any:
        """Return the first event of that name that holds, heard already or yet to come."""
        return self._find(event, 0, holds)[1]

    def say(self, line: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(f"{line}\n")
        self._process.stdin.flush()

    def stop(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(10)
        self._reader.join()
        assert self._process.stdout is not None
        self._process.stdout.close()

    def _find(self, event: str, start: int, holds: Callable[[Any], bool]) -> tuple[int, Any]:
        ends_s = time.monotonic() + DEADLINE_S
        at = start
        with self._news:
            while self._news.wait_for(lambda: len(self._lines) > at, ends_s - time.monotonic()):  # noqa: B023  at once
                name, data = self._lines[at]
                at += 1
                if name == event and holds(data):
                    return at, data
        pytest.fail(f"{event} was not heard in {DEADLINE_S:.0f} s; heard were {sorted(self.heard)}")

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            said = json.loads(line)
            with self._news:
                self._lines.append((said["event"], said["data"]))
                self._news.notify_all()


def javascript(url: str, token: str, transport: str, *also: str) -> PlainClient:
    """Return listener.mjs: socket.io-client of the build."""
    node = shutil.which("node")
    if node is None or not (WEB / "node_modules" / "socket.io-client").is_dir():
        pytest.skip("needs node, and hub/web/node_modules as the build leaves it")
    return PlainClient(node, str(HERE / "listener.mjs"), str(WEB / "dashboard"), url, token, transport, *also)


def python(url: str, token: str, transport: str, *also: str) -> PlainClient:
    """Return listener.py: python-socketio."""
    return PlainClient(sys.executable, str(HERE / "listener.py"), url, token, transport, *also)

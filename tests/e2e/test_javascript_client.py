"""The real JavaScript socket.io-client, which only connects with a token and listens."""

import json
import queue
import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.conftest import DEADLINE_S, Installation

pytestmark = [pytest.mark.check, pytest.mark.timeout(180), pytest.mark.xdist_group("e2e")]

HERE = Path(__file__).parent
WEB = HERE.parents[1] / "hub" / "web"


class Node:
    """listener.mjs in a process of its own; what it printed, in order."""

    def __init__(self, url: str, token: str, transport: str) -> None:
        node = shutil.which("node")
        if node is None or not (WEB / "node_modules" / "socket.io-client").is_dir():
            pytest.skip("needs node, and hub/web/node_modules as the build leaves it")
        command = [node, str(HERE / "listener.mjs"), str(WEB / "dashboard"), url, token, transport]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.heard: set[str] = set()
        self._lines: queue.Queue[dict[str, Any]] = queue.Queue()
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def until(self, event: str) -> Any:
        while True:
            line = self._lines.get(timeout=DEADLINE_S)
            self.heard.add(line["event"])
            if line["event"] == event:
                return line["data"]

    def stop(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(10)
        self._reader.join()
        assert self._process.stdout is not None
        self._process.stdout.close()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._lines.put(json.loads(line))


@pytest.fixture
def node(installation: Installation) -> Iterator[Callable[[str, str], Node]]:
    started: list[Node] = []

    def start(token: str, transport: str) -> Node:
        started.append(Node(installation.url, token, transport))
        return started[-1]

    yield start
    for client in started:
        client.stop()


@pytest.fixture(scope="module")
def token(installation: Installation) -> str:
    """A token as a program has it, made on the command line."""
    made: str = installation.json("token", "create", "--role", "viewer", "--ttl", "1h", "--name", "javascript")["token"]
    return made


@pytest.mark.parametrize("transport", ["websocket", "polling"])
def test_client_that_only_connects_and_listens_hears_its_measurements(
    installation: Installation, node: Callable[[str, str], Node], token: str, transport: str
) -> None:
    client = node(token, transport)
    assert client.until("connect")["transport"] == transport
    item = client.until("latency:update")["items"][0]
    assert item["source"] in {"icmp", "snmp"}
    assert client.until("stats:update")["devices"]["total"] == len(installation.devices())


def test_anonymous_client_hears_totals_and_nothing_of_a_device(
    installation: Installation, node: Callable[[str, str], Node]
) -> None:
    client = node("", "websocket")
    client.until("connect")
    # Two rounds of totals are several ticks of measurements.
    for _ in range(2):
        assert client.until("stats:update")["devices"]["total"] == len(installation.devices())
    assert client.heard <= {"connect", "replay:done", "stats:update", "position"}


def test_bad_token_is_refused_with_a_code_that_says_so(node: Callable[[str, str], Node]) -> None:
    client = node("not-a-token", "websocket")
    assert client.until("connect_error")["data"]["code"] == "token_invalid"

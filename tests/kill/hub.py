"""The real hub as a process: started, killed, frozen and asked over HTTP what is true now."""

import contextlib
import json
import signal
import socket
import sys
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.kill.processes import Process, Running, Spawn

START_S = 120.0
ANSWER_S = 20.0
LOOK_S = 0.05
SIGN_IN_S = 300.0
HUB_RUN = (sys.executable, "-m", "noctule_hub.cli", "hub", "run")


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


def until(condition: Callable[[], object], what: str, deadline_s: float) -> float:
    """Return after how many seconds the condition held. Raises AssertionError when it does not in time."""
    began = time.monotonic()
    while not condition():
        assert time.monotonic() - began < deadline_s, f"not within {deadline_s:.0f} s: {what}"
        time.sleep(LOOK_S)
    return time.monotonic() - began


class HubProcess:
    """One hub on one data folder and port, over many lives."""

    def __init__(self, data_dir: Path, log: Path, password: str, *, spawn: Spawn = Process) -> None:
        self.port = free_port()
        self._data_dir = data_dir
        self._log = log
        self.password = password
        self._spawn = spawn
        self._process: Running | None = None
        self._token = ""
        self._signed_in_s = 0.0

    @property
    def process(self) -> Running:
        assert self._process is not None, "the hub was never started"
        return self._process

    @property
    def alive(self) -> bool:
        return self._process is not None and self._process.alive()

    def begin(self) -> None:
        """Start it and wait for nothing."""
        words = (*HUB_RUN, "--data-dir", self._data_dir, "--host", "127.0.0.1", "--port", str(self.port))
        self._process = self._spawn(words, self._log)

    def start(self) -> float:
        """Start it and return after how many seconds it answered."""
        self.begin()
        return until(self._answers, f"the hub answers\n{self.process.words()}", START_S)

    def kill(self) -> None:
        self.process.kill()

    def end(self) -> None:
        """Kill it if it still runs."""
        if self.alive:
            self.kill()

    def stop(self) -> None:
        status = self.process.stop()
        assert status == 0, f"the hub ended with status {status}\n{self.process.words()}"

    def freeze(self) -> None:
        self.process.send(signal.SIGSTOP)

    def thaw(self) -> None:
        self.process.send(signal.SIGCONT)

    def get(self, path: str) -> Any:
        """Return the JSON answer to an authorised GET."""
        self.token()
        return self._send(f"/api/v1/{path}")

    def token(self) -> str:
        """Return an administrator's access token that is good for some minutes."""
        if not self._token or time.monotonic() - self._signed_in_s > SIGN_IN_S:
            answer = self._send("/api/v1/auth/login", {"username": "admin", "password": self.password})
            self._token, self._signed_in_s = answer["accessToken"], time.monotonic()
        return self._token

    def statuses(self) -> dict[int, str]:
        """Return the present status of every device."""
        return {device["id"]: device["status"] for device in self.get("devices?limit=500")["items"]}

    def _send(self, path: str, body: object = None) -> Any:
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}")
        if body is not None:
            request.data = json.dumps(body).encode()
            request.add_header("Content-Type", "application/json")
        elif self._token:
            request.add_header("Authorization", f"Bearer {self._token}")
        with urllib.request.urlopen(request, timeout=ANSWER_S) as answer:  # noqa: S310  our own hub
            return json.load(answer)

    def _answers(self) -> bool:
        assert self.process.alive(), f"the hub ended by itself\n{self.process.words()}"
        with contextlib.suppress(OSError):
            self._send("/health")
            return True
        return False

"""What a service manager hears of the hub, over a real socket as systemd opens it."""

import asyncio
import os
import socket
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from noctule_hub.notifier import MAX_STATUS_CHARS, Notifier


@pytest.fixture
def manager(tmp_path: Path) -> Iterator[socket.socket]:
    """Listen as systemd does."""
    with closing(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)) as sock:
        sock.bind(str(tmp_path / "notify"))
        sock.settimeout(10)
        yield sock


def test_ready_reloading_and_stopping_are_told(manager: socket.socket) -> None:
    notifier = Notifier.from_environment({"NOTIFY_SOCKET": manager.getsockname()})
    notifier.ready("3 agents\nREADY=0")
    notifier.reloading(12.5)
    notifier.stopping()
    assert manager.recv(4096) == b"READY=1\nSTATUS=3 agents READY=0"
    assert manager.recv(4096) == b"RELOADING=1\nMONOTONIC_USEC=12500000"
    assert manager.recv(4096) == b"STOPPING=1"
    assert notifier.watchdog_s is None


async def test_watchdog_is_told_again_and_again_with_the_status_of_then(manager: socket.socket) -> None:
    environment = {"NOTIFY_SOCKET": manager.getsockname(), "WATCHDOG_USEC": "20000", "WATCHDOG_PID": str(os.getpid())}
    notifier = Notifier.from_environment(environment)
    words = iter(["first", "x" * 999, *["more"] * 1000])
    watching = asyncio.create_task(notifier.watch(lambda: next(words)))
    heard = [await asyncio.to_thread(manager.recv, 4096) for _ in range(3)]
    watching.cancel()
    await asyncio.wait([watching])
    cut = "x" * MAX_STATUS_CHARS
    assert heard == [b"WATCHDOG=1\nSTATUS=first", f"WATCHDOG=1\nSTATUS={cut}".encode(), b"WATCHDOG=1\nSTATUS=more"]


@pytest.mark.parametrize(
    "environment", [{}, {"NOTIFY_SOCKET": ""}, {"NOTIFY_SOCKET": "x"}, {"NOTIFY_SOCKET": "@noctule-nobody-listens"}]
)
def test_without_a_service_manager_nothing_happens(environment: dict[str, str]) -> None:
    Notifier.from_environment(environment).ready("up")

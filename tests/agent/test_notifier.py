"""What a service manager hears, over a real socket as systemd opens it."""

import asyncio
import os
import socket
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from noctule_agent.notifier import MAX_STATUS_CHARS, Notifier


@pytest.fixture
def manager(tmp_path: Path) -> Iterator[socket.socket]:
    """Listen as systemd does."""
    with closing(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)) as sock:
        sock.bind(str(tmp_path / "notify"))
        sock.settimeout(10)
        yield sock


def test_ready_and_stopping_are_told(manager: socket.socket) -> None:
    notifier = Notifier.from_environment({"NOTIFY_SOCKET": manager.getsockname()})
    notifier.ready("3 devices\nREADY=0")
    notifier.stopping()
    assert manager.recv(4096) == b"READY=1\nSTATUS=3 devices READY=0"
    assert manager.recv(4096) == b"STOPPING=1"
    assert notifier.watchdog_s is None


def test_abstract_sockets_are_reached() -> None:
    with closing(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)) as sock:
        sock.bind(f"\0noctule-test-{os.getpid()}")
        sock.settimeout(10)
        Notifier.from_environment({"NOTIFY_SOCKET": f"@noctule-test-{os.getpid()}"}).stopping()
        assert sock.recv(100) == b"STOPPING=1"


async def test_watchdog_is_told_again_and_again_with_the_status_of_then(manager: socket.socket) -> None:
    environment = {"NOTIFY_SOCKET": manager.getsockname(), "WATCHDOG_USEC": "20000", "WATCHDOG_PID": str(os.getpid())}
    notifier = Notifier.from_environment(environment)
    assert notifier.watchdog_s == 0.02
    words = iter(["first", "x" * 999, *["more"] * 1000])
    watching = asyncio.create_task(notifier.watch(lambda: next(words)))
    heard = [await asyncio.to_thread(manager.recv, 4096) for _ in range(3)]
    watching.cancel()
    await asyncio.wait([watching])
    cut = "x" * MAX_STATUS_CHARS
    assert heard == [b"WATCHDOG=1\nSTATUS=first", f"WATCHDOG=1\nSTATUS={cut}".encode(), b"WATCHDOG=1\nSTATUS=more"]


@pytest.mark.parametrize(
    "watchdog",
    [{}, {"WATCHDOG_USEC": "0"}, {"WATCHDOG_USEC": "soon"}, {"WATCHDOG_USEC": "1000000", "WATCHDOG_PID": "1"}],
)
def test_watchdog_that_is_off_or_another_s_is_none(watchdog: dict[str, str]) -> None:
    assert Notifier.from_environment({"NOTIFY_SOCKET": "/run/x", **watchdog}).watchdog_s is None


@pytest.mark.parametrize("address", [None, "", "vsock:2:1234"])
def test_without_a_manager_that_we_know_nothing_is_told(address: str | None) -> None:
    notifier = Notifier.from_environment({} if address is None else {"NOTIFY_SOCKET": address})
    notifier.ready("x")
    assert notifier.failures == 0


def test_manager_that_is_gone_is_said_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    notifier = Notifier(str(tmp_path / "nobody"))
    notifier.ready("x")
    notifier.stopping()
    assert notifier.failures == 2
    assert len(caplog.records) == 1

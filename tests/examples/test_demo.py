"""The demo as people run it: the real programs, end to end, and what is left when it is over."""

import json
import os
import queue
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

import pytest

pytestmark = [pytest.mark.check, pytest.mark.timeout(180)]

DEMO = Path(__file__).resolve().parents[2] / "examples" / "demo"
SETUP_S = 110
DEADLINE_S = 30


@pytest.fixture
def scratch(tmp_path: Path) -> Iterator[Path]:
    """Give a folder, with a space in its path, for temporary folders; nothing may be left of any demo in it."""
    folder = tmp_path / "with a space"
    folder.mkdir()
    yield folder
    until(lambda: not any(folder.iterdir()), "the temporary folder is gone")
    until(lambda: not processes(folder), "all processes have ended")


def processes(folder: Path) -> list[str]:
    """Return the command lines of the processes that have a folder in their arguments or environment."""
    mark = os.fsencode(folder)
    found = []
    for process in Path("/proc").iterdir():
        try:
            if process.name.isdecimal() and (
                mark in (process / "environ").read_bytes() or mark in (process / "cmdline").read_bytes()
            ):
                found.append((process / "cmdline").read_bytes().replace(b"\0", b" ").decode())
        except OSError:
            continue  # it has ended meanwhile
    return found


def until(condition: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + DEADLINE_S
    while not condition():
        assert time.monotonic() < deadline, f"not in time: {what}"
        time.sleep(0.05)


class Demo:
    """A running demo. Its lines can be waited for; its end tells status and output."""

    def __init__(self, scratch: Path, *arguments: str, wrapper: tuple[str, ...] = ()) -> None:
        self.process = subprocess.Popen(
            [*wrapper, sys.executable, DEMO, *arguments],
            env=os.environ | {"TMPDIR": str(scratch)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.out: list[str] = []
        self.err: list[str] = []
        self._lines: queue.Queue[str] = queue.Queue()
        self._readers = [
            threading.Thread(target=self._read, args=(stream, kept), daemon=True)
            for stream, kept in ((self.process.stdout, self.out), (self.process.stderr, self.err))
        ]
        for reader in self._readers:
            reader.start()

    def _read(self, stream: IO[str] | None, kept: list[str]) -> None:
        assert stream is not None
        with stream:
            for line in stream:
                kept.append(line)
                self._lines.put(line)

    def wait_for(self, words: str) -> str:
        """Return the first line that holds some words."""
        deadline = time.monotonic() + SETUP_S
        while time.monotonic() < deadline:
            line = self._lines.get(timeout=SETUP_S)
            if words in line:
                return line
        raise AssertionError(f"{words!r} did not come; {self.out} {self.err}")

    def end(self) -> int:
        status = self.process.wait(SETUP_S + DEADLINE_S)
        for reader in self._readers:
            reader.join(DEADLINE_S)
        return status

    def document(self) -> dict[str, object]:
        """Return the JSON document; there may be nothing else on stdout."""
        assert len(self.out) == 1, (self.out, self.err)
        (line,) = self.out
        document = json.loads(line)
        assert isinstance(document, dict)
        return document


def test_thirty_seconds_show_measurements_a_status_change_and_an_alert(scratch: Path) -> None:
    demo = Demo(scratch, "--seconds", "30", "--json", "--port", "5081")
    status = demo.end()
    document = demo.document()
    assert document["missing"] == [], demo.err
    assert status == 0
    assert document["devices"] == document["registered"] == 12
    assert isinstance(document["samples"], int)
    assert document["samples"] > 100
    assert document["alerts"]


def test_two_demos_at_once_do_not_disturb_each_other(scratch: Path) -> None:
    demos = [Demo(scratch, "--seconds", "30", "--json", "--port", "5082") for _ in range(2)]
    statuses = [demo.end() for demo in demos]
    documents = [demo.document() for demo in demos]
    assert statuses == [0, 0], documents
    assert [document["devices"] for document in documents] == [12, 12]
    assert documents[0]["url"] != documents[1]["url"]


@pytest.mark.skipif(not shutil.which("setpriv") or os.geteuid() != 0, reason="taking ICMP away needs root and setpriv")
def test_without_icmp_everything_is_watched_by_snmp(scratch: Path) -> None:
    ranges = Path("/proc/sys/net/ipv4/ping_group_range").read_text().split()
    if int(ranges[0]) <= 0 <= int(ranges[1]):
        pytest.skip("everyone may send ICMP here")
    demo = Demo(
        scratch, "--seconds", "30", "--json", "--port", "5083", wrapper=("setpriv", "--bounding-set", "-net_raw")
    )
    status = demo.end()
    assert any("may not send ICMP" in line for line in demo.err)
    assert (status, demo.document()["missing"]) == (0, [])


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_stopping_it_is_no_failure(scratch: Path, number: signal.Signals) -> None:
    demo = Demo(scratch, "--port", "5084")
    demo.wait_for("Ctrl-C ends everything")
    assert processes(scratch)
    demo.process.send_signal(number)
    assert demo.end() == 0
    assert "Stopped. Nothing is left running" in demo.out[-1]
    assert demo.err == []


def test_stopping_it_while_it_sets_up_is_no_failure(scratch: Path) -> None:
    demo = Demo(scratch, "--port", "5085")
    demo.wait_for("Sign in")
    demo.process.send_signal(signal.SIGINT)
    assert demo.end() == 0
    assert demo.err == []


def test_sigkill_leaves_no_process_and_no_file(scratch: Path) -> None:
    demo = Demo(scratch, "--port", "5086")
    demo.wait_for("Ctrl-C ends everything")
    assert len(processes(scratch)) >= 5
    demo.process.kill()
    demo.end()  # the fixture looks for what is left


def test_it_ends_when_the_program_that_started_it_is_gone(scratch: Path) -> None:
    demo = Demo(scratch, "--port", "5087", wrapper=("sh", "-c", '"$@"; true', "sh"))
    demo.wait_for("Ctrl-C ends everything")
    demo.process.kill()
    demo.end()


def test_taken_port_gives_another_and_says_so(scratch: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        taken = str(server.getsockname()[1])
        demo = Demo(scratch, "--port", taken)
        assert f"Port {taken} is taken" in demo.wait_for("Port")
        assert taken not in demo.wait_for("Open")
        demo.process.send_signal(signal.SIGINT)
        assert demo.end() == 0


def test_program_that_dies_ends_the_demo_and_is_named(scratch: Path) -> None:
    demo = Demo(scratch, "--json", "--port", "5088")
    demo.wait_for("Ctrl-C ends everything")
    (folder,) = scratch.iterdir()
    pids = [
        int(process.name) for process in Path("/proc").iterdir() if process.name.isdecimal() and is_hub(process, folder)
    ]
    assert len(pids) == 1
    os.kill(pids[0], signal.SIGKILL)
    assert demo.end() == 1
    assert any("noctule hub was ended by SIGKILL" in line for line in demo.err)
    assert "noctule hub was ended by SIGKILL" in str(demo.document()["error"])


def is_hub(process: Path, folder: Path) -> bool:
    try:
        arguments = (process / "cmdline").read_bytes().split(b"\0")
    except OSError:
        return False
    return os.fsencode(folder / "hub") in arguments and b"run" in arguments

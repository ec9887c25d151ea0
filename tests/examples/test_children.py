"""Programs started by the demo, and what is left of them: nothing, however the demo ends."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from demo.children import Children
from demo.errors import DemoError
from demo.workplace import Workplace

pytestmark = pytest.mark.usefixtures("scratch")
DEADLINE_S = 20
EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
SLEEPER = [sys.executable, "-c", "import time; time.sleep(1000)"]
# It ignores SIGTERM, and says when it does.
STUBBORN = [
    sys.executable,
    "-c",
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(1000)",
]
# A demo in small: two children, one of which ignores SIGTERM.
SMALL_DEMO = f"""
import asyncio, sys
from demo.children import Children
from demo.workplace import Workplace

async def main():
    with Workplace() as workplace:
        children = Children(workplace)
        sleeper = await children.start("sleeper", {SLEEPER!r})
        stubborn = await children.start("stubborn", {STUBBORN!r}, talks=True)
        await stubborn.process.stdout.readline()
        print(workplace.folder, sleeper.process.pid, stubborn.process.pid, flush=True)
        await asyncio.Event().wait()

asyncio.run(main())
"""


@pytest.fixture
def scratch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Give a folder, with a space in its path, for the demo's temporary one; it must be empty in the end."""
    folder = tmp_path / "with a space"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    monkeypatch.setenv("TMPDIR", str(folder))
    yield folder
    assert list(folder.iterdir()) == []


def alive(pid: int) -> bool:
    """Return whether a process runs; one that has ended and waits for its parent does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + DEADLINE_S
    while not condition():
        assert time.monotonic() < deadline, "did not come true in time"
        time.sleep(0.02)


async def test_call_returns_what_the_program_prints() -> None:
    with Workplace() as workplace:
        echo = [sys.executable, "-c", "print(input()[::-1])"]
        assert await Children(workplace).call(echo, said="echo", stdin="abc\n") == "cba\n"


async def test_failed_call_names_the_command_and_its_last_words() -> None:
    with Workplace() as workplace:
        failing = [sys.executable, "-c", "import sys; sys.exit('no such site')"]
        with pytest.raises(DemoError, match=r"`noctule site add` failed with status 1:\nno such site"):
            await Children(workplace).call(failing, said="noctule site add")


async def test_cancelled_call_leaves_no_process(tmp_path: Path) -> None:
    told = tmp_path / "pid"
    os.mkfifo(told)
    script = f"import os, time; open({str(told)!r}, 'w').write(str(os.getpid())); time.sleep(1000)"
    with Workplace() as workplace:
        calling = asyncio.create_task(Children(workplace).call([sys.executable, "-c", script], said="x"))
        pid = int(await asyncio.wait_for(asyncio.to_thread(told.read_text), DEADLINE_S))
        calling.cancel()
        with pytest.raises(asyncio.CancelledError):
            await calling
        assert not alive(pid)


async def test_unexpected_death_is_told_with_the_end_of_the_log() -> None:
    with Workplace() as workplace:
        children = Children(workplace)
        sleeper = await children.start("sleeper", SLEEPER)
        async with asyncio.timeout(DEADLINE_S):
            watching = asyncio.create_task(children.death())
            await children.start("hub", [sys.executable, "-c", "import sys; print('one', flush=True); sys.exit('two')"])
            with pytest.raises(DemoError, match=r"hub ended with status 1.*\none\ntwo"):
                await watching
            await children.stop()
        assert not alive(sleeper.process.pid)


async def test_death_by_signal_is_named() -> None:
    with Workplace() as workplace:
        children = Children(workplace)
        sleeper = await children.start("agent", SLEEPER)
        sleeper.process.kill()
        with pytest.raises(DemoError, match=r"agent was ended by SIGKILL.*\n\(none\)"):
            await asyncio.wait_for(children.death(), DEADLINE_S)


async def test_program_that_ignores_sigterm_is_ended_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("demo.children.STOP_S", 0.2)
    with Workplace() as workplace:
        children = Children(workplace)
        stubborn = await children.start("stubborn", STUBBORN, talks=True)
        assert stubborn.process.stdout is not None
        await stubborn.process.stdout.readline()
        await children.stop()
        assert stubborn.process.returncode == -signal.SIGKILL


def test_workplace_is_its_owners_alone(scratch: Path) -> None:
    with Workplace() as workplace:
        assert workplace.folder.parent == scratch
        assert workplace.folder.stat().st_mode & 0o777 == 0o700
        assert workplace.secret_file("community", "word").stat().st_mode & 0o777 == 0o600


def test_without_a_janitor_there_is_no_folder_either(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.executable", "/nonexistent/python")
    with pytest.raises(FileNotFoundError):
        Workplace()


def test_clearing_up_that_takes_long_is_told_and_goes_on(
    scratch: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    go = tmp_path / "go"
    os.mkfifo(go)
    slow = tmp_path / "slow.py"
    slow.write_text(f"import shutil, sys; sys.stdin.read(); open({str(go)!r}).read(); shutil.rmtree(sys.argv[1])")
    monkeypatch.setattr("demo.workplace.JANITOR", slow)
    monkeypatch.setattr("demo.workplace.CLEARING_S", 0.01)
    with pytest.raises(DemoError, match=r"noctule-demo-.* was not removed within"), Workplace() as workplace:
        pass
    go.write_text("")
    assert workplace._janitor.wait(DEADLINE_S) == 0
    assert not any(scratch.iterdir())


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_killed_demo_leaves_no_process_and_no_file(scratch: Path, number: signal.Signals) -> None:
    demo = subprocess.Popen(
        [sys.executable, "-c", SMALL_DEMO],
        env=os.environ | {"PYTHONPATH": str(EXAMPLES)},
        stdout=subprocess.PIPE,
        text=True,
    )
    with demo:
        assert demo.stdout is not None
        folder, *pids = demo.stdout.readline().rsplit(maxsplit=2)
        assert Path(folder).is_dir()
        assert all(alive(int(pid)) for pid in pids)
        demo.send_signal(number)
        demo.wait(DEADLINE_S)
    until(lambda: not any(alive(int(pid)) for pid in pids))
    until(lambda: not any(scratch.iterdir()))

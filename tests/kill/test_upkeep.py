"""Backups, restoring and new keys with real processes, which are killed in the middle of it."""

import asyncio
import json
import os
import secrets
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest
from noctule_hub.auth.keys import Keys
from noctule_hub.backup_folder import PARTIAL, open_backup
from noctule_hub.cli.rotation_work import rotate
from noctule_hub.core.backup import BackupRefused
from noctule_hub.store.sqlite import open_store
from noctule_hub.store.sqlite.backup import SCRATCH
from noctule_hub.store.sqlite.copies import examine_copy

from tests.kill.enrolled import enrol, make_hub, now_ms
from tests.kill.export import export_of
from tests.kill.hub import HubProcess, until
from tests.kill.processes import ROOT, Process, environment
from tests.kill.sources import Source

pytestmark = [pytest.mark.check, pytest.mark.timeout(300)]

DEADLINE_S = 90.0
# Copied within a second or two: long enough to be killed in.
BALLAST_BYTES = 300_000_000
KILLS = 6


@pytest.fixture
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="noctule-kill-") as name:
        yield Path(name)


def noctule(*words: str | Path) -> list[str | Path]:
    return [sys.executable, "-m", "noctule_hub.cli", *words]


def ran(folder: Path, *words: str | Path, status: int = 0) -> str:
    """Run a command to its end with the sign-in of `folder`, and return what it printed."""
    found = environment() | {"NOCTULE_CONFIG_DIR": str(folder / "config")}
    done = subprocess.run(noctule(*words), env=found, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == status, f"{words}: {done.stdout}{done.stderr}"
    assert "Traceback" not in done.stderr
    return done.stdout + done.stderr


def signed_in(folder: Path, hub: HubProcess, password: str) -> None:
    (folder / "password").write_text(password)
    ran(folder, "login", f"http://127.0.0.1:{hub.port}", "--password-file", folder / "password")


def make_large(data: Path) -> None:
    """Fill hub.db with frames of an agent that there is not."""
    with sqlite3.connect(data / "hub.db") as connection:
        rows = (
            (999, "e", number, 2**60, "events", secrets.token_bytes(100_000))
            for number in range(BALLAST_BYTES // 100_000)
        )
        connection.executemany("INSERT INTO rejected_frame VALUES (?, ?, ?, ?, ?, '', ?)", rows)
    connection.close()


def test_backup_that_is_killed_anywhere_is_never_taken_for_whole(folder: Path) -> None:
    data, dest = folder / "hub", folder / "b"
    asyncio.run(make_hub(data))
    make_large(data)
    random = Random(3)  # noqa: S311  a plan
    killed = 0
    while killed < KILLS:
        command = Process(noctule("hub", "backup", dest, "--data-dir", data), folder / "backup.log")
        until(lambda: list(folder.glob(f"b{PARTIAL}*")), command.words(), DEADLINE_S)
        time.sleep(random.uniform(0.0, 1.5))
        command.kill()
        if dest.exists():
            # It was quicker, or had only to end: then it is whole.
            open_backup(dest)
            shutil.rmtree(dest)
            continue
        killed += 1
        for half in folder.glob(f"b{PARTIAL}*"):
            with pytest.raises(BackupRefused, match="no whole backup"):
                open_backup(half)
            shutil.rmtree(half)
    ran(folder, "hub", "backup", dest, "--data-dir", data)
    ran(folder, "hub", "restore", dest, "--data-dir", folder / "new", "--keys", data / "keys")


def test_hub_that_is_killed_while_it_is_backed_up_gives_no_backup_and_starts_clean(folder: Path) -> None:
    data, dest = folder / "hub", folder / "b"
    password = asyncio.run(make_hub(data))
    make_large(data)
    hub = HubProcess(data, folder / "hub.log", password)
    hub.start()
    try:
        signed_in(folder, hub, password)
        os.environ["NOCTULE_CONFIG_DIR"] = str(folder / "config")
        command = Process(noctule("hub", "backup", dest, "--data-dir", data), folder / "backup.log")
        until((data / SCRATCH / "copying.db").exists, f"hub.db is being copied\n{command.words()}", DEADLINE_S)
        hub.kill()
        until(lambda: not command.alive(), "the command ends", DEADLINE_S)
        assert command._process.returncode == 1
        command.gone()
        assert "Traceback" not in command.words()
        assert not dest.exists()
        assert not list(folder.glob(f"b{PARTIAL}*"))
        assert (data / SCRATCH).exists()
        hub.start()
        assert not (data / SCRATCH).exists()
        ran(folder, "hub", "backup", dest, "--data-dir", data)
        assert examine_copy(dest / "hub.db", thorough=True) == []
        hub.stop()
    finally:
        os.environ.pop("NOCTULE_CONFIG_DIR", None)
        hub.end()


def test_hub_restored_from_a_backup_under_load_gets_the_rest_from_its_agents(folder: Path) -> None:
    data, new = folder / "hub", folder / "new"
    password = asyncio.run(make_hub(data))
    hub = HubProcess(data, folder / "hub.log", password)
    (agent,) = asyncio.run(enrol(data, folder, ["only"], url=f"http://127.0.0.1:{hub.port}", devices=5))
    source = Source(agent, agent.folder, folder, Random(1))  # noqa: S311  a plan
    restored = HubProcess(new, folder / "new.log", password)
    restored.port = hub.port
    try:
        hub.start()
        source.start()
        signed_in(folder, hub, password)
        until(lambda: source.ask("state")["levels"], "the agent measures", DEADLINE_S)
        position = hub.get("devices?limit=1")["position"]
        until(lambda: hub.get("devices?limit=1")["position"]["seq"] > position["seq"] + 5, "events come", DEADLINE_S)
        before = hub.get("devices?limit=1")["position"]
        ran(folder, "hub", "backup", folder / "b", "--data-dir", data)
        after = hub.get("devices?limit=1")["position"]
        manifest = open_backup(folder / "b")
        assert before["seq"] <= manifest.head <= after["seq"]
        assert manifest.epoch == before["epoch"]
        until(lambda: hub.get("devices?limit=1")["position"]["seq"] > after["seq"] + 5, "more events come", DEADLINE_S)
        hub.kill()
        printed = ran(folder, "hub", "restore", folder / "b", "--data-dir", new, "--keys", data / "keys", "--json")
        restored.start()
        epoch = restored.get("devices?limit=1")["position"]["epoch"]
        # The agent is ahead of these data and proves it, which begins one more epoch than the restoration itself.
        assert epoch not in {manifest.epoch, ""}
        assert json.loads(printed)["epoch"] != manifest.epoch
        drain(source)
        source.stop()
        restored.stop()
    finally:
        source.end()
        hub.end()
        restored.end()
    export = asyncio.run(export_of(new))
    found = export.values.keys() | {told.key for told in export.told}
    kept = [key for run in source.runs for frame in run.read().kept for key in frame.keys]
    lost = [key for key in kept if key not in found]
    assert len(kept) > 50
    frames = [
        (life, frame.seq, [key in found for key in frame.keys])
        for life, run in enumerate(source.runs)
        for frame in run.kept
        if not found.issuperset(frame.keys)
    ]
    assert not lost, f"{len(lost)} of {len(kept)} are lost: {lost[:5]}; life, seq and rows of their frames: {frames}"
    assert not export.doubled
    seqs = [row.seq for row in export.events]
    assert seqs == list(range(seqs[0], seqs[0] + len(seqs)))


def drain(source: Source) -> None:
    """Let nothing more happen and everything arrive."""
    source.stop()
    source.start()
    source.ask("halt")
    until(lambda: not source.ask("state")["waiting"], "all is delivered", DEADLINE_S)


# Kills itself at the file operation of a number: each is a moment at which a machine can lose its power.
KILLED_AT = """
import os, signal, sys
from noctule_hub.cli import root
from noctule_hub.cli import rotation_work  # what is imported later opens files too
left = int(sys.argv[1])
def count(event, arguments):
    global left
    if event in {"open", "os.rename", "os.remove", "sqlite3.connect"} and "noctule-kill-" in str(arguments[0]):
        left -= 1
        if left < 0:
            os.kill(os.getpid(), signal.SIGKILL)
sys.addaudithook(count)
root(["hub", "rotate-key", "--data-dir", sys.argv[2], "--data", "--jwt"])
"""


def test_rotation_that_is_killed_at_any_step_leaves_a_hub_that_opens_everything(folder: Path) -> None:
    data = folder / "hub"
    asyncio.run(make_hub(data))
    keys = Keys.load(data / "keys")
    with sqlite3.connect(data / "hub.db") as connection:
        for number in range(1, 4):
            connection.execute("INSERT INTO device_secret VALUES (?, ?)", (number, keys.seal(number, b"planted")))
    connection.close()
    step, steps = 0, 0
    while True:
        copy = folder / f"copy-{step}"
        shutil.copytree(data, copy)
        done = subprocess.run([sys.executable, "-c", KILLED_AT, str(step), copy], env=environment(), check=False)
        assert asyncio.run(opened(copy)) == [b"planted"] * 3, f"after step {step}"
        if done.returncode == 0:
            break
        assert done.returncode == -signal.SIGKILL
        steps += 1
        # Repeated, it ends what was begun.
        asyncio.run(rotate(copy, jwt=False, data=True, forget_old=False))
        assert asyncio.run(opened(copy)) == [b"planted"] * 3, f"after step {step}, repeated"
        assert len(list((copy / "keys").glob("data-*.key"))) == 1
        shutil.rmtree(copy)
        step += 1
    assert steps > 8


async def opened(data: Path) -> list[bytes]:
    """Return every secret as a hub that starts on these data opens it."""
    keys = Keys.load(data / "keys")
    store = await open_store(data, clock_ms=now_ms)
    try:
        return [keys.open(row_id, sealed, kind=kind) for kind, row_id, sealed in await store.sealed_secrets()]
    finally:
        await store.close()

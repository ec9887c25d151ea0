"""A data folder from a backup: all or nothing, and never taken for the one before."""

import asyncio
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from noctule_hub.auth.keys import Keys
from noctule_hub.cli.backup_work import back_up
from noctule_hub.cli.folder import initialise
from noctule_hub.core.audit import AuditAction, local
from noctule_hub.core.backup import MANIFEST, BackupRefused
from noctule_hub.core.records import NewDevice, SnmpSettings
from noctule_hub.errors import DataFolderError, KeyFileError
from noctule_hub.restoration import restore
from noctule_hub.store.errors import NewerSchemaError
from noctule_hub.store.sqlite import migrations, open_store
from noctule_shared.axes import Reachability
from noctule_shared.link import SnmpVersion

NOW_MS = 1_795_000_000_000


def silent(_done: int, _total: int) -> None:
    """Nobody watches."""


def clock_ms() -> int:
    return NOW_MS


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a data folder with a device that has a secret, its backup `b`, and its keys `k`."""
    folder = tmp_path_factory.mktemp("made")

    async def make() -> None:
        await initialise(folder / "data", username="admin")
        keys = Keys.load(folder / "data" / "keys")
        store = await open_store(folder / "data", clock_ms=clock_ms)
        site = (await store.sites())[0]
        snmp = SnmpSettings(version=SnmpVersion.V2C)
        new = NewDevice("core", "192.0.2.1", site.id, Reachability.SNMP, None, snmp, None)
        await store.add_device(new, seal=lambda row_id: keys.seal(row_id, b"planted"), by=local(NOW_MS))
        await store.close()
        await back_up(folder / "b", folder / "data", silent)

    asyncio.run(make())
    shutil.copytree(folder / "data" / "keys", folder / "k")
    return folder


@pytest.fixture
def backup(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made / "b", tmp_path / "b"))


@pytest.fixture
def keys(made: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (made / "k").iterdir()}


def everything(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))


async def test_restored_hub_has_its_data_its_secrets_and_a_new_epoch(
    backup: Path, keys: dict[str, bytes], tmp_path: Path
) -> None:
    told: list[tuple[int, int]] = []
    restored = await restore(backup, tmp_path / "new", keys, at_ms=NOW_MS, tell=lambda *at: told.append(at))
    assert told[-1][0] == told[-1][1] == restored.manifest.size_bytes
    store = await open_store(tmp_path / "new", clock_ms=clock_ms)
    try:
        assert store.hub_id == restored.manifest.hub_id
        assert store.epoch == restored.epoch != restored.manifest.epoch
        ((kind, row_id, sealed),) = await store.sealed_secrets()
        assert Keys.load(tmp_path / "new" / "keys").open(row_id, sealed, kind=kind) == b"planted"
        entries = await store.audit_entries(before_id=None, kind="hub", object_id=None, subject=None, limit=1)
        assert [entry.action for entry in entries] == [AuditAction.RESTORED]
    finally:
        await store.close()
    assert (tmp_path / "new").stat().st_mode & 0o777 == 0o700
    assert [name for name in everything(tmp_path / "new") if name.startswith(".")] == []


async def test_restoring_without_keys_makes_new_ones_and_forgets_what_they_cannot_open(
    backup: Path, tmp_path: Path, keys: dict[str, bytes]
) -> None:
    restored = await restore(backup, tmp_path / "new", None, at_ms=NOW_MS, tell=silent)
    assert (restored.new_keys, restored.lost_secrets) == (True, 1)
    assert (tmp_path / "new" / "keys" / "identity.key").read_bytes() != keys["identity.key"]
    store = await open_store(tmp_path / "new", clock_ms=clock_ms)
    assert await store.sealed_secrets() == []
    await store.close()


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda folder: (folder / MANIFEST).unlink(), "no whole backup"),
        (lambda folder: (folder / "hub.db").unlink(), "is missing"),
        (lambda folder: os.truncate(folder / "hub.db", 9_000), "9000 bytes instead of"),
        (lambda folder: _flip(folder / "hub.db", 30_000), "is damaged"),
        (lambda folder: _link(folder / "hub.db"), "is missing"),
        (lambda folder: (folder / MANIFEST).write_text("{"), "is damaged"),
    ],
)
async def test_backup_that_is_not_whole_changes_nothing(
    backup: Path, keys: dict[str, bytes], tmp_path: Path, spoil: Callable[[Path], object], words: str
) -> None:
    spoil(backup)
    (tmp_path / "new").mkdir()
    (tmp_path / "new" / "hub.toml").write_text("port = 5001")
    with pytest.raises(BackupRefused, match=words):
        await restore(backup, tmp_path / "new", keys, at_ms=NOW_MS, tell=silent)
    assert everything(tmp_path / "new") == ["hub.toml"]
    with pytest.raises(BackupRefused, match=words):
        await restore(backup, tmp_path / "none", keys, at_ms=NOW_MS, tell=silent)
    assert not (tmp_path / "none").exists()


def _flip(path: Path, place: int) -> None:
    content = bytearray(path.read_bytes())
    content[place] ^= 1
    path.write_bytes(content)


def _link(path: Path) -> None:
    path.rename(path.with_name("other"))
    path.symlink_to(path.with_name("other"))


async def test_folder_that_holds_anything_is_left_alone(backup: Path, keys: dict[str, bytes], tmp_path: Path) -> None:
    (tmp_path / "new").mkdir()
    (tmp_path / "new" / "hub.db").write_text("another hub's")
    with pytest.raises(DataFolderError, match="is not empty"):
        await restore(backup, tmp_path / "new", keys, at_ms=NOW_MS, tell=silent)
    assert (tmp_path / "new" / "hub.db").read_text() == "another hub's"


async def test_settings_in_an_otherwise_empty_folder_stay(backup: Path, keys: dict[str, bytes], tmp_path: Path) -> None:
    (tmp_path / "new" / "lost+found").mkdir(parents=True)
    (tmp_path / "new" / "hub.toml").write_text("port = 5001")
    await restore(backup, tmp_path / "new", keys, at_ms=NOW_MS, tell=silent)
    assert (tmp_path / "new" / "hub.toml").read_text() == "port = 5001"


async def test_keys_of_another_hub_are_refused(backup: Path, tmp_path: Path) -> None:
    Keys.create(tmp_path / "other")
    keys = {path.name: path.read_bytes() for path in (tmp_path / "other").iterdir()}
    with pytest.raises(KeyFileError, match="of another hub"):
        await restore(backup, tmp_path / "new", keys, at_ms=NOW_MS, tell=silent)
    assert not (tmp_path / "new").exists()


async def test_keys_of_another_time_are_refused(backup: Path, keys: dict[str, bytes], tmp_path: Path) -> None:
    with pytest.raises(KeyFileError, match="1 of 1 secrets of the backup do not open"):
        await restore(backup, tmp_path / "new", keys | {"data-1.key": bytes(32)}, at_ms=NOW_MS, tell=silent)
    assert not (tmp_path / "new").exists()


async def test_backup_of_a_newer_hub_is_refused(
    backup: Path, keys: dict[str, bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migrations, "MIGRATIONS", migrations.MIGRATIONS[:-1])
    with pytest.raises(NewerSchemaError, match="run the newer hub again"):
        await restore(backup, tmp_path / "new", keys, at_ms=NOW_MS, tell=silent)
    assert not (tmp_path / "new").exists()


async def test_full_disk_leaves_the_folder_as_it_was(
    backup: Path, keys: dict[str, bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device", "hub.db")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        await restore(backup, tmp_path / "new", keys, at_ms=NOW_MS, tell=silent)
    assert not (tmp_path / "new").exists()

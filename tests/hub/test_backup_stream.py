"""A backup's way over the network: whole, or refused."""

import asyncio
import hashlib
import io
import tarfile
from pathlib import Path

import msgspec
import pytest
from noctule_hub.backup_folder import arriving, open_backup
from noctule_hub.backup_stream import END, Progress, file_member, progress_member, receive
from noctule_hub.core.backup import FORMAT, MANIFEST, BackupFile, BackupRefused, Manifest

CONTENT = bytes(range(256)) * 9_000


def manifest(*files: BackupFile) -> bytes:
    return msgspec.json.encode(
        Manifest(
            format=FORMAT,
            hub_version="0",
            schema_version=1,
            hub_id="h",
            identity=None,
            epoch="e",
            head=0,
            taken_ms=0,
            files=list(files),
        )
    )


def listed(name: str, content: bytes) -> BackupFile:
    return BackupFile(name, len(content), hashlib.sha256(content).hexdigest())


async def members(folder: Path, *parts: tuple[str, bytes]) -> bytes:
    sent = progress_member(Progress("h", 0, 9))
    for number, (name, content) in enumerate(parts):
        path = folder / f"part-{number}"
        path.write_bytes(content)
        async for chunk in file_member(name, path, len(content)):
            sent += chunk
    return sent + END


def files_of(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def everything(folder: Path) -> list[str]:
    return [path.name for path in folder.rglob("*")]


async def received(sent: bytes, folder: Path) -> list[Progress]:
    reader = asyncio.StreamReader()
    reader.feed_data(sent)
    reader.feed_eof()
    told: list[Progress] = []
    await receive(reader, folder, told.append)
    return told


@pytest.fixture
def target(tmp_path: Path) -> Path:
    (tmp_path / "target").mkdir()
    return tmp_path / "target"


@pytest.fixture
async def whole(tmp_path: Path) -> bytes:
    content = manifest(listed("hub.db", CONTENT), listed("metrics/20261126.db", b""))
    return await members(tmp_path, ("hub.db", CONTENT), ("metrics/20261126.db", b""), (MANIFEST, content))


async def test_what_was_sent_arrives_byte_for_byte_and_private(whole: bytes, target: Path) -> None:
    assert await received(whole, target) == [Progress("h", 0, 9)]
    assert (target / "hub.db").read_bytes() == CONTENT
    assert {file.name for file in open_backup(target).files} == {"hub.db", "metrics/20261126.db"}
    assert {path.stat().st_mode & 0o777 for path in files_of(target)} == {0o600}


def test_stream_is_a_tar_that_any_program_reads(whole: bytes) -> None:
    with tarfile.open(fileobj=io.BytesIO(whole)) as archive:
        assert archive.getnames() == ["progress", "hub.db", "metrics/20261126.db", MANIFEST]
        member = archive.extractfile("hub.db")
        assert member is not None
        assert member.read() == CONTENT


async def test_stream_that_ends_anywhere_is_never_taken_for_whole(whole: bytes, tmp_path: Path) -> None:
    end_of_manifest = len(whole) - len(END)
    for cut in (*range(0, end_of_manifest, 190_001), end_of_manifest - 1):
        target = tmp_path / f"cut-{cut}"
        target.mkdir()
        with pytest.raises(BackupRefused, match="broken off"):
            await received(whole[:cut], target)
        with pytest.raises(BackupRefused, match="no whole backup"):
            open_backup(target)


async def test_file_that_was_changed_on_its_way_is_refused(whole: bytes, target: Path) -> None:
    place = whole.index(CONTENT[:300]) + 100
    changed = whole[:place] + b"\xee" + whole[place + 1 :]
    with pytest.raises(BackupRefused, match="changed on its way"):
        await received(changed, target)


@pytest.mark.parametrize("name", ["../escaped.db", "keys/data-1.key", "/tmp/absolute.db", "metrics/../../x.db"])  # noqa: S108  refused
async def test_no_name_of_a_planted_stream_leads_out_of_the_folder(tmp_path: Path, target: Path, name: str) -> None:
    sent = await members(tmp_path, (name, b"planted"))
    with pytest.raises(BackupRefused, match="no file of a backup"):
        await received(sent, target)
    assert everything(target) == []


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.DIRTYPE, tarfile.FIFOTYPE])
async def test_nothing_but_files_is_taken(target: Path, kind: bytes) -> None:
    member = tarfile.TarInfo("metrics/20261126.db")
    member.type, member.linkname = kind, "/etc/passwd"
    with pytest.raises(BackupRefused, match="something else than files"):
        await received(member.tobuf() + END, target)
    assert everything(target) == []


async def test_something_that_is_no_tar_is_refused(target: Path) -> None:
    with pytest.raises(BackupRefused, match="broken off"):
        await received(b"<html>" * 500, target)


async def test_same_file_twice_is_refused(tmp_path: Path, target: Path) -> None:
    sent = await members(tmp_path, ("hub.db", b"1"), ("hub.db", b"2"))
    with pytest.raises(BackupRefused, match="no file of a backup"):
        await received(sent, target)


def test_folder_has_its_name_only_when_all_went_well(tmp_path: Path) -> None:
    def fail() -> None:
        with arriving(tmp_path / "b") as folder:
            (folder / "hub.db").write_text("half")
            assert not (tmp_path / "b").exists()
            raise LookupError

    with pytest.raises(LookupError):
        fail()
    assert everything(tmp_path) == []
    with arriving(tmp_path / "b") as folder:
        (folder / "hub.db").write_text("whole")
    assert [path.name for path in (tmp_path / "b").iterdir()] == ["hub.db"]
    with pytest.raises(BackupRefused, match="exists already"), arriving(tmp_path / "b"):
        pass
    with (
        pytest.raises(BackupRefused, match="none; make it first"),
        arriving(tmp_path / "none" / "b"),
    ):
        pass

"""A backup's manifest: what is whole, and what no file of a backup is called."""

from typing import Any

import msgspec
import pytest
from noctule_hub.core.backup import BackupRefused, is_backup_name, read_manifest

SHA = "0" * 64


def manifest(**changes: Any) -> bytes:
    document: dict[str, Any] = {
        "format": 1,
        "hubVersion": "0.1.0",
        "schemaVersion": 5,
        "hubId": "h",
        "identity": None,
        "epoch": "e",
        "head": 7,
        "takenMs": 1,
        "files": [{"name": "hub.db", "sizeBytes": 3, "sha256": SHA}],
    }
    return msgspec.json.encode(document | changes)


def test_manifest_of_a_whole_backup_is_read() -> None:
    read = read_manifest(manifest())
    assert (read.head, read.size_bytes, [file.name for file in read.files]) == (7, 3, ["hub.db"])


@pytest.mark.parametrize("name", ["hub.db", "metrics/20261126.db", "metrics/5min/202611.db", "logs/1.db"])
def test_hub_db_and_what_is_filled_from_it_may_be_in_a_backup(name: str) -> None:
    assert is_backup_name(name)


@pytest.mark.parametrize(
    "name",
    [
        "../hub.db",
        "/etc/hub.db",
        "metrics/../hub.db",
        "metrics/.hidden.db",
        "metrics//x.db",
        "metrics/x",
        "keys/data-1.key",
        "metrics/a\\..\\b.db/../x",
        "hub.db\n",
        "metrics/a/b/c/d/e.db",
    ],
)
def test_no_name_leads_out_of_the_folder_or_to_anything_else(name: str) -> None:
    assert not is_backup_name(name)
    with pytest.raises(BackupRefused, match="is no file of a backup"):
        read_manifest(manifest(files=[{"name": name, "sizeBytes": 3, "sha256": SHA}]))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is damaged"),
        (b"\xff\xfe", "is damaged"),
        (manifest()[:-9], "is damaged"),
        (manifest(surplus=1), "is damaged"),
        (manifest(files=[]), "is damaged"),
        (manifest(files=[{"name": "hub.db", "sizeBytes": -1, "sha256": SHA}]), "is damaged"),
        (manifest(format=2, anything="else"), "of a newer hub"),
        (manifest(files=[{"name": "metrics/1.db", "sizeBytes": 3, "sha256": SHA}]), "no hub.db"),
        (manifest(files=[{"name": "hub.db", "sizeBytes": 3, "sha256": SHA}] * 2), "twice"),
    ],
)
def test_what_is_no_manifest_is_refused_in_words(content: bytes, words: str) -> None:
    with pytest.raises(BackupRefused, match=words):
        read_manifest(content)

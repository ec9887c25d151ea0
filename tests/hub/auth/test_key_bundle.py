"""Keys in a file under a passphrase."""

from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from noctule_hub.auth.key_bundle import open_keys, seal_keys, write_keys
from noctule_hub.auth.keys import Keys
from noctule_hub.errors import KeyFileError

PASSPHRASE = "planted passphrase"


@pytest.fixture
def bundle(tmp_path: Path) -> bytes:
    Keys.create(tmp_path / "keys")
    return seal_keys(tmp_path / "keys", PASSPHRASE)


def test_keys_come_back_by_their_passphrase(bundle: bytes, tmp_path: Path) -> None:
    write_keys(tmp_path / "back", open_keys(bundle, PASSPHRASE))
    before, after = Keys.load(tmp_path / "keys"), Keys.load(tmp_path / "back")
    assert after.fingerprint == before.fingerprint
    assert after.open(7, before.seal(7, b"public")) == b"public"
    assert dict(after.jwt_keys) == dict(before.jwt_keys)


def test_no_key_is_readable_in_the_file(bundle: bytes, tmp_path: Path) -> None:
    for path in (tmp_path / "keys").iterdir():
        assert path.read_bytes() not in bundle
        assert path.name.encode() not in bundle


def test_another_passphrase_opens_nothing_and_is_not_repeated(bundle: bytes) -> None:
    with pytest.raises(KeyFileError, match="another passphrase") as refused:
        open_keys(bundle, "some other words")
    assert "some other words" not in str(refused.value)


def test_any_changed_byte_is_refused(bundle: bytes) -> None:
    for place in range(0, len(bundle) - 1, 7):
        changed = bundle[:place] + bytes([bundle[place] ^ 1]) + bundle[place + 1 :]
        with pytest.raises(KeyFileError):
            open_keys(changed, PASSPHRASE)


def test_short_passphrase_is_refused(tmp_path: Path) -> None:
    Keys.create(tmp_path / "keys")
    with pytest.raises(KeyFileError, match="shorter than 12"):
        seal_keys(tmp_path / "keys", "too short")


@pytest.mark.parametrize("field", ["memoryKib", "passes", "lanes"])
def test_planted_file_cannot_take_the_machine(bundle: bytes, field: str) -> None:
    document = msgspec.json.decode(bundle)
    with pytest.raises(KeyFileError, match="no file of keys"):
        open_keys(msgspec.json.encode(document | {field: 2**40}), PASSPHRASE)


@pytest.mark.parametrize("name", ["../data-1.key", "data-1", "/data-1.key"])
def test_bundle_writes_nothing_but_keys(tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    Keys.create(tmp_path / "keys")
    monkeypatch.setattr(msgspec.json, "encode", _planted(name))
    sealed = seal_keys(tmp_path / "keys", PASSPHRASE)
    with pytest.raises(KeyFileError, match="something else than keys"):
        open_keys(sealed, PASSPHRASE)


def _planted(name: str) -> Callable[[object], bytes]:
    true = msgspec.json.encode
    return lambda value: true({name: bytes(32)} if isinstance(value, dict) else value)

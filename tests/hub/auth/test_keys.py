"""Keys on disk: made once, private, refused when damaged or open to others."""

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from noctule_hub.auth.keys import Keys
from noctule_hub.errors import KeyFileError, SealError


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    Keys.create(tmp_path / "keys")
    return tmp_path / "keys"


def test_folder_and_files_are_for_the_owner_alone(folder: Path) -> None:
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {path.name: path.stat().st_mode & 0o777 for path in folder.iterdir()} == {
        "data-1.key": 0o600,
        "identity.key": 0o600,
        "jwt-1.key": 0o600,
    }


def test_keys_are_the_same_after_a_restart(folder: Path) -> None:
    first, second = Keys.load(folder), Keys.load(folder)
    assert first.fingerprint == second.fingerprint
    assert second.open(7, first.seal(7, b"public")) == b"public"
    assert dict(first.jwt_keys) == dict(second.jwt_keys)


def test_existing_keys_are_never_overwritten(folder: Path) -> None:
    before = (folder / "data-1.key").read_bytes()
    with pytest.raises(KeyFileError, match="cannot be made"):
        Keys.create(folder)
    assert (folder / "data-1.key").read_bytes() == before


def test_the_highest_jwt_key_signs_and_all_are_kept(folder: Path) -> None:
    for number in (2, 10):
        (folder / f"jwt-{number}.key").write_bytes(bytes([number]) * 32)
        (folder / f"jwt-{number}.key").chmod(0o600)
    keys = Keys.load(folder)
    assert keys.jwt_signing_kid == "10"
    assert set(keys.jwt_keys) == {"1", "2", "10"}


@pytest.mark.parametrize("name", ["data-1.key", "identity.key", "jwt-1.key"])
def test_a_missing_key_is_named(folder: Path, name: str) -> None:
    (folder / name).unlink()
    with pytest.raises(KeyFileError, match=f"{name}: missing"):
        Keys.load(folder)


@pytest.mark.parametrize("name", ["data-1.key", "identity.key", "jwt-1.key"])
def test_a_key_that_others_may_read_is_refused_with_the_remedy(folder: Path, name: str) -> None:
    (folder / name).chmod(0o640)
    with pytest.raises(KeyFileError, match=r"mode 640 lets others in.*chmod 600"):
        Keys.load(folder)


def test_a_folder_that_others_may_enter_is_refused(folder: Path) -> None:
    folder.chmod(0o755)
    with pytest.raises(KeyFileError, match=r"mode 755.*chmod 700"):
        Keys.load(folder)


def test_a_cut_key_is_refused(folder: Path) -> None:
    (folder / "data-1.key").write_bytes(b"short")
    with pytest.raises(KeyFileError, match="has 5 bytes instead of 32"):
        Keys.load(folder)


def test_a_folder_without_keys_says_how_to_make_them(tmp_path: Path) -> None:
    with pytest.raises(KeyFileError, match="noctule hub init"):
        Keys.load(tmp_path / "none")


def test_a_secret_opens_only_for_its_row_and_unchanged(folder: Path, tmp_path: Path) -> None:
    keys = Keys.load(folder)
    sealed = keys.seal(7, b"public")
    assert b"public" not in sealed
    assert keys.seal(7, b"public") != sealed
    with pytest.raises(SealError):
        keys.open(8, sealed)
    for place in range(len(sealed)):
        changed = sealed[:place] + bytes([sealed[place] ^ 1]) + sealed[place + 1 :]
        with pytest.raises(SealError):
            keys.open(7, changed)
    with pytest.raises(SealError):
        keys.open(7, b"")
    with pytest.raises(SealError):
        Keys.create(tmp_path / "other").open(7, sealed)


def test_signatures_verify_by_the_published_key(folder: Path) -> None:
    keys = Keys.load(folder)
    Ed25519PublicKey.from_public_bytes(bytes.fromhex(keys.public_hex)).verify(keys.sign(b"nonce"), b"nonce")


def test_repr_shows_no_key(folder: Path) -> None:
    keys = Keys.load(folder)
    shown = repr(keys)
    for key in keys.jwt_keys.values():
        assert repr(key) not in shown
        assert key.hex() not in shown

"""`noctule hub backup`, `restore`, `doctor` and `rotate-key` as a person runs them, with a running hub and without."""

import json
import shutil
import socket
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from noctule_hub.auth.keys import Keys
from noctule_hub.backup_folder import open_backup

Run = Callable[..., Result]
PASSPHRASE = "planted passphrase"


@pytest.fixture
def data_dir(run: Run, tmp_path: Path) -> Path:
    assert run("hub", "init", "--data-dir", str(tmp_path / "data")).exit_code == 0
    return tmp_path / "data"


@pytest.fixture
def passphrase(tmp_path: Path) -> str:
    (tmp_path / "passphrase").touch(0o600)
    (tmp_path / "passphrase").write_text(PASSPHRASE)
    return str(tmp_path / "passphrase")


def refused(result: Result) -> str:
    assert result.exit_code == 1, result.output
    assert result.stdout == ""
    assert result.stderr.count("\n") == 1, result.stderr
    return result.stderr


def document(result: Result) -> Any:
    assert result.exit_code == 0, result.output
    assert result.stderr == ""
    return json.loads(result.stdout)


def test_running_hub_is_backed_up_over_its_api(signed_in: Run, hub: Any, tmp_path: Path) -> None:
    made = document(signed_in("hub", "backup", str(tmp_path / "b"), "--data-dir", str(hub.data_dir), "--json"))
    manifest = open_backup(tmp_path / "b")
    assert (made["hubId"], made["head"], made["keys"]) == (manifest.hub_id, manifest.head, None)
    assert manifest.identity == Keys.load(hub.data_dir / "keys").fingerprint
    assert (tmp_path / "b").stat().st_mode & 0o777 == 0o700
    planted = [path.read_bytes() for path in (hub.data_dir / "keys").iterdir()]
    copied = [path.read_bytes() for path in (tmp_path / "b").rglob("*") if path.is_file()]
    assert not [key for key in planted if any(key in content for content in copied)]
    assert not [path for path in tmp_path.iterdir() if ".partial" in path.name]


def test_running_hub_without_a_sign_in_is_not_read_past_its_api(run: Run, hub: Any, tmp_path: Path) -> None:
    result = run("hub", "backup", str(tmp_path / "b"), "--data-dir", str(hub.data_dir))
    assert "noctule login" in refused(result)
    assert sorted(path.name for path in tmp_path.iterdir()) == []


def test_hub_that_one_is_signed_in_to_must_be_the_one_of_the_folder(
    signed_in: Run, hub: Any, data_dir: Path, tmp_path: Path
) -> None:
    assert hub.data_dir != data_dir
    shutil.copy(hub.data_dir / "lock", data_dir / "lock")
    import fcntl  # noqa: PLC0415  as another hub holds it

    with (data_dir / "lock").open("rb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        result = signed_in("hub", "backup", str(tmp_path / "b"), "--data-dir", str(data_dir))
    assert "is not the one that runs on" in refused(result)
    assert not (tmp_path / "b").exists()


def test_hub_that_does_not_run_is_backed_up_without_a_sign_in(run: Run, data_dir: Path, tmp_path: Path) -> None:
    result = run("hub", "backup", str(tmp_path / "b"), "--data-dir", str(data_dir))
    assert result.exit_code == 0, result.output
    assert "b holds 1 file, " in result.stdout
    assert "keys are not in it" in result.stdout
    assert [file.name for file in open_backup(tmp_path / "b").files] == ["hub.db"]


def test_data_whose_keys_are_lost_can_still_be_backed_up(run: Run, data_dir: Path, tmp_path: Path) -> None:
    shutil.rmtree(data_dir / "keys")
    assert run("hub", "backup", str(tmp_path / "b"), "--data-dir", str(data_dir)).exit_code == 0
    assert open_backup(tmp_path / "b").identity is None


def test_backup_never_overwrites(run: Run, data_dir: Path, tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    assert "exists already" in refused(run("hub", "backup", str(tmp_path / "b"), "--data-dir", str(data_dir)))


def test_keys_are_kept_apart_and_bring_the_hub_back(run: Run, data_dir: Path, tmp_path: Path, passphrase: str) -> None:
    keys = str(tmp_path / "kept")
    given = ("--passphrase-file", passphrase)
    made = document(
        run("hub", "backup", str(tmp_path / "b"), "--data-dir", str(data_dir), "--with-keys", keys, *given, "--json")
    )
    assert made["keys"] == keys
    assert Path(keys).stat().st_mode & 0o777 == 0o600
    restored = document(
        run(
            "hub", "restore", str(tmp_path / "b"), "--data-dir", str(tmp_path / "new"), "--keys", keys, *given, "--json"
        )
    )
    assert restored["epoch"] != restored["formerEpoch"]
    assert restored["newKeys"] is False
    assert Keys.load(tmp_path / "new" / "keys").fingerprint == Keys.load(data_dir / "keys").fingerprint


def test_restoring_without_keys_says_what_is_lost_and_asks_for_consent(
    run: Run, data_dir: Path, tmp_path: Path
) -> None:
    run("hub", "backup", str(tmp_path / "b"), "--data-dir", str(data_dir))
    restore = ("hub", "restore", str(tmp_path / "b"), "--data-dir", str(tmp_path / "new"))
    words = refused(run(*restore))
    assert all(word in words for word in ("join again", "SNMP secret", "sign-in", "--new-keys"))
    assert not (tmp_path / "new").exists()
    restored = run(*restore, "--new-keys")
    assert restored.exit_code == 0
    assert "hub.toml is in no backup" in restored.stdout
    assert Keys.load(tmp_path / "new" / "keys").fingerprint != Keys.load(data_dir / "keys").fingerprint


def test_wrong_passphrase_is_refused_before_anything_is_made(
    run: Run, data_dir: Path, tmp_path: Path, passphrase: str
) -> None:
    keys = str(tmp_path / "kept")
    given = ("--passphrase-file", passphrase)
    run("hub", "backup", str(tmp_path / "b"), "--data-dir", str(data_dir), "--with-keys", keys, *given)
    (tmp_path / "passphrase").write_text("quite another one")
    result = run("hub", "restore", str(tmp_path / "b"), "--data-dir", str(tmp_path / "new"), "--keys", keys, *given)
    words = refused(result)
    assert "another passphrase" in words
    assert "quite another" not in words
    assert not (tmp_path / "new").exists()


def test_keys_of_a_failed_backup_are_not_left_behind(run: Run, data_dir: Path, tmp_path: Path, passphrase: str) -> None:
    (tmp_path / "b").mkdir()
    keys = tmp_path / "kept"
    given = ("--with-keys", str(keys), "--passphrase-file", passphrase)
    refused(run("hub", "backup", str(tmp_path / "b"), "--data-dir", str(data_dir), *given))
    assert not keys.exists()


def verdicts(result: Result) -> dict[str, str]:
    return {check["name"]: check["verdict"] for check in json.loads(result.stdout)["checks"]}


def test_doctor_finds_a_new_hub_well_but_for_its_backup(run: Run, data_dir: Path) -> None:
    result = run("hub", "doctor", "--data-dir", str(data_dir), "--json")
    assert result.exit_code == 0, result.output
    found = verdicts(result)
    assert found.pop("backup") == "warning"
    found.pop("files")
    assert set(found.values()) == {"ok"}
    assert "hub.db" in json.loads(result.stdout)["sizesBytes"]


def test_doctor_looks_at_a_running_hub_too(run: Run, hub: Any) -> None:
    settings = hub.data_dir / "hub.toml"
    with socket.socket() as unanswered:
        unanswered.bind(("127.0.0.1", 0))
        settings.write_text(f"port = {unanswered.getsockname()[1]}\n")
        result = run("hub", "doctor", "--data-dir", str(hub.data_dir), "--full", "--json")
    settings.unlink()
    found = verdicts(result)
    assert found["database"] == found["keys"] == found["hub"] == "ok"
    # It was started with another port than its hub.toml says, which is told and no failure.
    assert found["answer"] == "warning"
    assert result.exit_code == 0


def test_backup_is_seen_by_the_doctor(run: Run, data_dir: Path, tmp_path: Path) -> None:
    run("hub", "backup", str(tmp_path / "b"), "--data-dir", str(data_dir))
    assert verdicts(run("hub", "doctor", "--data-dir", str(data_dir), "--json"))["backup"] == "ok"


def damage(data_dir: Path) -> None:
    with (data_dir / "hub.db").open("r+b") as stream:
        stream.seek(4096)
        stream.write(b"\xff" * 4096)


def newer(data_dir: Path) -> None:
    connection = sqlite3.connect(data_dir / "hub.db")
    connection.execute("PRAGMA user_version = 999")
    connection.close()


def damage_a_day(data_dir: Path) -> None:
    (data_dir / "metrics" / "20261126.db").write_text("no database at all" * 100)


@pytest.mark.parametrize(
    ("spoil", "name", "words"),
    [
        (damage, "database", "restore the newest backup"),
        (newer, "schema", "run the newer hub again"),
        (damage_a_day, "measured", "20261126.db"),
        (lambda data_dir: (data_dir / "keys" / "data-1.key").unlink(), "keys", "data-1.key: missing"),
        (lambda data_dir: (data_dir / "keys").chmod(0o755), "rights", "chmod -R go="),
        (lambda data_dir: (data_dir / "hub.toml").write_text("prot = 1"), "settings", "did you mean 'port'?"),
    ],
)
def test_doctor_names_what_failed_and_what_to_do(
    run: Run, data_dir: Path, spoil: Callable[[Path], object], name: str, words: str
) -> None:
    spoil(data_dir)
    result = run("hub", "doctor", "--data-dir", str(data_dir), "--json")
    assert result.exit_code == 1
    assert verdicts(result)[name] == "failed"
    assert words in result.stdout
    told = run("hub", "doctor", "--data-dir", str(data_dir))
    assert f"failed   {name}" in told.stdout
    assert "Traceback" not in told.output


def test_doctor_without_a_hub_says_so(run: Run, tmp_path: Path) -> None:
    assert "is not a hub's data folder" in refused(run("hub", "doctor", "--data-dir", str(tmp_path)))


def test_keys_are_rotated_and_the_hub_still_opens_its_folder(run: Run, data_dir: Path) -> None:
    done = document(run("hub", "rotate-key", "--data-dir", str(data_dir), "--jwt", "--data", "--json"))
    assert done["data"] == {"made": "data-2.key", "kept": [], "removed": ["data-1.key"], "resealed": 0}
    assert done["jwt"] == {"made": "jwt-2.key", "kept": ["jwt-1.key"], "removed": [], "resealed": 0}
    assert Keys.load(data_dir / "keys").jwt_keys.keys() == {"1", "2"}
    assert verdicts(run("hub", "doctor", "--data-dir", str(data_dir), "--json"))["keys"] == "ok"


def test_keys_of_a_running_hub_are_not_rotated(run: Run, hub: Any) -> None:
    before = sorted(path.name for path in (hub.data_dir / "keys").iterdir())
    assert "stop it" in refused(run("hub", "rotate-key", "--data-dir", str(hub.data_dir), "--data"))
    assert sorted(path.name for path in (hub.data_dir / "keys").iterdir()) == before


def test_interrupted_rotation_is_seen_by_the_doctor(run: Run, data_dir: Path) -> None:
    shutil.copy(data_dir / "keys" / "data-1.key", data_dir / "keys" / "data-2.key")
    result = run("hub", "doctor", "--data-dir", str(data_dir), "--json")
    assert verdicts(result)["keys"] == "warning"
    assert "rotate-key --data" in result.stdout


@pytest.mark.parametrize(
    "arguments",
    [
        ("rotate-key", "--data-dir", "x"),
        ("rotate-key", "--data-dir", "x", "--data", "--forget-old"),
        ("restore", "b"),
        ("doctor",),
        ("backup",),
    ],
)
def test_wrong_usage_is_status_2(run: Run, arguments: tuple[str, ...]) -> None:
    assert run("hub", *arguments).exit_code == 2


def test_keys_from_systemd_are_used_where_they_are_given(
    run: Run, data_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    credentials = tmp_path / "credentials"
    shutil.move(data_dir / "keys", credentials)
    # As systemd shows an access list of one user: the group's bits are its mask.
    for path in credentials.iterdir():
        path.chmod(0o440)
    credentials.chmod(0o550)
    assert "not a hub's data folder" in refused(run("hub", "run", "--data-dir", str(data_dir)))
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(credentials))
    assert Keys.of_hub(data_dir).fingerprint
    assert verdicts(run("hub", "doctor", "--data-dir", str(data_dir), "--json"))["keys"] == "ok"
    assert "rotate them where they are kept" in refused(run("hub", "rotate-key", "--data-dir", str(data_dir), "--jwt"))

"""`noctule hub init` and `run`: everything made once, every refusal one line."""

import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from noctule_hub.auth.keys import Keys
from noctule_hub.cli import folder

Run = Callable[..., Result]


def one_line(result: Result) -> str:
    assert result.exit_code == 1, result.output
    assert result.stdout == ""
    assert result.stderr.count("\n") == 1
    assert "Traceback" not in result.stderr
    return result.stderr


def test_init_makes_everything_and_shows_the_password_once(run: Run, tmp_path: Path) -> None:
    data_dir = tmp_path / "a folder" / "data"
    result = run("hub", "init", "--data-dir", str(data_dir), "--json")
    assert result.exit_code == 0
    document = json.loads(result.stdout)
    assert set(document) == {"adminUser", "adminPassword"}
    assert document["adminUser"] == "admin"
    assert len(document["adminPassword"]) >= 20
    Keys.load(data_dir / "keys")
    assert data_dir.stat().st_mode & 0o777 == 0o700
    assert (data_dir / "hub.db").stat().st_mode & 0o777 == 0o600
    password = document["adminPassword"].encode()
    assert not [path for path in data_dir.rglob("*") if path.is_file() and password in path.read_bytes()]


def test_a_folder_is_initialised_only_once(run: Run, tmp_path: Path) -> None:
    arguments = ("hub", "init", "--data-dir", str(tmp_path / "data"))
    assert run(*arguments).exit_code == 0
    before = (tmp_path / "data" / "keys" / "data-1.key").read_bytes()
    assert "is initialised already" in one_line(run(*arguments))
    assert (tmp_path / "data" / "keys" / "data-1.key").read_bytes() == before


def test_a_failed_init_leaves_nothing_behind(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def no_space(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device", str(tmp_path / "data" / "hub.db"))

    monkeypatch.setattr(folder, "open_store", no_space)
    data_dir = tmp_path / "data"
    assert "No space left on device" in one_line(run("hub", "init", "--data-dir", str(data_dir)))
    assert not data_dir.exists()
    data_dir.mkdir()
    (data_dir / "hub.toml").write_text("port = 5001")
    (data_dir / "metrics").mkdir()
    one_line(run("hub", "init", "--data-dir", str(data_dir)))
    assert sorted(path.name for path in data_dir.iterdir()) == ["hub.toml", "metrics"]


def test_a_folder_that_cannot_be_made_is_named(run: Run, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert "cannot be made" in one_line(run("hub", "init", "--data-dir", str(tmp_path / "file" / "data")))
    assert "cannot be made" in one_line(run("hub", "init", "--data-dir", str(tmp_path / "file")))


def test_a_folder_that_cannot_be_written_is_named(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Modes stop every user but root, as whom CI runs; so the answer of the system is put in.
    monkeypatch.setattr(os, "access", lambda *_: False)
    assert "cannot be written" in one_line(run("hub", "init", "--data-dir", str(tmp_path)))


def test_run_without_init_says_how_to_init(run: Run, tmp_path: Path) -> None:
    assert "noctule hub init" in one_line(run("hub", "run", "--data-dir", str(tmp_path)))


def test_run_with_a_broken_file_names_the_key(run: Run, tmp_path: Path) -> None:
    data_dir = tmp_path / "data"
    run("hub", "init", "--data-dir", str(data_dir))
    (data_dir / "hub.toml").write_text("prot = 5001")
    assert "did you mean 'port'?" in one_line(run("hub", "run", "--data-dir", str(data_dir)))


def test_run_on_a_taken_port_says_so_in_one_line(run: Run, tmp_path: Path) -> None:
    data_dir = tmp_path / "data"
    run("hub", "init", "--data-dir", str(data_dir))
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        ran = subprocess.run(
            [
                sys.executable,
                "-c",
                "from noctule_hub.cli import main; main()",
                "hub",
                "run",
                "--data-dir",
                str(data_dir),
                "--port",
                port,
            ],
            capture_output=True,
            text=True,
            timeout=40,
            check=False,
        )
    assert ran.returncode == 1
    assert f"port {port} is taken" in ran.stderr
    assert "Traceback" not in ran.stderr
    assert ran.stderr.count("\n") == 1


def test_a_second_hub_on_a_folder_is_refused(run: Run, hub: object) -> None:
    data_dir: Path = hub.data_dir  # type: ignore[attr-defined]
    result = run("hub", "run", "--data-dir", str(data_dir), "--port", "0")
    assert result.exit_code == 1
    assert "another hub" in result.stderr


@pytest.mark.parametrize(
    "arguments",
    [("hub", "init"), ("hub", "run", "--data-dir", "x", "--port", "99999"), ("nothing",), ("device", "add", "x")],
)
def test_wrong_usage_is_status_2(run: Run, arguments: tuple[str, ...]) -> None:
    assert run(*arguments).exit_code == 2

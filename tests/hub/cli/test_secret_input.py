"""Files that hold secrets: read, and told of when others can read them too."""

import io
import sys
from pathlib import Path

import pytest
from noctule_hub.cli.secret_input import read_secret, read_v3_file


def secret(file: str) -> str:
    return read_secret(file, env=None, prompt="Password", file_option="--password-file")


def test_a_file_that_others_can_read_is_told_of_and_used(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "secret"
    file.write_text('user = "planted"\n')
    file.chmod(0o604)
    assert secret(str(file)) == 'user = "planted"'
    told = capsys.readouterr()
    assert (told.out, "planted" in told.err) == ("", False)
    assert told.err == f"Warning: {file}: mode 604 lets others read the secret in it; close it with: chmod 600 {file}\n"
    assert read_v3_file(str(file)) == {"user": "planted"}
    assert f"chmod 600 {file}" in capsys.readouterr().err
    file.chmod(0o600)
    secret(str(file))
    assert capsys.readouterr().err == ""


def test_standard_input_is_nobody_s_file(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"planted\n")))
    assert secret("-") == "planted"
    assert capsys.readouterr().err == ""

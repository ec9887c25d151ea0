"""Files that hold what opens a device, or enrols an agent: read, and told of when others can read them too."""

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner
from noctule_agent.cli.credentials import community_from_file, v3_user_from_file
from noctule_agent.cli.join import join


@pytest.mark.parametrize(
    ("read", "text"), [(community_from_file, "planted"), (v3_user_from_file, 'user = "planted"\n')]
)
def test_a_file_that_others_can_read_is_told_of_and_used(
    tmp_path: Path, read: Callable[[Path], object], text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "secret"
    file.write_text(text)
    file.chmod(0o644)
    assert read(file)
    told = capsys.readouterr()
    assert (told.out, "planted" in told.err) == ("", False)
    assert told.err.startswith(f"Warning: {file}: mode 644 ")
    assert told.err.endswith(f"chmod 600 {file}\n")
    file.chmod(0o600)
    assert read(file)
    assert capsys.readouterr().err == ""


def test_a_join_token_s_file_that_others_can_read_is_told_of(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("rubbish")
    file.chmod(0o640)
    arguments = ["http://127.0.0.1:1", "--data-dir", str(tmp_path / "data"), "--token-file"]
    assert f"chmod 600 {file}" in CliRunner().invoke(join, [*arguments, str(file)]).stderr
    assert "chmod" not in CliRunner().invoke(join, [*arguments, "-"], input="rubbish").stderr

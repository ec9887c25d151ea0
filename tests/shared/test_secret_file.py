"""Whoever names a secret's file that others can read is told so; nobody is bothered with what a shell hands over."""

import os
from pathlib import Path

import pytest
from noctule_shared.secret_file import exposure_of


@pytest.mark.parametrize(
    ("mode", "told"), [(0o600, False), (0o400, False), (0o640, True), (0o604, True), (0o644, True)]
)
def test_a_file_that_group_or_others_can_read_is_told_with_what_closes_it(
    tmp_path: Path,
    mode: int,
    told: bool,  # noqa: FBT001  a table
) -> None:
    file = tmp_path / "a secret"
    file.write_text("planted")
    file.chmod(mode)
    warning = exposure_of(file)
    assert (warning is not None) is told
    if warning is not None:
        assert warning.startswith(f"{file}: mode {mode:03o} lets others read")
        assert warning.endswith(f"chmod 600 '{file}'")


def test_what_is_no_file_of_its_own_is_nobody_s_to_close(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe, 0o644)
    read_end, write_end = os.pipe()
    file = tmp_path / "secret"
    file.write_text("planted")
    file.chmod(0o644)
    with file.open("rb") as opened:
        for name in (pipe, tmp_path, tmp_path / "none", f"/dev/fd/{read_end}", f"/dev/fd/{opened.fileno()}", "a\0b"):
            assert exposure_of(name) is None
    os.close(read_end)
    os.close(write_end)

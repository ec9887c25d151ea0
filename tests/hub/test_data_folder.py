"""The lock of a data folder: held by one, looked at by anybody."""

import os
from pathlib import Path

import pytest
from noctule_hub.data_folder import LOCK_FILE, holder, locked
from noctule_hub.errors import DataFolderError, FolderInUseError


def test_holder_is_told_while_it_holds_and_no_longer(tmp_path: Path) -> None:
    assert holder(tmp_path) is None
    with locked(tmp_path):
        assert holder(tmp_path) == os.getpid()
    assert holder(tmp_path) is None


def test_looking_does_not_make_the_file_nor_change_it(tmp_path: Path) -> None:
    assert holder(tmp_path) is None
    assert not (tmp_path / LOCK_FILE).exists()


def test_second_one_is_refused_and_the_first_is_named(tmp_path: Path) -> None:
    with locked(tmp_path), pytest.raises(FolderInUseError, match=f"process {os.getpid()}"), locked(tmp_path):
        pass


def test_folder_that_is_not_there_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(DataFolderError, match="noctule hub init"), locked(tmp_path / "none"):
        pass

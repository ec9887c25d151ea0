"""The repository as its own tests see it: the files git would keep, not what lies about."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LEFT_OUT = {".git", ".venv", ".venvs", "node_modules", "static", "dist", "build", "coverage", "__pycache__"}


def _walk(root: Path) -> list[Path]:
    """List every file where there is no git (an unpacked archive), leaving out what git would ignore."""
    found: list[Path] = []
    for folder, folders, names in os.walk(root):
        folders[:] = [name for name in folders if name not in LEFT_OUT and not name.endswith("_cache")]
        found.extend(Path(folder, name) for name in names)
    return found


@pytest.fixture(scope="session")
def root() -> Path:
    return ROOT


@pytest.fixture(scope="session")
def files(root: Path) -> list[Path]:
    """Every file of the project that is text, sorted, as absolute paths."""
    git = shutil.which("git")
    if git is not None and (root / ".git").exists():
        # `safe.directory`: root tests a clone that belongs to someone else.
        command = [git, "-c", f"safe.directory={root}", "ls-files", "-z"]
        listed = subprocess.run(command, cwd=root, capture_output=True, check=True).stdout.decode().split("\0")
        found = [root / name for name in listed if name and (root / name).is_file()]
    else:
        found = _walk(root)
    binary = {".png", ".ico", ".woff2", ".gz", ".db", ".jpg", ".webp"}
    return sorted(path for path in found if path.suffix not in binary)


@pytest.fixture(scope="session")
def sources(files: list[Path], root: Path) -> list[Path]:
    """List the Python sources that are ours to run, tests left aside."""
    return [path for path in files if path.suffix == ".py" and path.relative_to(root).parts[0] != "tests"]

"""The direction of imports: agent -> shared <- hub, and a core that is pure."""

import subprocess
import sys
from pathlib import Path


def test_import_contracts_hold(root: Path) -> None:
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False, timeout=50)
    assert done.returncode == 0, done.stdout + done.stderr


def test_no_module_is_named_after_nothing(sources: list[Path], root: Path) -> None:
    vague = {"utils", "util", "helpers", "helper", "common", "manager", "misc", "base"}
    named = [path.relative_to(root).as_posix() for path in sources if path.stem in vague or path.parent.name in vague]
    assert not named, "name it after what it is"


def test_every_package_is_marked_as_typed(root: Path) -> None:
    assert all((root / member / f"noctule_{member}" / "py.typed").is_file() for member in ("shared", "agent", "hub"))

"""Modules and functions stay small enough to hold in one's head."""

import ast
from pathlib import Path

MODULE_LINES_MAX = 300
FUNCTION_LINES_MAX = 70

EXCEPTIONS: dict[str, str] = {}
"""Path from the root -> why this module is longer and better left whole."""


def lines(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())


def is_table(path: Path) -> bool:
    """Return whether a tool wrote this from code that has its own limit: rows, which nobody holds in their head."""
    return path.read_text(encoding="utf-8").startswith("// Written by tools/dashboard_tables.py ")


def test_modules_stay_under_their_limit(sources: list[Path], root: Path) -> None:
    long = {
        path.relative_to(root).as_posix(): lines(path)
        for path in sources
        if lines(path) > MODULE_LINES_MAX and path.relative_to(root).as_posix() not in EXCEPTIONS
    }
    assert not long, f"more than {MODULE_LINES_MAX} lines; split by what the parts are, not by size"


def test_every_exception_is_still_needed(root: Path) -> None:
    needless = [name for name in EXCEPTIONS if not (root / name).is_file() or lines(root / name) <= MODULE_LINES_MAX]
    assert not needless, "take these out of EXCEPTIONS"


def test_functions_stay_under_their_limit(sources: list[Path], root: Path) -> None:
    long: dict[str, int] = {}
    for path in sources:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno is not None:
                length = node.end_lineno - node.lineno + 1
                if length > FUNCTION_LINES_MAX:
                    long[f"{path.relative_to(root)}:{node.lineno} {node.name}"] = length
    assert not long, f"more than {FUNCTION_LINES_MAX} lines; name the steps as functions of their own"


def test_dashboard_modules_stay_under_their_limit(files: list[Path], root: Path) -> None:
    ours = [path for path in files if path.suffix in {".ts", ".tsx"} and not is_table(path)]
    long = {path.relative_to(root).as_posix(): lines(path) for path in ours if lines(path) > MODULE_LINES_MAX}
    assert not long, f"more than {MODULE_LINES_MAX} lines; a component of this size has parts with names"

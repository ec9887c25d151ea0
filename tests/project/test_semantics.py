"""Every guarantee names the test that holds it, and that test is there."""

import ast
import re
from pathlib import Path

import pytest


@pytest.fixture(scope="module")
def guarantees(root: Path) -> list[str]:
    text = (root / "docs" / "semantics.md").read_text(encoding="utf-8")
    return [" ".join(item.split()) for item in re.findall(r"^- (.+(?:\n  .+)*)", text, flags=re.MULTILINE)]


def functions_of(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}


def test_there_are_guarantees(guarantees: list[str]) -> None:
    assert guarantees


def test_every_guarantee_names_a_test(guarantees: list[str]) -> None:
    assert not [one for one in guarantees if not re.search(r"Held by `tests/[\w/]+\.py::test_\w+`", one)]


def test_every_test_named_exists(guarantees: list[str], root: Path) -> None:
    named = [name for one in guarantees for name in re.findall(r"`(tests/[^`]+)`", one)]
    missing = []
    for name in named:
        path, _, function = name.partition("::")
        if not (root / path).is_file() or function not in functions_of(root / path):
            missing.append(name)
    assert not missing

"""Nothing is left lying about: no notes to self, no silent suppressions, nothing of one machine."""

import re
from pathlib import Path

import pytest

NOT_OURS = {"LICENSE", "package-lock.json"}
THIS_FILE = Path(__file__).name


def found(files: list[Path], root: Path, pattern: str, suffixes: set[str] | None = None) -> list[str]:
    """List `path:line: text` for every line that matches; this file, which names the patterns, is left out."""
    expression = re.compile(pattern)
    hits: list[str] = []
    for path in files:
        if path.name in NOT_OURS | {THIS_FILE} or (suffixes is not None and path.suffix not in suffixes):
            continue
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            if expression.search(line):
                hits.append(f"{path.relative_to(root)}:{number}: {line.strip()}")
    return hits


def test_no_note_to_self_is_left(files: list[Path], root: Path) -> None:
    hits = found(files, root, r"\b(TODO|FIXME|XXX|HACK)\b")
    assert not [hit for hit in hits if not hit.startswith(("pyproject.toml", "CONTRIBUTING.md"))]


def test_every_noqa_names_its_rule_and_its_reason(files: list[Path], root: Path) -> None:
    reasoned = r"#\s*noqa: [A-Z]+[0-9]+(, ?[A-Z]+[0-9]+)*  \S+"
    assert not [hit for hit in found(files, root, r"#\s*noqa", {".py"}) if not re.search(reasoned, hit)]


def test_every_type_ignore_names_its_rule(files: list[Path], root: Path) -> None:
    assert not found(files, root, r"#\s*type:\s*ignore(?!\[)", {".py"})


def test_every_skip_has_a_reason(files: list[Path], root: Path) -> None:
    bare = r"mark\.(skip|xfail)\s*$|(mark|pytest)\.(skip|xfail)\(\s*\)|mark\.skipif\((?!.*reason=).*\)\s*$"
    assert not found(files, root, bare, {".py"})


def test_no_test_of_the_dashboard_is_skipped_or_alone(files: list[Path], root: Path) -> None:
    assert not found(files, root, r"\b(it|test|describe)\.(skip|only|todo)\b|@ts-ignore|@ts-nocheck", {".ts", ".tsx"})


def test_no_path_of_one_machine_is_named(files: list[Path], root: Path) -> None:
    assert not found(files, root, r"(?<![\w.])/(work|root|home/\w+|Users/\w+)/")


@pytest.mark.parametrize("name", ["constraints.txt", "package-lock.json", "pyproject.toml", "package.json", ".npmrc"])
def test_no_lock_or_configuration_names_a_registry(files: list[Path], root: Path, name: str) -> None:
    addresses = [
        f"{path.relative_to(root)}: {address}"
        for path in files
        if path.name == name
        for address in re.findall(r"https?://[^\s\"']+", path.read_text(encoding="utf-8"))
        # npm copies the authors' donation pages into its lock file; nothing is fetched from there.
        if not re.search(r"(opencollective|github|patreon|tidelift|paypal|feross|ko-fi|buymeacoffee)\.", address)
    ]
    assert not addresses
    resolved = [path for path in files if path.name == name and '"resolved": "http' in path.read_text(encoding="utf-8")]
    assert not resolved, "write the lock file without addresses (npm run lock)"


def test_no_lock_file_of_uv_and_no_built_bundle_is_kept(files: list[Path], root: Path) -> None:
    kept = [path.relative_to(root).as_posix() for path in files]
    assert not [name for name in kept if name == "uv.lock" or name.startswith("hub/noctule_hub/web/static/")]

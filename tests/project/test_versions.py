"""The three distributions and the dashboard are released in lockstep."""

import importlib
import json
import tomllib
from pathlib import Path
from typing import Any

import pytest

MEMBERS = ("shared", "agent", "hub")


def project(root: Path, member: str) -> dict[str, Any]:
    table: dict[str, Any] = tomllib.loads((root / member / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return table


def test_three_distributions_carry_one_version(root: Path) -> None:
    assert len({project(root, member)["version"] for member in MEMBERS}) == 1


@pytest.mark.parametrize("member", MEMBERS)
def test_package_names_the_version_of_its_distribution(root: Path, member: str) -> None:
    assert importlib.import_module(f"noctule_{member}").__version__ == project(root, member)["version"]


@pytest.mark.parametrize("member", ["agent", "hub"])
def test_agent_and_hub_ask_for_exactly_this_shared(root: Path, member: str) -> None:
    wanted = f"noctule-shared=={project(root, 'shared')['version']}"
    assert wanted in project(root, member)["dependencies"]


def test_dashboard_carries_the_same_version(root: Path) -> None:
    packages = sorted(
        path for path in (root / "hub" / "web").glob("**/package.json") if "node_modules" not in path.parts
    )
    assert packages, "hub/web has no package.json"
    versions = {json.loads(path.read_text(encoding="utf-8"))["version"] for path in packages}
    assert versions == {project(root, "hub")["version"]}


@pytest.mark.parametrize("member", MEMBERS)
def test_every_distribution_carries_the_licence(root: Path, member: str) -> None:
    assert (root / member / "LICENSE").read_bytes() == (root / "LICENSE").read_bytes()
    assert project(root, member)["license-files"] == ["LICENSE"]


def test_changelog_begins_with_what_is_not_released(root: Path) -> None:
    headings = [
        line for line in (root / "CHANGELOG.md").read_text(encoding="utf-8").splitlines() if line.startswith("## ")
    ]
    assert headings[0] == "## Unreleased"

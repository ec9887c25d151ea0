"""The documents name what there is: targets, words, settings, links."""

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path

import pytest
from noctule_agent.config import AgentConfig
from noctule_agent.config import load_config as load_agent_config

TARGETS = {"demo", "test", "check", "lint", "bench", "clean"}
WORDS = """
Site Agent Device Interface Sample Series Event NetworkLog Alert AlertRule Silence MaintenanceWindow Customer Service
Payment User Principal Client Axis Status Hub Frame Outbox Gap Epoch Room Audience
"""


def targets(root: Path) -> set[str]:
    return set(re.findall(r"^([a-z]+):", (root / "Makefile").read_text(encoding="utf-8"), flags=re.MULTILINE))


def test_makefile_has_the_promised_targets(root: Path) -> None:
    assert targets(root) >= TARGETS


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md", "docs/architecture.md"])
def test_every_make_command_in_a_document_is_a_target(root: Path, name: str) -> None:
    text = (root / name).read_text(encoding="utf-8")
    code = "\n".join([*re.findall(r"```[a-z]*\n(.*?)```", text, flags=re.DOTALL), *re.findall(r"`([^`\n]+)`", text)])
    named = set(re.findall(r"\bmake ([a-z]+)", code)) - {"help"}
    assert named <= targets(root)


def test_readme_shows_how_to_begin(root: Path) -> None:
    text = (root / "README.md").read_text(encoding="utf-8")
    assert all(command in text for command in ("make demo", "make test"))


def test_glossary_defines_every_domain_word_once(root: Path) -> None:
    defined = re.findall(
        r"^\*\*(\w[\w ]*)\*\*:", (root / "docs" / "glossary.md").read_text(encoding="utf-8"), re.MULTILINE
    )
    assert sorted(set(WORDS.split()) - set(defined)) == []
    assert len(defined) == len(set(defined))


def test_every_link_between_documents_leads_somewhere(files: list[Path], root: Path) -> None:
    broken = [
        f"{path.relative_to(root)}: {link}"
        for path in files
        if path.suffix == ".md"
        for link in re.findall(r"\]\(([^)#\s]+)", path.read_text(encoding="utf-8"))
        if "://" not in link and not link.startswith("mailto:") and not (path.parent / link).exists()
    ]
    assert not broken


def test_readme_lists_every_document(root: Path) -> None:
    text = (root / "README.md").read_text(encoding="utf-8")
    listed = re.findall(r"^- \[(docs/[\w-]+\.md)\]", text, flags=re.MULTILINE)
    assert sorted(listed) == sorted(f"docs/{path.name}" for path in (root / "docs").glob("*.md"))


def test_architecture_maps_every_part_of_the_hub(root: Path) -> None:
    text = (root / "docs" / "architecture.md").read_text(encoding="utf-8")
    parts = {
        f"{path.name}/" if path.is_dir() else path.name
        for path in (root / "hub" / "noctule_hub").iterdir()
        if (path / "__init__.py").exists() or path.suffix == ".py"
    } - {"__init__.py"}
    assert [part for part in sorted(parts) if f"| `{part}`" not in text] == []


def test_agent_toml_shows_every_default(root: Path) -> None:
    assert load_agent_config(root / "examples" / "agent.toml") == AgentConfig()


def leaves(table: Mapping[str, object]) -> list[str]:
    found: list[str] = []
    for key, value in table.items():
        found.extend(leaves(value) if isinstance(value, dict) else [key])
    return found


def test_agent_toml_leaves_no_key_out(root: Path) -> None:
    table = tomllib.loads((root / "examples" / "agent.toml").read_text(encoding="utf-8"))
    assert len(leaves(table)) == len(AgentConfig.__slots__)


@pytest.mark.parametrize("name", ["agent.toml", "hub.toml"])
def test_every_group_of_keys_is_explained(root: Path, name: str) -> None:
    blocks = re.split(r"\n\s*\n", (root / "examples" / name).read_text(encoding="utf-8"))
    assert not [block for block in blocks if re.search(r"^\w+ =", block, re.MULTILINE) and "#" not in block]


@pytest.mark.parametrize("name", ["clients.md", "runbook.md"])
def test_every_command_that_a_guide_names_exists(root: Path, name: str) -> None:
    text = (root / "docs" / name).read_text(encoding="utf-8")
    reference = (root / "docs" / "cli.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`(noctule [a-z]+ [a-z]+)[ `]", text))
    assert named
    assert [command for command in sorted(named) if f"### `{command}" not in reference] == []


def test_runbook_answers_each_part_of_the_troubleshooting(root: Path) -> None:
    text = (root / "docs" / "runbook.md").read_text(encoding="utf-8")
    for heading in ("Connection failed", "Events not received", "Multiple connections"):
        part = text.partition(f"## {heading}\n")[2].partition("\n## ")[0]
        assert part.count("**") >= 6, heading

from pathlib import Path

from demo.report import Outcome
from demo.simulator.credentials import CREDENTIALS
from demo.simulator.script import STORY

README = (Path(__file__).resolve().parents[2] / "examples" / "README.md").read_text()


def test_readme_names_every_key_of_the_json_document() -> None:
    document = Outcome(error="x", trouble="y").document()
    for key in (
        "devices",
        "registered",
        "samples",
        "events",
        "alerts",
        "seconds",
        "url",
        "missing",
        "error",
        "trouble",
    ):
        assert f"| `{key}` |" in README
        assert f'"{key}":' in document


def test_readme_tells_the_whole_story() -> None:
    for happening in STORY:
        assert f"`{happening.device}`" in README
        assert f"{happening.offset_s:g} s" in README
        assert f"{happening.lasts_s:g} s" in README


def test_readme_names_the_community() -> None:
    assert f"`{CREDENTIALS.community}`" in README

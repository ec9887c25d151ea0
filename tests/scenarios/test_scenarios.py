"""Every scenario file: what it expects comes, and nothing else rings or is sent."""

from pathlib import Path
from typing import Final

import pytest

from tests.scenarios.reading import load
from tests.scenarios.stage import play
from tests.scenarios.verdict import faults, timeline
from tests.scenarios.virtual_time import count_writers

SHOWN_LINES: Final = 60
FILES: Final = sorted(Path(__file__).parent.glob("*.toml"))
# Of more than an hour, or of thousands of devices: seconds each.
SLOW: Final = {"channel_down", "five_thousand_recover", "latency_rises", "link_flaps", "link_flaps_slowly"}


def _marked(path: Path) -> object:
    # A virtual moment may take a thousand turns of real threads, each of which waits for a busy core.
    marks = [pytest.mark.check, pytest.mark.timeout(300)] if path.stem in SLOW else []
    return pytest.param(path, id=path.stem, marks=marks)


@pytest.mark.parametrize("path", [_marked(path) for path in FILES])
def test_scenario_ends_as_it_expects(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    count_writers(monkeypatch)
    scenario = load(path)
    played = play(scenario, tmp_path)
    wrong = faults(scenario, played)
    told = timeline(played).splitlines()[:SHOWN_LINES]
    assert not wrong, "\n".join([f"{scenario.title}:", *wrong, "", "What was told:", *told])


def test_what_is_listed_is_there() -> None:
    assert {path.stem for path in FILES} >= SLOW

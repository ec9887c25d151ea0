"""A scenario file is read strictly, and a scenario that does not end as it expects fails, whatever is wrong."""

from pathlib import Path
from typing import Final

import pytest

from tests.scenarios.notation import bps, like, ratio, time_ms
from tests.scenarios.reading import ScenarioError, load
from tests.scenarios.stage import play
from tests.scenarios.verdict import faults
from tests.scenarios.virtual_time import count_writers

OUTAGE: Final = """
title = "A switch falls and recovers"
about = "Nothing else happens."
lasts = "4m"
devices = [{ name = "switch1" }]
channels = [{ name = "noc" }]
steps = [
    { at = "1m", do = "axis", device = "switch1", icmp = "down" },
    { at = "2m", do = "axis", device = "switch1", icmp = "up" },
]
alerts = [
    { at = "1m", title = "switch1 is offline", rule = "device-offline" },
    { at = "2m", title = "switch1 is offline", event = "update", state = "resolved" },
]
messages = [
    { at = "1m", channel = "noc", title = "[critical] switch1 is offline" },
    { at = "2m", channel = "noc", title = "[resolved] switch1 is offline" },
]
statuses = [{ at = "90s", device = "switch1", status = "offline" }]
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "outage.toml"
    path.write_text(text, "utf-8")
    return path


def fault_of(folder: Path, monkeypatch: pytest.MonkeyPatch, old: str, new: str) -> str:
    """Return what is wrong with the outage when a part of its file is another."""
    assert old in OUTAGE
    count_writers(monkeypatch)
    scenario = load(written(folder, OUTAGE.replace(old, new)))
    return "; ".join(faults(scenario, play(scenario, folder)))


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('title = "A', 'titel = "A', "unknown field `titel`"),
        ('icmp = "down"', 'icpm = "down"', "unknown field `icpm` - at `$.steps[0]`"),
        ('icmp = "down"', 'icmp = "dwon"', "Invalid enum value 'dwon' - at `$.steps[0].icmp`"),
        ('do = "axis"', 'do = "axes"', "Invalid value 'axes' - at `$.steps[0].do`"),
        ('rule = "device-offline"', 'role = "device-offline"', "unknown field `role` - at `$.alerts[0]`"),
        ('lasts = "4m"', 'lasts = "4 minutes"', "`$.lasts`"),
        ('device = "switch1", icmp = "up"', 'device = "swich1", icmp = "up"', "steps[1].device: there is no 'swich1'"),
        ('channel = "noc"', 'channel = "nok"', "messages[0].channel: there is no 'nok'"),
        ('at = "90s"', 'at = "5m"', "statuses[0].at: 5m is not over at the end, 4m"),
        ('"switch1" }]\nchannels', '"switch1", count = 2 }]\nchannels', "devices[0].name: {} stands for the number"),
    ],
)
def test_what_is_not_in_the_form_is_refused_by_name(tmp_path: Path, old: str, new: str, words: str) -> None:
    assert old in OUTAGE
    with pytest.raises(ScenarioError) as refusal:
        load(written(tmp_path, OUTAGE.replace(old, new)))
    assert words in str(refusal.value)
    assert str(refusal.value).startswith("outage.toml: ")


def test_an_outage_that_ends_as_expected_has_no_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert not fault_of(tmp_path, monkeypatch, 'lasts = "4m"', 'lasts = "5m"')


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('{ at = "1m", title = "switch1 is offline", rule = "device-offline" },', "", "alert at 1m 0s: [critical]"),
        ('rule = "device-offline"', 'rule = "interface-down"', "no alert new 'switch1 is offline' from 1m on"),
        ('{ at = "1m", title', '{ at = "1m 30s", title', "no alert new 'switch1 is offline' from 1m 30s on within 3s"),
        ('state = "resolved"', 'state = "firing"', "no alert update 'switch1 is offline' from 2m on"),
        ('title = "[resolved]', 'title = "[critical]', "message at 2m 0s on noc: [resolved] switch1"),
        ('icmp = "up" },', 'icmp = "down" },', "still open at the end: switch1 is offline (device-offline, firing)"),
        ('status = "offline"', 'status = "unreachable"', "switch1 at 90s: offline instead of unreachable"),
        ('lasts = "4m"', 'lasts = "4m"\nstill_open = ["switch1 *"]', "at the end no alert 'switch1 *' is open"),
    ],
)
def test_what_is_not_as_expected_is_a_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, old: str, new: str, words: str
) -> None:
    assert words in fault_of(tmp_path, monkeypatch, old, new)


def test_times_and_shares_and_rates_are_read_as_people_write_them() -> None:
    assert [time_ms(text) for text in ("90s", "1h 2m 3.5s", "20ms")] == [90_000, 3_723_500, 20]
    assert (ratio("35%"), bps("2.5Gbps"), bps("300 bps")) == (0.35, 2.5e9, 300.0)


def test_a_star_alone_stands_for_anything() -> None:
    assert like("[critical] core* is *", "[critical] core1 is offline")
    assert not like("[critical] core", "[critical] core1")
    assert not like("core?", "core1")

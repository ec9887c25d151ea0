"""Maintenance, settings and the status page by the command line, against a real hub."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

Run = Callable[..., Result]
Ask = Callable[..., Any]


def test_maintenance_is_planned_once_shown_ended_and_removed(signed_in: Run, ask: Ask) -> None:
    site = ask("site", "add", "planned")
    added = ask("maintenance", "add", "new power", "--site", "planned", "--for", "2h", "--note", "two hands")
    assert (added["siteIds"], added["note"], added["running"]) == ([site["id"]], "two hands", added["once"])
    wanted = str(added["id"])
    listed = signed_in("maintenance", "list").stdout
    assert "new power" in listed
    assert "sites planned" in listed
    assert "runs until" in listed
    assert "two hands" in signed_in("maintenance", "show", "NEW POWER").stdout
    assert len(ask("maintenance", "show", wanted)["occurrences"]) == 1
    assert signed_in("maintenance", "end", wanted).stdout == f"Maintenance new power ({wanted}) is ended; it is over.\n"
    assert wanted not in [str(item["id"]) for item in ask("maintenance", "list")["items"]]
    assert wanted in [str(item["id"]) for item in ask("maintenance", "list", "--all")["items"]]
    assert ask("maintenance", "remove", wanted) == {"removed": added["id"]}
    missing = signed_in("maintenance", "show", "new power")
    assert missing.exit_code == 1
    assert "there is no maintenance 'new power'; see: noctule maintenance list --all" in missing.stderr


def test_maintenance_recurs(ask: Ask, signed_in: Run) -> None:
    every = ["--every", "weekend,Mon", "--at", "02:30", "--for", "90m", "--timezone", "Europe/Zurich"]
    days = ["--first-date", "2026-01-01", "--last-date", "2098-12-31"]
    added = ask("maintenance", "add", "backups", "--tag", "db", "--tag", "web", *every, *days)
    assert added["tags"] == ["db", "web"]
    assert added["recurring"] == {
        "weekdays": ["mon", "sat", "sun"],
        "start": "02:30",
        "durationS": 5400,
        "timezone": "Europe/Zurich",
        "firstDate": "2026-01-01",
        "lastDate": "2098-12-31",
    }
    listed = signed_in("maintenance", "list").stdout
    assert "mon,sat,sun 02:30 Europe/Zurich, 90 min until 2098-12-31" in listed
    ask("maintenance", "remove", "backups")


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ([], "say how long it lasts: --for or --until"),
        (["--for", "1h", "--until", "2099-01-01T00:00"], "say how long it lasts: --for or --until"),
        (["--for", "1h", "--at", "02:00"], "go with --every"),
        (["--every", "day"], "--every needs --at and --for"),
        (["--every", "day", "--at", "02:00", "--for", "1h", "--from", "2099-01-01"], "with --every use --first-date"),
        (["--every", "someday"], "is no day; use mon"),
        (["--from", "tomorrow"], "is not a time such as"),
        (["--for", "long"], "is not a time span"),
    ],
)
def test_options_that_do_not_go_together_are_a_usage_error(signed_in: Run, options: list[str], expected: str) -> None:
    result = signed_in("maintenance", "add", "x", "--tag", "a", *options)
    assert result.exit_code == 2
    assert expected in result.stderr


def test_maintenance_that_covers_nothing_names_the_options(signed_in: Run) -> None:
    result = signed_in("maintenance", "add", "x", "--for", "1h")
    assert (result.exit_code, "--device, --site or --tag" in result.stderr) == (2, True)


def test_what_the_hub_refuses_names_the_field(signed_in: Run) -> None:
    result = signed_in("maintenance", "add", "", "--tag", "a", "--for", "1h")
    assert (result.exit_code, result.stderr.startswith("Error: name: ")) == (1, True)
    assert signed_in("maintenance", "add", "x", "--site", "nowhere", "--for", "1h").exit_code == 1


def test_settings_are_shown_and_set(signed_in: Run, ask: Ask) -> None:
    assert ask("settings", "set", "organisation", "Example Net")["organisation"] == "Example Net"
    assert signed_in("settings", "set", "public-url", "https://noctule.example.net/").stdout == "public-url is set.\n"
    shown = signed_in("settings", "show").stdout
    for text in ("Example Net", "UTC", "https://noctule.example.net"):
        assert text in shown
    assert ask("settings", "set", "public-url", "")["publicUrl"] is None
    refused = signed_in("settings", "set", "timezone", "Mars/Olympus")
    assert (refused.exit_code, refused.stderr[:16]) == (1, "Error: timezone:")


def test_the_status_page_goes_out_to_a_file_and_comes_back(signed_in: Run, ask: Ask, tmp_path: Path) -> None:
    site = ask("site", "add", "shown")
    device = ask("device", "add", "core-shown", "192.0.2.77", "--site", "shown")
    component = {"label": "Fibre", "siteIds": [site["id"]], "deviceIds": [device["id"]]}
    page = {"title": "Status", "published": True, "components": [component]}
    file = tmp_path / "page.json"
    file.write_text(json.dumps(page))
    told = signed_in("status-page", "set", str(file))
    assert told.stdout == "The status page is published at /status; components: 1.\n"
    kept = ask("status-page", "show")
    assert "Fibre  core-shown  shown" in signed_in("status-page", "show").stdout
    again = ask("status-page", "set", "-", stdin=json.dumps(kept | {"title": "Status of all", "published": False}))
    assert (again["title"], again["components"]) == ("Status of all", kept["components"])
    stale = signed_in("status-page", "set", "-", stdin=json.dumps(kept))
    assert "revision" in stale.stderr
    assert "is no JSON object" in signed_in("status-page", "set", "-", stdin="[").stderr
    assert signed_in("status-page", "set", str(tmp_path / "none.json")).exit_code == 2

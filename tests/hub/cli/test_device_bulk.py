"""Many devices changed by the command line, against a real hub: chosen by name, site or tag, refusals told of each."""

from collections.abc import Callable
from typing import Any

from click.testing import Result

Run = Callable[..., Result]
Ask = Callable[..., Any]


def test_devices_are_chosen_by_name_site_and_tag_and_changed_alike(signed_in: Run, ask: Ask) -> None:
    ask("site", "add", "many")
    for number in (1, 2, 3):
        more = ("--tag", "edge") if number > 1 else ()
        ask("device", "add", f"many-{number}", f"198.51.100.{number}", "--site", "many", *more)
    rows = ask("device", "edit-many", "many-1", "--with-tag", "edge", "--of-site", "many", "--add-tag", "new")["rows"]
    assert [row["outcome"] for row in rows] == ["changed"] * 3
    said = signed_in("device", "edit-many", "--of-site", "many", "--remove-tag", "edge", "--threshold", "retries=5")
    assert "Of 3 devices 3 are changed, 0 refused" in said.stdout
    assert ask("device", "show", "many-2")["device"]["tags"] == ["new"]
    assert [row["outcome"] for row in ask("device", "edit-many", "many-1", "--role", "core")["rows"]] == ["changed"]
    chosen = ask("device", "edit-many", "--of-site", "many", "--with-role", "core", "--role", "")["rows"]
    assert [row["outcome"] for row in chosen] == ["changed"]
    said = signed_in("device", "edit-many", "many-1", "many-2", "--interval", "60")
    assert "it is not polled by SNMP" in said.stdout
    assert "Of 2 devices 0 are changed, 2 refused" in said.stdout
    for number in (1, 2, 3):
        ask("device", "remove", f"many-{number}", "--yes")


def test_without_devices_or_a_change_it_says_what_to_name(run: Run) -> None:
    assert "--of-site" in run("device", "edit-many", "--add-tag", "x").stderr
    assert "say what changes" in run("device", "edit-many", "a").stderr

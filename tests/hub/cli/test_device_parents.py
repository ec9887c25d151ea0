"""Parents suggested by the command line, against a real hub whose hub.db is given what devices would hear by LLDP."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from typing import Any

from click.testing import Result
from noctule_hub.core.records import Neighbour
from noctule_hub.store.sqlite.discovered import replace_neighbours

from tests.hub.cli.conftest import RunningHub

Run = Callable[..., Result]
Ask = Callable[..., Any]


def test_parents_are_suggested_and_set_only_when_asked_for(hub: RunningHub, signed_in: Run, ask: Ask) -> None:
    ask("site", "add", "suggested")
    core, edge = (
        ask("device", "add", name, address, "--site", "suggested")["id"]
        for name, address in (("sugg-core", "198.51.100.1"), ("sugg-edge", "198.51.100.2"))
    )
    heard = Neighbour(None, "a1", 4, "m", 5, "b1", "", "sugg-edge", 0)
    with closing(sqlite3.connect(hub.data_dir / "hub.db")) as connection, connection:
        replace_neighbours(connection, {core: [heard]})
    suggest = ["device", "parents", "suggest", "--root", "sugg-core"]
    assert "linked with sugg-core on b1" in signed_in(*suggest).stdout
    (suggestion,) = ask(*suggest)["items"]
    assert (suggestion["deviceId"], [one["deviceId"] for one in suggestion["parents"]]) == (edge, [core])
    assert ask("device", "show", "sugg-edge")["device"]["parents"] == []
    assert "Parents are set: of 1 devices." in signed_in(*suggest, "--apply").stdout
    assert ask("device", "show", "sugg-edge")["device"]["parents"] == [core]
    assert ask(*suggest)["items"] == []
    assert "nothing to suggest" in signed_in(*suggest).stdout
    for name in ("sugg-edge", "sugg-core"):
        ask("device", "remove", name, "--yes")


def test_without_a_root_it_says_what_to_do(signed_in: Run, ask: Ask) -> None:
    # The hub is that of all tests of the command line: some of them may have left devices with parents.
    roots = ask("device", "parents", "suggest")["roots"]
    assert ("--root" in signed_in("device", "parents", "suggest").stdout) is (roots == [])

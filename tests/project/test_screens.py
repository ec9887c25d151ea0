"""Every page of the dashboard is in the table that browser tests and pictures go through."""

import re
from pathlib import Path

from tests.screens.pages import SCREENS

ENTRY = re.compile(r'\{ page: "(\w+)"')


def test_every_registered_page_is_looked_at(root: Path) -> None:
    registry = (root / "hub/web/dashboard/src/pages/registry.ts").read_text(encoding="utf-8")
    registered = set(ENTRY.findall(registry))
    assert registered, "registry.ts has no entries of the form `{ page: ...`"
    listed = {screen.page for screen in SCREENS if screen.page is not None}
    assert registered == listed, "add the page to tests/screens/pages.py, or take it out"


def test_a_screen_has_a_name_of_its_own() -> None:
    names = [screen.name for screen in SCREENS]
    assert len(names) == len(set(names))

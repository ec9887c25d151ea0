"""The map of the topology in a real browser: arranged by hand, by two at once, and true to what happens."""

from collections.abc import Iterator
from typing import Any, Final

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.browsing import PATIENCE_MS, browser
from tests.screens.api import until
from tests.screens.browser import Visitor
from tests.screens.pages import ONE_DOWN
from tests.screens.stage import SITE_DOWN, DemoNetwork

__all__ = ["browser"]

pytestmark = [pytest.mark.check, pytest.mark.timeout(240)]

DRAG_PX: Final = (40, 30)
LEAF: Final = "acc1.south"
CORE: Final = "core1.south"
# Its way to the root leads over no device of another agent, so LLDP can tell its parent.
LOOSE: Final = "acc1.north"


@pytest.fixture
def admin(browser: Browser, stage: DemoNetwork) -> Iterator[Visitor]:
    yield from _come(browser, stage)


@pytest.fixture
def other(browser: Browser, stage: DemoNetwork) -> Iterator[Visitor]:
    yield from _come(browser, stage)


def _come(browser: Browser, stage: DemoNetwork) -> Iterator[Visitor]:
    visitor = Visitor.come(browser, stage.url)
    visitor.sign_in("admin", stage.password)
    visitor.open("/topology")
    expect(visitor.page.get_by_test_id("topology-map")).not_to_have_attribute("data-marks", "0")
    yield visitor
    visitor.context.close()


def step_to(page: Page, name: str) -> None:
    """Find a device by the search, which brings it into the middle, and point at it there."""
    page.get_by_test_id("topology-find").fill(name)
    page.keyboard.press("Enter")
    box = page.get_by_test_id("topology-map").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    expect(page.get_by_test_id("topology-tip")).to_contain_text(name)


def drag(page: Page, name: str) -> None:
    step_to(page, name)
    box = page.get_by_test_id("topology-map").bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.down()
    page.mouse.move(x + DRAG_PX[0], y + DRAG_PX[1], steps=4)
    page.mouse.up()


def places(stage: DemoNetwork) -> dict[str, Any]:
    """Return where devices stand, by their names; nothing while nobody has arranged them."""
    api = stage.api()
    names = {str(number): name for name, number in api.ids("devices?limit=1000").items()}
    return {names[key]: place for key, place in api.get("topology/layout")["positions"].items()}


def save(page: Page) -> None:
    page.get_by_test_id("arrange-save").click()
    expect(page.get_by_test_id("arrange-bar")).to_have_count(0)


def test_devices_are_moved_by_mouse_and_by_keys_and_stay(admin: Visitor, stage: DemoNetwork) -> None:
    page = admin.page
    page.get_by_test_id("arrange").click()
    drag(page, LEAF)
    expect(page.get_by_test_id("arrange-bar")).to_contain_text("1 device moved")
    save(page)
    dragged = places(stage)
    page.get_by_test_id("arrange").click()
    step_to(page, LEAF)
    page.get_by_test_id("topology-map").focus()
    page.keyboard.press("Shift+ArrowDown")
    page.keyboard.press("Shift+ArrowLeft")
    save(page)
    moved = places(stage)
    assert moved[LEAF] == {"x": dragged[LEAF]["x"] - 22, "y": dragged[LEAF]["y"] + 22}
    assert {name: place for name, place in moved.items() if name != LEAF} == {
        name: place for name, place in dragged.items() if name != LEAF
    }
    admin.open("/topology")
    # What is saved again after one more step is what the fresh page was shown.
    page.get_by_test_id("arrange").click()
    step_to(page, LEAF)
    page.get_by_test_id("topology-map").focus()
    page.keyboard.press("Shift+ArrowRight")
    save(page)
    assert places(stage) == moved | {LEAF: {"x": moved[LEAF]["x"] + 22, "y": moved[LEAF]["y"]}}
    assert admin.take_complaints() == []


def test_who_saves_second_is_told_and_may_keep_both(admin: Visitor, other: Visitor, stage: DemoNetwork) -> None:
    for visitor in (admin, other):
        visitor.page.get_by_test_id("arrange").click()
    drag(admin.page, CORE)
    drag(other.page, LEAF)
    save(admin.page)
    theirs = places(stage)
    other.page.get_by_test_id("arrange-save").click()
    conflict = other.page.get_by_test_id("arrange-conflict")
    expect(conflict).to_contain_text("Your 1 move")
    assert places(stage) == theirs
    conflict.get_by_test_id("arrange-on-top").click()
    expect(other.page.get_by_test_id("arrange-bar")).to_have_count(0)
    both = places(stage)
    assert both[CORE] == theirs[CORE]
    assert both[LEAF] != theirs[LEAF]


def test_a_parent_that_lldp_suggests_is_set_from_the_map(admin: Visitor, stage: DemoNetwork) -> None:
    api, page = stage.api(), admin.page
    number = api.ids("devices?limit=1000")[LOOSE]
    device = api.get(f"devices/{number}")
    before = device["parents"]
    api.patch(f"devices/{number}", {"revision": device["revision"], "parents": []})
    until(lambda: api.get("parents/suggestions")["items"], "LLDP suggests the parent")
    admin.open("/topology/suggestions")
    suggestion = page.get_by_test_id("suggestion").filter(has_text=LOOSE)
    expect(suggestion).to_contain_text("behind agg1.north")
    suggestion.get_by_role("button").click()
    expect(page.get_by_test_id("parent-suggestions")).to_contain_text("The parents of 1 device are set")
    expect(suggestion).to_have_count(0)
    assert api.get(f"devices/{number}")["parents"] == before
    admin.open(f"/topology/{number}")
    expect(page.get_by_test_id("topology-panel").get_by_role("link", name="agg1.north").first).to_be_visible()
    assert admin.take_complaints() == []


def test_a_fault_and_those_behind_it_show_on_the_open_map_at_once(admin: Visitor, stage: DemoNetwork) -> None:
    page = admin.page
    leaf = stage.api().ids("devices?limit=1000")[LEAF]
    admin.open(f"/topology/{leaf}")
    panel = page.get_by_test_id("topology-panel")
    # Its link's load is the newest measurement, and changes as that does.
    load = panel.get_by_test_id("link-rates")
    first = load.inner_text()
    expect(load).not_to_have_text(first, use_inner_text=True, timeout=PATIENCE_MS)
    try:
        stage.silence(*SITE_DOWN)
        expect(panel).to_contain_text("Unreachable", timeout=PATIENCE_MS)
        step_to(page, LEAF)
        expect(page.get_by_test_id("topology-tip")).to_contain_text("Unreachable")
        expect(page.get_by_test_id("topology")).to_contain_text("4 devices stand behind a fault")
        step_to(page, CORE)
        expect(page.get_by_test_id("topology-tip")).to_contain_text("Offline")
    finally:
        stage.silence(*ONE_DOWN)
    assert admin.take_complaints() == []

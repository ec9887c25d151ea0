"""Every page, to everybody: it opens with its heading and data, complains of nothing, and is reached by the keyboard.

The pages are those of `tests/screens/pages.py`, on the demo's network where one device is down.
"""

import re
from collections.abc import Iterator
from typing import Final

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.browsing import browser, grave_faults
from tests.screens.browser import Visitor
from tests.screens.pages import EVERYBODY, ONE_DOWN, PUBLIC, ROLES, SCREENS, STRANGER, Screen
from tests.screens.people import People
from tests.screens.stage import DemoNetwork

__all__ = ["browser"]

pytestmark = [pytest.mark.check, pytest.mark.timeout(600)]

TABS_MAX: Final = 400
# A field for a date and a time has parts, through which Tab goes: day, month, year, hour, minute, the calendar.
PARTS_MAX: Final = 8
# What has the focus, so that two elements are never taken for one; the wall and the page's end are the body.
FOCUSED: Final = """() => {
  const one = document.activeElement;
  if (one === null || one === document.body) return null;
  window.met ??= new Map();
  if (!window.met.has(one)) window.met.set(one, window.met.size);
  return window.met.get(one);
}"""
# What Tab is to reach, as it is before; and what of that is still there afterwards and was not met.
NOTE_REACHABLE: Final = """() => {
  window.reachable = [...document.querySelectorAll('a[href], button, input, select, textarea, [tabindex="0"]')]
    .filter((one) => !one.disabled && one.tabIndex >= 0 && one.getClientRects().length > 0
      && getComputedStyle(one).visibility === 'visible' && one.closest('[inert]') === null
      && !(one.type === 'radio' && !one.checked));
}"""
UNMET: Final = """() => window.reachable
  .filter((one) => one.isConnected && one.tabIndex >= 0 && !one.disabled && one.getClientRects().length > 0
    && !window.met.has(one))
  .map((one) => one.outerHTML.slice(0, 200))"""


# What reaches beyond the window and is in nothing that clips it or is pushed aside by itself.
BEYOND: Final = """() => [...document.querySelectorAll('#content *, .topbar *, .rail *')].filter((one) => {
  const box = one.getBoundingClientRect();
  if (box.width === 0 || box.height === 0 || (box.right <= innerWidth + 1 && box.left >= -1)) return false;
  for (let outer = one.parentElement; outer !== null && outer.id !== 'content'; outer = outer.parentElement) {
    const inside = outer.getBoundingClientRect().right <= innerWidth + 1;
    if (inside && getComputedStyle(outer).overflowX !== 'visible') return false;
  }
  return true;
}).map((one) => `${one.tagName}.${one.className}`)"""
# The narrowest window that pages are to fit: 1280 px at 400 %.
NARROW: Final = (320, 640)


@pytest.fixture(scope="module")
def people(browser: Browser, stage: DemoNetwork) -> Iterator[People]:
    """People under the page's own content security policy."""
    with People(browser, stage.url, stage.furnished.passwords) as there:
        yield there


def seen_by(*roles: str) -> list[Screen]:
    return [screen for screen in SCREENS if screen.roles & set(roles)]


def visits() -> list[object]:
    """Every page and role, by role: pages after one another in one window."""
    return [pytest.param(screen, role, id=f"{role}-{screen.name}") for role in ROLES for screen in SCREENS]


@pytest.mark.parametrize(("screen", "role"), visits())
def test_a_page_shows_what_a_role_may_see_and_complains_of_nothing(
    people: People, stage: DemoNetwork, screen: Screen, role: str
) -> None:
    visitor = people[role]
    visitor.go(screen.path.format(**stage.furnished.ids))
    if role in screen.roles:
        expect(visitor.page.locator(screen.holds).first).to_be_visible()
        assert visitor.page.locator("#content [data-testid=blank][role=alert]").count() == 0, "it failed to read"
        if screen.heading is not None:
            expect(visitor.page.locator(f"#content {screen.heading}").first).not_to_be_empty()
    elif any(role in other.roles for other in SCREENS if other.page == screen.page):
        expect(visitor.page.locator(screen.holds)).to_be_hidden()
    elif screen.page != "overview":  # the first address is everybody's: it is the first page that a role has
        expect(visitor.page.locator("#content .blank")).to_be_visible()
    assert visitor.take_complaints() == []


@pytest.mark.parametrize("screen", PUBLIC, ids=lambda screen: screen.name)
def test_a_page_for_everybody_opens_without_signing_in(browser: Browser, stage: DemoNetwork, screen: Screen) -> None:
    visitor = Visitor.come(browser, stage.url)
    try:
        visitor.open(screen.path)
        expect(visitor.page.locator(screen.holds).first).to_be_visible()
        assert visitor.take_complaints() == []
    finally:
        visitor.context.close()


@pytest.mark.parametrize("role", ROLES)
def test_a_page_is_there_for_those_who_sign_in_at_its_address(browser: Browser, stage: DemoNetwork, role: str) -> None:
    # Which page it is makes no difference to who signs in; that each opens by its address is seen where axe looks.
    screen = [one for one in SCREENS if one.page and role in one.roles][-1]
    visitor = Visitor.come(browser, stage.url)
    try:
        path = screen.path.format(**stage.furnished.ids)
        visitor.page.goto(f"{stage.url}{path}")
        visitor.enter(role, stage.furnished.passwords[role])
        expect(visitor.page.locator(screen.holds).first).to_be_visible()
        assert visitor.page.url == f"{stage.url}{path}"
        assert visitor.take_complaints() == []
    finally:
        visitor.context.close()


@pytest.mark.parametrize("role", ROLES)
def test_back_and_forward_lead_through_the_pages_that_were_seen(people: People, role: str) -> None:
    visitor = people[role]
    visitor.open("/")
    words = visitor.page.locator(".rail a.rail-item").all()
    addresses = []
    for link in words:
        link.click()
        visitor.settle()
        addresses.append(visitor.page.url)
    assert len(set(addresses)) == len(addresses)
    for address in reversed(addresses[:-1]):
        visitor.page.go_back()
        visitor.settle()
        assert visitor.page.url == address
    for address in addresses[1:]:
        visitor.page.go_forward()
        visitor.settle()
        assert visitor.page.url == address
    assert visitor.take_complaints() == []


@pytest.mark.parametrize("screen", seen_by(*EVERYBODY), ids=lambda screen: screen.name)
def test_tab_reaches_every_control_and_is_caught_by_none(people: People, stage: DemoNetwork, screen: Screen) -> None:
    visitor = people[screen.visitor]
    # Anew: where Tab begins is then the beginning.
    visitor.open(screen.path.format(**stage.furnished.ids))
    page = visitor.page
    page.evaluate(NOTE_REACHABLE)
    met: list[int] = []
    within = 0
    for _ in range(TABS_MAX):
        page.keyboard.press("Tab")
        focused = page.evaluate(FOCUSED)
        within = within + 1 if met and focused == met[-1] else 0
        if 0 < within < PARTS_MAX:
            continue
        if focused is None or focused in met:
            break
        met.append(focused)
    else:
        pytest.fail(f"the end is not reached by {TABS_MAX} tabs")
    # Round to the beginning, or out of the page: not back into the middle.
    assert focused in {None, 0}, f"Tab is caught: {met[-5:]} is followed by {focused}"
    assert page.evaluate(UNMET) == []


@pytest.mark.parametrize("path", ["/", "/?wall=1"], ids=["overview", "wall"])
def test_tiles_with_names_are_one_stop_of_tab_and_arrow_keys_lead_on(people: People, path: str) -> None:
    visitor = people["admin"]
    visitor.open(path)
    page = visitor.page
    tiles = page.locator(".tile")
    stops = page.locator(".tile[tabindex='0']")
    expect(stops).to_have_count(1)
    stops.focus()
    page.keyboard.press("Control+End")
    expect(tiles.last).to_be_focused()
    page.keyboard.press("ArrowLeft")
    expect(tiles.nth(tiles.count() - 2)).to_be_focused()
    expect(stops).to_have_count(1)
    # Where one was is where Tab leads back to.
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Tab")
    expect(tiles.nth(tiles.count() - 2)).to_be_focused()
    name = (tiles.nth(tiles.count() - 2).get_attribute("title") or "").partition(":")[0]
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("device-panel").get_by_role("heading", name=name, exact=True)).to_be_visible()
    assert visitor.take_complaints() == []


def test_keys_lead_to_pages_rows_and_help(people: People) -> None:
    visitor = people["admin"]
    page = visitor.page
    visitor.open("/")
    page.keyboard.press("g")
    page.keyboard.press("d")
    rows = page.get_by_test_id("device-row")
    expect(rows.first).to_be_visible()
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("device-answer")).to_be_visible()
    opened = page.url
    assert "/devices/" in opened
    page.keyboard.press("Escape")
    expect(page.get_by_test_id("device-answer")).to_be_hidden()
    page.keyboard.press("/")
    expect(page.get_by_test_id("filter")).to_be_focused()
    page.keyboard.type(ONE_DOWN[0])
    expect(rows).to_have_count(1)
    # Not its state: with the machine under load a device above it may be silent for a moment too.
    expect(rows.get_by_role("link", name=ONE_DOWN[0], exact=True)).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    assert visitor.take_complaints() == []


@pytest.fixture(scope="module")
def examined(browser: Browser, stage: DemoNetwork) -> Iterator[People]:
    """People for axe: the policy forbids to put it into a page, so for these, only, it is off."""
    with People(browser, stage.url, stage.furnished.passwords, bypass_csp=True) as there:
        yield there


@pytest.mark.parametrize("screen", [*SCREENS, *PUBLIC], ids=lambda screen: screen.name)
def test_axe_finds_nothing_serious(examined: People, stage: DemoNetwork, screen: Screen) -> None:
    visitor = examined[screen.visitor]
    path = screen.path.format(**stage.furnished.ids)
    visitor.open(path)
    assert visitor.page.url == f"{stage.url}{path}"
    expect(visitor.page.locator(screen.holds).first).to_be_visible()
    assert grave_faults(visitor) == []


def test_the_public_page_says_how_old_it_is_while_the_hub_is_away(examined: People) -> None:
    page = examined[STRANGER].page
    examined[STRANGER].open("/status")
    page.route("**/status", lambda route: route.abort())
    page.evaluate("() => window.dispatchEvent(new Event('online'))")
    page.wait_for_selector("#stale:not([hidden])")
    assert page.locator("#stale").inner_text().startswith("Reconnecting. What you see is ")
    page.unroute("**/status")
    page.evaluate("() => window.dispatchEvent(new Event('online'))")
    page.wait_for_selector("#stale", state="hidden")


@pytest.fixture(scope="module")
def narrow(browser: Browser, stage: DemoNetwork) -> Iterator[People]:
    with People(browser, stage.url, stage.furnished.passwords, size=NARROW) as there:
        yield there


@pytest.mark.parametrize("screen", SCREENS, ids=lambda screen: screen.name)
def test_a_page_fits_the_narrowest_window(narrow: People, stage: DemoNetwork, screen: Screen) -> None:
    visitor = narrow[screen.visitor]
    visitor.go(screen.path.format(**stage.furnished.ids))
    assert visitor.page.evaluate("document.documentElement.scrollWidth") == NARROW[0]
    assert visitor.page.evaluate(BEYOND) == []


def test_every_page_is_behind_the_bar_of_a_phone(narrow: People) -> None:
    page = narrow["admin"].page
    narrow["admin"].go("/")
    page.get_by_test_id("rail-more").click()
    page.get_by_test_id("rail-all").get_by_test_id("rail-audit").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Audit")
    expect(page.get_by_test_id("rail-all")).to_have_count(0)
    expect(page.get_by_test_id("rail-more")).to_have_attribute("aria-current", "page")


def test_words_that_are_cut_say_themselves_whole(narrow: People) -> None:
    narrow["admin"].go("/logs")
    message = narrow["admin"].page.locator(".log-message", has_text="BGP-4-MAXPFX").first
    message.hover()
    expect(message).to_have_attribute("title", re.compile("reaches 9500, max 10000$"))

"""More devices than tiles have names for, in a real browser: each is still read, reached and opened without a mouse."""

import re
from collections.abc import Iterator
from typing import Final

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.browsing import PATIENCE_MS, browser, grave_faults
from tests.e2e.conftest import SITE, Installation, Snmpd, free_udp_port, installed, wait_until
from tests.screens.api import HubApi
from tests.screens.browser import Visitor

__all__ = ["browser"]

pytestmark = [pytest.mark.check, pytest.mark.timeout(180)]

# Above 400 tiles have no names.
MANY: Final = 420
FAR: Final = "far"
TABS_MAX: Final = 60
STEPS: Final = 60
SLOWER: Final = 8
LABELS: Final = "(tiles) => tiles.map((tile) => tile.getAttribute('aria-label'))"
FOCUSED_LABEL: Final = "() => document.activeElement.getAttribute('aria-label')"
FOCUSED_ROW: Final = "() => document.activeElement.closest('[data-testid=device-row]')?.ariaRowIndex"


@pytest.fixture(scope="module")
def installation(snmpd: Snmpd) -> Iterator[Installation]:
    """One of this module's own: `router` answers, `dead` does not, and of the many nobody knows: they have no agent."""
    with installed(snmpd) as made:
        made.noctule(
            *("device", "add", "dead", "127.0.0.9", "--site", SITE, "--reachability", "snmp", "--interval", "1"),
            *("--snmp-version", "2c", "--snmp-port", str(free_udp_port())),
            *("--community-file", str(made.folder / "community")),
        )
        made.noctule("site", "add", FAR)
        rows = [{"name": f"cpe-{n}", "address": f"127.9.{n // 250}.{n % 250}", "site": FAR} for n in range(MANY)]
        api = HubApi(made.url, "admin", made.password)
        api.post("devices/import", {"devices": rows})
        wait_until(lambda: {"dead: offline", "router: online"} <= labels(api), "both are judged")
        yield made


def labels(api: HubApi) -> set[str]:
    """Return what the tiles are to be read as."""
    return {f"{device['name']}: {device['status']}" for device in api.get("devices?limit=1000")["items"]}


@pytest.fixture(scope="module")
def visitor(browser: Browser, installation: Installation) -> Iterator[Visitor]:
    come = Visitor.come(browser, installation.url, bypass_csp=True)
    come.sign_in("admin", installation.password)
    yield come
    come.context.close()


def open_tiles(visitor: Visitor, path: str) -> None:
    visitor.open(path)
    # They are made some in each frame.
    expect(visitor.page.locator(".bare .tile")).to_have_count(MANY + 2, timeout=PATIENCE_MS)


@pytest.mark.parametrize("path", ["/", "/?wall=1"], ids=["overview", "wall"])
def test_tiles_without_names_are_read_with_name_and_state(
    visitor: Visitor, installation: Installation, path: str
) -> None:
    open_tiles(visitor, path)
    read = visitor.page.locator(".bare .tile").evaluate_all(LABELS)
    assert len(read) == len(set(read))
    assert set(read) == labels(HubApi(installation.url, "admin", installation.password))
    expect(visitor.page.get_by_role("link", name="dead: offline", exact=True)).to_have_class(re.compile("is-offline"))
    assert grave_faults(visitor) == []
    assert visitor.take_complaints() == []


def test_arrow_keys_go_from_tile_to_tile_and_enter_opens_one(visitor: Visitor) -> None:
    open_tiles(visitor, "/")
    page = visitor.page
    order = page.locator(".bare .tile").evaluate_all(LABELS)
    for _ in range(TABS_MAX):
        page.keyboard.press("Tab")
        if page.evaluate(FOCUSED_LABEL) == order[0]:
            break
    else:
        pytest.fail(f"no tile is reached by {TABS_MAX} tabs")
    for key, label in (("ArrowRight", order[1]), ("Control+End", order[-1]), ("ArrowLeft", order[-2])):
        page.keyboard.press(key)
        assert page.evaluate(FOCUSED_LABEL) == label
    page.keyboard.press("Control+Home")
    page.keyboard.press("ArrowDown")
    below = order.index(page.evaluate(FOCUSED_LABEL))
    page.keyboard.press("ArrowUp")
    assert page.evaluate(FOCUSED_LABEL) == order[0]
    page.keyboard.press("End")
    # The last of the first row is followed by the first of the second.
    assert order.index(page.evaluate(FOCUSED_LABEL)) == below - 1
    # All tiles are one stop: Tab leads past them.
    page.keyboard.press("Tab")
    assert page.evaluate(FOCUSED_LABEL) not in order
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Home")
    name = order[0].partition(":")[0]
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/devices/\d+$"))
    expect(page.locator("aside, .panel").get_by_role("heading", name=name, exact=True).first).to_be_visible()
    page.go_back()
    expect(page.locator(".bare .tile")).to_have_count(MANY + 2, timeout=PATIENCE_MS)
    assert visitor.take_complaints() == []


def test_the_list_says_states_in_words(visitor: Visitor) -> None:
    visitor.open("/devices")
    expect(visitor.page.get_by_role("table")).to_have_attribute("aria-rowcount", str(MANY + 3))
    expect(visitor.page.get_by_test_id("device-row").filter(has_text="dead")).to_contain_text("Offline")
    assert grave_faults(visitor) == []
    assert visitor.take_complaints() == []


def test_a_slow_browser_keeps_the_place_in_the_list_when_keys_come_fast(visitor: Visitor) -> None:
    visitor.open("/devices")
    page = visitor.page
    throttle = visitor.context.new_cdp_session(page)
    throttle.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    assert page.get_by_test_id("device-row").count() < STEPS, "rows out of sight are not drawn"
    for _ in range(STEPS):
        page.keyboard.press("j")
    page.keyboard.press("k")
    # The head is the first row, and the first `j` goes to the second.
    page.wait_for_function(f"({FOCUSED_ROW})() === '{STEPS}'")
    device_id = page.evaluate("() => document.activeElement.closest('[data-device-id]').dataset.deviceId")
    throttle.detach()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(rf"/devices/{device_id}$"))
    expect(page.get_by_test_id("device-answer")).to_be_visible()
    assert visitor.take_complaints() == []

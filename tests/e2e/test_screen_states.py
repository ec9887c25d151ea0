"""What pages show while they have nothing to show, or nothing new: that they wait, why, and of when it is."""

import json
import re
from collections.abc import Iterator
from typing import Final

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.e2e.browsing import browser
from tests.screens.browser import ASKED, Visitor, is_of_a_page
from tests.screens.pages import SCREENS, Screen
from tests.screens.people import People
from tests.screens.stage import DemoNetwork

__all__ = ["browser"]

pytestmark = [pytest.mark.check, pytest.mark.timeout(300)]

TROUBLE: Final = "the database is read-only"
PATIENCE_MS: Final = 40_000
ROUNDS: Final = 15
FIRST_OF_EACH_PAGE: Final = list({screen.page: screen for screen in reversed(SCREENS) if screen.page}.values())[::-1]


@pytest.fixture(scope="module")
def stage() -> Iterator[DemoNetwork]:
    with DemoNetwork() as network:
        yield network


@pytest.fixture(scope="module")
def people(browser: Browser, stage: DemoNetwork) -> Iterator[People]:
    with People(browser, stage.url, stage.furnished.passwords) as there:
        yield there


class SlowHub:
    """Keeps the answers to a page's questions back; `refuse` gives them all a status instead, until `recover`."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._held: list[Route] = []
        self._status: int | None = None
        page.route(ASKED, self._answer)

    def refuse(self, status: int) -> None:
        self._status = status
        for route in self._held:
            self._refuse(route)

    def recover(self) -> None:
        self._page.unroute(ASKED, self._answer)

    def _answer(self, route: Route) -> None:
        if not is_of_a_page(route.request.url):
            route.continue_()
        elif self._status is None:
            self._held.append(route)
        else:
            self._refuse(route)

    def _refuse(self, route: Route) -> None:
        route.fulfill(status=self._status, body=json.dumps({"message": TROUBLE, "code": "x"}))


@pytest.mark.parametrize("screen", FIRST_OF_EACH_PAGE, ids=lambda screen: screen.page)
def test_a_page_says_that_it_waits_then_what_failed_and_recovers_when_asked(
    people: People, stage: DemoNetwork, screen: Screen
) -> None:
    visitor = people[screen.visitor]
    page = visitor.page
    hub = SlowHub(page)
    page.goto(f"{stage.url}{screen.path.format(**stage.furnished.ids)}")
    expect(page.locator("#content .skeleton").first).to_be_visible(timeout=PATIENCE_MS)
    expect(page.locator("#content [data-testid=retry]")).to_have_count(0)
    hub.refuse(500)
    expect(page.locator("#content [data-testid=retry]").first).to_be_visible(timeout=PATIENCE_MS)
    expect(page.locator("#content").get_by_text(TROUBLE[1:]).first).to_be_visible()
    hub.recover()
    page.locator("#content [data-testid=retry]").first.click()
    expect(page.locator(screen.holds).first).to_be_visible(timeout=PATIENCE_MS)
    expect(page.locator("#content [data-testid=failed]")).to_have_count(0, timeout=PATIENCE_MS)
    visitor.take_complaints()


@pytest.mark.parametrize(("status", "words"), [(403, "may not see this"), (404, "nothing under this address")])
def test_what_a_person_may_not_see_or_is_gone_reads_as_that(people: People, status: int, words: str) -> None:
    page = people["admin"].page
    hub = SlowHub(page)
    page.goto(f"{people['admin'].url}/agents")
    hub.refuse(status)
    expect(page.get_by_test_id("failed")).to_contain_text(words, timeout=PATIENCE_MS)
    hub.recover()
    people["admin"].take_complaints()


@pytest.mark.parametrize(
    ("path", "refused", "where", "told"),
    [
        ("/users", "**/api/v1/clients?*", ".list-head .answer", r"^\d+ users\.$"),
        ("/silences", "**/api/v1/silences?*", ".page-segments", r"^\D*$"),
        ("/channels", "**/api/v1/channels?*", ".list-head .answer", r"^$"),
        ("/audit", "**/api/v1/audit?*", ".list-head .answer", r"^$"),
        ("/settings/sites", "**/api/v1/agents?*", "[data-testid=site-table] tbody tr:first-child", r"^\D+\d+\D*$"),
    ],
)
def test_what_could_not_be_read_is_not_told_as_none(
    people: People, path: str, refused: str, where: str, told: str
) -> None:
    visitor = people["admin"]
    visitor.page.route(refused, lambda route: route.fulfill(status=500, body="{}"))
    visitor.open(path)
    expect(visitor.page.locator(where)).to_have_text(re.compile(told), timeout=PATIENCE_MS)
    visitor.page.unroute_all()


def test_a_customer_is_told_which_of_its_months_could_not_be_read(people: People) -> None:
    visitor = people["customer"]
    body = json.dumps({"message": TROUBLE, "code": "x"})
    visitor.page.route("**/api/v1/me/services/*/availability/*", lambda route: route.fulfill(status=500, body=body))
    visitor.page.goto(f"{visitor.url}/services")
    expect(visitor.page.get_by_test_id("own-months").locator("tbody tr").first).to_contain_text(TROUBLE)
    visitor.page.unroute_all()
    visitor.take_complaints()
    visitor.take_complaints()


def test_what_answers_in_the_hub_s_place_is_told_as_that(people: People) -> None:
    visitor = people["admin"]
    page = "<html>Welcome to our wireless network</html>"
    visitor.page.route("**/api/v1/agents?*", lambda route: route.fulfill(content_type="text/html", body=page))
    visitor.open("/agents")
    expect(visitor.page.get_by_test_id("failed")).to_contain_text("is not the hub", timeout=PATIENCE_MS)
    visitor.page.unroute_all()
    visitor.take_complaints()


def test_back_closes_a_dialog_and_finds_a_list_where_it_was_left(people: People, stage: DemoNetwork) -> None:
    stage.chat(ROUNDS)
    visitor = people["admin"]
    page = visitor.page
    visitor.open("/logs")
    lines = page.get_by_test_id("log-line")
    expect(lines.first).to_be_visible()
    lines.first.click()
    expect(page.get_by_test_id("log-detail")).to_be_visible()
    page.go_back()
    expect(page.get_by_test_id("log-detail")).to_be_hidden()
    assert page.url == f"{stage.url}/logs"

    scroller = page.locator(".log-lines")
    scroller.evaluate("(box) => { box.scrollTop = 1300; }")
    page.get_by_test_id("rail-agents").click()
    expect(page.get_by_test_id("table-row").first).to_be_visible()
    page.go_back()
    page.wait_for_function("() => Math.abs((document.querySelector('.log-lines')?.scrollTop ?? 0) - 1300) < 3")
    assert visitor.take_complaints() == []


def test_on_paper_a_list_is_whole_and_says_of_which_hub_and_when(people: People, stage: DemoNetwork) -> None:
    visitor = people["admin"]
    page = visitor.page
    visitor.go("/logs")
    lines = page.get_by_test_id("log-line")
    expect(lines.first).to_be_visible()
    assert lines.count() < 100
    page.emulate_media(media="print")
    expect(page.locator(".print-head")).to_contain_text(stage.url.removeprefix("http://"))
    expect(page.locator(".print-head")).to_contain_text("UTC")
    expect(page.locator(".rail")).to_be_hidden()
    page.wait_for_function("() => document.querySelectorAll('[data-testid=log-line]').length >= 150")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    page.emulate_media(media="screen")


def test_a_chart_is_taken_along_as_numbers_and_as_a_picture(people: People, stage: DemoNetwork) -> None:
    visitor = people["admin"]
    page = visitor.page
    visitor.go(f"/devices/{stage.furnished.ids['device']}")
    chart = page.get_by_test_id("latency-chart")
    expect(chart).not_to_have_attribute("data-points", "0", timeout=PATIENCE_MS)
    with page.expect_download() as numbers:
        chart.get_by_role("button", name="CSV").click()
    lines = numbers.value.path().read_text(encoding="utf-8").splitlines()
    assert lines[0].lstrip("\ufeff").startswith("time,")
    assert len(lines) > 1
    with page.expect_download() as picture:
        chart.get_by_role("button", name="PNG").click()
    assert picture.value.path().read_bytes().startswith(b"\x89PNG")
    assert visitor.take_complaints() == []


def test_a_key_tells_all_times_in_utc_and_marks_them(people: People) -> None:
    visitor = people["admin"]
    visitor.go("/logs")
    time = visitor.page.locator("time").first
    expect(time).not_to_contain_text("Z")
    visitor.page.keyboard.press("u")
    expect(time).to_contain_text("Z")
    visitor.page.keyboard.press("u")
    expect(time).not_to_contain_text("Z")


def test_a_session_that_ends_keeps_the_page_and_what_was_typed(people: People, stage: DemoNetwork) -> None:
    visitor = people["operator"]
    page = visitor.page
    visitor.open("/customers")
    page.get_by_role("button", name="Add a customer").click()
    name = page.get_by_test_id("customer-form").get_by_label("Name", exact=True)
    name.fill("Lighthouse Brewery")
    api = stage.api()
    operator = next(user["id"] for user in api.get("users")["items"] if user["username"] == "operator")
    for session in api.get(f"sessions?userId={operator}")["items"]:
        api.delete(f"sessions/{session['id']}")
    page.get_by_test_id("form-submit").click()
    again = page.get_by_test_id("signin-again")
    expect(again).to_be_visible(timeout=PATIENCE_MS)
    page.keyboard.press("Escape")
    expect(again).to_be_visible()
    again.get_by_test_id("signin-username").fill("operator")
    again.get_by_test_id("signin-password").fill(stage.furnished.passwords["operator"])
    again.get_by_test_id("signin-submit").click()
    expect(again).to_be_hidden(timeout=PATIENCE_MS)
    expect(name).to_have_value("Lighthouse Brewery")
    page.get_by_test_id("form-submit").click()
    expect(page.get_by_test_id("table-row").filter(has_text="Lighthouse Brewery")).to_be_visible(timeout=PATIENCE_MS)
    visitor.take_complaints()


def test_without_a_link_nothing_passes_for_live_and_all_goes_on_by_itself(people: People, stage: DemoNetwork) -> None:
    watchers = {"admin": "/devices", "customer": "/services"}
    for role, path in watchers.items():
        people[role].open(path)
        people[role].page.evaluate("() => { window.same = true; }")
    stage.stop_hub()
    for role in watchers:
        page = people[role].page
        expect(page.get_by_test_id("link-bar")).to_contain_text("old", timeout=PATIENCE_MS)
        expect(page.get_by_test_id("link-state")).not_to_have_text("Live")
        expect(page.get_by_test_id("as-of").first).to_be_visible()
    stage.start_hub()
    for role in watchers:
        page = people[role].page
        expect(page.get_by_test_id("link-state")).to_have_attribute("data-phase", "live", timeout=2 * PATIENCE_MS)
        expect(page.get_by_test_id("link-bar")).to_be_hidden()
        expect(page.get_by_test_id("as-of")).to_have_count(0)
        assert page.evaluate("window.same"), "the page was loaded anew"
        people[role].take_complaints()


def test_a_page_that_fails_says_so_and_the_others_go_on(people: People) -> None:
    visitor = people["viewer"]
    page = visitor.page
    # As after an update of the hub: what a page that is open would load is not there any more.
    page.route("**/assets/AgentsPage-*.js", lambda route: route.fulfill(status=404))
    visitor.open("/")
    page.get_by_test_id("rail-agents").click()
    expect(page.get_by_test_id("page-failed")).to_contain_text("Reload")
    page.get_by_test_id("rail-devices").click()
    expect(page.get_by_test_id("device-row").first).to_be_visible()
    page.unroute_all()
    visitor.take_complaints()


def test_a_network_that_swallows_websockets_is_got_around(browser: Browser, stage: DemoNetwork) -> None:
    visitor = Visitor.come(browser, stage.url)
    try:
        # Taken up, as some proxies do, and nothing comes or goes on it: no refusal that could be fallen back from.
        visitor.page.route_web_socket("**", lambda _socket: None)
        visitor.page.goto(stage.url)
        visitor.page.get_by_test_id("signin-username").fill("operator")
        visitor.page.get_by_test_id("signin-password").fill(stage.furnished.passwords["operator"])
        visitor.page.get_by_test_id("signin-submit").click()
        link = visitor.page.get_by_test_id("link-state")
        expect(link).to_have_attribute("data-phase", "live", timeout=3 * PATIENCE_MS)
        expect(visitor.page.get_by_test_id("link-bar")).to_be_hidden()
    finally:
        visitor.context.close()


def test_somebody_else_who_signs_in_gets_a_page_of_their_own(browser: Browser, stage: DemoNetwork) -> None:
    visitor = Visitor.come(browser, stage.url)
    try:
        visitor.sign_in("operator", stage.furnished.passwords["operator"])
        visitor.open("/customers")
        visitor.context.clear_cookies()
        visitor.page.route(ASKED, lambda route: route.fulfill(status=401, body="{}"))
        visitor.page.get_by_test_id("rail-agents").click()
        again = visitor.page.get_by_test_id("signin-again")
        expect(again).to_be_visible(timeout=PATIENCE_MS)
        visitor.page.unroute_all()
        again.get_by_test_id("signin-username").fill("viewer")
        again.get_by_test_id("signin-password").fill(stage.furnished.passwords["viewer"])
        again.get_by_test_id("signin-submit").click()
        expect(again).to_be_hidden(timeout=PATIENCE_MS)
        expect(visitor.page.get_by_test_id("account")).to_contain_text("viewer")
        expect(visitor.page.get_by_test_id("rail-customers")).to_have_count(0)
    finally:
        visitor.context.close()

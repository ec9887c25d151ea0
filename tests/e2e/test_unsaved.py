"""What is typed and not saved is asked for before it is lost; who may not change a thing is told so. In a browser."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.browsing import PATIENCE_MS, browser, page, sign_in
from tests.e2e.conftest import Installation

__all__ = ["browser", "page"]

pytestmark = [pytest.mark.check, pytest.mark.timeout(180)]

PASSWORD = "a-viewers-own-password"


def write_silence(page: Page, installation: Installation) -> None:
    """Open a new silence from the list of alerts, and type half of it."""
    sign_in(page, installation)
    page.get_by_test_id("rail-silences").click()
    page.get_by_test_id("silence-add").first.click()
    page.get_by_test_id("silence-comment").fill("half a thought")


def keep(page: Page) -> None:
    """Answer the question by the keyboard alone: what was typed stays. It is said as a dialog with its name."""
    question = page.get_by_role("dialog", name="Discard what you typed?")
    expect(question).to_be_visible()
    expect(question.get_by_role("button", name="Keep editing")).to_be_focused()
    page.keyboard.press("Enter")
    expect(question).to_have_count(0)


def discard(page: Page) -> None:
    page.get_by_test_id("discard-yes").click()
    expect(page.get_by_test_id("discard")).to_have_count(0)


def sign_out(page: Page) -> None:
    page.get_by_test_id("account").click()
    page.get_by_test_id("sign-out").click()


def test_panel_that_is_left_asks_before_what_was_typed_is_lost(page: Page, installation: Installation) -> None:
    write_silence(page, installation)
    comment = page.get_by_test_id("silence-comment")
    ways = (
        lambda: page.get_by_test_id("rail-devices").click(),
        lambda: page.get_by_role("button", name="Close", exact=True).click(),
        lambda: sign_out(page),
        page.go_back,
    )
    for way in ways:
        way()
        keep(page)
        expect(comment).to_have_value("half a thought")
        assert page.url.endswith("/silences/new")
    page.go_back()
    discard(page)
    expect(comment).to_have_count(0)
    assert page.url.endswith("/silences")
    # Nothing was typed at the list: nobody is asked.
    page.go_back()
    expect(page.get_by_test_id("silences")).to_have_count(0)


def test_way_that_was_asked_about_is_taken_once_what_was_typed_may_go(page: Page, installation: Installation) -> None:
    write_silence(page, installation)
    page.get_by_test_id("rail-devices").click()
    discard(page)
    expect(page.get_by_test_id("device-row").first).to_be_visible(timeout=PATIENCE_MS)
    page.go_back()
    expect(page.get_by_test_id("silence-comment")).to_have_value("")
    page.get_by_test_id("rail-devices").click()
    expect(page.get_by_test_id("device-row").first).to_be_visible(timeout=PATIENCE_MS)


def test_what_was_saved_is_not_asked_for(page: Page, installation: Installation) -> None:
    write_silence(page, installation)
    page.get_by_label("Names").fill("no-such-device")
    page.keyboard.press("Enter")
    page.get_by_test_id("form-submit").click()
    expect(page.get_by_test_id("silence-expire")).to_be_visible(timeout=PATIENCE_MS)
    page.get_by_test_id("silence-comment").fill("a whole thought")
    page.get_by_test_id("form-submit").click()
    expect(page.get_by_test_id("saved")).to_be_visible(timeout=PATIENCE_MS)
    page.get_by_test_id("silence-comment").fill("another")
    # What is removed takes what was typed with it: that was asked already.
    page.get_by_role("button", name="Remove").click()
    page.get_by_test_id("confirm-yes").click()
    expect(page.get_by_test_id("silence-panel")).to_have_count(0, timeout=PATIENCE_MS)
    page.get_by_test_id("rail-devices").click()
    expect(page.get_by_test_id("device-row").first).to_be_visible(timeout=PATIENCE_MS)


def test_dialog_asks_each_time_it_would_be_closed(page: Page, installation: Installation) -> None:
    sign_in(page, installation)
    page.get_by_test_id("rail-devices").click()
    page.get_by_test_id("add-device").click()
    dialog = page.get_by_test_id("edit-dialog")
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    page.get_by_test_id("add-device").click()
    name = page.get_by_test_id("device-name")
    name.fill("half a name")
    for way in (lambda: page.keyboard.press("Escape"), lambda: page.keyboard.press("Escape"), page.go_back):
        way()
        keep(page)
        expect(name).to_have_value("half a name")
    dialog.get_by_role("button", name="Close").first.click()
    discard(page)
    expect(dialog).to_have_count(0)
    # The browser takes a moment to leave the dialog's entry.
    page.wait_for_function("!history.state.layer")
    page.go_back()
    expect(page.get_by_test_id("add-device")).to_have_count(0)


def test_browser_asks_before_the_whole_page_goes(page: Page, installation: Installation) -> None:
    write_silence(page, installation)
    with page.expect_event("dialog") as asked:
        page.close(run_before_unload=True)
    assert asked.value.type == "beforeunload"
    asked.value.accept()


@pytest.fixture
def viewer(browser: Browser, installation: Installation) -> Iterator[Page]:
    secret = installation.folder / "viewer"
    secret.write_text(PASSWORD)
    installation.noctule("user", "add", "vera", "--role", "viewer", "--password-file", str(secret))
    with browser.new_context(viewport={"width": 1440, "height": 900}) as context:
        page = context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        page.goto(installation.url)
        page.get_by_test_id("signin-username").fill("vera")
        page.get_by_test_id("signin-password").fill(PASSWORD)
        page.get_by_test_id("signin-submit").click()
        expect(page.get_by_test_id("link-state")).to_have_attribute("data-phase", "live", timeout=PATIENCE_MS)
        yield page


def test_link_to_what_the_role_may_not_change_says_so(viewer: Page, installation: Installation) -> None:
    told = viewer.get_by_test_id("forbidden")
    for path in ("/devices?edit=new", "/devices?desk=import", "/rules/new", "/silences/new", "/maintenance/new"):
        viewer.goto(f"{installation.url}{path}")
        expect(told).to_contain_text("Your role may not change this", timeout=PATIENCE_MS)
        expect(told).to_contain_text("viewer")
    told.get_by_role("button", name="Close").click()
    expect(told).to_have_count(0)

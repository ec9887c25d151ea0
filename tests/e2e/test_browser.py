"""The dashboard in a real browser, over a real hub, agent and router: what a person sees and what changes in place."""

import shutil
from collections.abc import Iterator
from typing import Final

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect, sync_playwright

from tests.e2e.conftest import Installation, Snmpd, wait_until

pytestmark = [pytest.mark.check, pytest.mark.timeout(180)]

FLAGS: Final = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PATIENCE_MS: Final = 40_000


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("Chromium is not installed (Debian: chromium)")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield started
        started.close()


@pytest.fixture
def page(browser: Browser, installation: Installation) -> Iterator[Page]:
    """A page of a fresh visitor; fails when the page's own code complains."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    complaints: list[str] = []

    def complain(message: ConsoleMessage) -> None:
        # The browser itself reports that a wrong password was refused. A visitor's page asks for nothing else.
        wrong_password = "401" in message.text and message.location["url"].endswith("/auth/login")
        if message.type in {"error", "warning"} and not wrong_password:
            complaints.append(message.text)

    page.on("console", complain)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(installation.url)
    yield page
    context.close()
    assert complaints == []


def sign_in(page: Page, installation: Installation) -> None:
    page.get_by_test_id("signin-username").fill("admin")
    page.get_by_test_id("signin-password").fill(installation.password)
    page.get_by_test_id("signin-submit").click()
    expect(page.get_by_test_id("link-state")).to_have_attribute("data-phase", "live", timeout=PATIENCE_MS)


def test_wrong_password_is_refused_in_words(page: Page) -> None:
    page.get_by_test_id("signin-username").fill("admin")
    page.get_by_test_id("signin-password").fill("not-the-password")
    page.get_by_test_id("signin-submit").click()
    expect(page.get_by_test_id("signin-error")).to_be_visible(timeout=PATIENCE_MS)


def test_registered_router_is_seen_with_its_state_latency_and_traffic(page: Page, installation: Installation) -> None:
    sign_in(page, installation)
    row = page.get_by_test_id("device-row").filter(has_text="router")
    expect(row).to_have_attribute("data-status", "online", timeout=PATIENCE_MS)
    expect(row).to_contain_text("Online")
    expect(row.get_by_test_id("device-latency")).to_contain_text("SNMP", timeout=PATIENCE_MS)
    row.click()
    expect(page.get_by_test_id("device-answer")).to_contain_text("Online since")
    expect(page.get_by_test_id("interface-row").first).to_be_visible(timeout=PATIENCE_MS)
    assert "/devices/" in page.url


def test_session_survives_a_reload(page: Page, installation: Installation) -> None:
    sign_in(page, installation)
    page.reload()
    expect(page.get_by_test_id("link-state")).to_have_attribute("data-phase", "live", timeout=PATIENCE_MS)
    expect(page.get_by_test_id("device-row").first).to_be_visible(timeout=PATIENCE_MS)


def test_fallen_router_turns_offline_in_place_with_a_toast_and_comes_back(
    page: Page, installation: Installation, snmpd: Snmpd
) -> None:
    wait_until(lambda: installation.devices()["router"]["status"] == "online", "router online")
    sign_in(page, installation)
    row = page.get_by_test_id("device-row").filter(has_text="router")
    expect(row).to_have_attribute("data-status", "online", timeout=PATIENCE_MS)
    snmpd.stop()
    try:
        expect(row).to_have_attribute("data-status", "offline", timeout=PATIENCE_MS)
        expect(page.get_by_test_id("toast").first).to_contain_text("router is offline", timeout=PATIENCE_MS)
    finally:
        snmpd.start()
    expect(row).to_have_attribute("data-status", "online", timeout=PATIENCE_MS)


def test_trial_page_hears_events_without_signing_in(page: Page, installation: Installation) -> None:
    page.goto(f"{installation.url}/ws-test")
    page.get_by_test_id("ws-connect-anonymous").click()
    expect(page.get_by_test_id("ws-state")).to_have_attribute("data-phase", "live", timeout=PATIENCE_MS)
    expect(page.locator('[data-testid="ws-event"][data-event="stats:update"]').first).to_be_visible(timeout=PATIENCE_MS)

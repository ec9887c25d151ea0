"""A real browser for tests of the dashboard: fixtures that a module imports, and the way in."""

from collections.abc import Iterator
from typing import Final

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect

from tests.e2e.conftest import Installation
from tests.e2e.web_packages import WEB
from tests.screens.browser import NoBrowserError, Visitor, chromium

PATIENCE_MS: Final = 40_000
AXE: Final = WEB / "node_modules" / "axe-core" / "axe.min.js"
ALL_RULES: Final[dict[str, object]] = {"resultTypes": ["violations"]}
COLOURS: Final = ALL_RULES | {"runOnly": {"type": "rule", "values": ["color-contrast"]}}
GRAVE: Final = ("serious", "critical")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    try:
        with chromium() as started:
            yield started
    except NoBrowserError as error:
        pytest.skip(str(error))


@pytest.fixture
def page(browser: Browser, installation: Installation, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A page of a fresh visitor; fails when the page's own code complains. With `refusing` the hub may refuse input."""
    refusals = ("status of 400", "status of 403") if "refusing" in request.fixturenames else ()
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    complaints: list[str] = []

    def complain(message: ConsoleMessage) -> None:
        # The browser itself reports that a wrong password was refused. A visitor's page asks for nothing else.
        wrong_password = "401" in message.text and message.location["url"].endswith("/auth/login")
        refused = any(refusal in message.text for refusal in refusals)
        if message.type in {"error", "warning"} and not wrong_password and not refused:
            complaints.append(message.text)

    page.on("console", complain)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(installation.url)
    yield page
    context.close()
    assert complaints == []


@pytest.fixture
def refusing() -> None:
    """The browser itself reports what the hub refuses: in this test that is expected."""


def sign_in(page: Page, installation: Installation) -> None:
    page.get_by_test_id("signin-username").fill("admin")
    page.get_by_test_id("signin-password").fill(installation.password)
    page.get_by_test_id("signin-submit").click()
    expect(page.get_by_test_id("link-state")).to_have_attribute("data-phase", "live", timeout=PATIENCE_MS)


def grave_faults(visitor: Visitor) -> list[str]:
    """Return what axe-core finds in the open page that keeps people out, in dark, and of its colours in light.

    The visitor's page must bypass the content security policy.
    """
    if not AXE.is_file():
        pytest.skip(f"{AXE} is not there: .venv/bin/python hub/hatch_build.py npm ci")
    visitor.page.add_script_tag(path=AXE)
    grave = _grave_faults(visitor, ALL_RULES)
    # The same page in other colours: all that can differ is whether they can be told apart.
    visitor.page.emulate_media(color_scheme="light")
    try:
        return grave + _grave_faults(visitor, COLOURS)
    finally:
        visitor.page.emulate_media(color_scheme="dark")


def _grave_faults(visitor: Visitor, options: dict[str, object]) -> list[str]:
    found = visitor.page.evaluate("(options) => axe.run(document, options)", options)
    return [
        f"{fault['id']} ({fault['impact']}): {fault['help']}: {[node['html'][:200] for node in fault['nodes'][:4]]}"
        for fault in found["violations"]
        if fault["impact"] in GRAVE
    ]

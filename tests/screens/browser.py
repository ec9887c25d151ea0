"""A browser that looks at pages as a person of a role, and hears every complaint of theirs."""

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, Response, sync_playwright
from playwright.sync_api import Error as BrowserError

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
# All that pages ask the hub for, and what of it is not of a page: without that nobody is signed in.
ASKED: Final = "**/api/v1/**"
_SIGNED_IN: Final = re.compile(r"/api/v1/(?:auth/.*|me)")
DESKTOP: Final = (1440, 900)
# Live, or without a link of its own (public pages, the wall); all answers are there, and so are the fonts.
_SETTLED: Final = """() => {
  const link = document.querySelector('[data-testid="link-state"]');
  return (link === null || link.dataset.phase === 'live')
    && document.querySelector('.gate-wait, .skeleton, .loading-list, [aria-busy="true"]') === null
    && document.querySelector('h1, main, [data-testid="wall"]') !== null
    && document.fonts.status === 'loaded';
}"""
_GO: Final = "(path) => { history.pushState(null, '', path); dispatchEvent(new PopStateEvent('popstate')); }"
PAINTED: Final = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))"


class NoBrowserError(Exception):
    """Chromium is not installed."""


@contextmanager
def chromium() -> Iterator[Browser]:
    """Lend the machine's own Chromium. Raises NoBrowserError."""
    path = shutil.which("chromium")
    if path is None:
        raise NoBrowserError("Chromium is not installed (Debian: chromium)")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield started
        started.close()


def is_of_a_page(url: str) -> bool:
    """Return whether it is a page that asks for this, and not what keeps people signed in."""
    return _SIGNED_IN.fullmatch(urlsplit(url).path) is None


@dataclass
class Visitor:
    """One person at one hub. `complaints`: what the pages' code, or the browser, had to say against them."""

    context: BrowserContext
    page: Page
    url: str
    complaints: list[str] = field(default_factory=list)
    """What is refused, and to whom it went elsewhere, is a complaint too."""

    @classmethod
    def come(
        cls,
        browser: Browser,
        url: str,
        *,
        bypass_csp: bool = False,
        size: tuple[int, int] = DESKTOP,
        user_agent: str | None = None,
        locale: str | None = None,
    ) -> "Visitor":
        """Open a page as nobody knows yet. `bypass_csp`: to put a tool into the page, never to judge it."""
        width, height = size
        context = browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme="dark",
            bypass_csp=bypass_csp,
            reduced_motion="reduce",
            user_agent=user_agent,
            locale=locale,
        )
        page = context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        visitor = cls(context, page, url)
        page.on("console", visitor._said)
        page.on("pageerror", lambda error: visitor.complaints.append(f"error: {error}"))
        page.on("response", visitor._answered)
        page.on("request", visitor._asked)
        page.on("dialog", lambda dialog: visitor._dialog(dialog.message, dialog.dismiss))
        return visitor

    def sign_in(self, username: str, password: str) -> None:
        """Sign in through the page, as people do."""
        self.page.goto(self.url)
        self.enter(username, password)

    def enter(self, username: str, password: str) -> None:
        """Sign in at the address that is open."""
        self.page.get_by_test_id("signin-username").fill(username)
        self.page.get_by_test_id("signin-password").fill(password)
        self.page.get_by_test_id("signin-submit").click()
        self.page.wait_for_selector("#content")
        self.settle()

    def open(self, path: str) -> None:
        """Open an address anew, as a link from a colleague."""
        self.page.goto(f"{self.url}{path}")
        self.settle()

    def go(self, path: str) -> None:
        """Go to an address within the page that is open, as by one of its links; by itself where none is."""
        if not self.page.url.startswith(self.url):
            self.open(path)
            return
        self.page.evaluate(_GO, path)
        self.settle()
        # What was typed before and not saved is let go.
        discard = self.page.get_by_test_id("discard-yes")
        if discard.count():
            discard.click()
            self.page.wait_for_url(f"{self.url}{path}")
            self.settle()

    def settle(self) -> None:
        """Wait until nothing is awaited any more and what there is has been painted."""
        self.page.wait_for_function(_SETTLED)
        self.page.evaluate(PAINTED)

    def take_complaints(self) -> list[str]:
        """Return the complaints and forget them."""
        taken = list(self.complaints)
        self.complaints.clear()
        return taken

    def _said(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.complaints.append(f"console: {message.text}")

    def _answered(self, response: Response) -> None:
        if response.status >= 400:
            self.complaints.append(f"request: {response.status} {response.request.method} {response.url}")

    def _asked(self, request: Request) -> None:
        ours = (self.url, self.url.replace("http", "ws", 1), "data:", "blob:")
        if not request.url.startswith(ours):
            self.complaints.append(f"elsewhere: {request.url}")

    def _dialog(self, message: str, dismiss: object) -> None:
        self.complaints.append(f"dialog: {message}")
        with suppress(BrowserError):
            if callable(dismiss):
                dismiss()

"""examples/react-client in a real browser on a real hub: shared connections, leaders that end, reloads without gaps."""

import contextlib
import functools
import http.server
import json
import shutil
import signal
import threading
import urllib.request
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import pytest
from playwright.sync_api import Browser, BrowserContext, Error, Page, expect, sync_playwright

from tests.e2e.conftest import Installation, Snmpd, wait_until
from tests.e2e.web_packages import ROOT, WEB, build_example, node, packages

pytestmark = [pytest.mark.check, pytest.mark.timeout(240)]

PATIENCE_MS: Final = 40_000
FLAGS: Final = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
CHANGED_IMPORT: Final = "@noctule/client/hooks"


def guide_component(path: Path, hooks: str) -> str:
    """Return the component with the guide's own import path put back."""
    return path.read_text(encoding="utf-8").replace(hooks, "@/lib/hooks/useSocket")


def test_component_is_the_same_wherever_it_is_tried() -> None:
    example = guide_component(ROOT / "examples" / "react-client" / "src" / "Dashboard.tsx", CHANGED_IMPORT)
    tried = guide_component(WEB / "client" / "test" / "guide" / "Dashboard.tsx", "../../hooks/index.js")
    assert example == tried
    assert "const { socket, isConnected } = useSocket();" in example


def test_packed_client_is_imported_and_rendered_by_plain_node(tmp_path: Path) -> None:
    packages(tmp_path)
    (tmp_path / "render.mjs").write_text(
        """
        import { createClient } from "@noctule/client";
        import { NoctuleProvider, useSocket } from "@noctule/client/hooks";
        import { createElement } from "react";
        import { renderToString } from "react-dom/server";
        const Page = () => String(useSocket().isConnected);
        const client = createClient({ url: "http://127.0.0.1:9" });
        console.log(renderToString(createElement(NoctuleProvider, { client }, createElement(Page))));
        """,
        encoding="utf-8",
    )
    assert node("render.mjs", cwd=tmp_path).strip() == "false"


class Hub:
    """The running hub as a program with an administrator's token uses it."""

    def __init__(self, installation: Installation) -> None:
        self.installation = installation
        self.token = self._token("admin")
        self.page_token = self._token("operator")
        self.customer = installation.json("customer", "add", "React Bakery")["id"]
        self._paid = 0

    def ask(self, path: str, body: dict[str, Any] | None = None) -> Any:
        request = urllib.request.Request(  # noqa: S310  the hub that the test started
            self.installation.url + path,
            data=None if body is None else json.dumps(body).encode(),
            headers={
                "Authorization": f"Bearer {self.token}",
                "Content-Type": "application/json",
                "Idempotency-Key": f"react-{self._paid}",
            },
        )
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310  the hub that the test started
            return json.load(answer)

    def clients(self) -> int:
        return int(self.ask("/api/v1/clients/count")["connectedClients"])

    def pay(self, times: int = 1) -> None:
        """Have one more event in the log, or several."""
        for _ in range(times):
            self._paid += 1
            moment = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
            body = {"customerId": self.customer, "status": "paid", "occurredAt": moment}
            self.ask(f"/api/v1/payments/react-{self._paid}/updates", body)

    def paid(self) -> list[int]:
        """Return the places in the log of all payments, oldest first."""
        return [event["seq"] for event in self.ask("/api/v1/events?names=payment:update&limit=500")["items"]]

    def _token(self, role: str) -> str:
        made = self.installation.json("token", "create", "--role", role, "--ttl", "1h", "--name", f"react-{role}")
        return str(made["token"])


@pytest.fixture(scope="module")
def hub(installation: Installation) -> Hub:
    return Hub(installation)


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_arguments: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def origin(hub: Hub, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The built example on an origin of its own, which the hub lets in."""
    served = build_example(tmp_path_factory.mktemp("react"), hub=hub.installation.url)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(_Quiet, directory=str(served)))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    address = f"http://127.0.0.1:{server.server_port}"
    settings = hub.installation.folder / "hub" / "hub.toml"
    before = settings.read_text(encoding="utf-8") if settings.exists() else ""
    settings.write_text(f'public_origins = ["{address}"]\n{before}', encoding="utf-8")
    hub.installation.running["hub"].send_signal(signal.SIGHUP)
    wait_until(lambda: _lets_in(hub.installation.url, address), "the hub lets the page's origin in")
    yield address
    server.shutdown()
    thread.join()
    server.server_close()


def _lets_in(url: str, origin: str) -> bool:
    request = urllib.request.Request(f"{url}/health", headers={"Origin": origin})  # noqa: S310  the test's own hub
    with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310  the test's own hub
        return bool(answer.headers.get("Access-Control-Allow-Origin") == origin)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("Chromium is not installed (Debian: chromium)")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield started
        started.close()


Tab = Callable[[], Page]


@pytest.fixture
def tab(browser: Browser, origin: str, hub: Hub) -> Iterator[Tab]:
    """Opens one more tab of the same person; the first one signs in."""
    wait_until(lambda: hub.clients() == 0, "nobody is connected")
    context = browser.new_context()
    context.set_default_timeout(PATIENCE_MS)
    complaints: list[str] = []
    context.on("weberror", lambda error: complaints.append(str(error.error)))
    yield functools.partial(_open, context, origin, hub)
    context.close()
    assert complaints == []


def _open(context: BrowserContext, origin: str, hub: Hub) -> Page:
    first = not context.pages
    page = context.new_page()
    page.goto(origin)
    if first:
        page.get_by_test_id("token").fill(hub.page_token)
        page.get_by_test_id("sign-in").click()
    is_live(page)
    return page


def is_live(page: Page) -> None:
    expect(page.get_by_text("Socket: Connected")).to_be_visible(timeout=PATIENCE_MS)
    # Totals come each 5 s: from then on the tab has its place in the log.
    expect(page.get_by_test_id("totals")).to_be_visible(timeout=PATIENCE_MS)


def payments(page: Page) -> list[int]:
    """Return the places in the log of the payments that a tab shows, oldest first."""
    found = page.get_by_test_id("payment").evaluate_all("rows => rows.map(row => Number(row.dataset.seq))")
    return list(reversed(found))


def shows(page: Page, due: list[int]) -> None:
    """Wait until a tab shows these payments and no other."""
    wait_until(lambda: payments(page) == due, f"a tab shows the payments {due}")


def leads(page: Page) -> bool:
    return page.get_by_test_id("connection").get_attribute("data-leads") == "true"


def test_fallen_router_is_shown_with_a_toast(tab: Tab, installation: Installation, snmpd: Snmpd) -> None:
    wait_until(lambda: installation.devices()["router"]["status"] == "online", "router online")
    page = tab()
    expect(page.get_by_test_id("freshness")).to_have_attribute("data-state", "live")
    expect(page.get_by_test_id("freshness")).to_contain_text("s old")
    snmpd.stop()
    try:
        fallen = page.locator('[data-testid="status"][data-status="offline"]').filter(has_text="router")
        expect(fallen).to_have_count(1, timeout=PATIENCE_MS)
        expect(page.get_by_test_id("toast").first).to_contain_text("router is offline", timeout=PATIENCE_MS)
    finally:
        snmpd.start()
    wait_until(lambda: installation.devices()["router"]["status"] == "online", "router online again")


def test_reload_keeps_the_place_in_the_log(tab: Tab, hub: Hub) -> None:
    page = tab()
    hub.pay()
    shows(page, hub.paid()[-1:])
    address = page.url
    page.goto("about:blank")
    hub.pay()
    hub.pay()
    page.goto(address)
    is_live(page)
    shows(page, hub.paid()[-2:])


def test_two_tabs_are_one_connection(tab: Tab, hub: Hub) -> None:
    pages = [tab(), tab()]
    assert hub.clients() == 1
    assert sorted(leads(page) for page in pages) == [False, True]
    hub.pay()
    for page in pages:
        shows(page, hub.paid()[-1:])


def _close(page: Page) -> None:
    page.close()


def _crash(page: Page) -> None:
    """End the tab's process as it is, with no word to anybody."""
    # The browser has no answer to this but that the page is gone.
    with page.expect_event("crash", timeout=PATIENCE_MS), contextlib.suppress(Error):
        page.goto("chrome://crash")


@pytest.mark.parametrize("end", [_close, _crash], ids=["closed", "crashed"])
def test_another_tab_goes_on_without_a_gap_when_the_leader_is(tab: Tab, hub: Hub, end: Callable[[Page], None]) -> None:
    before = len(hub.paid())
    first = tab()
    others = [tab(), tab()]
    assert leads(first)
    hub.pay(5)
    payer = threading.Thread(target=hub.pay, args=(40,))
    payer.start()
    end(first)
    payer.join()
    hub.pay()
    due = hub.paid()[before:]
    assert len(due) == 46
    for page in others:
        shows(page, due)
    assert sum(leads(page) for page in others) == 1
    wait_until(lambda: hub.clients() == 1, "one connection is left")


def test_tabs_without_web_locks_have_a_connection_each(tab: Tab, hub: Hub) -> None:
    first = tab()
    first.context.add_init_script("Object.defineProperty(Navigator.prototype, 'locks', { value: undefined })")
    second, third = tab(), tab()
    assert hub.clients() == 3
    hub.pay()
    for page in (first, second, third):
        shows(page, hub.paid()[-1:])

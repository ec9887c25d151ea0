"""A channel is made and tried from the page: what a mail server and an HTTP receiver on loopback say is read there."""

import asyncio
import signal
import threading
from collections.abc import Iterator
from typing import TypeVar

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.browsing import PATIENCE_MS, browser, page, sign_in
from tests.e2e.conftest import Installation, wait_until
from tests.hub.notify.receivers import HttpReceiver, Listener, MailServer

__all__ = ["browser", "page"]

pytestmark = [pytest.mark.check, pytest.mark.timeout(180)]

L = TypeVar("L", bound=Listener)


@pytest.fixture(scope="module")
def sending(installation: Installation) -> Iterator[Installation]:
    """A hub that may send to loopback."""
    settings = installation.folder / "hub" / "hub.toml"
    before = settings.read_text() if settings.exists() else ""
    reload(installation, f'{before}\n[notify]\nallow_networks = ["127.0.0.1"]\n')
    yield installation
    reload(installation, before)


def reload(installation: Installation, settings: str) -> None:
    reloads = installation.log("hub").count("reloaded: ")
    (installation.folder / "hub" / "hub.toml").write_text(settings)
    installation.running["hub"].send_signal(signal.SIGHUP)
    wait_until(lambda: installation.log("hub").count("reloaded: ") > reloads, "the hub works by other settings")


@pytest.fixture
def loop() -> Iterator[asyncio.AbstractEventLoop]:
    """An event loop on a thread of its own: the browser wants this one."""
    made = asyncio.new_event_loop()
    thread = threading.Thread(target=made.run_forever)
    thread.start()
    yield made
    made.call_soon_threadsafe(made.stop)
    thread.join()
    made.close()


def open_on(loop: asyncio.AbstractEventLoop, listener: L) -> L:
    asyncio.run_coroutine_threadsafe(listener.open(), loop).result()
    return listener


def close_on(loop: asyncio.AbstractEventLoop, listener: Listener) -> None:
    asyncio.run_coroutine_threadsafe(listener.close(), loop).result()


def new_channel(page: Page, installation: Installation, name: str, kind: str) -> None:
    sign_in(page, installation)
    page.goto(f"{installation.url}/channels/new")
    page.get_by_test_id("channel-name").fill(name)
    page.get_by_test_id("channel-kind").select_option(kind)


def tried(page: Page, said: str) -> None:
    page.get_by_test_id("channel-test").click()
    expect(page.get_by_test_id("channel-outcome")).to_contain_text(said, timeout=PATIENCE_MS)


def test_webhook_is_tried_from_the_page(page: Page, sending: Installation, loop: asyncio.AbstractEventLoop) -> None:
    receiver = open_on(loop, HttpReceiver())
    new_channel(page, sending, "hooked", "webhook")
    page.get_by_test_id("channel-url").fill(f"http://127.0.0.1:{receiver.port}/noc")
    page.get_by_test_id("form-submit").click()
    tried(page, "127.0.0.1 answered 200")
    assert [posted.path for posted in receiver.posted] == ["/noc"]
    receiver.status = 500
    tried(page, "127.0.0.1 answered 500")
    row = page.get_by_test_id("channel-table").get_by_role("row").filter(has_text="hooked")
    expect(row).to_contain_text("failing for", timeout=PATIENCE_MS)
    close_on(loop, receiver)
    tried(page, "127.0.0.1 cannot be reached")
    page.reload()
    expect(page.get_by_test_id("channel-last")).to_contain_text("127.0.0.1 cannot be reached", timeout=PATIENCE_MS)


def test_mail_is_tried_from_the_page(page: Page, sending: Installation, loop: asyncio.AbstractEventLoop) -> None:
    server = open_on(loop, MailServer())
    new_channel(page, sending, "mailed", "smtp")
    panel = page.get_by_test_id("channel-panel")
    panel.get_by_label("Server").fill("127.0.0.1")
    panel.get_by_label("Port").fill(str(server.port))
    panel.get_by_label("Protection").select_option("none")
    panel.get_by_label("From").fill("noctule@isp.example")
    panel.get_by_label("To", exact=True).fill("noc@isp.example")
    page.keyboard.press("Enter")
    page.get_by_test_id("form-submit").click()
    tried(page, "took it")
    assert [mail.recipients for mail in server.mails] == [["noc@isp.example"]]
    server.refuses = b"550 no such mailbox"
    tried(page, "no such mailbox")
    close_on(loop, server)
    tried(page, "127.0.0.1 cannot be reached")

"""The dashboard in a real browser, over a real hub, agent and router: what a person sees and what changes in place."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.browsing import PATIENCE_MS, browser, page, sign_in
from tests.e2e.conftest import Installation, Snmpd, wait_until

__all__ = ["browser", "page"]

pytestmark = [pytest.mark.check, pytest.mark.timeout(180)]


def test_wrong_password_is_refused_in_words(page: Page) -> None:
    page.get_by_test_id("signin-username").fill("admin")
    page.get_by_test_id("signin-password").fill("not-the-password")
    page.get_by_test_id("signin-submit").click()
    expect(page.get_by_test_id("signin-error")).to_be_visible(timeout=PATIENCE_MS)


def test_registered_router_is_seen_with_its_state_latency_and_traffic(page: Page, installation: Installation) -> None:
    sign_in(page, installation)
    page.get_by_test_id("rail-devices").click()
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
    page.get_by_test_id("rail-devices").click()
    page.reload()
    expect(page.get_by_test_id("link-state")).to_have_attribute("data-phase", "live", timeout=PATIENCE_MS)
    expect(page.get_by_test_id("device-row").first).to_be_visible(timeout=PATIENCE_MS)


def test_fallen_router_turns_offline_in_place_with_a_toast_and_comes_back(
    page: Page, installation: Installation, snmpd: Snmpd
) -> None:
    wait_until(lambda: installation.devices()["router"]["status"] == "online", "router online")
    sign_in(page, installation)
    expect(page.get_by_test_id("overview").locator(".tile").filter(has_text="router")).to_contain_text("Online")
    page.get_by_test_id("rail-devices").click()
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


def test_trial_page_joins_a_room_sends_every_test_event_and_measures_the_way(
    page: Page, installation: Installation
) -> None:
    made = installation.json("token", "create", "--role", "operator", "--ttl", "1h", "--name", "trial page")
    sign_in(page, installation)
    page.goto(f"{installation.url}/ws-test")
    state = page.get_by_test_id("ws-state")
    page.get_by_test_id("ws-token").fill("not-a-token")
    page.get_by_test_id("ws-connect-token").click()
    expect(state).to_have_attribute("data-phase", "refused", timeout=PATIENCE_MS)
    page.get_by_test_id("ws-token").fill(made["token"])
    page.get_by_test_id("ws-connect-token").click()
    expect(state).to_have_attribute("data-phase", "live", timeout=PATIENCE_MS)
    expect(state).to_contain_text("websocket")
    page.get_by_test_id("ws-room").fill("site:1")
    page.get_by_test_id("ws-join").click()
    ack = page.locator('[data-testid="ws-event"][data-event="ack subscribe"]').first
    expect(ack).to_contain_text('"ok":true', timeout=PATIENCE_MS)
    sent = {
        "device-status": "device:status",
        "alert": "alert:new",
        "bandwidth": "bandwidth:update",
        "payment": "payment:update",
        "stats": "stats:update",
        "log": "network:log",
        "customer": "customer:update",
    }
    for name, event in sent.items():
        page.get_by_test_id(f"ws-send-{name}").click()
        arrived = page.locator(f'[data-testid="ws-event"][data-event="{event}"]').filter(has_text='"test":true')
        expect(arrived.first).to_be_visible(timeout=PATIENCE_MS)
    page.get_by_test_id("ws-ping").click()
    expect(page.get_by_test_id("ws-round-trip")).to_contain_text(re.compile(r"\d+ *(ms|s)"), timeout=PATIENCE_MS)
    page.get_by_test_id("ws-connect-session").click()
    expect(state).to_have_attribute("data-phase", "live", timeout=PATIENCE_MS)
    page.get_by_test_id("ws-disconnect").click()
    expect(state).to_have_attribute("data-phase", "idle")


def test_device_charts_zoom_in_the_address_and_an_interface_is_watched_each_second(
    page: Page, installation: Installation
) -> None:
    wait_until(lambda: installation.devices()["router"]["status"] == "online", "router online")
    sign_in(page, installation)
    page.get_by_test_id("rail-devices").click()
    page.get_by_test_id("device-row").filter(has_text="router").click()
    expect(page.get_by_test_id("status-bar")).to_be_visible(timeout=PATIENCE_MS)
    chart = page.get_by_test_id("latency-chart")
    expect(chart).not_to_have_attribute("data-points", "0", timeout=PATIENCE_MS)
    surface = chart.locator(".u-over")
    surface.drag_to(surface, source_position={"x": 60, "y": 50}, target_position={"x": 200, "y": 50})
    expect(page).to_have_url(re.compile(r"[?&]from=\d+&to=\d+"), timeout=PATIENCE_MS)
    surface.dblclick()
    expect(page).not_to_have_url(re.compile("from="), timeout=PATIENCE_MS)

    # A port that is down is read rarely, in focus too.
    polled = page.locator('[data-testid="interface-row"][data-polled="true"]:not(.not-up)')
    polled.first.get_by_role("link").click()
    expect(page).to_have_url(re.compile(r"/interfaces/\d+"))
    expect(page.get_by_test_id("interface-answer")).to_be_visible(timeout=PATIENCE_MS)
    page.get_by_test_id("focus-start").click()
    expect(page.get_by_test_id("focus")).to_have_attribute("data-phase", "on", timeout=PATIENCE_MS)
    expect(page.get_by_test_id("focus-chart")).to_have_attribute(
        "data-points", re.compile(r"[3-9]|\d\d"), timeout=PATIENCE_MS
    )
    page.get_by_test_id("focus-stop").click()
    expect(page.get_by_test_id("focus-start")).to_be_visible()

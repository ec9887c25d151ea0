"""The screens of alerts in a real browser: taken care of, explained, silenced; rules tried and written."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.browsing import PATIENCE_MS, browser, page, sign_in
from tests.e2e.conftest import SITE, Installation, Snmpd, free_udp_port, installed, wait_until

__all__ = ["browser", "page"]

pytestmark = [pytest.mark.check, pytest.mark.timeout(180)]

NOTE = "splicing team is on its way"


@pytest.fixture(scope="module")
def installation(snmpd: Snmpd) -> Iterator[Installation]:
    """One of this module's own: what else is offline at the site would fold these alerts into one incident."""
    with installed(snmpd) as made:
        yield made


@pytest.fixture(scope="module")
def alarmed(installation: Installation) -> Installation:
    """The installation with a device that does not answer, and so with an alert that stays."""
    installation.noctule(
        *("device", "add", "dead", "127.0.0.9", "--site", SITE, "--reachability", "snmp", "--interval", "1"),
        *("--snmp-version", "2c", "--snmp-port", str(free_udp_port())),
        *("--community-file", str(installation.folder / "community")),
    )
    wait_until(lambda: "dead is offline" in installation.noctule("alert", "list").stdout, "dead is offline")
    return installation


def test_alert_is_acknowledged_by_keyboard_explained_assigned_and_taken_back(page: Page, alarmed: Installation) -> None:
    sign_in(page, alarmed)
    page.get_by_test_id("rail-alerts").click()
    row = page.get_by_test_id("alert-row").filter(has_text="dead is offline")
    expect(row).to_have_attribute("data-state", "firing", timeout=PATIENCE_MS)
    row.focus()
    page.keyboard.press("a")
    page.get_by_test_id("acknowledge-dialog").get_by_role("textbox").fill(NOTE)
    page.keyboard.press("Enter")
    expect(row).to_contain_text(f"acknowledged by admin · {NOTE}", timeout=PATIENCE_MS)
    row.focus()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/alerts/\d+$"))
    expect(page.get_by_test_id("alert-story")).to_contain_text(f"takes care of it. “{NOTE}”", timeout=PATIENCE_MS)
    page.get_by_test_id("alert-assign").select_option(label="admin")
    expect(row).to_contain_text("for admin", timeout=PATIENCE_MS)
    page.get_by_test_id("panel-take-back").click()
    expect(row).not_to_contain_text(NOTE, timeout=PATIENCE_MS)


def test_all_that_are_selected_are_acknowledged_with_one_request(page: Page, alarmed: Installation) -> None:
    about = ("--condition", "device-offline", "--severity", "info", "--name", "dead")
    for name in ("lab-one", "lab-two"):
        alarmed.noctule("alert", "rule", "add", name, *about)
    sign_in(page, alarmed)
    page.get_by_test_id("rail-alerts").click()
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url) if "acknowledge" in request.url else None)
    page.get_by_test_id("alerts-select-all").click()
    page.get_by_test_id("alerts-selected").get_by_role("button", name="Acknowledge").click()
    page.get_by_test_id("acknowledge-dialog").get_by_role("textbox").fill(NOTE)
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("alerts-selected")).to_have_count(0, timeout=PATIENCE_MS)
    assert [url.rsplit("/", 1)[1] for url in sent] == ["bulk-acknowledge"]
    listed = alarmed.noctule("alert", "list", "--acknowledged").stdout
    assert listed.count("dead is offline") == 3, listed
    for name in ("lab-one", "lab-two"):
        alarmed.noctule("alert", "rule", "remove", name, "--yes")
    page.get_by_test_id("alert-row").filter(has_text=NOTE).first.get_by_role("button", name="Take back").click()
    expect(page.get_by_test_id("alert-row").filter(has_text=NOTE)).to_have_count(0, timeout=PATIENCE_MS)


def test_alert_is_silenced_by_what_it_is_about_and_rings_when_the_silence_ends(
    page: Page, alarmed: Installation
) -> None:
    sign_in(page, alarmed)
    page.get_by_test_id("rail-alerts").click()
    row = page.get_by_test_id("alert-row").filter(has_text="dead is offline")
    row.get_by_role("checkbox").check()
    page.get_by_test_id("alerts-selected").get_by_role("button", name="Silence").click()
    expect(page.get_by_test_id("silence-preview")).to_contain_text("dead is offline", timeout=PATIENCE_MS)
    page.get_by_test_id("silence-comment").fill("waits for a new card")
    page.get_by_test_id("form-submit").click()
    expect(page).to_have_url(re.compile(r"/silences/\d+$"))
    page.get_by_test_id("rail-alerts").click()
    expect(row).to_contain_text("silenced: waits for a new card", timeout=PATIENCE_MS)
    page.get_by_test_id("rail-silences").click()
    page.get_by_test_id("table-row").first.click()
    page.get_by_test_id("silence-expire").click()
    page.get_by_test_id("rail-alerts").click()
    expect(row).not_to_contain_text("silenced", timeout=PATIENCE_MS)


def test_new_alert_moves_no_row_while_somebody_selects(page: Page, alarmed: Installation) -> None:
    sign_in(page, alarmed)
    page.get_by_test_id("rail-alerts").click()
    rows = page.get_by_test_id("alert-row")
    rows.filter(has_text="dead is offline").get_by_role("checkbox").check()
    alarmed.noctule(
        *("alert", "rule", "add", "lab-down", "--condition", "device-offline"),
        *("--severity", "info", "--name", "dead"),
    )
    # Within 45 s of the first it belongs to the same incident, later it waits as one of its own.
    expect(page.get_by_test_id("alerts-waiting").or_(page.get_by_role("button", name="same incident"))).to_be_visible(
        timeout=PATIENCE_MS
    )
    expect(rows).to_have_count(1)
    alarmed.noctule("alert", "rule", "remove", "lab-down", "--yes")


def test_rule_is_tried_over_history_before_it_is_saved(page: Page, alarmed: Installation) -> None:
    sign_in(page, alarmed)
    page.get_by_test_id("rail-rules").click()
    page.get_by_test_id("rule-add").click()
    page.get_by_test_id("rule-name").fill("lab-down")
    page.get_by_test_id("rule-for").fill("0")
    sites = page.get_by_test_id("pick-selector.siteIds")
    sites.fill(SITE)
    sites.press("Enter")
    page.get_by_test_id("trial-run").click()
    expect(page.get_by_test_id("trial-result")).to_contain_text("dead", timeout=PATIENCE_MS)
    page.get_by_test_id("form-submit").click()
    expect(page).to_have_url(re.compile(r"/rules/\d+$"))
    page.get_by_test_id("rule-on-lab-down").click()
    expect(page.get_by_test_id("rule-on-lab-down")).not_to_be_checked(timeout=PATIENCE_MS)
    alarmed.noctule("alert", "rule", "remove", "lab-down", "--yes")

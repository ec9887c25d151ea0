"""What two people do at the same time, and what is not there, or not any more: nothing is lost or hidden by it."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.browsing import browser
from tests.screens.people import People
from tests.screens.stage import DemoNetwork

__all__ = ["browser"]

pytestmark = [pytest.mark.check, pytest.mark.timeout(240)]

PATIENCE_MS: Final = 60_000
NOBODY: Final = 987_654
PAGES: Final = (
    *("agents", "audit", "channels", "customers", "incidents", "maintenance", "policies", "rules", "silences"),
    *("tokens", "users"),
)


@pytest.fixture(scope="module")
def people(browser: Browser, stage: DemoNetwork) -> Iterator[People]:
    with People(browser, stage.url, stage.furnished.passwords) as there:
        yield there


def changed(stage: DemoNetwork, path: str, **change: Any) -> None:
    """Change something as somebody else does."""
    api = stage.api()
    api.patch(path, {"revision": api.get(path)["revision"], **change})


def made_silence(stage: DemoNetwork, comment: str) -> int:
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    body = {"matchers": {"names": ["nobody*"]}, "comment": comment, "endsAt": tomorrow.isoformat()}
    return int(stage.api().post("silences", body)["id"])


@pytest.mark.parametrize("name", PAGES)
def test_an_address_of_what_is_not_there_says_so_beside_the_list(people: People, name: str) -> None:
    visitor = people["admin"]
    visitor.go(f"/{name}/{NOBODY}")
    expect(visitor.page.locator("aside.panel")).to_contain_text("nothing under this address")
    visitor.take_complaints()


def test_a_customer_s_link_to_a_service_that_is_gone_says_so(people: People) -> None:
    page = people["customer"].page
    people["customer"].go(f"/services/{NOBODY}")
    expect(page.get_by_test_id("service-gone")).to_be_visible()
    expect(page.locator(".service-card").first).to_be_visible()


def test_an_old_change_is_shown_by_its_address_although_the_list_does_not_reach_it(
    people: People, stage: DemoNetwork
) -> None:
    page = people["admin"].page
    oldest = stage.api().get("audit?limit=1000")["items"][-1]
    people["admin"].go(f"/audit/{oldest['id']}?kind=token")
    expect(page.locator("aside.panel")).to_contain_text(oldest["subject"])


def test_what_is_written_stays_while_another_changes_the_same(people: People, stage: DemoNetwork) -> None:
    page = people["admin"].page
    people["admin"].go(f"/channels/{stage.furnished.ids['channel']}")
    panel = page.get_by_test_id("channel-panel")
    name = panel.get_by_label("Name", exact=True)
    name.fill("Night shift, mine")
    changed(stage, f"channels/{stage.furnished.ids['channel']}", name="Night shift, theirs")
    expect(panel.get_by_test_id("changed-meanwhile")).to_be_visible(timeout=PATIENCE_MS)
    expect(name).to_have_value("Night shift, mine")
    panel.get_by_test_id("form-submit").click()
    expect(panel.get_by_test_id("form-trouble")).to_be_visible()
    expect(name).to_have_value("Night shift, mine")
    panel.get_by_role("button", name="Take what is there now").click()
    expect(name).to_have_value("Night shift, theirs")
    name.fill("Night shift")
    panel.get_by_test_id("form-submit").click()
    expect(panel.get_by_test_id("saved")).to_be_visible()
    expect(panel.get_by_test_id("changed-meanwhile")).to_have_count(0)
    people["admin"].take_complaints()


def test_a_form_that_nobody_has_touched_follows_what_others_save(people: People, stage: DemoNetwork) -> None:
    page = people["admin"].page
    people["admin"].go(f"/channels/{stage.furnished.ids['channel']}")
    panel = page.get_by_test_id("channel-panel")
    name = panel.get_by_label("Name", exact=True)
    expect(name).to_have_value("Night shift")
    changed(stage, f"channels/{stage.furnished.ids['channel']}", name="Day shift")
    expect(name).to_have_value("Day shift", timeout=PATIENCE_MS)
    changed(stage, f"channels/{stage.furnished.ids['channel']}", name="Night shift")
    expect(name).to_have_value("Night shift", timeout=PATIENCE_MS)
    expect(panel.get_by_test_id("changed-meanwhile")).to_have_count(0)


def test_an_open_dialog_does_not_overwrite_what_another_has_saved(people: People, stage: DemoNetwork) -> None:
    visitor = people["operator"]
    page = visitor.page
    customer = stage.furnished.ids["customer"]
    visitor.go(f"/customers/{customer}")
    panel = page.get_by_test_id("customer-panel")
    panel.get_by_role("button", name="Edit", exact=True).click()
    form = page.get_by_test_id("customer-form")
    form.get_by_label("Reference").fill("C-2000")
    changed(stage, f"customers/{customer}", note="Calls back on Mondays")
    # The page behind the dialog has heard of it.
    expect(panel).to_contain_text("Calls back on Mondays", timeout=PATIENCE_MS)
    form.get_by_test_id("form-submit").click()
    expect(form.get_by_test_id("form-trouble")).to_be_visible()
    expect(form.get_by_label("Reference")).to_have_value("C-2000")
    kept = stage.api().get(f"customers/{customer}")
    assert (kept["note"], kept["reference"]) == ("Calls back on Mondays", "C-1001")
    changed(stage, f"customers/{customer}", note="")
    page.keyboard.press("Escape")
    visitor.take_complaints()


def test_what_is_written_stays_while_another_removes_the_same(people: People, stage: DemoNetwork) -> None:
    page = people["admin"].page
    silence = made_silence(stage, "for a while")
    people["admin"].open(f"/silences/{silence}")
    panel = page.get_by_test_id("silence-panel")
    comment = panel.get_by_label("Why")
    comment.fill("for a good while longer")
    stage.api().delete(f"silences/{silence}")
    expect(panel.get_by_test_id("removed-meanwhile")).to_be_visible(timeout=PATIENCE_MS)
    expect(comment).to_have_value("for a good while longer")
    panel.get_by_test_id("form-submit").click()
    expect(panel.get_by_test_id("form-trouble")).to_be_visible()
    people["admin"].take_complaints()


def test_an_alert_is_acknowledged_by_keyboard_alone(people: People, stage: DemoNetwork) -> None:
    visitor = people["operator"]
    page = visitor.page
    visitor.go("/alerts")
    page.get_by_test_id("alert-row").filter(has_text="radio1.north").first.focus()
    page.keyboard.press("Enter")
    panel = page.get_by_test_id("alert-panel")
    expect(panel.get_by_test_id("panel-acknowledge")).to_be_visible()
    page.keyboard.press("a")
    expect(page.get_by_test_id("acknowledge-dialog").get_by_label("Note")).to_be_focused()
    page.keyboard.type("On the way")
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("acknowledge-dialog")).to_have_count(0)
    expect(panel).to_contain_text("On the way")
    stage.api().delete(f"alerts/{page.url.rsplit('/', 1)[-1]}/acknowledge")
    assert visitor.take_complaints() == []


def test_a_question_begins_at_its_harmless_answer(people: People, stage: DemoNetwork) -> None:
    page = people["admin"].page
    people["admin"].go(f"/rules/{stage.furnished.ids['rule']}")
    remove = page.get_by_test_id("rule-panel").get_by_role("button", name="Remove")
    remove.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("confirm").get_by_role("button", name="Cancel")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("confirm")).to_have_count(0)
    expect(remove).to_be_focused()


def test_maintenance_is_planned_from_an_alert(people: People, stage: DemoNetwork) -> None:
    visitor = people["operator"]
    page = visitor.page
    visitor.go("/alerts")
    page.get_by_test_id("alert-row").filter(has_text="radio1.north").first.click()
    page.get_by_test_id("panel-maintenance").click()
    panel = page.get_by_test_id("maintenance-panel")
    expect(panel.locator(".token")).to_have_text(re.compile("radio1.north"))
    panel.get_by_label("Name", exact=True).fill("Climb the mast")
    panel.get_by_test_id("form-submit").click()
    expect(page).to_have_url(re.compile(r"/maintenance/\d+$"))
    expect(page.get_by_test_id("maintenance-end")).to_be_visible()
    stage.api().delete(f"maintenance/{page.url.rsplit('/', 1)[-1]}")
    assert visitor.take_complaints() == []

"""The list of devices as a desk, in a real browser: add with a test, change many, import a file, remove by count."""

import re

import pytest
from playwright.sync_api import FilePayload, Page, expect

from tests.e2e.browsing import PATIENCE_MS, browser, page, refusing, sign_in
from tests.e2e.conftest import Installation

__all__ = ["browser", "page", "refusing"]

pytestmark = [pytest.mark.check, pytest.mark.timeout(180)]


def open_list(page: Page, installation: Installation) -> None:
    sign_in(page, installation)
    page.get_by_test_id("rail-devices").click()
    expect(page.get_by_test_id("device-row").first).to_be_visible(timeout=PATIENCE_MS)


def test_a_device_is_added_tested_changed_and_removed(page: Page, installation: Installation) -> None:
    open_list(page, installation)
    page.get_by_test_id("add-device").click()
    page.get_by_test_id("device-name").fill("desk-1")
    page.get_by_test_id("device-address").fill("127.0.0.77")
    page.get_by_test_id("device-save").click()
    expect(page.get_by_test_id("edit-said")).to_contain_text("desk-1 is added", timeout=PATIENCE_MS)
    expect(page.get_by_test_id("test-report").or_(page.get_by_test_id("test-refused"))).to_be_visible(
        timeout=PATIENCE_MS
    )
    page.keyboard.press("Escape")
    row = page.get_by_test_id("device-row").filter(has_text="desk-1")
    expect(row).to_be_visible(timeout=PATIENCE_MS)
    expect(row.get_by_test_id("device-bar").locator("svg")).to_be_visible(timeout=PATIENCE_MS)
    row.get_by_test_id("row-box").check()
    page.keyboard.press("e")
    page.locator("input[name=addTags]").fill("fresh")
    page.locator("input[name='snmp.intervalS']").fill("45")
    page.get_by_test_id("form-submit").click()
    # It is not polled by SNMP: the whole change is refused of it, with the reason.
    expect(page.get_by_test_id("bulk-report")).to_contain_text("not polled by SNMP", timeout=PATIENCE_MS)
    page.keyboard.press("Escape")
    page.get_by_test_id("bulk-remove").click()
    expect(page.get_by_test_id("remove-yes")).to_be_disabled()
    page.get_by_test_id("remove-count").fill("1")
    page.get_by_test_id("remove-yes").click()
    expect(page.get_by_test_id("bulk-report")).to_contain_text("1 device is removed", timeout=PATIENCE_MS)
    page.keyboard.press("Escape")
    expect(row).to_have_count(0)


def test_all_that_a_filter_shows_are_changed_and_removed_together(page: Page, installation: Installation) -> None:
    fleet = installation.folder / "fleet.csv"
    # Pinged once an hour: what they answer is nothing to this test.
    rows = [f"fleet-{number},127.0.7.{number},lab,3600\n" for number in range(1, 101)]
    fleet.write_text("name,address,site,icmp_interval\n" + "".join(rows))
    installation.noctule("device", "import", str(fleet))
    open_list(page, installation)
    page.get_by_test_id("filter").fill("fleet-")
    bar = page.get_by_test_id("selection-bar")
    page.get_by_test_id("all-box").check()
    expect(bar).to_contain_text("100", timeout=PATIENCE_MS)
    page.get_by_test_id("bulk-edit").click()
    page.locator("input[name=addTags]").fill("rolled-out")
    page.get_by_test_id("form-submit").click()
    report = page.get_by_test_id("bulk-report")
    expect(report).to_contain_text("100 devices are changed", timeout=PATIENCE_MS)
    tagged = installation.json("device", "list", "--tag", "rolled-out")["items"]
    assert {device["name"] for device in tagged} == {f"fleet-{number}" for number in range(1, 101)}
    page.keyboard.press("Escape")
    page.get_by_test_id("bulk-remove").click()
    page.get_by_test_id("remove-count").fill("100")
    page.get_by_test_id("remove-yes").click()
    expect(report).to_contain_text("100 devices are removed", timeout=PATIENCE_MS)
    assert "router" in installation.devices()


def test_a_file_is_checked_line_by_line_before_anything_is_imported(page: Page, installation: Installation) -> None:
    open_list(page, installation)
    page.goto(re.sub(r"\?.*|$", "?desk=import", page.url, count=1))
    text = "name,address,site\nfile-1,127.0.0.78,nowhere\n"
    page.get_by_test_id("import-file").set_input_files(
        files=FilePayload(name="fleet.csv", mimeType="text/csv", buffer=text.encode())
    )
    page.get_by_test_id("import-check").click()
    report = page.get_by_test_id("import-report")
    expect(report).to_contain_text("there is no site 'nowhere'", ignore_case=True, timeout=PATIENCE_MS)
    expect(page.get_by_test_id("import-run")).to_have_count(0)


def test_the_filter_suggests_what_there_is(page: Page, installation: Installation) -> None:
    open_list(page, installation)
    page.get_by_test_id("filter").fill("state:")
    option = page.get_by_test_id("suggestions").get_by_role("option").first
    expect(option).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("filter")).to_have_value(re.compile(r"^state:\w+ $"))


@pytest.mark.usefixtures("refusing")
def test_what_the_hub_refuses_stands_beside_its_field_and_nothing_is_lost(
    page: Page, installation: Installation
) -> None:
    open_list(page, installation)
    page.get_by_test_id("add-device").click()
    page.get_by_test_id("device-name").fill("router")
    page.get_by_test_id("device-address").fill("127.0.0.79")
    page.get_by_test_id("snmp-version").select_option("2c")
    page.get_by_test_id("community").fill("kept-in-the-form")
    page.get_by_test_id("device-save").click()
    beside = page.locator(".field", has=page.get_by_test_id("device-name")).locator(".field-trouble")
    expect(beside).to_contain_text("choose another name", timeout=PATIENCE_MS)
    expect(page.get_by_test_id("device-address")).to_have_value("127.0.0.79")
    expect(page.get_by_test_id("community")).to_have_value("kept-in-the-form")


def test_a_test_before_saving_says_why_the_device_does_not_answer(page: Page, installation: Installation) -> None:
    open_list(page, installation)
    page.get_by_test_id("device-row").filter(has_text="router").locator("a").first.click()
    page.get_by_role("button", name="Edit", exact=True).click()
    page.get_by_test_id("community").fill("not-the-community")
    page.get_by_test_id("device-test").click()
    report = page.get_by_test_id("test-report")
    expect(report).to_contain_text("the community is wrong", timeout=PATIENCE_MS)
    expect(page.get_by_test_id("community")).to_have_value("not-the-community")


@pytest.mark.usefixtures("refusing")
def test_a_network_that_the_agent_may_not_search_is_told_with_what_to_do(
    page: Page, installation: Installation
) -> None:
    open_list(page, installation)
    page.goto(re.sub(r"\?.*|$", "?desk=discover", page.url, count=1))
    page.get_by_test_id("network").fill("127.0.5.0/30")
    page.get_by_test_id("form-submit").click()
    beside = page.locator(".field", has=page.get_by_test_id("network")).locator(".field-trouble")
    expect(beside).to_contain_text("add it there", timeout=PATIENCE_MS)
    expect(page.get_by_test_id("network")).to_have_value("127.0.5.0/30")

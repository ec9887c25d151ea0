"""The pages of customers and people in a real browser: what each role sees, and what is told to whom at once."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.browsing import PATIENCE_MS, browser
from tests.e2e.conftest import Installation

__all__ = ["browser"]

pytestmark = [pytest.mark.check, pytest.mark.timeout(180)]

PASSWORD = "a-customers-own-password"


@pytest.fixture(scope="module")
def alma(installation: Installation) -> int:
    """Return a customer with the router as its service, and a user named alma; its id."""
    secret = installation.folder / "alma"
    secret.write_text(PASSWORD)
    customer: int = installation.json("customer", "add", "Alma Ltd", "--reference", "A-1")["id"]
    installation.noctule("customer", "service", "add", "A-1", "router", "--label", "Main Street fibre")
    role = ("--role", "customer", "--customer", str(customer))
    installation.noctule("user", "add", "alma", *role, "--password-file", str(secret))
    return customer


@pytest.fixture
def visitor(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="en-GB")
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    yield page
    context.close()


def sign_in(page: Page, url: str, name: str, password: str) -> None:
    page.goto(url)
    page.get_by_test_id("signin-username").fill(name)
    page.get_by_test_id("signin-password").fill(password)
    page.get_by_test_id("signin-submit").click()
    expect(page.get_by_test_id("link-state")).to_have_attribute("data-phase", "live", timeout=PATIENCE_MS)


def test_customer_sees_its_own_page_alone_and_is_told_of_its_suspension_at_once(
    visitor: Page, installation: Installation, alma: int
) -> None:
    sign_in(visitor, installation.url, "alma", PASSWORD)
    expect(visitor.get_by_test_id("own-service")).to_contain_text("Main Street fibre")
    expect(visitor.get_by_test_id("portal-answer")).to_be_visible()
    assert "router" not in visitor.locator("body").inner_text()
    expect(visitor.locator(".rail-pages a")).to_have_count(1)
    expect(visitor.get_by_test_id("portal-contract")).to_have_count(0)
    installation.noctule("customer", "suspend", str(alma))
    expect(visitor.get_by_test_id("portal-contract")).to_contain_text("a payment is missing", timeout=PATIENCE_MS)
    installation.noctule("customer", "resume", str(alma))
    expect(visitor.get_by_test_id("portal-contract")).to_have_count(0, timeout=PATIENCE_MS)


@pytest.mark.usefixtures("alma")
def test_customer_is_told_of_its_payment_at_once_and_finds_it_in_the_table(
    visitor: Page, installation: Installation
) -> None:
    sign_in(visitor, installation.url, "alma", PASSWORD)
    paid = ("--customer", "A-1", "--status", "paid", "--amount", "12.50", "--currency", "EUR")
    installation.noctule("payment", "publish", "bill-7", *paid)
    toast = visitor.get_by_test_id("payment-toast")
    expect(toast).to_contain_text("bill-7: paid", timeout=PATIENCE_MS)
    expect(toast).to_contain_text("12.50 EUR")
    toast.get_by_role("button", name="Dismiss").click()
    expect(toast).to_have_count(0)
    expect(visitor.get_by_test_id("payment-row")).to_contain_text("12.50", timeout=PATIENCE_MS)


@pytest.mark.usefixtures("alma")
def test_link_to_a_page_that_the_role_may_not_see_says_so(visitor: Page, installation: Installation) -> None:
    sign_in(visitor, installation.url, "alma", PASSWORD)
    visitor.goto(f"{installation.url}/users")
    expect(visitor.get_by_test_id("forbidden")).to_contain_text("customer")
    visitor.goto(f"{installation.url}/nothing-of-the-kind")
    expect(visitor.get_by_test_id("gone")).to_be_visible()


@pytest.mark.usefixtures("alma")
def test_port_of_anothers_device_is_chosen_by_keyboard_and_refused_in_words(
    visitor: Page, installation: Installation
) -> None:
    other = installation.json("customer", "add", "Bruno GmbH")["id"]
    sign_in(visitor, installation.url, "admin", installation.password)
    visitor.goto(f"{installation.url}/customers/{other}")
    visitor.get_by_test_id("service-add").click()
    device = visitor.get_by_test_id("find-device").get_by_role("combobox")
    device.fill("router")
    expect(visitor.get_by_test_id("finder-choice")).to_have_count(1)
    device.press("Enter")
    port = visitor.get_by_test_id("find-port").get_by_role("combobox")
    expect(visitor.get_by_test_id("finder-choice").nth(1)).to_be_visible()
    port.press("ArrowDown")
    port.press("Enter")
    visitor.get_by_label("Label").fill("Harbour office")
    visitor.get_by_test_id("service-form").get_by_test_id("form-submit").click()
    expect(visitor.get_by_test_id("form-trouble")).to_contain_text("customer")
    visitor.goto(f"{installation.url}/audit?kind=customer&object={other}")
    expect(visitor.get_by_test_id("table-row")).to_contain_text("Bruno GmbH")


def test_page_speaks_the_chosen_language_after_a_reload(visitor: Page, installation: Installation) -> None:
    sign_in(visitor, installation.url, "admin", installation.password)
    expect(visitor.get_by_test_id("rail-devices")).to_contain_text("Devices")
    visitor.get_by_test_id("account").click()
    visitor.get_by_test_id("menu-language").select_option("id")
    expect(visitor.get_by_test_id("rail-devices")).to_contain_text("Perangkat")
    visitor.reload()
    expect(visitor.get_by_test_id("rail-devices")).to_contain_text("Perangkat")
    expect(visitor.locator("html")).to_have_attribute("lang", "id")

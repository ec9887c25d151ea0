"""`noctule customer` and `noctule payment` against a hub that runs."""

import uuid
from collections.abc import Callable
from typing import Any

import pytest

from tests.hub.cli.conftest import Run

Ask = Callable[..., Any]


@pytest.fixture
def name(ask: Ask) -> str:
    """A customer of this test alone: the hub is that of all tests."""
    name = f"alma-{uuid.uuid4().hex[:8]}"
    ask("customer", "add", name, "--reference", name.upper(), "--timezone", "Europe/Zurich", "--note", "call her")
    return name


def test_a_customer_is_found_by_id_name_and_reference(ask: Ask, name: str) -> None:
    by_name = ask("customer", "show", name)
    assert by_name["customer"]["timezone"] == "Europe/Zurich"
    assert ask("customer", "show", name.upper()) == by_name
    assert ask("customer", "show", str(by_name["customer"]["id"])) == by_name
    assert by_name["customer"] in ask("customer", "list")["items"]


def test_a_customer_is_edited_suspended_resumed_closed_and_removed(ask: Ask, name: str) -> None:
    assert ask("customer", "edit", name, "--reference", "", "--note", "new")["reference"] is None
    assert ask("customer", "suspend", name)["suspensionReason"] == "non-payment"
    assert name in {one["name"] for one in ask("customer", "list", "--state", "suspended")["items"]}
    assert ask("customer", "resume", name)["state"] == "active"
    closed = ask("customer", "close", name)
    assert ask("customer", "remove", name, "--yes") == {"removed": closed["id"]}


def test_people_are_told_in_words(signed_in: Run, name: str) -> None:
    assert "is suspended (abuse)" in signed_in("customer", "suspend", name, "--reason", "abuse").stdout
    shown = signed_in("customer", "show", name).stdout
    assert ("suspended (abuse)" in shown, "Europe/Zurich" in shown, "Services" in shown) == (True, True, True)
    assert name in signed_in("customer", "list").stdout


def test_services_are_added_listed_and_removed(ask: Ask, signed_in: Run, name: str) -> None:
    if not any(site["name"] == "default" for site in ask("site", "list")["items"]):
        ask("site", "add", "default")
    device = f"cpe-{uuid.uuid4().hex[:8]}"
    ask("device", "add", device, f"192.0.2.{uuid.uuid4().int % 250 + 1}", "--site", "default")
    added = ask("customer", "service", "add", name, device, "--label", "box", "--committed-mbps", "0.5")
    assert (added["interfaceId"], added["committedBps"]) == (None, 500_000)
    assert ask("customer", "service", "list", name)["items"] == [added]
    assert f"box    {device}  -" in signed_in("customer", "service", "list", name).stdout
    assert ask("customer", "service", "remove", name, str(added["id"])) == {"removed": added["id"]}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("customer", "show", "nobody-at-all"), "there is no customer 'nobody-at-all'; see: noctule customer list"),
        (("customer", "resume", "NAME"), "state: customer"),
        (("customer", "edit", "NAME", "--timezone", "Mars/Olympus"), "timezone: is no time zone that this hub knows"),
        (("customer", "service", "add", "NAME", "none", "--label", "x"), "there is no device 'none'"),
        (("payment", "publish", "b-1", "--customer", "NAME", "--status", "paid", "--amount", "1,5"), "amount: "),
        (("payment", "show", "never-heard-of"), "there is no payment 'never-heard-of'"),
        (("payment", "show", "../customers"), "'../customers' is no payment's id"),
    ],
)
def test_what_is_refused_is_one_line_that_names_the_field(
    signed_in: Run, name: str, arguments: tuple[str, ...], words: str
) -> None:
    result = signed_in(*(name if word == "NAME" else word for word in arguments))
    assert result.exit_code == 1
    assert words in result.stderr
    assert result.stderr.count("\n") == 1


def test_a_payment_that_is_published_twice_by_one_command_is_one_update(ask: Ask, name: str, signed_in: Run) -> None:
    payment = f"bill-{uuid.uuid4().hex[:8]}"
    publish = ("payment", "publish", payment, "--customer", name, "--status")
    told = (*publish, "paid", "--amount", "12.50", "--currency", "EUR", "--occurred-at", "2026-11-18T08:00:00Z")
    first = ask(*told)
    assert (first["late"], first["payment"]["amount"]) == (False, "12.50")
    assert ask(*told) == first
    late = ask(*publish, "issued", "--occurred-at", "2026-11-17T08:00:00Z")
    assert (late["late"], late["payment"]["status"]) == (True, "paid")
    assert ask("payment", "list", "--customer", name)["items"] == [first["payment"]]
    shown = ask("payment", "show", payment)
    assert [update["status"] for update in shown["updates"]] == ["issued", "paid"]
    table = signed_in("payment", "show", payment).stdout
    assert ("late" in table, "12.50" in table) == (True, True)
    for listed in (table, signed_in("payment", "list").stdout, signed_in("payment", "list", "--customer", name).stdout):
        assert f"{payment}  {name}  paid" in listed
    again = signed_in(*publish, "refunded")
    assert f"Payment {payment} is refunded." in again.stdout

"""Devices come into the list in a real browser: found by an agent in a subnet, read from a file, tested while added."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Final

import pytest
from playwright.sync_api import FilePayload, Locator, Page, expect

from tests.e2e.browsing import PATIENCE_MS, browser, page, refusing, sign_in
from tests.e2e.conftest import COMMUNITY, Installation, Snmpd, installed, wait_until

__all__ = ["browser", "page", "refusing"]

pytestmark = [pytest.mark.check, pytest.mark.timeout(240)]

# Its addresses answer echoes, as all of 127.0.0.0/8 are the machine itself; but for two that are kept from it.
NETWORK: Final = "127.0.5.0/28"
TWINS: Final = ("127.0.5.2", "127.0.5.3")
NO_ECHO: Final = "127.0.5.6"
OTHERS: Final = ("127.0.5.7", "127.0.5.8", "127.0.5.9")
NOWHERE: Final = "127.0.5.14"
TABLE: Final = "noctule_e2e"


@pytest.fixture(scope="module")
def routers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Routers at the usual port, two with the same name, one that answers no echo; and an address without anybody."""
    if os.geteuid() != 0:
        pytest.skip("a search asks the port 161, which only root may offer")
    if shutil.which("snmpd") is None or shutil.which("nft") is None:
        pytest.skip("snmpd or nft is not installed (Debian: snmpd, nftables)")
    rules = f"ip daddr {NO_ECHO} icmp type echo-request drop\nip daddr {NOWHERE} drop"
    chain = f"chain lab {{\ntype filter hook input priority 0;\n{rules}\n}}"
    with ExitStack() as stack:
        subprocess.run(["nft", f"table ip {TABLE} {{\n{chain}\n}}"], check=True, capture_output=True)
        stack.callback(subprocess.run, ["nft", "delete", "table", "ip", TABLE], check=False)
        for address in (*TWINS, NO_ECHO, *OTHERS):
            lines = (f"rocommunity {COMMUNITY}", "sysName twin.lab")
            router = Snmpd(Path(tmp_path_factory.mktemp("router")), 161, address, lines)
            router.start()
            stack.callback(router.stop)
        yield


@pytest.fixture(scope="module")
def installation(snmpd: Snmpd, routers: None) -> Iterator[Installation]:  # noqa: ARG001  they are there to be found
    with installed(snmpd, networks=[NETWORK]) as made:
        wait_until(lambda: made.devices()["router"]["status"] == "online", "router online")
        yield made


def open_desk(page: Page, installation: Installation, desk: str) -> None:
    sign_in(page, installation)
    page.goto(f"{installation.url}/devices?{desk}")


def search(page: Page) -> Locator:
    """Search the network with a wrong community and the right one; return the lines of what answers."""
    page.get_by_test_id("network").fill(NETWORK)
    page.get_by_label("Community").fill("not-the-community")
    page.get_by_role("button", name="Offer others too").click()
    page.get_by_label("Community").nth(1).fill(COMMUNITY)
    page.get_by_test_id("form-submit").click()
    found = page.get_by_test_id("found-row")
    expect(found.first).to_be_visible(timeout=PATIENCE_MS)
    return found


def test_what_is_found_in_a_subnet_is_ticked_named_added_and_polled(page: Page, installation: Installation) -> None:
    open_desk(page, installation, "desk=discover")
    found = search(page)
    expect(page.get_by_test_id("discover-dialog")).to_contain_text("12 addresses answer of 14")
    first, second = (found.filter(has_text=address) for address in TWINS)
    expect(first).to_contain_text("answers to credentials 2")
    expect(found.filter(has_text="127.0.5.11")).to_contain_text("the port is closed")
    expect(first.get_by_role("textbox")).to_have_value("twin.lab")
    expect(second.get_by_role("textbox")).to_have_value(f"twin.lab {TWINS[1]}")
    page.get_by_label("Tick all that are new").uncheck()
    for row in (first, second, found.filter(has_text="127.0.5.4")):
        row.get_by_role("checkbox").check()
    second.get_by_role("textbox").fill("other twin")
    page.get_by_role("button", name="Add 3 devices").click()
    expect(page.get_by_test_id("discover-dialog")).to_have_count(0)
    for name in ("twin.lab", "other twin", "127.0.5.4"):
        row = page.get_by_test_id("device-row").filter(has=page.get_by_role("link", name=name, exact=True))
        expect(row).to_have_attribute("data-status", "online", timeout=PATIENCE_MS)
    page.get_by_test_id("device-row").get_by_role("link", name="other twin", exact=True).click()
    expect(page.get_by_test_id("interface-row").first).to_be_visible(timeout=PATIENCE_MS)


def test_what_is_there_already_is_found_but_not_added_twice(page: Page, installation: Installation) -> None:
    installation.noctule("device", "add", "there before", "127.0.5.5", "--site", "lab")
    open_desk(page, installation, "desk=discover")
    row = search(page).filter(has_text="127.0.5.5")
    expect(row).to_contain_text("there already: there before")
    expect(row.get_by_role("checkbox")).to_be_disabled()


@pytest.mark.usefixtures("refusing")
def test_a_second_try_takes_the_site_that_the_first_one_added(page: Page, installation: Installation) -> None:
    open_desk(page, installation, "edit=new")
    page.get_by_test_id("device-name").fill("second try")
    page.get_by_test_id("device-address").fill("127.0.0.0/8")
    page.get_by_test_id("site").select_option("new")
    page.get_by_test_id("new-site").fill("annex")
    page.get_by_test_id("device-save").click()
    beside = page.locator(".field", has=page.get_by_test_id("device-address")).locator(".field-trouble")
    expect(beside).to_be_visible(timeout=PATIENCE_MS)
    page.get_by_test_id("device-address").fill("127.0.5.13")
    page.get_by_test_id("device-save").click()
    expect(page.get_by_test_id("edit-said")).to_contain_text("second try is added", timeout=PATIENCE_MS)


def import_file(page: Page, text: str) -> Locator:
    """Have a file checked; return the report."""
    page.get_by_test_id("import-file").set_input_files(
        files=FilePayload(name="fleet.csv", mimeType="text/csv", buffer=text.encode())
    )
    page.get_by_label("Version").select_option("2c")
    page.get_by_label("Community").fill(COMMUNITY)
    page.get_by_test_id("import-check").click()
    report = page.get_by_test_id("import-report")
    expect(report).to_be_visible(timeout=PATIENCE_MS)
    return report


def test_a_file_with_faulty_rows_is_mended_by_what_the_page_says_and_imported(
    page: Page, installation: Installation
) -> None:
    open_desk(page, installation, "desk=import")
    header = "name;address;site;reachability;snmp_version;snmp_port;icmp_interval;parents\n"
    faulty = (
        "imported 1;127.0.5.7;lab;snmp;2c;161;10;router\n",
        "imported 2;;lab;icmp;;;10;\n",
        "imported 3;127.0.5.12;elsewhere;icmp;;;10;\n",
        "imported 4;127.0.5.13;lab;telepathy;;;10;\n",
        "imported 5;127.0.5.13;lab;icmp;;;often;\n",
        "imported 6;127.0.5.13;lab;icmp;;;10;nobody\n",
        "router;127.0.5.13;lab;icmp;;;10;\n",
    )
    report = import_file(page, header + "".join(faulty))
    for said in (
        "Line 3: address is empty",
        "Line 4, imported 3: refused. site: There is no site 'elsewhere'",
        "Line 5, imported 4: refused. reachability: ",
        "Line 6: icmp_interval is no number",
        "Line 7, imported 6: refused. parents: ",
        "Line 8, router: there already",
    ):
        expect(report).to_contain_text(said)
    expect(page.get_by_test_id("import-run")).to_have_count(0)
    mended = ("imported 1;127.0.5.7;lab;snmp;2c;161;10;router\n", "imported 2;127.0.5.12;lab;icmp;;;10;imported 1\n")
    report = import_file(page, header + "".join(mended))
    page.get_by_test_id("import-run").click()
    expect(report).to_contain_text("2 devices are added, 0 changed", timeout=PATIENCE_MS)
    report.get_by_role("button", name="Close").click()
    for name in ("imported 1", "imported 2"):
        row = page.get_by_test_id("device-row").filter(has=page.get_by_role("link", name=name, exact=True))
        expect(row).to_have_attribute("data-status", "online", timeout=PATIENCE_MS)


@pytest.mark.usefixtures("refusing")
@pytest.mark.parametrize(
    ("name", "address", "said"),
    [
        ("well", OTHERS[1], ("came back", "answers as twin.lab")),
        ("wrong community", OTHERS[2], ("SNMP v2c: no answer", "the community is wrong")),
        ("no snmp", "127.0.5.10", ("the port is closed", "no SNMP agent listens there")),
        ("no icmp", NO_ECHO, ("none of 5 came back", "filters ICMP", "judged by SNMP alone")),
        ("nowhere", NOWHERE, ("none of 5 came back", "SNMP v2c: no answer")),
        (
            "unknown name",
            "no-such-host.invalid",
            ("the name does not resolve", "asks its own resolver", "use the device's address"),
        ),
    ],
)
def test_a_device_that_is_added_is_tested_and_the_page_says_why_it_does_not_answer(
    page: Page, installation: Installation, name: str, address: str, said: tuple[str, ...]
) -> None:
    open_desk(page, installation, "edit=new")
    page.get_by_test_id("device-name").fill(name)
    page.get_by_test_id("device-address").fill(address)
    page.get_by_test_id("snmp-version").select_option("2c")
    page.get_by_test_id("community").fill("not-it" if name == "wrong community" else COMMUNITY)
    page.get_by_test_id("device-save").click()
    report = page.get_by_test_id("test-report")
    expect(report).to_be_visible(timeout=PATIENCE_MS)
    for words in said:
        expect(report).to_contain_text(words)
    # The dialog stays, so that what is wrong can be mended and tried again.
    expect(page.get_by_test_id("device-address")).to_have_value(address)


@pytest.mark.usefixtures("refusing")
def test_who_reads_indonesian_is_told_in_it_why_a_name_is_refused_and_a_device_is_silent(
    page: Page, installation: Installation
) -> None:
    page.add_init_script("Object.defineProperty(navigator, 'language', { get: () => 'id-ID' })")
    open_desk(page, installation, "edit=new")
    page.get_by_test_id("device-name").fill("router")
    page.get_by_test_id("device-address").fill("127.0.5.11")
    page.get_by_test_id("snmp-version").select_option("2c")
    page.get_by_test_id("community").fill(COMMUNITY)
    page.get_by_test_id("device-save").click()
    beside = page.locator(".field", has=page.get_by_test_id("device-name")).locator(".field-trouble")
    expect(beside).to_contain_text("sudah ada perangkat bernama 'router'; pilih nama lain", timeout=PATIENCE_MS)
    page.get_by_test_id("device-name").fill("tanpa snmp")
    page.get_by_test_id("device-save").click()
    report = page.get_by_test_id("test-report")
    expect(report).to_be_visible(timeout=PATIENCE_MS)
    for words in ("port tertutup", "tidak ada SNMP agent di sana"):
        expect(report).to_contain_text(words)

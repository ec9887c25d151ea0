"""What devices and people write comes out inert: planted in a real snmpd, in syslog and through the API, sought in all.

How each part cleans is tested beside it; here the whole installation is walked.
"""

import asyncio
import csv
import io
import json
import re
import socket
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import pytest
from aiohttp import ClientSession
from noctule_hub.api.routes import ALL_ENDPOINTS

from tests.e2e.conftest import COMMUNITY, Installation, Snmpd, free_udp_port, wait_until
from tests.hub.prometheus_text import parse
from tests.screens.browser import NoBrowserError, Visitor, chromium
from tests.screens.pages import PUBLIC, SCREENS

pytestmark = [pytest.mark.check, pytest.mark.timeout(240), pytest.mark.xdist_group("e2e")]

ADDRESS: Final = "127.0.0.2"
TAG: Final = "<img src=x onerror=alert(1)>"
# A title for the terminal, its screen cleared, C1's CSI, text turned about, and an end in the midst.
STEERING: Final = "\x1b]0;owned\x07\x1b[2J\u009b31m\u202egnp.exe\u2066\u200b\u2060\ufeff\x00\x7f\r\nnot a new line"
# As an API may take them: printable, and a formula or a tag for whoever does not care.
NAMES: Final = {"device": f"=1+1 {TAG}", "site": f"@SUM(1) {TAG}", "customer": f"+2 {TAG}", "label": f"-3 {TAG}"}
LONG: Final = "L" * 60_000
# As long as a name may be and without a place to break it; and what a comment may hold beside.
UNBROKEN: Final = f"=down{TAG}".ljust(100, "W")
NOTE: Final = f"@note {TAG}\n" + "N" * 260
# What no name, label or comment may hold: it steers, turns text about, or cannot be seen.
REFUSED: Final = ("a\x1b[2Jb", "a\u202eb", "a\u2066b", "a\u200bb", "a\u2060b", "a\ufeffb", "a\u009bb", "a\x7fb")
# What is on a page only if text was taken for markup; the pages have no image of this name and no script of their own.
BECAME_MARKUP: Final = """() => [...document.querySelectorAll('img[src="x"], script:not([src]), [onerror]')].length"""
# By how many pixels a page is wider than the screen.
SIDEWAYS: Final = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
# What steers terminals, or turns text about; a line end is checked where it may not be.
CONTROLS: Final = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2064\u2066-\u206f\ufeff]"
)
FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
# SNMPv2-MIB, IF-MIB and LLDP-MIB: which object says what.
OBJECTS: Final = {
    "1.3.6.1.2.1.1.1.0": f"+1{TAG}{STEERING}",  # sysDescr
    "1.3.6.1.2.1.1.4.0": f"@SUM(1){STEERING}",  # sysContact
    "1.3.6.1.2.1.1.5.0": f"=1+1{TAG}{STEERING}",  # sysName
    "1.3.6.1.2.1.1.6.0": f"-2{STEERING}" + "x" * 400,  # sysLocation
    "1.3.6.1.2.1.2.2.1.2.1": f"=descr{TAG}{STEERING}",  # ifDescr
    "1.3.6.1.2.1.31.1.1.1.1.1": f"=name{STEERING}",  # ifName
    "1.3.6.1.2.1.31.1.1.1.18.1": f"=alias{TAG}{STEERING}",  # ifAlias
    "1.0.8802.1.1.2.1.4.1.1.5.0.1.1": f"chassis{STEERING}",  # lldpRemChassisId
    "1.0.8802.1.1.2.1.4.1.1.7.0.1.1": f"port{STEERING}",  # lldpRemPortId
    "1.0.8802.1.1.2.1.4.1.1.8.0.1.1": f"=portDesc{TAG}{STEERING}",  # lldpRemPortDesc
    "1.0.8802.1.1.2.1.4.1.1.9.0.1.1": f"=neighbour{TAG}{STEERING}",  # lldpRemSysName
}
# lldpRemChassisIdSubtype and lldpRemPortIdSubtype: 7 is local, any text.
NUMBERS: Final = {"1.0.8802.1.1.2.1.4.1.1.4.0.1.1": 7, "1.0.8802.1.1.2.1.4.1.1.6.0.1.1": 7}
SYSLOG: Final = (
    f"<134>1 2026-11-26T10:00:00Z host =app - - - =1+1{TAG}{STEERING}",
    f"<134>Nov 26 10:00:00 host @SUM(1): @SUM(1){STEERING}",
    f"<134>1 2026-11-26T10:00:00Z host app - - - long{STEERING}{LONG}",
    f"{STEERING}{TAG}",
)


@pytest.fixture(scope="module")
def hostile_snmpd() -> Iterator[Snmpd]:
    """net-snmp's agent at an address of its own, with a word of ours in each object."""
    lines = [f"rocommunity {COMMUNITY} 127.0.0.0/8"]
    lines += [f"override {oid} octet_str 0x{text.encode().hex()}" for oid, text in OBJECTS.items()]
    lines += [f"override {oid} integer {number}" for oid, number in NUMBERS.items()]
    with tempfile.TemporaryDirectory() as folder:
        server = Snmpd(Path(folder), free_udp_port(), ADDRESS, lines)
        server.start()
        yield server
        server.stop()


@pytest.fixture(scope="module")
def planted(installation: Installation, hostile_snmpd: Snmpd) -> Installation:
    """The installation once everything that was planted has arrived."""
    installation.noctule("site", "add", NAMES["site"])
    community = installation.folder / "community"
    installation.noctule(
        *("device", "add", NAMES["device"], ADDRESS, "--site", "lab", "--reachability", "snmp", "--interval", "1"),
        *("--snmp-version", "2c", "--snmp-port", str(hostile_snmpd.port), "--community-file", str(community)),
        *("--note", f"=note {TAG}\nsecond line"),
    )
    device_id = installation.devices()[NAMES["device"]]["id"]
    customer_id = installation.json("customer", "add", NAMES["customer"])["id"]
    installation.noctule("customer", "service", "add", str(customer_id), str(device_id), "--label", NAMES["label"])
    asyncio.run(_publish(installation, device_id))
    asyncio.run(_plan(installation, device_id))
    # Nobody answers there: an alert with such a title, which is acknowledged and silenced in such words.
    installation.noctule(
        *("device", "add", UNBROKEN, "127.0.0.78", "--site", "lab", "--reachability", "snmp", "--interval", "1"),
        *("--snmp-version", "2c", "--community-file", str(community)),
    )
    wait_until(lambda: _fallen(installation) is not None, "the alert")
    asyncio.run(_take_care(installation))
    wait_until(lambda: "syslog by UDP on port" in installation.log("agent"), "the agent takes syslog")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.bind((ADDRESS, 0))
        for line in SYSLOG:
            sender.sendto(line.encode(), ("127.0.0.1", installation.syslog_port))
    wait_until(lambda: len(installation.json("log", "search")["items"]) >= len(SYSLOG), "the syslog lines")
    arrived = ("=alias", "=neighbour", "=1+1")
    wait_until(lambda: all(word in asyncio.run(_told(installation, device_id)) for word in arrived), "all that it says")
    return installation


async def test_every_answer_is_what_it_says_it_is_and_holds_nothing_that_steers(planted: Installation) -> None:
    walked = 0
    async with ClientSession(planted.url, headers=await _bearer(planted)) as http:
        for endpoint in ALL_ENDPOINTS:
            if endpoint.method != "GET" or not endpoint.path.startswith(("/api/", "/health", "/metrics", "/status")):
                continue
            for number in (1, 2):
                path = re.sub(r"\{[^}]*\}", str(number), endpoint.path.replace("{month}", "2026-11"))
                async with http.get(path) as answer:
                    body = await answer.text("utf-8")
                    assert answer.status < 500, f"{path}: {answer.status}"
                    assert answer.headers["X-Content-Type-Options"] == "nosniff", path
                    _check_answer(path, answer.content_type, body)
                walked += 1
    assert walked > 60


@pytest.mark.parametrize("text", REFUSED, ids=ascii)
async def test_what_cannot_be_read_is_refused_where_people_write(planted: Installation, text: str) -> None:
    customer_id, service_id = _served(planted)
    rule = {"name": "hostile", "condition": {"kind": "device-offline"}, "severity": "info", "forS": 0}
    silence = {"comment": "x", "matchers": {"rules": ["x"]}, "endsAt": _in(timedelta(days=20))}
    wanted: list[tuple[str, str, dict[str, Any], str]] = [
        ("POST", "rules", rule | {"name": text}, "name"),
        ("POST", "rules", rule | {"trouble": text}, "trouble"),
        ("POST", "rules", rule | {"selector": {"names": [text]}}, "selector.names"),
        ("POST", "silences", silence | {"comment": text}, "comment"),
        ("POST", "silences", silence | {"matchers": {"names": [text]}}, "matchers.names"),
        ("POST", "customers", {"name": text}, "name"),
        ("POST", "customers", {"name": "x", "note": text}, "note"),
        ("PATCH", f"customers/{customer_id}/services/{service_id}", {"revision": 1, "label": text}, "label"),
        ("POST", f"alerts/{_fallen(planted)}/acknowledge", {"note": text}, "note"),
    ]
    async with ClientSession(f"{planted.url}/api/v1/", headers=await _bearer(planted)) as http:
        for method, path, body, named in wanted:
            async with http.request(method, path, json=body) as answer:
                refusal = await answer.json()
            assert answer.status == 400, f"{path}: {refusal}"
            assert refusal["field"].startswith(named), refusal
            assert not CONTROLS.search(refusal["message"]), refusal


def _check_answer(path: str, content_type: str, body: str) -> None:
    if content_type in {"application/json", "application/problem+json"}:
        for text in _texts(json.loads(body)):
            assert not CONTROLS.search(text), f"{path}: {text[:80]!r}"
    elif content_type == "text/html" or content_type.startswith("image/svg"):
        assert "<img src=x" not in body, path
    else:
        # The script and the style of the status page are files of ours, the same whatever devices say.
        known = {"application/x-ndjson", "text/plain", "text/css", "text/javascript"}
        assert content_type in known, f"{path}: {content_type}"
        assert not CONTROLS.search(body), path


async def test_an_export_has_one_line_for_a_row_and_no_formula(planted: Installation) -> None:
    async with ClientSession(planted.url, headers=await _bearer(planted)) as http:
        async with http.get("/api/v1/logs/export?format=ndjson&from=2020-01-01T00:00:00Z") as answer:
            lines = (await answer.text()).splitlines()
        async with http.get("/api/v1/logs/export?format=csv&from=2020-01-01T00:00:00Z") as answer:
            rows = list(csv.reader(io.StringIO(await answer.text(), newline="")))
    decoded = [json.loads(line) for line in lines]
    assert decoded[-1]["end"]["rows"] == len(decoded) - 1 >= len(SYSLOG)
    # The names of the columns, and the end.
    assert len(rows) == len(decoded) + 1
    for cell in (cell for row in rows for cell in row):
        assert not cell.startswith(FORMULA), cell[:80]
        assert "\n" not in cell, cell[:80]
        assert not CONTROLS.search(cell), cell[:80]


@pytest.mark.parametrize(
    "command",
    [
        ("device", "list"),
        ("device", "show", "{device}"),
        ("site", "list"),
        ("customer", "list"),
        ("customer", "show", "{customer}"),
        ("log", "search"),
        ("log", "tail"),
        ("event", "tail", "--once"),
        ("alert", "list"),
        ("alert", "show", "{alert}"),
        ("alert", "incident", "list"),
        ("alert", "incident", "show", "1"),
        ("alert", "rule", "list"),
        ("alert", "silence", "list"),
        ("audit", "list"),
        ("maintenance", "list"),
    ],
    ids=" ".join,
)
def test_no_command_prints_what_steers_a_terminal(planted: Installation, command: tuple[str, ...]) -> None:
    device_id = planted.devices()[NAMES["device"]]["id"]
    there = {"alert": _fallen(planted), "device": device_id, "customer": _served(planted)[0]}
    filled = [part.format(**there) for part in command]
    for options in ((), ("--json",)):
        done = planted.noctule(*filled, *options)
        assert not CONTROLS.search(done.stdout + done.stderr), f"{options}: {CONTROLS.search(done.stdout)}"


def test_the_logs_of_both_programs_have_one_printable_line_for_a_record(planted: Installation) -> None:
    for program in ("hub", "agent"):
        for line in planted.log(program).split("\n"):
            assert line.isprintable(), f"{program}: {line[:200]!r}"
            assert "not a new line" not in line[:20], f"{program}: {line[:200]!r}"


async def test_metrics_read_strictly_whatever_names_devices_have(planted: Installation) -> None:
    async with ClientSession(planted.url, headers=await _bearer(planted)) as http:
        for path in ("/metrics", "/api/v1/metrics/devices"):
            async with http.get(path) as answer:
                assert parse(await answer.text()), path


async def test_the_status_page_shows_a_label_as_text(planted: Installation) -> None:
    async with ClientSession(planted.url) as http, http.get("/status") as answer:
        page = await answer.text()
    assert TAG not in page
    assert "&lt;img src=x onerror=alert(1)&gt;" in page


def test_no_page_runs_or_breaks_by_what_is_written_into_it(planted: Installation) -> None:
    numbers = dict.fromkeys(("agent", "rule", "silence", "window", "channel", "policy", "user", "interface"), 1)
    numbers["device"] = planted.devices()[NAMES["device"]]["id"]
    numbers["customer"], numbers["service"] = _served(planted)
    numbers["alert"] = _fallen(planted) or 0
    written: dict[str, str] = {}
    try:
        with chromium() as browser:
            visitor = Visitor.come(browser, planted.url, user_agent=f"agent {TAG}")
            visitor.sign_in("admin", planted.password)
            for screen in (*(one for one in SCREENS if "admin" in one.roles), *PUBLIC):
                visitor.open(screen.path.format(**numbers))
                assert visitor.page.evaluate(BECAME_MARKUP) == 0, screen.name
                written[screen.name] = visitor.page.inner_text("body")
                assert not CONTROLS.search(written[screen.name]), screen.name
                assert visitor.take_complaints() == [], screen.name
            visitor.page.set_viewport_size({"width": 390, "height": 844})
            pages = {
                f"/alerts/{numbers['alert']}": "alert-panel",
                "/alerts": "alerts",
                "/incidents/1": "incident-panel",
            }
            for path, part in (pages | {"/silences/1": "silence-panel", "/rules/1": "rule-panel"}).items():
                visitor.open(path)
                visitor.page.get_by_test_id(part).wait_for()
                written[f"{path}, phone"] = visitor.page.inner_text("body")
                assert visitor.page.evaluate(BECAME_MARKUP) == 0, path
                assert visitor.page.evaluate(SIDEWAYS) <= 0, path
            # What LLDP tells comes after the page.
            visitor.open(f"/devices/{numbers['device']}")
            visitor.page.get_by_text("=neighbour").first.wait_for()
            written["neighbours"] = visitor.page.inner_text("body")
            assert visitor.page.evaluate(SIDEWAYS) <= 0
            assert visitor.take_complaints() == []
    except NoBrowserError as error:
        pytest.skip(str(error))
    whole = (NAMES["device"], NAMES["site"], NAMES["customer"], NAMES["label"], UNBROKEN, *NOTE.split("\n"))
    for word in (*whole, f"silence {TAG}", f"=neighbour{TAG}", f"=alias{TAG}", f"agent {TAG}", "=1+1" + TAG):
        assert any(word in text for text in written.values()), f"{word} is nowhere to be read"


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for one in value:
            yield from _texts(one)
    elif isinstance(value, dict):
        for name, one in value.items():
            yield name
            yield from _texts(one)


async def _bearer(installation: Installation) -> dict[str, str]:
    async with ClientSession(installation.url) as http:
        body = {"username": "admin", "password": installation.password}
        async with http.post("/api/v1/auth/login", json=body) as answer:
            return {"Authorization": f"Bearer {(await answer.json())['accessToken']}"}


async def _publish(installation: Installation, device_id: int) -> None:
    page: dict[str, Any] = {"title": NAMES["label"], "message": TAG, "published": True}
    page["components"] = [{"label": NAMES["label"], "deviceIds": [device_id]}]
    async with ClientSession(installation.url, headers=await _bearer(installation)) as http:
        async with http.get("/api/v1/status-page") as answer:
            page["revision"] = (await answer.json())["revision"]
        async with http.put("/api/v1/status-page", json=page) as answer:
            assert answer.status == 200, await answer.text()


async def _plan(installation: Installation, device_id: int) -> None:
    """Write into everything that people plan with."""
    window = {
        "name": f"window {TAG}",
        "note": TAG,
        "deviceIds": [device_id],
        "once": {"startsAt": _in(-timedelta(hours=1)), "endsAt": _in(timedelta(days=1))},
    }
    matchers = {"names": [f"*{TAG}"], "deviceIds": [device_id]}
    channel = {"name": f"channel {TAG}", "enabled": False, "webhook": {"url": "http://127.0.0.1:9/"}}
    policy = {"name": f"policy {TAG}", "steps": [{"afterS": 0}], "title": TAG, "text": TAG}
    silence = {"matchers": matchers, "comment": f"silence {TAG}", "endsAt": _in(timedelta(days=20))}
    bodies = {"maintenance": window, "silences": silence, "channels": channel, "notification-policies": policy}
    async with ClientSession(installation.url, headers=await _bearer(installation)) as http:
        for path, body in bodies.items():
            async with http.post(f"/api/v1/{path}", json=body) as answer:
                assert answer.status == 201, f"{path}: {await answer.text()}"
        async with http.patch("/api/v1/agents/1", json={"name": f"probe {TAG}"}) as answer:
            assert answer.status == 200, await answer.text()


def _in(span: timedelta) -> str:
    return (datetime.now(UTC) + span).isoformat()


def _served(installation: Installation) -> tuple[int, int]:
    """Return the ids of the planted customer and of its service; other tests may have left customers of theirs."""
    customers = {customer["name"]: customer["id"] for customer in installation.json("customer", "list")["items"]}
    customer_id = customers[NAMES["customer"]]
    return customer_id, installation.json("customer", "show", str(customer_id))["services"][0]["id"]


def _fallen(installation: Installation) -> int | None:
    """Return the alert about the device that nobody answers for, None: there is none yet."""
    alerts = installation.json("alert", "list")["items"]
    return next((alert["id"] for alert in alerts if alert["title"] == f"{UNBROKEN} is offline"), None)


async def _take_care(installation: Installation) -> None:
    alert_id = _fallen(installation)
    async with ClientSession(f"{installation.url}/api/v1/", headers=await _bearer(installation)) as http:
        async with http.post(f"alerts/{alert_id}/acknowledge", json={"note": NOTE}) as answer:
            assert answer.status == 200, await answer.text()
        async with http.get("rules/1") as answer:
            revision = (await answer.json())["revision"]
        async with http.patch("rules/1", json={"revision": revision, "trouble": f"is down {TAG}"}) as answer:
            assert answer.status == 200, await answer.text()


async def _told(installation: Installation, device_id: int) -> str:
    """Return what the hub tells of the device's system, interfaces and neighbours."""
    told = ""
    async with ClientSession(installation.url, headers=await _bearer(installation)) as http:
        for what in ("system", "interfaces", "neighbours"):
            async with http.get(f"/api/v1/devices/{device_id}/{what}") as answer:
                told += await answer.text()
    return told

"""Every error is a problem document, tells no more than it should, and every answer carries the security headers."""

import io
import logging
import sqlite3
from collections.abc import Callable

import pytest
from aiohttp import web
from noctule_hub.api.middleware import SECURITY_HEADERS
from noctule_hub.core.principal import Role

from tests.hub.api.harness import OTHER_ORIGIN, Answer, Hub


def is_problem(answer: Answer, status: int, code: str) -> bool:
    document = answer.json
    return (
        answer.headers["Content-Type"] == "application/problem+json"
        and answer.status == document["status"] == status
        and document["code"] == code
        and document["type"] == "about:blank"
        and document["detail"] == document["message"] != ""
        and bool(document["title"])
    )


@pytest.mark.parametrize("path", ["/api/v1/nothing", "/api/", "/assets/none.js", "/nothing", "/api/v1/devices/x/y"])
async def test_an_unknown_path_is_404(hub: Hub, path: str) -> None:
    assert is_problem(await hub.get(path), 404, "not-found")


async def test_a_wrong_method_is_405_with_those_allowed(hub: Hub) -> None:
    answer = await hub.ask("PUT", "/api/v1/sites")
    assert is_problem(answer, 405, "invalid")
    assert answer.headers["Allow"] == "GET,HEAD,POST"


async def test_a_body_over_one_megabyte_is_413(hub: Hub) -> None:
    headers = {"Content-Type": "application/json"}
    answer = await hub.ask("POST", "/api/v1/sites", data=io.BytesIO(b'"' + b"x" * 2**20 + b'"'), headers=headers)
    assert is_problem(answer, 413, "too-large")


@pytest.mark.parametrize(
    "body", [b"", b"{", b"\xff\xfe", b"[" * 100_000, b'{"name": "a"} x', b'{"name": "\\ud800"}', b"NaN"]
)
async def test_a_body_that_is_no_json_is_400(hub: Hub, body: bytes) -> None:
    answer = await hub.ask("POST", "/api/v1/sites", data=body, headers={"Content-Type": "application/json"})
    assert is_problem(answer, 400, "invalid")


async def test_a_body_of_another_type_is_400(hub: Hub) -> None:
    answer = await hub.ask("POST", "/api/v1/sites", data={"name": "a"})
    assert is_problem(answer, 400, "invalid")
    assert answer.json["field"] == "Content-Type"


async def test_an_unexpected_error_is_500_with_an_incident_that_the_log_explains(
    hub: Hub, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def broken() -> None:
        raise RuntimeError("planted detail of the inside")

    monkeypatch.setattr(hub.store, "sites", broken)
    answer = await hub.get("/api/v1/sites")
    assert is_problem(answer, 500, "busy")
    assert "planted" not in answer.text
    assert "Traceback" not in answer.text
    records = [record for record in caplog.records if answer.json["incident"] in record.getMessage()]
    assert len(records) == 1
    assert records[0].levelno == logging.ERROR
    assert records[0].exc_info is not None


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("limit=0", "limit"),
        ("limit=1001", "limit"),
        ("limit=x", "limit"),
        ("limit=-1", "limit"),
        ("limit=²", "limit"),
        ("cursor=x", "cursor"),
        ("cursor=" + "9" * 50, "cursor"),
    ],
)
async def test_a_wrong_query_names_its_field(hub: Hub, query: str, field: str) -> None:
    answer = await hub.get(f"/api/v1/devices?{query}")
    assert is_problem(answer, 400, "invalid")
    assert answer.json["field"] == field


@pytest.mark.parametrize("path", ["/", "/health", "/nothing", "/api/v1/devices", "/assets/app-1a2b.js"])
async def test_every_answer_carries_the_security_headers(hub: Hub, path: str) -> None:
    answer = await hub.ask("GET", path, role=Role.ANONYMOUS)
    for name, value in SECURITY_HEADERS.items():
        assert answer.headers[name] == value
    policy = answer.headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert "connect-src 'self' ws: wss:" in policy


async def test_answers_of_the_api_are_never_cached(hub: Hub) -> None:
    assert (await hub.get("/api/v1/me")).headers["Cache-Control"] == "no-store"


async def test_a_configured_origin_passes_preflight_and_others_do_not(hub: Hub) -> None:
    headers = {"Origin": OTHER_ORIGIN, "Access-Control-Request-Method": "POST"}
    allowed = await hub.ask("OPTIONS", "/api/v1/devices", role=Role.ANONYMOUS, headers=headers)
    assert allowed.status == 204
    assert allowed.headers["Access-Control-Allow-Origin"] == OTHER_ORIGIN
    assert "Authorization" in allowed.headers["Access-Control-Allow-Headers"]
    other = await hub.ask(
        "OPTIONS", "/api/v1/devices", role=Role.ANONYMOUS, headers=headers | {"Origin": "https://evil.example"}
    )
    assert "Access-Control-Allow-Origin" not in other.headers


async def test_an_error_too_can_be_read_by_a_configured_origin(hub: Hub) -> None:
    answer = await hub.ask("GET", "/api/v1/devices", role=Role.ANONYMOUS, headers={"Origin": OTHER_ORIGIN})
    assert answer.status == 401
    assert answer.headers["Access-Control-Allow-Origin"] == OTHER_ORIGIN


async def test_a_redirect_is_not_an_error(hub: Hub, caplog: pytest.LogCaptureFixture) -> None:
    async def moved(_: web.Request) -> web.Response:
        raise web.HTTPFound("/elsewhere")

    hub.app.router._frozen = False
    hub.app.router.add_get("/socket.io/moved", moved)
    answer = await hub.get("/socket.io/moved")
    assert (answer.status, answer.headers["Location"]) == (302, "/elsewhere")
    assert not [record for record in caplog.records if "incident" in record.getMessage()]


@pytest.mark.parametrize(
    ("body", "field", "message"),
    [
        ({"snmp": {"version": "s3cret"}}, "snmp.version", "must be one of: 1, 2c, 3"),
        ({"reachability": "s3cret"}, "reachability", "must be one of: icmp, snmp, both"),
        ({"snmp": {"version": "3", "v3": {"user": "u", "authProtocol": "s3cret"}}}, "snmp.v3.authProtocol", "MD5, SHA"),
        ({"snmp": "s3cret"}, "snmp", "must be an object or null, not a text"),
        ({"tags": ["a", ["s3cret"]]}, "tags[1]", "must be a text, not a list"),
        ({"icmp": {"intervalS": 0}}, "icmp.intervalS", "must be a number of at least 1"),
        ({"icmp": {"count": 0.5}}, "icmp.count", "must be a whole number, not one with a fraction"),
        ({"s3cret": 1}, "s3cret", "there is no such field here"),
    ],
)
async def test_what_does_not_fit_is_named_and_not_repeated(
    hub: Hub, body: dict[str, object], field: str, message: str
) -> None:
    answer = await hub.post("/api/v1/devices", {"name": "r1", "address": "192.0.2.1", "site": "north"} | body)
    assert (answer.status, answer.json["field"]) == (400, field)
    assert message in answer.json["message"]
    assert "s3cret" not in answer.json["message"]


async def test_a_full_disk_is_503_in_words_that_name_no_path_and_passes(
    hub: Hub, caplog: pytest.LogCaptureFixture
) -> None:
    def limit(pages: int) -> Callable[[sqlite3.Connection], int]:
        return lambda connection: connection.execute(f"PRAGMA max_page_count = {pages}").fetchone()[0]

    # Less than there are: SQLite takes the present size for the limit.
    await hub.store._writer.submit(limit(1))
    answers = [await hub.post("/api/v1/sites", {"name": f"{number:0100}"}) for number in range(40)]
    assert is_problem(answers[-1], 503, "busy")
    assert "the disk is full; free some space" in answers[-1].json["message"]
    assert str(hub.data_dir) not in answers[-1].text
    assert "Retry-After" in answers[-1].headers
    assert not [record for record in caplog.records if record.exc_info]
    await hub.store._writer.submit(limit(1_000_000))
    assert (await hub.post("/api/v1/sites", {"name": "after"})).status == 201

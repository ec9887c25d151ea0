"""Network logs over HTTP: filters, pages, exports, and text of devices that stays text."""

import asyncio
import contextlib
import csv
import io
import json
from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest
from aiohttp import ClientPayloadError
from noctule_hub.answers.logs import ExportEndLine, LogPage, LogView
from noctule_hub.core.log_retention import DAY_MS, LogLimits
from noctule_hub.core.principal import Role
from noctule_shared.times import iso_from_ms

from tests.hub.api.harness import NOW_MS, OTHER_ORIGIN, Hub
from tests.hub.store.samples import event, network_log

HOSTILE = {
    "markup": "<img src=x onerror=alert(1)>",
    "formula": "=1+1",
    "plus": "+1+1",
    "minus": "-1+1",
    "at": "@SUM(1)",
    "tab": "\t=1+1",
    "return": "\r=1+1",
    "blank": "  =1+1",
    "wide": "\uff1d1+1",
    "title": "\x1b]0;owned\x07",
    "c1": "\x9b31mred\x85",
    "bidi": "a\u202eb\u2066c\u200fd\u061ce",
    "lines": "one\r\ntwo\u2028three",
    "nul": "nul\0nul",
    "quotes": 'a "b", c; d',
    "long": "x" * 65_536,
}
STEERS = set("\x00\x07\x0b\x0c\x1b\x7f\x85\x9b\u061c\u200e\u200f\u2028\u2029\u202e\u2066\ufeff")


async def plant(hub: Hub) -> None:
    logs = [network_log(text, deviceName=text, facility=text, address=text) for text in HOSTILE.values()]
    await hub.store.append(logs, now_ms=NOW_MS)


async def messages(hub: Hub, query: str) -> list[str]:
    answer = await hub.get(f"/api/v1/logs?{query}")
    assert answer.status == 200, answer.text
    return [log.message for log in msgspec.json.decode(answer.text, type=LogPage).items]


async def test_a_log_is_answered_with_all_that_is_known_of_it(hub: Hub) -> None:
    await hub.store.append([network_log("port down", late=True, interfaceId=3)], now_ms=NOW_MS + 90_000)
    answer = (await hub.get("/api/v1/logs")).json
    assert answer == {
        "items": [
            {
                "seq": 1,
                "timestamp": iso_from_ms(NOW_MS),
                "committedAt": iso_from_ms(NOW_MS + 90_000),
                "late": True,
                "deviceId": 7,
                "deviceName": "r7",
                "siteId": 3,
                "interfaceId": 3,
                "address": "192.0.2.1",
                "severity": 5,
                "severityName": "notice",
                "facility": "local3",
                "source": "syslog",
                "message": "port down",
                "change": None,
            }
        ],
        "nextCursor": None,
    }


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", "dcba"),
        ("order=oldest", "abcd"),
        ("device=8", "c"),
        ("site=4", "d"),
        ("severity=error", "b"),
        ("severity=debug", "dcba"),
        ("source=trap", "a"),
        ("facility=kern", "c"),
        ("text=b", "b"),
        (f"from={iso_from_ms(NOW_MS + 2_000)}&to={iso_from_ms(NOW_MS + 3_000)}", "c"),
        ("device=7&severity=notice&text=A", "a"),
        ("device=99", ""),
    ],
)
async def test_logs_are_found_by_what_they_are(hub: Hub, query: str, found: str) -> None:
    await hub.store.append(
        [
            network_log("a", source="trap"),
            network_log("b", severity=2, observed_ms=NOW_MS + 1_000),
            network_log("c", device_id=8, facility="kern", observed_ms=NOW_MS + 2_000),
            event(1),
            network_log("d", device_id=9, site_id=4, observed_ms=NOW_MS + 3_000),
        ],
        now_ms=NOW_MS,
    )
    assert "".join(await messages(hub, query)) == found


@pytest.mark.parametrize("order", ["newest", "oldest"])
async def test_pages_are_read_to_the_end(hub: Hub, order: str) -> None:
    await hub.store.append([network_log(str(number)) for number in range(6)], now_ms=NOW_MS)
    seen: list[str] = []
    cursor = ""
    while True:
        page = (await hub.get(f"/api/v1/logs?limit=2&order={order}{cursor}")).json
        seen += [item["message"] for item in page["items"]]
        if page["nextCursor"] is None:
            break
        cursor = f"&cursor={page['nextCursor']}"
    assert seen == (list("543210") if order == "newest" else list("012345"))


@pytest.mark.parametrize("path", ["/api/v1/logs", "/api/v1/logs/export"])
@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("device=x", "device"),
        ("device=0", "device"),
        ("severity=bad", "severity"),
        ("text=", "text"),
        ("text=%2A%2A", "text"),
        (f"text={'x' * 401}", "text"),
        ("from=yesterday", "from"),
        ("from=2026-11-18T09:46:42", "from"),
        ("from=2026-11-19T00:00:00Z&to=2026-11-18T00:00:00Z", "from"),
        ("order=up", "order"),
        ("cursor=x", "cursor"),
        ("colour=red", "colour"),
        ("device=1&device=2", "device"),
        ("format=xml", "format"),
    ],
)
async def test_a_query_that_makes_no_sense_is_refused_by_its_field(hub: Hub, path: str, query: str, field: str) -> None:
    answer = await hub.get(f"{path}?{query}")
    assert (answer.status, answer.json["field"]) == (400, field)


@pytest.mark.parametrize("role", [Role.BILLING, Role.CUSTOMER, Role.METRICS])
async def test_logs_are_for_staff(hub: Hub, role: Role) -> None:
    await plant(hub)
    for path in ("/api/v1/logs", "/api/v1/logs/export"):
        assert (await hub.get(path, role=role)).status == 403


async def test_hostile_text_is_inert_in_json_and_comes_back_whole(hub: Hub) -> None:
    await plant(hub)
    for path in ("/api/v1/logs", "/api/v1/events"):
        answer = await hub.get(path)
        assert answer.headers["Content-Type"].startswith("application/json")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert not STEERS & set(answer.text)
        assert sorted(item["message"] for item in answer.json["items"]) == sorted(HOSTILE.values())


async def export(hub: Hub, query: str) -> str:
    answer = await hub.get(f"/api/v1/logs/export?order=oldest&{query}")
    assert answer.status == 200, answer.text
    return answer.text


async def test_hostile_text_is_inert_in_ndjson_and_comes_back_whole(hub: Hub) -> None:
    await plant(hub)
    text = await export(hub, "format=ndjson")
    assert not STEERS & set(text)
    *rows, end = text.splitlines()
    assert [msgspec.json.decode(row, type=LogView).message for row in rows] == list(HOSTILE.values())
    assert msgspec.json.decode(end, type=ExportEndLine).end.rows == len(HOSTILE)


async def test_hostile_text_is_inert_in_csv(hub: Hub) -> None:
    await plant(hub)
    text = await export(hub, "format=csv")
    assert not STEERS & set(text)
    header, *rows, end = list(csv.reader(io.StringIO(text)))
    assert end == [f"# end: {len(HOSTILE)} rows, all there are"]
    assert text.count("\n") == len(HOSTILE) + 2
    cells = [dict(zip(header, row, strict=True)) for row in rows]
    assert cells[0]["message"] == HOSTILE["markup"]
    assert [cell["message"][:2] for cell in cells[1:9]] == ["'=", "'+", "'-", "'@", "' ", "' ", "' ", "'\uff1d"]
    assert cells[-1]["message"] == HOSTILE["long"]
    assert cells[-2]["message"] == HOSTILE["quotes"]
    planted = ("message", "deviceName", "facility", "address")
    assert not [row for row in cells for name in planted if row[name].lstrip().startswith(("=", "+", "-", "@", "\t"))]


async def test_an_export_says_that_it_is_whole_or_where_it_was_cut(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    await hub.store.append([network_log(str(number)) for number in range(7)], now_ms=NOW_MS)
    monkeypatch.setattr("noctule_hub.api.logs.PAGE_ROWS", 2)
    monkeypatch.setattr("noctule_hub.api.logs.MAX_EXPORT_ROWS", 5)
    *rows, end = (await export(hub, "")).splitlines()
    assert [json.loads(row)["message"] for row in rows] == list("01234")
    assert json.loads(end) == {"end": {"rows": 5, "complete": False, "nextCursor": "5"}}
    *rows, end = (await export(hub, "cursor=5")).splitlines()
    assert [json.loads(row)["message"] for row in rows] == list("56")
    assert json.loads(end) == {"end": {"rows": 2, "complete": True, "nextCursor": None}}
    assert "cut after 5 rows; the rest is after cursor 5" in (await export(hub, "format=csv"))


async def test_asking_for_the_head_of_an_export_reads_nothing(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub.store, "search_logs", None)
    answer = await hub.ask("HEAD", "/api/v1/logs/export?format=csv")
    assert (answer.status, answer.headers["Content-Type"]) == (200, "text/csv; charset=utf-8")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="network-logs.csv"'


async def test_an_export_of_nothing_has_its_end_all_the_same(hub: Hub) -> None:
    assert json.loads(await export(hub, "text=nowhere")) == {"end": {"rows": 0, "complete": True, "nextCursor": None}}


async def test_late_logs_are_marked(hub: Hub) -> None:
    await hub.store.append([network_log("a"), network_log("b", late=True)], now_ms=NOW_MS)
    text = await export(hub, "format=ndjson")
    assert [json.loads(row).get("late") for row in text.splitlines()[:2]] == [False, True]


class Gate:
    """A store whose searches wait until they are let through; `begun` are those that came."""

    def __init__(self, hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
        self.open, self.begun = asyncio.Event(), asyncio.Event()
        search = hub.store.search_logs

        async def gated(*arguments: Any, **options: Any) -> Any:
            self.begun.set()
            await self.open.wait()
            return await search(*arguments, **options)

        monkeypatch.setattr(hub.store, "search_logs", gated)


async def test_more_than_two_exports_at_once_are_told_to_come_back(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    gate = Gate(hub, monkeypatch)
    running = [asyncio.create_task(export(hub, "")) for _ in range(2)]
    async with asyncio.timeout(20):
        while hub.context.exports.running < 2:
            gate.begun.clear()
            await gate.begun.wait()
    hub.context.exports._wait_s = 0.01
    refused = await hub.get("/api/v1/logs/export")
    assert (refused.status, refused.json["code"], refused.headers["Retry-After"]) == (503, "busy", "10")
    assert (await hub.get("/api/v1/devices/1/latency")).status == 404
    gate.open.set()
    assert all('"complete":true' in text for text in await asyncio.gather(*running))
    assert hub.context.exports.running == 0
    assert await export(hub, "")


async def test_an_export_that_fails_on_the_way_is_broken_off_and_not_taken_for_whole(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    await hub.store.append([network_log("x")] * 4, now_ms=NOW_MS)
    monkeypatch.setattr("noctule_hub.api.logs.PAGE_ROWS", 2)
    search = hub.store.search_logs

    async def failing(*arguments: Any, **options: Any) -> Any:
        if options["cursor"] is not None:
            raise RuntimeError("the disk is gone")
        return await search(*arguments, **options)

    monkeypatch.setattr(hub.store, "search_logs", failing)
    with pytest.raises(ClientPayloadError):
        await hub.get("/api/v1/logs/export")
    assert hub.context.exports.running == 0


async def test_an_export_can_be_read_by_a_page_of_a_configured_origin(hub: Hub) -> None:
    answer = await hub.ask("GET", "/api/v1/logs/export", headers={"Origin": OTHER_ORIGIN})
    assert (answer.status, answer.headers["Access-Control-Allow-Origin"]) == (200, OTHER_ORIGIN)
    foreign = await hub.ask("GET", "/api/v1/logs/export", headers={"Origin": "https://evil.example"})
    assert "Access-Control-Allow-Origin" not in foreign.headers


async def test_a_client_that_goes_away_ends_its_export(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    await hub.store.append([network_log("x" * 60_000)] * 400, now_ms=NOW_MS)
    monkeypatch.setattr("noctule_hub.api.logs.PAGE_ROWS", 20)
    pages, ended = asyncio.Queue[int](), asyncio.Event()
    search, turn = hub.store.search_logs, hub.context.exports.turn

    @contextlib.asynccontextmanager
    async def watched(*, at_once: int) -> AsyncIterator[None]:
        async with turn(at_once=at_once):
            try:
                yield
            finally:
                ended.set()

    monkeypatch.setattr(hub.context.exports, "turn", watched)

    async def counted(*arguments: Any, **options: Any) -> Any:
        pages.put_nowait(1)
        return await search(*arguments, **options)

    monkeypatch.setattr(hub.store, "search_logs", counted)
    response = await hub.client.get("/api/v1/logs/export", headers=hub.bearer(Role.ADMIN))
    await response.content.read(1_000)
    response.close()
    async with asyncio.timeout(20):
        await ended.wait()
    assert pages.qsize() < 20


async def test_events_older_than_their_floor_are_refused_and_lost_logs_are_said(hub: Hub) -> None:
    await hub.store.append([event(1), *[network_log("x")] * 8, event(2)], now_ms=NOW_MS)
    keeper = hub.store.log_keeper()
    await keeper.copy_once(NOW_MS, at_rows=1)
    await keeper.delete_once(NOW_MS, LogLimits(), replayable=3)
    since = f"since={hub.store.epoch}:1"
    answer = (await hub.get(f"/api/v1/events?{since}")).json
    assert ([item["seq"] for item in answer["items"]], answer["lostLogs"]) == ([7, 8, 9, 10], True)
    answer = (await hub.get(f"/api/v1/events?{since}&names=device:status")).json
    assert ([item["seq"] for item in answer["items"]], answer["lostLogs"]) == ([10], False)
    answer = (await hub.get(f"/api/v1/events?{since}", role=Role.BILLING)).json
    assert (answer["items"], answer["lostLogs"]) == ([], False)
    assert len((await hub.get("/api/v1/logs")).json["items"]) == 8
    await keeper.delete_once(NOW_MS + 31 * DAY_MS, LogLimits())
    refused = await hub.get(f"/api/v1/events?{since}")
    assert (refused.status, refused.json["field"]) == (400, "since")


@pytest.mark.parametrize(
    ("query", "field"),
    [("names=device:statu", "names"), ("names=stats:update", "names"), ("names=", "names"), ("device=x", "device")],
)
async def test_events_are_not_asked_for_by_what_is_not_there(hub: Hub, query: str, field: str) -> None:
    answer = await hub.get(f"/api/v1/events?{query}")
    assert (answer.status, answer.json["field"]) == (400, field)


async def test_events_are_found_by_name_device_site_and_time(hub: Hub) -> None:
    await hub.store.append([event(1), event(2, device_id=8), network_log("x")], now_ms=NOW_MS)

    async def seqs(query: str) -> list[int]:
        return [item["seq"] for item in (await hub.get(f"/api/v1/events?{query}")).json["items"]]

    assert await seqs("names=device:status") == [1, 2]
    assert await seqs("names=device:status,network:log&device=7") == [1, 3]
    assert await seqs("site=3&device=8") == [2]
    assert await seqs(f"to={iso_from_ms(NOW_MS)}") == [1, 2]

"""The status page: kept by admins, read by anybody, and nothing of a device in it."""

import asyncio
import re
from dataclasses import fields
from string import Formatter
from typing import Any
from xml.etree.ElementTree import Element, fromstring

import pytest
from noctule_hub.api.status_html import Shown, page_html
from noctule_hub.api.status_words import ENGLISH, INDONESIAN, PageWords
from noctule_hub.core.commit import Commit
from noctule_hub.core.principal import Role
from noctule_hub.core.records import Axes, DeviceState, IcmpSettings, NewDevice, NewEvent
from noctule_hub.core.status_page import board
from noctule_shared.axes import Reachability
from noctule_shared.events import DeviceStatus, EventName
from noctule_shared.times import iso_from_ms

from tests.hub.api.harness import NOW_MS, Hub

PAGE = "/api/v1/status-page"
PUBLIC = ("/api/v1/status", "/status", "/status/badge.svg")
HOSTILE = "<img src=x onerror=alert(1)>\"'&"


def parsed(picture: str) -> list[Element]:
    return list(fromstring(picture).iter())  # noqa: S314  our own


async def published(hub: Hub, **changes: Any) -> int:
    """Publish a page about one device, which is offline, and return the device's id."""
    new = NewDevice(
        "secret-name", "192.0.2.77", hub.site.id, Reachability.ICMP, IcmpSettings(), None, note="secret-note"
    )
    device = await hub.add_device(new)
    body = {"revision": 1, "title": "Status", "published": True, "components": []} | changes
    body["components"] = body["components"] or [{"label": "Fibre", "deviceIds": [device.id]}]
    answer = await hub.ask("PUT", PAGE, json=body)
    assert answer.status == 200, answer.text
    hub.engine.states[device.id] = DeviceState(
        device.id, Axes(), DeviceStatus.OFFLINE, "secret-reason", NOW_MS - 60_000
    )
    hub.engine.board = board(await hub.store.status_page(), await hub.store.devices())
    return device.id


async def test_the_page_is_kept_whole_with_the_ids_of_its_components(hub: Hub) -> None:
    before = (await hub.get(PAGE)).json
    assert before == {"title": "Network status", "message": "", "published": False, "components": [], "revision": 1}
    device_id = await published(hub, message="We are on it.\nSorry.")
    page = (await hub.get(PAGE)).json
    assert (page["revision"], page["message"]) == (2, "We are on it.\nSorry.")
    assert page["components"] == [{"id": 1, "label": "Fibre", "deviceIds": [device_id], "siteIds": [], "tags": []}]
    assert hub.engine.reloads == 1
    page["components"].insert(0, {"label": "Voice", "siteIds": [hub.site.id]})
    again = await hub.ask("PUT", PAGE, json=page)
    assert [row["id"] for row in again.json["components"]] == [2, 1]
    assert (await hub.ask("PUT", PAGE, json=page)).json["field"] == "revision"


async def changed(hub: Hub, device_id: int, *told: tuple[int, str]) -> None:
    """Have a device's status change, each so many milliseconds after the hub's now."""
    for after_ms, status in told:
        data = {"status": status, "reason": "secret-reason", "previous": "unknown"}
        event = NewEvent(EventName.DEVICE_STATUS, data, ("devices",), hub.now_ms + after_ms, device_id)
        await hub.store.commit(Commit(now_ms=hub.now_ms, events=[event]))


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"title": ""}, "title"),
        ({"message": "\x07"}, "message"),
        ({"components": [{"label": "a"}]}, "components.0.deviceIds"),
        ({"components": [{"label": " ", "siteIds": [1]}]}, "components.0.label"),
        ({"components": [{"label": "a", "siteIds": [99]}]}, "components.0.siteIds"),
        ({"components": [{"label": "a", "tags": [" "]}]}, "components.0.tags[0]"),
        ({"components": [{"id": 7, "label": "a", "siteIds": [1]}]}, "components.0.id"),
        ({"components": [{"id": 7, "label": "a", "siteIds": [1]}] * 2}, "components"),
        ({"components": [{"label": "a", "siteIds": [1]}] * 101}, "components"),
        ({"components": [{"label": "a", "siteIds": [1], "address": "x"}]}, "components[0].address"),
    ],
)
async def test_bad_input_names_the_field_and_changes_nothing(hub: Hub, changes: dict[str, Any], field: str) -> None:
    answer = await hub.ask("PUT", PAGE, json={"revision": 1, "title": "Status"} | changes)
    assert (answer.status, answer.json["field"]) == (400, field), answer.text
    assert (await hub.get(PAGE)).json["revision"] == 1


@pytest.mark.parametrize("path", PUBLIC)
async def test_what_is_not_published_is_not_there(hub: Hub, path: str) -> None:
    await published(hub, published=False)
    answer = await hub.ask("GET", path, role=Role.ANONYMOUS)
    assert answer.status == 404
    assert "Fibre" not in answer.text


async def test_anybody_reads_what_components_are_and_since_when(hub: Hub) -> None:
    await published(hub, message="We are on it.")
    answer = await hub.ask("GET", "/api/v1/status", role=Role.ANONYMOUS)
    assert answer.json == {
        "title": "Status",
        "message": "We are on it.",
        "state": "outage",
        "components": [
            {
                "id": 1,
                "label": "Fibre",
                "state": "outage",
                "since": iso_from_ms(NOW_MS - 60_000),
                "availability": None,
                "days": "?" * 90,
            }
        ],
        "disturbances": [],
        "maintenance": [],
    }
    cached = "public, max-age=15, stale-while-revalidate=60, stale-if-error=86400"
    assert answer.headers["Cache-Control"] == cached
    page = await hub.ask("GET", "/status", role=Role.ANONYMOUS)
    for text in ("<h1>Status</h1>", "We are on it.", "Fibre is out.", "outage", ">18 Nov 11:05 UTC</time>"):
        assert text in page.text
    await hub.ask("PATCH", "/api/v1/settings", json={"revision": 1, "timezone": "Asia/Tokyo"})
    hub.now_ms += 120_000
    assert ">18 Nov 20:05 JST</time>" in (await hub.ask("GET", "/status", role=Role.ANONYMOUS)).text
    badge = await hub.ask("GET", "/status/badge.svg", role=Role.ANONYMOUS)
    assert badge.headers["Content-Type"].startswith("image/svg+xml")
    assert [row.text for row in parsed(badge.text) if (row.text or "").strip()] == ["Status: outage", "■", "outage"]


@pytest.mark.parametrize("path", PUBLIC)
async def test_nothing_of_a_device_is_told(hub: Hub, path: str) -> None:
    device_id = await published(hub)
    at = {"startsAt": iso_from_ms(NOW_MS + 3_600_000), "endsAt": iso_from_ms(NOW_MS + 7_200_000)}
    window = {"name": "secret-work", "note": "secret", "siteIds": [hub.site.id], "tags": ["secret"], "once": at}
    assert (await hub.post("/api/v1/maintenance", window)).status == 201
    await changed(hub, device_id, (-7_200_000, "online"), (-3_600_000, "offline"), (-60_000, "online"))
    answer = await hub.ask("GET", path, role=Role.ANONYMOUS)
    for secret in ("secret", "192.0.2.77", "north", "offline", "deviceId", f'"{device_id}"'):
        assert secret not in answer.text


async def test_days_disturbances_and_maintenance_are_told(hub: Hub) -> None:
    device_id = await published(hub)
    await changed(hub, device_id, (-7_200_000, "online"), (-3_600_000, "offline"), (-60_000, "online"))
    at = {"startsAt": iso_from_ms(NOW_MS + 3_600_000), "endsAt": iso_from_ms(NOW_MS + 7_200_000)}
    await hub.post("/api/v1/maintenance", {"name": "work", "deviceIds": [device_id], "once": at})
    told = (await hub.ask("GET", "/api/v1/status", role=Role.ANONYMOUS)).json
    (component,) = told["components"]
    assert (component["days"][-2:], len(component["days"])) == ("?x", 90)
    assert component["availability"] == pytest.approx(3_660 / 7_200)
    ended = {"from": iso_from_ms(NOW_MS - 3_600_000), "to": iso_from_ms(NOW_MS - 60_000)}
    assert told["disturbances"] == [{"componentId": 1, "state": "outage", **ended}]
    assert told["maintenance"] == [{"componentIds": [1], **at}]
    page = (await hub.ask("GET", "/status", role=Role.ANONYMOUS)).text
    for text in (
        "50.833 % available",
        "<title>18 Nov: out for 59 min.</title>",
        "Planned maintenance",
        "18 November 2026",
    ):
        assert text in page


async def test_a_component_may_stand_for_tags(hub: Hub) -> None:
    await published(hub, components=[{"label": "Core", "tags": ["core", "core", " edge "]}])
    (component,) = (await hub.get(PAGE)).json["components"]
    assert component == {"id": 1, "label": "Core", "deviceIds": [], "siteIds": [], "tags": ["core", "edge"]}


async def test_however_many_look_the_past_is_worked_out_once_in_a_while(hub: Hub) -> None:
    device_id = await published(hub)
    pages = await asyncio.gather(*(hub.ask("GET", "/api/v1/status", role=Role.ANONYMOUS) for _ in range(5)))
    assert {page.status for page in pages} == {200}
    await changed(hub, device_id, (-60_000, "offline"))
    assert (await hub.ask("GET", "/api/v1/status", role=Role.ANONYMOUS)).json["disturbances"] == []
    hub.now_ms += 600_000
    assert len((await hub.ask("GET", "/api/v1/status", role=Role.ANONYMOUS)).json["disturbances"]) == 1


async def test_the_page_is_written_once_for_all_until_something_changes(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    device_id = await published(hub)
    written: list[Shown] = []

    def write(shown: Shown) -> str:
        written.append(shown)
        return page_html(shown)

    monkeypatch.setattr("noctule_hub.api.public_status.page_html", write)
    for _ in range(3):
        assert "Fibre is out." in (await hub.ask("GET", "/status", role=Role.ANONYMOUS)).text
    assert len(written) == 1
    hub.engine.states[device_id] = DeviceState(device_id, Axes(), DeviceStatus.ONLINE, "", NOW_MS)
    assert "All services work." in (await hub.ask("GET", "/status", role=Role.ANONYMOUS)).text
    hub.now_ms += 60_000
    await hub.ask("GET", "/status", role=Role.ANONYMOUS)
    assert len(written) == 3


async def test_the_page_is_written_once_for_each_language(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    await published(hub)
    written: list[str] = []

    def write(shown: Shown) -> str:
        written.append(shown.words.language)
        return page_html(shown)

    monkeypatch.setattr("noctule_hub.api.public_status.page_html", write)
    for _ in range(2):
        for language, said in (("en", "Fibre is out."), ("id", "Fibre terputus.")):
            page = await hub.ask("GET", "/status", role=Role.ANONYMOUS, headers={"Accept-Language": language})
            assert said in page.text
    assert written == ["en", "id"]


async def test_the_badge_comes_for_light_pages_too(hub: Hub) -> None:
    await published(hub)
    dark, light = [
        await hub.ask("GET", f"/status/badge.svg{query}", role=Role.ANONYMOUS) for query in ("", "?theme=light")
    ]
    assert ('fill="#151a21"' in dark.text, 'fill="#ffffff"' in light.text) == (True, True)
    for badge in (dark, light):
        root = parsed(badge.text)[0]
        assert (root.attrib["role"], root.attrib["aria-label"]) == ("img", "Status: outage")
    wrong = await hub.ask("GET", "/status/badge.svg?theme=pink", role=Role.ANONYMOUS)
    assert (wrong.status, wrong.json["field"]) == (400, "theme")


@pytest.mark.parametrize("path", [*PUBLIC, "/status.css", "/status.js"])
async def test_what_a_client_has_already_is_not_sent_again(hub: Hub, path: str) -> None:
    await published(hub)
    first = await hub.ask("GET", path, role=Role.ANONYMOUS)
    assert first.status == 200
    same = await hub.ask("GET", path, role=Role.ANONYMOUS, headers={"If-None-Match": first.headers["Etag"]})
    assert (same.status, same.text, same.headers["Etag"]) == (304, "", first.headers["Etag"])
    other = await hub.ask("GET", path, role=Role.ANONYMOUS, headers={"If-None-Match": '"other"'})
    assert other.status == 200
    assert (await hub.ask("HEAD", path, role=Role.ANONYMOUS)).status == 200


async def test_hostile_words_are_text_on_the_page_and_the_badge(hub: Hub) -> None:
    await hub.ask("PATCH", "/api/v1/settings", json={"revision": 1, "organisation": HOSTILE})
    components = [{"label": HOSTILE, "siteIds": [hub.site.id]}]
    await published(hub, title=HOSTILE, message=HOSTILE, components=components)
    page = await hub.ask("GET", "/status", role=Role.ANONYMOUS)
    assert "<img" not in page.text
    assert page.text.count("&lt;img src=x onerror=alert(1)&gt;&quot;&#x27;&amp;") == 6
    badge = await hub.ask("GET", "/status/badge.svg", role=Role.ANONYMOUS)
    tags = [row.tag.rpartition("}")[2] for row in parsed(badge.text)]
    assert tags == ["svg", "title", "rect", "g", "text", "text"]


async def test_nothing_on_the_page_is_inline_and_it_works_without_its_script(hub: Hub) -> None:
    await published(hub)
    page = await hub.ask("GET", "/status", role=Role.ANONYMOUS)
    assert "style-src 'self'" in page.headers["Content-Security-Policy"]
    for forbidden in ("<style", "style=", "onload", "http://", "https://"):
        assert forbidden not in page.text
    assert re.findall("<script.*?</script>", page.text) == ['<script src="/status.js" defer></script>']
    assert '<noscript><meta http-equiv="refresh" content="60"></noscript>' in page.text
    script = await hub.ask("GET", "/status.js", role=Role.ANONYMOUS)
    assert script.headers["Content-Type"] == "text/javascript; charset=utf-8"
    style = await hub.ask("GET", "/status.css", role=Role.ANONYMOUS)
    assert style.headers["Content-Type"] == "text/css; charset=utf-8"
    for word in ("prefers-color-scheme: dark", ".operational", ".degraded", ".outage", ".maintenance", ".unknown"):
        assert word in style.text


async def test_a_page_without_components_says_so_and_shows_no_state(hub: Hub) -> None:
    body = {"revision": 1, "title": "Status", "published": True, "components": []}
    await hub.ask("PUT", PAGE, json=body)
    hub.engine.board = board(await hub.store.status_page(), [])
    page = (await hub.ask("GET", "/status", role=Role.ANONYMOUS)).text
    assert "No service is listed here yet." in page
    assert "<ul" not in page
    assert 'id="overall" role="status" class="none"' in page


@pytest.mark.parametrize(
    ("wishes", "language"),
    [
        ("", "en"),
        ("id-ID,id;q=0.9,en;q=0.8", "id"),
        ("de, in;q=0.4", "id"),
        ("id;q=0.3, en-GB;q=0.7", "en"),
        ("id;q=0", "en"),
        ("id;q=nan, id;q=1e9, *;;q", "en"),
        ("x," * 4_000 + "id", "en"),
    ],
)
async def test_the_page_speaks_the_language_that_its_visitor_likes_best(hub: Hub, wishes: str, language: str) -> None:
    await published(hub)
    asked = {"Accept-Language": wishes}
    page = await hub.ask("GET", "/status", role=Role.ANONYMOUS, headers=asked)
    assert f'<html lang="{language}">' in page.text
    assert ("Fibre terputus." if language == "id" else "Fibre is out.") in page.text
    assert page.headers["Content-Language"] == language
    assert page.headers["Vary"] == "Accept-Language, Accept-Encoding"
    again = await hub.ask(
        "GET", "/status", role=Role.ANONYMOUS, headers=asked | {"If-None-Match": page.headers["Etag"]}
    )
    assert (again.status, again.headers["Vary"]) == (304, page.headers["Vary"])


async def test_what_one_has_in_another_language_is_not_taken_for_the_same(hub: Hub) -> None:
    await published(hub)
    for path in ("/status", "/status/badge.svg"):
        english = await hub.ask("GET", path, role=Role.ANONYMOUS)
        asked = {"Accept-Language": "id", "If-None-Match": english.headers["Etag"]}
        assert (await hub.ask("GET", path, role=Role.ANONYMOUS, headers=asked)).status == 200


async def test_days_disturbances_and_maintenance_are_told_in_indonesian_too(hub: Hub) -> None:
    device_id = await published(hub)
    await changed(hub, device_id, (-7_200_000, "online"), (-3_600_000, "offline"), (-60_000, "online"))
    at = {"startsAt": iso_from_ms(NOW_MS + 3_600_000), "endsAt": iso_from_ms(NOW_MS + 7_200_000)}
    await hub.post("/api/v1/maintenance", {"name": "work", "deviceIds": [device_id], "once": at})
    page = (await hub.ask("GET", "/status", role=Role.ANONYMOUS, headers={"Accept-Language": "id"})).text
    for text in (
        "50,833 % tersedia",
        "<title>18 Nov: terputus selama 59 mnt.</title>",
        "Pemeliharaan terjadwal",
        "Gangguan sebelumnya",
        "sampai <time",
        ", 1 jam</span>",
        "<span>hari ini</span>",
        " Terputus</span>",
        'data-units="hari jam mnt dtk"',
        "diperbarui dengan sendirinya",
    ):
        assert text in page
    for word in ("since <", " to <", "available", "today", "Planned", "Past", "Outage", "renews", "Reconnecting"):
        assert word not in page


async def test_the_badge_speaks_indonesian_too(hub: Hub) -> None:
    await published(hub)
    badge = await hub.ask("GET", "/status/badge.svg", role=Role.ANONYMOUS, headers={"Accept-Language": "id"})
    assert [row.text for row in parsed(badge.text) if (row.text or "").strip()] == ["Status: terputus", "■", "terputus"]
    assert (badge.headers["Content-Language"], badge.headers["Vary"]) == ("id", "Accept-Language")


async def test_that_there_is_no_page_is_said_in_the_visitor_s_language_too(hub: Hub) -> None:
    page = await hub.ask("GET", "/status", role=Role.ANONYMOUS, headers={"Accept-Language": "id"})
    assert (page.status, page.headers["Vary"]) == (404, "Accept-Language, Accept-Encoding")
    assert '<html lang="id">' in page.text
    assert "Tidak ada halaman status" in page.text


def test_a_month_has_its_name_in_each_language() -> None:
    for words in (ENGLISH, INDONESIAN):
        assert (len(words.months), len(words.short_months)) == (12, 12)
        assert all(len(unit.split()) == 1 for unit in words.units)


def test_each_language_has_the_same_places_to_fill_in() -> None:
    def places(words: PageWords, name: str) -> object:
        said = getattr(words, name)
        texts = [said] if isinstance(said, str) else list(said.values()) if isinstance(said, dict) else []
        return [sorted(field for _, field, _, _ in Formatter().parse(text) if field) for text in texts]

    for field in fields(PageWords):
        assert places(ENGLISH, field.name) == places(INDONESIAN, field.name), field.name

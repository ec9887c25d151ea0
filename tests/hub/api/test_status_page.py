"""The status page: kept by admins, read by anybody, and nothing of a device in it."""

from typing import Any
from xml.etree.ElementTree import Element, fromstring

import pytest
from noctule_hub.core.principal import Role
from noctule_hub.core.records import Axes, DeviceState, IcmpSettings, NewDevice
from noctule_hub.core.status_page import board
from noctule_shared.axes import Reachability
from noctule_shared.events import DeviceStatus
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
    assert page["components"] == [{"id": 1, "label": "Fibre", "deviceIds": [device_id], "siteIds": []}]
    assert hub.engine.reloads == 1
    page["components"].insert(0, {"label": "Voice", "siteIds": [hub.site.id]})
    again = await hub.ask("PUT", PAGE, json=page)
    assert [row["id"] for row in again.json["components"]] == [2, 1]
    assert (await hub.ask("PUT", PAGE, json=page)).json["field"] == "revision"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"title": ""}, "title"),
        ({"message": "\x07"}, "message"),
        ({"components": [{"label": "a"}]}, "components.0.deviceIds"),
        ({"components": [{"label": " ", "siteIds": [1]}]}, "components.0.label"),
        ({"components": [{"label": "a", "siteIds": [99]}]}, "components.0.siteIds"),
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
        "components": [{"id": 1, "label": "Fibre", "state": "outage", "since": iso_from_ms(NOW_MS - 60_000)}],
    }
    assert answer.headers["Cache-Control"] == "public, max-age=15"
    page = await hub.ask("GET", "/status", role=Role.ANONYMOUS)
    for text in ("<h1>Status</h1>", "We are on it.", "Fibre", "outage", "since 2026-11-18 11:05 UTC"):
        assert text in page.text
    await hub.ask("PATCH", "/api/v1/settings", json={"revision": 1, "timezone": "Asia/Tokyo"})
    assert "since 2026-11-18 20:05 JST" in (await hub.ask("GET", "/status", role=Role.ANONYMOUS)).text
    badge = await hub.ask("GET", "/status/badge.svg", role=Role.ANONYMOUS)
    assert badge.headers["Content-Type"].startswith("image/svg+xml")
    assert [row.text for row in parsed(badge.text) if (row.text or "").strip()] == ["Status: outage", "■", "outage"]


@pytest.mark.parametrize("path", PUBLIC)
async def test_nothing_of_a_device_is_told(hub: Hub, path: str) -> None:
    device_id = await published(hub)
    answer = await hub.ask("GET", path, role=Role.ANONYMOUS)
    for secret in ("secret", "192.0.2.77", "north", "offline", "deviceId", f'"{device_id}"'):
        assert secret not in answer.text


@pytest.mark.parametrize("path", [*PUBLIC, "/status.css"])
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
    assert page.text.count("&lt;img src=x onerror=alert(1)&gt;&quot;&#x27;&amp;") == 5
    badge = await hub.ask("GET", "/status/badge.svg", role=Role.ANONYMOUS)
    tags = [row.tag.rpartition("}")[2] for row in parsed(badge.text)]
    assert tags == ["svg", "title", "rect", "g", "text", "text"]


async def test_the_page_needs_no_scripts_and_no_inline_styles(hub: Hub) -> None:
    await published(hub)
    page = await hub.ask("GET", "/status", role=Role.ANONYMOUS)
    assert "style-src 'self'" in page.headers["Content-Security-Policy"]
    for forbidden in ("<script", "<style", "style=", "http://", "https://"):
        assert forbidden not in page.text
    style = await hub.ask("GET", "/status.css", role=Role.ANONYMOUS)
    assert style.headers["Content-Type"] == "text/css; charset=utf-8"
    for word in ("prefers-color-scheme: dark", ".operational", ".degraded", ".outage", ".maintenance", ".unknown"):
        assert word in style.text

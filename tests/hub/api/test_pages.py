"""The built dashboard: served, cached by its hashed names, never a way out of its folder."""

import asyncio
import gzip
from pathlib import Path

import pytest
from noctule_hub.core.principal import Role

from tests.hub.api.harness import Answer, Hub

HTML = {"Accept": "text/html,application/xhtml+xml"}


async def page(hub: Hub, path: str, **headers: str) -> Answer:
    return await hub.ask("GET", path, role=Role.ANONYMOUS, headers=headers)


async def test_the_dashboard_and_the_socket_test_are_pages(hub: Hub) -> None:
    index, trial = await page(hub, "/"), await page(hub, "/ws-test")
    assert "dashboard" in index.text
    assert "socket test" in trial.text
    assert index.headers["Content-Type"] == "text/html; charset=utf-8"
    assert index.headers["Cache-Control"] == "no-cache"


async def test_assets_are_kept_for_good_and_typed(hub: Hub) -> None:
    answer = await page(hub, "/assets/app-1a2b.js")
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.headers["Content-Type"] == "text/javascript; charset=utf-8"


@pytest.mark.parametrize(("taken", "sent"), [("br, gzip", "br"), ("gzip, deflate", "gzip"), ("identity", None)])
async def test_a_file_goes_out_as_compressed_as_the_browser_takes_it(
    hub: Hub, static_dir: Path, taken: str, sent: str | None
) -> None:
    script = static_dir / "assets" / "app-1a2b.js"
    (script.parent / f"{script.name}.gz").write_bytes(gzip.compress(script.read_bytes(), mtime=0))
    # Nobody here can read brotli: the name alone says what is in it.
    (script.parent / f"{script.name}.br").write_bytes(b"brotli")
    raw = await _raw(hub, f"/assets/{script.name}", f"Accept-Encoding: {taken}\r\n")
    head, _, body = raw.partition(b"\r\n\r\n")
    expected = {"br": b"brotli", "gzip": gzip.compress(script.read_bytes(), mtime=0), None: script.read_bytes()}
    assert body == expected[sent]
    assert b"\r\nContent-Type: text/javascript; charset=utf-8" in head
    assert (f"\r\nContent-Encoding: {sent}".encode() in head) == (sent is not None)
    assert (b"\r\nVary: Accept-Encoding" in head) == (sent is not None)


@pytest.mark.parametrize("path", ["/devices/7", "/alerts", "/a/b/c", "/login?next=/x"])
async def test_a_path_of_the_dashboard_is_the_dashboard_for_browsers_only(hub: Hub, path: str) -> None:
    assert "dashboard" in (await page(hub, path, **HTML)).text
    assert (await page(hub, path)).status == 404
    assert (await hub.ask("POST", path, headers=HTML)).status == 404


@pytest.mark.parametrize("path", ["/api/v1/none", "/assets/none.js", "/health/x"])
async def test_an_unknown_path_of_the_api_is_never_the_page(hub: Hub, path: str) -> None:
    assert (await page(hub, path, **HTML)).status == 404


async def test_files_beside_the_page_are_served(hub: Hub) -> None:
    answer = await page(hub, "/favicon.svg")
    assert (answer.status, answer.headers["Content-Type"]) == (200, "image/svg+xml")


@pytest.mark.parametrize(
    "path",
    [
        "/assets/../../data/hub.db",
        "/assets/%2e%2e/%2e%2e/data/hub.db",
        "/assets/..%2f..%2fdata%2fhub.db",
        "/%2e%2e/data/hub.db",
        "/assets/%2fetc%2fpasswd",
        "/%2fetc%2fpasswd",
        "/assets/x%00.js",
        "/assets/" + "a" * 3000,
        "/assets/link.txt",
    ],
)
async def test_nothing_outside_the_folder_is_served(hub: Hub, static_dir: Path, path: str) -> None:
    outside = static_dir.parent / "outside.txt"
    outside.write_text("outside")
    (static_dir / "assets" / "link.txt").symlink_to(outside)
    raw = await _raw(hub, path)
    assert b" 404 " in raw.split(b"\r\n", 1)[0] or b" 400 " in raw.split(b"\r\n", 1)[0]
    assert b"SQLite" not in raw
    assert b"root:" not in raw
    assert b"outside" not in raw.partition(b"\r\n\r\n")[2].replace(path.encode(), b"")


async def _raw(hub: Hub, path: str, headers: str = "") -> bytes:
    """Send the path as it is: clients of HTTP libraries tidy it up first."""
    reader, writer = await asyncio.open_connection("127.0.0.1", hub.client.port)
    writer.write(f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{headers}\r\n".encode())
    await writer.drain()
    raw = await reader.read()
    writer.close()
    await writer.wait_closed()
    return raw


async def test_without_a_build_the_page_says_how_to_make_one(hub: Hub, static_dir: Path) -> None:
    for name in ("index.html", "ws-test.html"):
        (static_dir / name).unlink()
    for path in ("/", "/ws-test"):
        answer = await page(hub, path)
        assert answer.status == 200
        assert "pip install ./shared ./hub" in answer.text
        assert "<style" not in answer.text
        assert "<script" not in answer.text


async def test_head_is_answered_without_a_body(hub: Hub) -> None:
    answer = await hub.ask("HEAD", "/health", role=Role.ANONYMOUS)
    assert (answer.status, answer.text) == (200, "")

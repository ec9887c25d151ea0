"""The HTTP client against servers that are no good hub: each failure says what to do, and none is a traceback."""

import asyncio
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import msgspec
import pytest
from click.testing import Result
from noctule_hub.cli.client import HubClient, decode_any
from noctule_hub.cli.transport_errors import transport_error

Run = Callable[..., Result]

TOO_MANY = b'{"code": "too-many", "message": "slow down", "retryAfterS": 0.01}'
FULL = b'{"code": "too-many", "message": "slow down", "retryAfterS": 3600}'


def answer(status: str, body: bytes = b"", *headers: str) -> bytes:
    lines = (f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Connection: close", *headers, "", "")
    return "\r\n".join(lines).encode() + body


@contextmanager
def server(*answers: bytes) -> Iterator[str]:
    """Answer one connection after the other with these bytes, the last one for ever."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        left = list(answers)

        def serve() -> None:
            while True:
                try:
                    connection, _ = listening.accept()
                except OSError:
                    return
                with connection:
                    connection.recv(65_536)
                    connection.sendall(left.pop(0) if len(left) > 1 else left[0])

        thread = threading.Thread(target=serve)
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        listening.shutdown(socket.SHUT_RDWR)
        thread.join(10)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (answer("200 OK", b"<html>"), "the hub's answer is not understood"),
        (answer("404 Not Found", b"<html>"), "answers like no Noctule hub (HTTP status 404); check the address"),
        (
            answer("301 Moved", b"", "Location: https://hub.example.net/api/v1/sites"),
            "sends us on to https://hub.example.net; sign in there: noctule login URL",
        ),
        (answer("302 Found", b"", "Location: /elsewhere"), "answers like no Noctule hub (HTTP status 302)"),
        (b"\x15\x03\x01\x00\x02\x02\x16", "speaks no HTTP; if it serves TLS, try https://127.0.0.1"),
        (b"", "speaks no HTTP; if it serves TLS, try https://127.0.0.1"),
        (answer("429 Too Many", FULL), "slow down"),
        (answer("500 Error", b'{"code": "busy", "message": "see\\u001b[31m the log"}'), "see[31m the log"),
    ],
)
def test_a_server_that_is_no_good_hub_is_named(
    run: Run, monkeypatch: pytest.MonkeyPatch, given: bytes, expected: str
) -> None:
    monkeypatch.setenv("NOCTULE_TOKEN", "x")
    with server(given) as url:
        monkeypatch.setenv("NOCTULE_URL", url)
        result = run("site", "list")
    assert result.exit_code == 1
    assert expected in result.stderr
    assert result.stderr.count("\n") == 1


def test_plain_http_where_tls_is_asked_for_is_told(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NOCTULE_TOKEN", "x")
    with server(answer("400 Bad Request")) as url:
        monkeypatch.setenv("NOCTULE_URL", url.replace("http:", "https:"))
        result = run("site", "list")
    assert "does not speak TLS as we do" in result.stderr
    assert f"sign in with: noctule login {url}" in result.stderr


def test_a_hub_with_too_many_requests_is_asked_again() -> None:
    async def read(url: str) -> object:
        async with HubClient(url, token="x") as client:
            return decode_any(await client.get("sites"))

    with server(answer("429 Too Many", TOO_MANY), answer("429 Too Many", TOO_MANY), answer("200 OK", b"[1]")) as url:
        assert asyncio.run(read(url)) == [1]


def test_an_answer_of_many_parts_is_read_whole() -> None:
    body = b"[" + b"1," * 2_000_000 + b"1]"

    async def read(url: str) -> object:
        async with HubClient(url, token="x") as client:
            return decode_any(await client.get("sites"))

    with server(answer("200 OK", body)) as url:
        assert asyncio.run(read(url)) == [1] * 2_000_001


class _Thing(msgspec.Struct):
    id: int


def test_a_list_is_read_page_by_page_and_no_further_than_asked() -> None:
    pages = [
        answer("200 OK", body)
        for body in (b'{"items": [{"id": 3}, {"id": 2}], "nextCursor": "-2"}', b'{"items": [{"id": 1}]}')
    ]

    async def read(url: str, limit: int | None) -> list[int]:
        async with HubClient(url, token="x") as client:
            return [one.id for one in await client.items("things", _Thing, limit)]

    with server(*pages) as url:
        assert asyncio.run(read(url, None)) == [3, 2, 1]
    # It asks for no second page, which this server does not have.
    with server(pages[0]) as url:
        assert asyncio.run(read(url, 2)) == [3, 2]


def test_no_answer_in_time_says_where_to_look() -> None:
    told = str(transport_error("http://192.0.2.1", TimeoutError()))
    assert told.startswith("the hub at http://192.0.2.1 did not answer in time; try again")

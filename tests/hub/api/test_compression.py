"""Answers compressed for who takes them so: what is long and read, never what was handed out, the same either way."""

import asyncio
import gzip
import json
import zlib

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer, make_mocked_request
from hypothesis import given
from hypothesis import strategies as st
from noctule_hub.api.compression import IN_THREAD_BYTES, WORTH_BYTES, compressed, takes_gzip
from noctule_hub.api.streaming import stream_text
from noctule_hub.core.principal import Role

from tests.hub.api.harness import Hub

LONG = {"items": ["a device like the one before"] * IN_THREAD_BYTES}
Client = TestClient[web.Request, web.Application]


async def served(answer: web.StreamResponse | None, takes: str, method: str = "GET") -> tuple[dict[str, str], bytes]:
    """Return the headers and the bytes on the wire for `answer`, a long text in pieces for None."""

    async def handler(request: web.Request) -> web.StreamResponse:
        lines = [f"{number} a line like the one before\n" for number in range(9_000)]
        return answer or await stream_text(request, lines, content_type="text/csv")

    app = web.Application(middlewares=[compressed])
    app.router.add_route("*", "/", handler)
    client: Client = TestClient(TestServer(app), auto_decompress=False)
    await client.start_server()
    try:
        async with client.request(method, "/", headers=taking(takes)) as response:
            return dict(response.headers), await response.read()
    finally:
        await client.close()


def taking(words: str) -> dict[str, str]:
    return {"Accept-Encoding": words}


@pytest.mark.parametrize(
    ("words", "taken"),
    [
        ("gzip", True),
        ("deflate, GZIP;q=0.5, br", True),
        ("*", True),
        ("br, *;q=0.1", True),
        ("", False),
        ("br, deflate", False),
        ("gzip;q=0", False),
        ("gzip; q=0.000", False),
        ("*, gzip;q=0", False),
        ("identity;q=1, *;q=0", False),
        ("xgzip", False),
    ],
)
def test_gzip_is_sent_to_who_takes_it(words: str, *, taken: bool) -> None:
    assert takes_gzip(make_mocked_request("GET", "/", headers=taking(words))) is taken


@given(words=st.text(st.characters(codec="latin-1", exclude_categories=["Cc"]), max_size=60))
def test_any_words_of_a_client_are_understood_or_passed_over(words: str) -> None:
    assert takes_gzip(make_mocked_request("GET", "/", headers=taking(words))) in {True, False}


@pytest.mark.parametrize("size", [WORTH_BYTES, IN_THREAD_BYTES - 1, IN_THREAD_BYTES, 40 * IN_THREAD_BYTES])
async def test_a_long_answer_is_the_same_when_it_is_unpacked(size: int) -> None:
    body = (json.dumps(LONG) * 3)[:size].encode()
    headers, sent = await served(web.Response(body=body, content_type="application/json"), "gzip")
    assert gzip.decompress(sent) == body
    assert headers["Content-Encoding"] == "gzip"
    assert headers["Content-Length"] == str(len(sent))
    assert headers["Vary"] == "Accept-Encoding"


@pytest.mark.parametrize("words", ["identity", "gzip;q=0", "br"])
async def test_who_does_not_take_it_gets_it_plain_and_caches_keep_the_two_apart(words: str) -> None:
    body = json.dumps(LONG).encode()
    headers, sent = await served(web.Response(body=body, content_type="application/json"), words)
    assert (sent, headers.get("Content-Encoding"), headers["Vary"]) == (body, None, "Accept-Encoding")


@pytest.mark.parametrize(
    "answer",
    [
        web.Response(body=b"x" * (WORTH_BYTES - 1), content_type="application/json"),
        web.Response(body=b"x" * 100_000, content_type="application/octet-stream"),
        web.Response(body=b"x" * 100_000, content_type="text/plain", headers={"Content-Encoding": "br"}),
    ],
    ids=["short", "no text", "packed already"],
)
async def test_what_would_gain_nothing_is_left_alone(answer: web.Response) -> None:
    body = answer.body
    headers, sent = await served(answer, "gzip")
    assert sent == body
    assert headers.get("Content-Encoding") in {None, "br"}


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
async def test_what_may_hand_out_a_secret_is_never_compressed(method: str) -> None:
    body = json.dumps(LONG).encode()
    answer = web.Response(body=body, content_type="application/json")
    headers, sent = await served(answer, "gzip", method)
    assert (sent, headers.get("Content-Encoding")) == (body, None)


async def test_a_long_text_is_compressed_while_it_is_written() -> None:
    (plain, whole), (headers, sent) = await asyncio.gather(served(None, "identity"), served(None, "gzip"))
    assert gzip.decompress(sent) == whole
    assert len(sent) < len(whole) / 5
    assert (headers["Content-Encoding"], headers["Vary"]) == ("gzip", "Accept-Encoding")
    assert (plain.get("Content-Encoding"), plain["Vary"]) == (None, "Accept-Encoding")


async def test_a_text_that_is_cut_off_does_not_unpack_as_if_it_were_whole() -> None:
    _, sent = await served(None, "gzip")
    unpacked = zlib.decompressobj(31)
    unpacked.decompress(sent[:-100])
    assert not unpacked.eof


async def test_head_tells_the_length_that_get_has() -> None:
    bodies = [web.Response(body=json.dumps(LONG).encode(), content_type="application/json") for _ in range(2)]
    (get, sent), (head, nothing) = await asyncio.gather(served(bodies[0], "gzip"), served(bodies[1], "gzip", "HEAD"))
    assert nothing == b""
    assert get["Content-Length"] == head["Content-Length"] == str(len(sent))


async def test_lists_of_the_hub_and_its_public_answers_go_out_compressed(hub: Hub) -> None:
    document = await hub.ask("GET", "/api/v1/openapi.json", role=Role.ANONYMOUS, headers=taking("gzip"))
    assert document.headers["Content-Encoding"] == "gzip"
    assert document.json["openapi"]
    shared = await hub.ask("GET", "/api/v1/devices", headers={"Origin": "https://portal.example.net"})
    assert shared.headers["Vary"] == "Accept-Encoding, Origin"

"""Attacks on a running hub with three external issuers, over HTTP and by the socket's handshake: each is refused.

What refuses them is tested piece by piece beside this; here it is that nothing of it is left out on the way in, that
all refusals look alike, and that none leaves a secret in the log.
"""

import asyncio
import json
import logging
import threading
import time
from collections.abc import AsyncIterator, Iterator
from typing import Any, Final

import aiohttp
import jwt
import pytest
import socketio  # type: ignore[import-untyped]
from noctule_hub.app import running
from noctule_hub.auth.keys import Keys
from noctule_hub.auth.token_form import MAX_TOKEN_CHARS
from noctule_hub.cli.folder import initialise
from noctule_hub.config import HubConfig, HubSettings
from noctule_hub.config.external import AuthSettings

from tests.hub.auth.attacks import ATTACKS, GOOD, PORTAL_SECRET, Target, hs256, issuers

DEADLINE_S = 30.0
REFUSAL = {
    "type": "about:blank",
    "title": "Unauthorized",
    "status": 401,
    "detail": "token_invalid: sign in again",
    "code": "unauthorised",
    "message": "token_invalid: sign in again",
}


@pytest.fixture(scope="module")
def target(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    data_dir = tmp_path_factory.mktemp("attacked") / "data"
    password = asyncio.run(initialise(data_dir, username="admin")).password
    config = HubConfig(data_dir, HubSettings(port=0, auth=AuthSettings(issuers(data_dir))))
    started, urls, loops, stops = threading.Event(), [], [], []

    async def serve() -> None:
        async with running(config) as hub:
            stops.append(asyncio.Event())
            loops.append(asyncio.get_running_loop())
            urls.append(hub.url)
            started.set()
            await stops[0].wait()

    thread = threading.Thread(target=lambda: asyncio.run(serve()), name="hub")
    thread.start()
    assert started.wait(DEADLINE_S)
    yield Target(urls[0], Keys.load(config.data_dir / "keys"), password)
    loops[0].call_soon_threadsafe(stops[0].set)
    thread.join(DEADLINE_S)
    assert not thread.is_alive()


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session:
        yield session


@pytest.fixture
async def signed_in(target: Target, http: aiohttp.ClientSession) -> Target:
    if not target.access:
        body = {"username": "admin", "password": target.password}
        async with http.post(f"{target.url}/api/v1/auth/login", json=body) as answer:
            target.access = (await answer.json())["accessToken"]
            target.refresh = answer.cookies["noctule_refresh"].value
    return target


async def me(http: aiohttp.ClientSession, target: Target, token: str) -> tuple[int, Any]:
    headers = {"Authorization": f"Bearer {token}"}
    async with http.get(f"{target.url}/api/v1/me", headers=headers) as answer:
        return answer.status, await answer.json(content_type=None)


CUT: Final = "cut"
# A message of Engine.IO that holds a packet of Socket.IO's of that kind.
CONNECT: Final = "40"
CONNECT_ERROR: Final = "44"


async def shake_hands(target: Target, token: str) -> Any:
    """Return what the socket's handshake was refused with, `CUT` without a word, None when it let the client in."""
    path = f"{target.url}/socket.io/?EIO=4&transport=websocket"
    async with asyncio.timeout(DEADLINE_S), aiohttp.ClientSession() as http, http.ws_connect(path) as socket:
        await socket.send_str(f"{CONNECT}{json.dumps({'token': token})}")
        async for packet in socket:
            if packet.data.startswith(CONNECT):
                return None
            if packet.data.startswith(CONNECT_ERROR):
                return json.loads(packet.data.removeprefix(CONNECT_ERROR))
    return CUT


@pytest.mark.parametrize("name", GOOD)
async def test_a_token_without_a_fault_is_taken_by_both_doors(
    signed_in: Target, http: aiohttp.ClientSession, name: str
) -> None:
    """Each attack below changes one thing of these; were they refused, it would prove nothing."""
    token = GOOD[name](signed_in)
    status, answer = await me(http, signed_in, token)
    assert status == 200
    assert answer["subject"] == ("user:1" if name == "own" else f"ext:{name}:7")
    assert await shake_hands(signed_in, token) is None


@pytest.mark.parametrize("name", ATTACKS)
async def test_an_attack_is_refused_by_both_doors_and_told_nothing(
    signed_in: Target, http: aiohttp.ClientSession, caplog: pytest.LogCaptureFixture, name: str
) -> None:
    caplog.set_level(logging.DEBUG)
    token = ATTACKS[name](signed_in)
    assert await me(http, signed_in, token) == (401, REFUSAL)
    told = await shake_hands(signed_in, token)
    assert told == {
        "message": "token_invalid: sign in again",
        "data": {"code": "token_invalid", "message": "token_invalid: sign in again"},
    }
    hub_said = " ".join(record.getMessage() for record in caplog.records if record.name.startswith("noctule_hub"))
    assert token not in hub_said
    assert "planted" not in hub_said
    assert "Traceback" not in caplog.text


@pytest.mark.parametrize("key", ["own", "portal"])
async def test_only_a_token_without_another_fault_is_called_expired(
    signed_in: Target, http: aiohttp.ClientSession, key: str
) -> None:
    past = {"iat": time.time() - 900, "exp": time.time() - 1}
    if key == "own":
        token, forged = (hs256(signed_in.header(), signed_in.own(**past), k) for k in (signed_in.key, b"k" * 32))
    else:
        token, forged = (jwt.encode(signed_in.theirs(**past), k) for k in (PORTAL_SECRET, "k" * 32))
    status, answer = await me(http, signed_in, token)
    assert (status, answer["message"]) == (401, "token_expired: refresh it")
    assert (await shake_hands(signed_in, token))["data"]["code"] == "token_expired"
    assert await me(http, signed_in, forged) == (401, REFUSAL)


async def test_an_over_long_token_is_refused_before_it_is_read(signed_in: Target, http: aiohttp.ClientSession) -> None:
    signed = hs256(signed_in.header(), signed_in.own(x="y" * 5900), signed_in.key)
    assert MAX_TOKEN_CHARS < len(signed) < 8190
    assert await me(http, signed_in, signed) == (401, REFUSAL)
    told = await shake_hands(signed_in, "x" * 20_000)
    assert told["data"] == {
        "code": "invalid", "message": "token must be text of 1 to 8192 characters", "field": "token",
        "retryAfterS": None,
    }  # fmt: skip
    assert await shake_hands(signed_in, "x" * 100_000) == CUT


async def test_two_authorization_headers_are_refused_though_one_is_good(
    signed_in: Target, http: aiohttp.ClientSession
) -> None:
    for first, second in ((signed_in.access, "x"), ("x", signed_in.access), (signed_in.access, signed_in.access)):
        headers = [("Authorization", f"Bearer {first}"), ("Authorization", f"Bearer {second}")]
        async with http.get(f"{signed_in.url}/api/v1/me", headers=headers) as answer:
            assert answer.status == 401


@pytest.mark.parametrize("call", ["refresh", "logout"])
@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-Noctule": "1"},
        {"X-Noctule": "1", "Origin": "https://evil.example"},
        {"X-Noctule": "1", "Origin": "null"},
        {"Origin": "OWN"},
        {"X-Noctule": "1", "Origin": "OWN.evil.example"},
    ],
    ids=str,
)
async def test_another_sites_page_can_neither_renew_nor_end_a_session(
    signed_in: Target, http: aiohttp.ClientSession, call: str, headers: dict[str, str]
) -> None:
    sent = {name: value.replace("OWN", signed_in.url) for name, value in headers.items()}
    sent["Cookie"] = f"noctule_refresh={signed_in.refresh}"
    async with http.post(f"{signed_in.url}/api/v1/auth/{call}", headers=sent) as answer:
        assert (answer.status, (await answer.json(content_type=None))["code"]) == (403, "forbidden")
        assert not answer.cookies
    assert (await me(http, signed_in, signed_in.access))[0] == 200


async def test_an_issuers_refused_user_is_cut_and_kept_out_by_both_doors(
    signed_in: Target, http: aiohttp.ClientSession
) -> None:
    token = jwt.encode(signed_in.theirs(userId="gone"), PORTAL_SECRET)
    ended = asyncio.Event()
    sio = socketio.AsyncClient(reconnection=False)

    async def end(_reason: str) -> None:
        ended.set()

    sio.on("disconnect", end)
    await sio.connect(signed_in.url, auth={"token": token}, transports=["websocket"], wait_timeout=DEADLINE_S)
    headers = {"Authorization": f"Bearer {signed_in.access}"}
    body = {"subject": "ext:portal:gone", "reason": "left the company"}
    async with http.post(f"{signed_in.url}/api/v1/refusals", json=body, headers=headers) as answer:
        assert answer.status == 201
    await asyncio.wait_for(ended.wait(), 5)
    await sio.disconnect()
    assert await me(http, signed_in, token) == (401, REFUSAL)
    assert (await shake_hands(signed_in, token))["data"]["code"] == "token_invalid"
    assert (await me(http, signed_in, jwt.encode(signed_in.theirs(), PORTAL_SECRET)))[0] == 200


async def change(http: aiohttp.ClientSession, target: Target, method: str, path: str, body: object = None) -> Any:
    """Do something as the administrator and return the answer, None when it has no body."""
    headers = {"Authorization": f"Bearer {target.access}"}
    async with http.request(method, f"{target.url}/api/v1/{path}", json=body, headers=headers) as answer:
        assert answer.status < 300, await answer.text()
        return await answer.json() if answer.content_type == "application/json" else None


CHANGES: dict[str, tuple[str, str, object]] = {
    "disabled": ("PATCH", "users/{user}", {"revision": 1, "disabled": True}),
    "given another role": ("PATCH", "users/{user}", {"revision": 1, "role": "billing"}),
    "given a password": ("POST", "users/{user}/password", {"password": "another good password"}),
    "removed": ("DELETE", "users/{user}", None),
    "signed out": ("DELETE", "sessions/{session}", None),
    "its token revoked": ("DELETE", "tokens/{token}", None),
    "its token rotated": ("POST", "tokens/{token}/rotate", {"graceS": 0}),
}


@pytest.mark.parametrize("name", CHANGES)
async def test_live_connection_ends_when_its_holder_is(
    signed_in: Target, http: aiohttp.ClientSession, name: str
) -> None:
    method, path, body = CHANGES[name]
    unique = f"u{list(CHANGES).index(name)}"
    user = {"username": unique, "password": "a good password", "role": "viewer"}
    user_id = (await change(http, signed_in, "POST", "users", user))["id"]
    made = await change(http, signed_in, "POST", "tokens", {"name": unique, "role": "viewer", "ttlS": 3600})
    sign_in = {"username": unique, "password": "a good password"}
    held = (await change(http, signed_in, "POST", "auth/login", sign_in))["accessToken"]
    session = (await change(http, signed_in, "GET", f"sessions?userId={user_id}"))["items"][0]["id"]
    ended, others = asyncio.Event(), asyncio.Event()
    clients = []
    for token, event in ((made["token"] if "token" in path else held, ended), (signed_in.access, others)):
        sio = socketio.AsyncClient(reconnection=False)
        sio.on("disconnect", lambda _reason, event=event: event.set())
        await sio.connect(signed_in.url, auth={"token": token}, transports=["websocket"], wait_timeout=DEADLINE_S)
        clients.append(sio)
    named = path.format(user=user_id, session=session, token=made["id"])
    await change(http, signed_in, method, named, body)
    await asyncio.wait_for(ended.wait(), 5)
    assert not others.is_set()
    for sio in clients:
        await sio.disconnect()

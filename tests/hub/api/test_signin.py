"""Sign-in over HTTP: the cookie, the rotation, forgery and throttling."""

import asyncio
from dataclasses import replace
from http.cookies import SimpleCookie

import pytest
from argon2 import PasswordHasher
from noctule_hub.auth.passwords import Passwords
from noctule_hub.auth.sessions import secret_hash
from noctule_hub.auth.throttle import FREE_TRIES_PAIR, LoginThrottle
from noctule_hub.core.principal import Role

from tests.hub.api.harness import OTHER_ORIGIN, PASSWORD, Answer, Hub


def secret(answer: Answer) -> str:
    assert answer.cookie is not None
    cookie: SimpleCookie = SimpleCookie(answer.cookie)
    return cookie["noctule_refresh"].value


def give(hub: Hub, **members: object) -> None:
    """Have the running API work with these."""
    for name, member in members.items():
        object.__setattr__(hub.context, name, member)
    vars(hub.context).pop("sign_in", None)


async def renew(hub: Hub, refresh_secret: str, *, call: str = "refresh", **headers: str) -> Answer:
    sent = {"Cookie": f"noctule_refresh={refresh_secret}", "Origin": hub.origin, "X-Noctule": "1"} | {
        name.replace("_", "-"): value for name, value in headers.items()
    }
    sent = {name: value for name, value in sent.items() if value != "-"}
    return await hub.ask("POST", f"/api/v1/auth/{call}", role=Role.ANONYMOUS, headers=sent)


async def test_sign_in_gives_a_token_that_works_and_a_strict_cookie(hub: Hub) -> None:
    answer = await hub.sign_in()
    assert answer.status == 200
    assert answer.json["expiresIn"] == 600
    bearer = {"Authorization": f"Bearer {answer.json['accessToken']}"}
    me = await hub.ask("GET", "/api/v1/me", role=Role.ANONYMOUS, headers=bearer)
    assert me.json == {"subject": "user:1", "name": "admin", "role": "admin", "userId": 1, "customerId": None}
    assert answer.cookie is not None
    for part in ("HttpOnly", "SameSite=Strict", "Path=/api/v1/auth", "Max-Age=1209600"):
        assert part in answer.cookie
    assert "Secure" not in answer.cookie


async def test_the_cookie_is_secure_when_the_page_is_on_https(hub: Hub) -> None:
    body = {"username": "admin", "password": PASSWORD}
    answer = await hub.ask(
        "POST", "/api/v1/auth/login", role=Role.ANONYMOUS, json=body, headers={"Origin": OTHER_ORIGIN}
    )
    assert answer.cookie is not None
    assert "Secure" in answer.cookie


async def test_wrong_password_and_unknown_user_are_one_answer(hub: Hub) -> None:
    wrong, unknown = await hub.sign_in("admin", "x" * 12), await hub.sign_in("nobody", "x" * 12)
    assert (wrong.status, wrong.json) == (unknown.status, unknown.json)
    assert wrong.status == 401
    assert wrong.cookie is None


async def test_guessing_is_slowed_down_for_that_user_and_address(hub: Hub) -> None:
    for _ in range(FREE_TRIES_PAIR):
        assert (await hub.sign_in("admin", "wrong-password")).status == 401
    answer = await hub.sign_in()
    assert (answer.status, answer.json["code"]) == (429, "too-many")
    assert answer.json["retryAfterS"] > 0
    assert int(answer.headers["Retry-After"]) >= 1
    assert (await hub.sign_in("viewer")).status == 200
    hub.now_ms += 1100
    assert (await hub.sign_in()).status == 200


async def test_a_session_is_renewed_by_its_cookie(hub: Hub) -> None:
    first = await hub.sign_in()
    second = await renew(hub, secret(first))
    assert second.status == 200
    assert secret(second) != secret(first)
    assert (await renew(hub, secret(second))).status == 200


async def test_two_tabs_refreshing_together_both_go_on(hub: Hub) -> None:
    start = await hub.sign_in()
    one = await renew(hub, secret(start))
    hub.now_ms += 9_000
    two = await renew(hub, secret(start))
    hub.now_ms += 60_000
    assert [(await renew(hub, secret(tab))).status for tab in (one, two)] == [200, 200]


async def test_many_tabs_at_once_all_go_on_in_one_session(hub: Hub) -> None:
    start = await hub.sign_in()
    tabs = await asyncio.gather(*(renew(hub, secret(start)) for _ in range(8)))
    assert [tab.status for tab in tabs] == [200] * 8
    hub.now_ms += 60_000
    assert [(await renew(hub, secret(tab))).status for tab in tabs] == [200] * 8
    assert len(await hub.store.sessions(1, now_ms=hub.now_ms)) == 1


async def test_a_spent_cookie_that_comes_back_ends_the_session(hub: Hub) -> None:
    start = await hub.sign_in()
    newest = await renew(hub, secret(start))
    hub.now_ms += 10_001
    assert (await renew(hub, secret(start))).status == 401
    assert (await renew(hub, secret(newest))).status == 401


@pytest.mark.parametrize("call", ["refresh", "logout"])
@pytest.mark.parametrize(
    "headers",
    [
        {"X_Noctule": "-"},
        {"X_Noctule": "0"},
        {"Origin": "-"},
        {"Origin": "null"},
        {"Origin": "https://evil.example"},
        {"Origin": "http://127.0.0.1"},
        {"Origin": f"{OTHER_ORIGIN}.evil.example"},
    ],
    ids=str,
)
async def test_a_forged_request_changes_nothing(hub: Hub, call: str, headers: dict[str, str]) -> None:
    start = await hub.sign_in()
    forged = await renew(hub, secret(start), call=call, **headers)
    assert (forged.status, forged.cookie) == (403, None)
    token = await hub.store.refresh_token(secret_hash(secret(start)))
    assert token is not None
    assert (token.used_ms, token.ended_ms) == (None, None)


async def test_a_configured_origin_may_refresh(hub: Hub) -> None:
    start = await hub.sign_in()
    answer = await renew(hub, secret(start), Origin=OTHER_ORIGIN)
    assert answer.status == 200
    assert answer.headers["Access-Control-Allow-Origin"] == OTHER_ORIGIN
    assert answer.headers["Access-Control-Allow-Credentials"] == "true"


async def test_a_page_sees_by_a_cookie_that_there_is_a_session_and_by_none_that_there_is_not(hub: Hub) -> None:
    start = await hub.sign_in()
    assert start.hint is not None
    for part in ("noctule_session=1", "Path=/", "SameSite=Strict", "Max-Age=1209600"):
        assert part in start.hint
    assert "HttpOnly" not in start.hint
    out = await renew(hub, secret(start), call="logout")
    refused = await renew(hub, secret(start))
    assert refused.status == 401
    for answer in (out, refused):
        assert answer.hint is not None
        assert answer.cookie is not None
        assert "Max-Age=0" in answer.hint
        assert "Max-Age=0" in answer.cookie


async def test_signing_out_is_over_for_the_access_token_too(hub: Hub) -> None:
    start = await hub.sign_in()
    bearer = {"Authorization": f"Bearer {start.json['accessToken']}"}
    await renew(hub, secret(start), call="logout")
    assert (await hub.ask("GET", "/api/v1/me", role=Role.ANONYMOUS, headers=bearer)).status == 401
    assert hub.connections.rechecked[-1] == "user:1"


async def test_a_session_that_ends_for_reuse_cuts_the_users_sockets(hub: Hub) -> None:
    start = await hub.sign_in()
    await renew(hub, secret(start))
    hub.now_ms += 10_001
    hub.connections.rechecked.clear()
    await renew(hub, secret(start))
    assert hub.connections.rechecked == ["user:1"]
    entries = await hub.store.audit_entries(before_id=None, kind="session", object_id=1, subject=None, limit=9)
    assert [entry.action for entry in entries] == ["ended", "signed-in"]
    assert entries[0].after is not None
    assert entries[0].after["endReason"] == "reused"


async def test_guessing_is_still_slowed_down_after_a_restart(hub: Hub) -> None:
    for _ in range(FREE_TRIES_PAIR):
        await hub.sign_in("viewer", "wrong-password")
    await hub.context.sign_in.written()
    before = await hub.store.sign_in_state("viewer")
    assert before.backoff is not None
    give(hub, login_throttle=LoginThrottle())
    assert (await hub.sign_in("viewer")).status == 429
    hub.now_ms += 1100
    assert (await hub.sign_in("viewer")).status == 200
    assert (await hub.store.sign_in_state("viewer")).backoff is None


async def test_failures_are_not_written_before_a_wait_begins_nor_for_unknown_names(hub: Hub) -> None:
    for _ in range(FREE_TRIES_PAIR - 1):
        await hub.sign_in("viewer", "wrong-password")
    for number in range(8):
        await hub.sign_in(f"nobody{number % 2}", "wrong-password")
    await hub.context.sign_in.written()
    entries = await hub.store.audit_entries(before_id=None, kind=None, object_id=None, subject="anonymous", limit=9)
    assert entries == []


async def test_a_busy_hub_says_when_to_try_again_and_counts_no_failure(hub: Hub) -> None:
    full = Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1), max_waiting=-2)
    give(hub, passwords=full)
    for _ in range(FREE_TRIES_PAIR + 1):
        answer = await hub.sign_in()
        assert (answer.status, answer.json["code"], answer.headers["Retry-After"]) == (503, "busy", "2")
    full.close()
    give(hub, passwords=hub.passwords)
    assert (await hub.sign_in()).status == 200


async def test_a_password_is_kept_anew_when_its_hash_has_old_parameters(hub: Hub) -> None:
    stronger = Passwords(PasswordHasher(time_cost=2, memory_cost=16, parallelism=1))
    give(hub, passwords=stronger)
    before = (await hub.store.sign_in_state("viewer")).user
    assert (await hub.sign_in("viewer")).status == 200
    after = (await hub.store.sign_in_state("viewer")).user
    assert before is not None
    assert after is not None
    assert "m=16,t=2" in after.password_hash
    assert replace(after, password_hash=before.password_hash) == before
    assert (await hub.sign_in("viewer")).status == 200
    stronger.close()


async def test_the_log_tells_of_sign_ins_without_secrets(hub: Hub, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    start = await hub.sign_in()
    await hub.sign_in("admin", "planted-wrong-password")
    await hub.sign_in("planted-as-a-name", "x")
    await renew(hub, secret(start))
    hub.now_ms += 10_001
    await renew(hub, secret(start))
    assert "user 1 signed in from 127.0.0.1, session 1" in caplog.text
    assert "sign-in refused for user 1 from 127.0.0.1" in caplog.text
    assert "sign-in refused for an unknown name from 127.0.0.1" in caplog.text
    assert "session 1 of user 1 ended: a spent refresh token came back" in caplog.text
    assert "planted" not in caplog.text
    assert secret(start) not in caplog.text


async def test_signing_out_ends_the_session_and_takes_the_cookie_back(hub: Hub) -> None:
    start = await hub.sign_in()
    out = await renew(hub, secret(start), call="logout")
    assert out.status == 204
    assert out.cookie is not None
    assert "Max-Age=0" in out.cookie
    assert (await renew(hub, secret(start))).status == 401


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "username"),
        ({"username": "a"}, "password"),
        ({"username": 1, "password": "x"}, "username"),
        ({"username": "a", "password": "x", "role": "admin"}, "role"),
        ([], "body"),
    ],
)
async def test_a_malformed_sign_in_names_the_field(hub: Hub, body: object, field: str) -> None:
    answer = await hub.ask("POST", "/api/v1/auth/login", role=Role.ANONYMOUS, json=body)
    assert (answer.status, answer.json["code"], answer.json["field"]) == (400, "invalid", field)

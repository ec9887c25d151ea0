"""Sign-in over HTTP: the cookie, the rotation, forgery and throttling."""

from http.cookies import SimpleCookie

import pytest
from noctule_hub.auth.sessions import secret_hash
from noctule_hub.auth.throttle import FREE_TRIES_PAIR
from noctule_hub.core.principal import Role

from tests.hub.api.harness import OTHER_ORIGIN, PASSWORD, Answer, Hub


def secret(answer: Answer) -> str:
    assert answer.cookie is not None
    cookie: SimpleCookie = SimpleCookie(answer.cookie)
    return cookie["noctule_refresh"].value


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
    assert (token.used_ms, token.revoked_ms) == (None, None)


async def test_a_configured_origin_may_refresh(hub: Hub) -> None:
    start = await hub.sign_in()
    answer = await renew(hub, secret(start), Origin=OTHER_ORIGIN)
    assert answer.status == 200
    assert answer.headers["Access-Control-Allow-Origin"] == OTHER_ORIGIN
    assert answer.headers["Access-Control-Allow-Credentials"] == "true"


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

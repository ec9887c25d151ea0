"""Sessions, rotated tokens and refusals over HTTP: who sees and ends which, and that an end is one."""

from dataclasses import replace
from typing import Any

import pytest
from noctule_hub.core.accounts import ApiToken, Use
from noctule_hub.core.principal import Role

from tests.hub.api.harness import NOW_MS, Answer, Hub


async def sign_in(hub: Hub, role: Role, client: str = "Firefox") -> dict[str, str]:
    """Sign in as that role's user and return the header of its access token."""
    answer = await hub.ask(
        "POST",
        "/api/v1/auth/login",
        role=Role.ANONYMOUS,
        json={"username": role.value, "password": "planted-password-1"},
        headers={"User-Agent": client},
    )
    return {"Authorization": f"Bearer {answer.json['accessToken']}"}


async def by(hub: Hub, headers: dict[str, str], method: str, path: str, **options: Any) -> Answer:
    return await hub.ask(method, path, role=Role.ANONYMOUS, headers=headers, **options)


async def test_a_user_sees_where_it_is_signed_in_and_which_session_asks(hub: Hub) -> None:
    first = await sign_in(hub, Role.VIEWER, "Firefox <img onerror>")
    await sign_in(hub, Role.VIEWER, "x" * 900)
    await sign_in(hub, Role.OPERATOR)
    listed = (await by(hub, first, "GET", "/api/v1/sessions")).json["items"]
    assert {one["userId"] for one in listed} == {hub.users[Role.VIEWER].id}
    assert [one["current"] for one in listed] == [True, False]
    assert listed[0] == {
        "id": 1,
        "userId": hub.users[Role.VIEWER].id,
        "createdAt": "2026-11-18T11:06:40.000Z",
        "seenAt": "2026-11-18T11:06:40.000Z",
        "expiresAt": "2026-12-02T11:06:40.000Z",
        "address": "127.0.0.1",
        "client": "Firefox <img onerror>",
        "current": True,
    }
    assert len(listed[1]["client"]) == 200


async def test_an_ended_session_is_over_for_its_access_token_too(hub: Hub) -> None:
    first, second = await sign_in(hub, Role.VIEWER), await sign_in(hub, Role.VIEWER)
    assert (await by(hub, first, "DELETE", "/api/v1/sessions/2")).status == 204
    assert (await by(hub, second, "GET", "/api/v1/me")).status == 401
    assert (await by(hub, first, "GET", "/api/v1/me")).status == 200
    assert hub.connections.rechecked[-1] == f"user:{hub.users[Role.VIEWER].id}"
    assert len((await by(hub, first, "GET", "/api/v1/sessions")).json["items"]) == 1


async def test_only_an_administrator_sees_and_ends_the_sessions_of_others(hub: Hub) -> None:
    viewer = await sign_in(hub, Role.VIEWER)
    path = f"/api/v1/sessions?userId={hub.users[Role.VIEWER].id}"
    assert (await hub.get(path, role=Role.OPERATOR)).status == 403
    assert (await hub.delete("/api/v1/sessions/1", role=Role.OPERATOR)).status == 404
    assert (await by(hub, viewer, "GET", "/api/v1/me")).status == 200
    assert [one["id"] for one in (await hub.get(path)).json["items"]] == [1]
    assert (await hub.delete("/api/v1/sessions/1")).status == 204
    assert (await by(hub, viewer, "GET", "/api/v1/me")).status == 401
    assert (await hub.get("/api/v1/sessions?userId=987654")).status == 404
    assert (await hub.delete("/api/v1/sessions/987654")).status == 404


@pytest.mark.parametrize(("query", "field"), [("userId=x", "userId"), ("userID=1", "userID"), ("limit=0", "limit")])
async def test_a_wrong_query_is_named(hub: Hub, query: str, field: str) -> None:
    answer = await hub.get(f"/api/v1/sessions?{query}")
    assert (answer.status, answer.json["field"]) == (400, field)


async def kept(hub: Hub, token_id: int) -> ApiToken:
    token = await hub.store.api_token(token_id)
    assert token is not None
    return token


async def new_token(hub: Hub, role: str = "viewer") -> tuple[int, dict[str, str]]:
    made = await hub.post("/api/v1/tokens", {"name": "wall", "role": role, "ttlS": 86_400})
    return made.json["id"], {"Authorization": f"Bearer {made.json['token']}"}


async def test_a_programs_token_has_no_sessions(hub: Hub) -> None:
    _, token = await new_token(hub)
    assert (await by(hub, token, "GET", "/api/v1/sessions")).json["items"] == []
    assert (await by(hub, token, "DELETE", "/api/v1/sessions/1")).status == 404


async def test_a_tokens_last_use_is_told_at_once_and_kept(hub: Hub) -> None:
    token_id, token = await new_token(hub)
    (listed,) = (await hub.get("/api/v1/tokens")).json["items"]
    assert (listed["usedAt"], listed["usedFrom"]) == (None, None)
    hub.now_ms += 1000
    assert (await by(hub, token, "GET", "/api/v1/me")).status == 200
    (listed,) = (await hub.get("/api/v1/tokens")).json["items"]
    assert (listed["usedAt"], listed["usedFrom"]) == ("2026-11-18T11:06:41.000Z", "127.0.0.1")
    assert await hub.store.api_token(token_id) == replace(await kept(hub, token_id), used=None)
    await hub.context.token_uses.write(hub.store)
    assert (await kept(hub, token_id)).used == Use(hub.now_ms, "127.0.0.1")
    assert (await hub.get("/api/v1/tokens")).json["items"] == [listed]


async def test_a_rotated_token_and_the_one_before_are_both_good_for_the_grace(hub: Hub) -> None:
    token_id, before = await new_token(hub)
    hub.now_ms += 1000
    rotated = await hub.post(f"/api/v1/tokens/{token_id}/rotate", {"graceS": 60})
    assert (rotated.status, rotated.json["id"], rotated.json["name"]) == (201, token_id, "wall")
    after = {"Authorization": f"Bearer {rotated.json['token']}"}
    assert [(await by(hub, one, "GET", "/api/v1/me")).status for one in (before, after)] == [200, 200]
    hub.now_ms += 60_000
    assert [(await by(hub, one, "GET", "/api/v1/me")).status for one in (before, after)] == [401, 200]
    (listed,) = (await hub.get("/api/v1/tokens")).json["items"]
    assert (listed["formerUntil"], listed["expiresAt"]) == ("2026-11-18T11:07:41.000Z", "2026-11-19T11:06:41.000Z")
    assert hub.connections.rechecked == [f"token:{token_id}"]


async def test_a_rotation_without_grace_ends_the_token_of_before_at_once(hub: Hub) -> None:
    token_id, before = await new_token(hub)
    await hub.post(f"/api/v1/tokens/{token_id}/rotate", {"graceS": 0, "ttlS": 3600})
    assert (await by(hub, before, "GET", "/api/v1/me")).status == 401


@pytest.mark.parametrize(
    ("body", "field"), [({"graceS": -1}, "graceS"), ({"graceS": 604_801}, "graceS"), ({"ttlS": 1}, "ttlS")]
)
async def test_a_wrong_rotation_is_named(hub: Hub, body: dict[str, int], field: str) -> None:
    token_id, _ = await new_token(hub)
    answer = await hub.post(f"/api/v1/tokens/{token_id}/rotate", body)
    assert (answer.status, answer.json["field"]) == (400, field)
    assert (await hub.post("/api/v1/tokens/987654/rotate", {})).status == 404


async def test_a_revoked_token_is_not_rotated_back_to_life(hub: Hub) -> None:
    token_id, _ = await new_token(hub)
    await hub.delete(f"/api/v1/tokens/{token_id}")
    answer = await hub.post(f"/api/v1/tokens/{token_id}/rotate", {})
    assert (answer.status, answer.json["field"]) == (400, "id")


async def test_a_refusal_is_kept_listed_and_taken_back(hub: Hub) -> None:
    body = {"subject": "ext:portal:7", "before": "2026-11-18T11:06:40.000Z", "reason": "lost laptop"}
    made = await hub.post("/api/v1/refusals", body)
    assert (made.status, made.json["before"]) == (201, body["before"])
    assert hub.connections.rechecked == ["ext:portal:7"]
    assert (await hub.get("/api/v1/refusals")).json["items"] == [made.json]
    (kept,) = await hub.store.refusals()
    assert (kept.before_ms, kept.created_ms) == (NOW_MS, NOW_MS)
    assert (await hub.delete(f"/api/v1/refusals/{made.json['id']}")).status == 204
    assert (await hub.delete(f"/api/v1/refusals/{made.json['id']}")).status == 404


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"subject": "user:1"}, "subject"),
        ({"subject": "ext:"}, "subject"),
        ({"subject": "ext:portal:7:8"}, "subject"),
        ({"subject": "ext:portal:7\n"}, "subject"),
        ({"subject": "ext:portal", "before": "yesterday"}, "before"),
        ({"subject": "ext:portal", "reason": "x" * 201}, "reason"),
        ({"subject": "ext:portal", "reason": "\u001b[31m"}, "reason"),
    ],
    ids=str,
)
async def test_a_wrong_refusal_is_named(hub: Hub, body: dict[str, str], field: str) -> None:
    answer = await hub.post("/api/v1/refusals", body)
    assert (answer.status, answer.json["field"]) == (400, field)

"""Users over HTTP: changed, given a password, removed; and what becomes of their sessions, tokens and sockets."""

import pytest
from noctule_hub.core.principal import Role

from tests.hub.api.harness import NOW_MS, PASSWORD, Answer, Hub

OTHER = "another good password"


async def own(hub: Hub, token: str) -> Answer:
    return await hub.ask("GET", "/api/v1/me", role=Role.ANONYMOUS, headers={"Authorization": f"Bearer {token}"})


async def user(hub: Hub, role: Role) -> dict[str, object]:
    found: dict[str, object] = (await hub.get(f"/api/v1/users/{hub.users[role].id}")).json
    return found


async def test_a_user_is_shown_without_its_password(hub: Hub) -> None:
    assert await user(hub, Role.CUSTOMER) == {
        "id": hub.users[Role.CUSTOMER].id,
        "username": "customer",
        "role": "customer",
        "customerId": 9,
        "disabled": False,
        "createdAt": "2026-11-18T11:06:40.000Z",
        "revision": 1,
    }
    assert "argon2" not in (await hub.get("/api/v1/users")).text
    assert (await hub.get("/api/v1/users/987654")).status == 404


async def test_a_changed_role_counts_at_once_and_sockets_are_looked_at(hub: Hub) -> None:
    path = f"/api/v1/users/{hub.users[Role.OPERATOR].id}"
    changed = await hub.patch(path, {"revision": 1, "role": "viewer"})
    assert (changed.status, changed.json["role"], changed.json["revision"]) == (200, "viewer", 2)
    assert (await hub.get("/api/v1/me", role=Role.OPERATOR)).json["role"] == "viewer"
    assert hub.connections.rechecked == [f"user:{hub.users[Role.OPERATOR].id}"]
    stale = await hub.patch(path, {"revision": 1, "role": "admin"})
    assert (stale.status, stale.json["field"]) == (400, "revision")


async def test_a_customer_that_becomes_staff_is_no_customer_any_more(hub: Hub) -> None:
    path = f"/api/v1/users/{hub.users[Role.CUSTOMER].id}"
    assert (await hub.patch(path, {"revision": 1, "customerId": 1})).json["field"] == "customerId"
    await hub.post("/api/v1/customers", {"name": "alma"})
    assert (await hub.patch(path, {"revision": 1, "customerId": 1})).json["customerId"] == 1
    changed = await hub.patch(path, {"revision": 2, "role": "viewer"})
    assert (changed.json["role"], changed.json["customerId"]) == ("viewer", None)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({}, "revision"),
        ({"revision": 1, "role": "agent"}, "role"),
        ({"revision": 1, "role": "customer"}, "customerId"),
        ({"revision": 1, "customerId": 5}, "customerId"),
        ({"revision": 1, "disabled": "yes"}, "disabled"),
        ({"revision": 1, "username": "eve"}, "username"),
    ],
    ids=str,
)
async def test_a_wrong_change_names_the_field_and_changes_nothing(
    hub: Hub, change: dict[str, object], field: str
) -> None:
    before = await user(hub, Role.VIEWER)
    answer = await hub.patch(f"/api/v1/users/{hub.users[Role.VIEWER].id}", change)
    assert (answer.status, answer.json["field"]) == (400, field)
    assert await user(hub, Role.VIEWER) == before


async def test_a_disabled_user_is_out_at_once_and_its_old_tokens_stay_so(hub: Hub) -> None:
    token = (await hub.sign_in("viewer")).json["accessToken"]
    path = f"/api/v1/users/{hub.users[Role.VIEWER].id}"
    assert (await hub.patch(path, {"revision": 1, "disabled": True})).json["disabled"] is True
    assert (await own(hub, token)).status == 401
    assert (await hub.sign_in("viewer")).status == 401
    await hub.patch(path, {"revision": 2, "disabled": False})
    assert (await own(hub, token)).status == 401
    again = await hub.sign_in("viewer")
    assert (await own(hub, again.json["accessToken"])).status == 200


async def test_the_last_administrator_stays(hub: Hub) -> None:
    path = f"/api/v1/users/{hub.users[Role.ADMIN].id}"
    for change, field in (({"role": "viewer"}, "role"), ({"disabled": True}, "disabled")):
        answer = await hub.patch(path, {"revision": 1} | change)
        assert (answer.status, answer.json["field"]) == (400, field)
        assert "last administrator" in answer.json["message"]
    assert (await hub.delete(path)).status == 400
    assert (await hub.get("/api/v1/me")).json["role"] == "admin"


async def test_a_removed_user_is_gone_but_not_from_the_audit_log(hub: Hub) -> None:
    user_id = hub.users[Role.VIEWER].id
    token = (await hub.sign_in("viewer")).json["accessToken"]
    assert (await hub.delete(f"/api/v1/users/{user_id}")).status == 204
    assert (await own(hub, token)).status == 401
    assert (await hub.sign_in("viewer")).status == 401
    assert (await hub.delete(f"/api/v1/users/{user_id}")).status == 404
    made = await hub.post("/api/v1/users", {"username": "viewer", "password": OTHER, "role": "viewer"})
    assert made.json["id"] > user_id
    entries = await hub.store.audit_entries(before_id=None, kind="user", object_id=user_id, subject=None, limit=9)
    assert [(entry.action, entry.name, entry.by.name) for entry in entries] == [
        ("removed", "viewer", "admin"), ("added", "viewer", "local"),
    ]  # fmt: skip


async def test_an_administrator_gives_a_password_and_the_user_is_signed_out_everywhere(hub: Hub) -> None:
    user_id = hub.users[Role.VIEWER].id
    token = (await hub.sign_in("viewer")).json["accessToken"]
    assert (await hub.post(f"/api/v1/users/{user_id}/password", {"password": OTHER})).status == 204
    assert (await own(hub, token)).status == 401
    assert hub.connections.rechecked[-1] == f"user:{user_id}"
    assert (await hub.sign_in("viewer")).status == 401
    assert (await hub.sign_in("viewer", OTHER)).status == 200
    short = await hub.post(f"/api/v1/users/{user_id}/password", {"password": "short"})
    assert (short.status, short.json["field"]) == (400, "password")
    assert (await hub.post("/api/v1/users/987654/password", {"password": OTHER})).status == 404


async def change_password(hub: Hub, token: str, old: str, new: str = OTHER) -> Answer:
    headers = {"Authorization": f"Bearer {token}"}
    body = {"oldPassword": old, "newPassword": new}
    return await hub.ask("POST", "/api/v1/me/password", role=Role.ANONYMOUS, json=body, headers=headers)


async def test_a_user_changes_its_own_password_and_only_this_session_goes_on(hub: Hub) -> None:
    other = (await hub.sign_in("viewer")).json["accessToken"]
    token = (await hub.sign_in("viewer")).json["accessToken"]
    changed = await change_password(hub, token, PASSWORD)
    assert changed.status == 200
    assert changed.cookie is not None
    assert [(await own(hub, one)).status for one in (other, token, changed.json["accessToken"])] == [401, 401, 200]
    sessions = await hub.store.sessions(hub.users[Role.VIEWER].id, now_ms=NOW_MS)
    assert len(sessions) == 1


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ("wrong-password", OTHER, "oldPassword"),
        (PASSWORD, "short", "newPassword"),
        (PASSWORD, "x" * 2000, "newPassword"),
    ],
)
async def test_a_wrong_own_change_names_the_field_and_changes_nothing(hub: Hub, old: str, new: str, field: str) -> None:
    token = (await hub.sign_in("viewer")).json["accessToken"]
    answer = await change_password(hub, token, old, new)
    assert (answer.status, answer.json["field"]) == (400, field)
    assert PASSWORD not in answer.text
    assert (await own(hub, token)).status == 200


async def test_a_stolen_access_token_does_not_let_one_guess_the_password(hub: Hub) -> None:
    token = (await hub.sign_in("viewer")).json["accessToken"]
    answers = [(await change_password(hub, token, f"wrong-{number}-xxxx")).status for number in range(7)]
    assert answers == [400] * 5 + [429] * 2


async def test_a_programs_token_has_no_password(hub: Hub) -> None:
    made = await hub.post("/api/v1/tokens", {"name": "wall", "role": "admin", "ttlS": 3600})
    answer = await change_password(hub, made.json["token"], PASSWORD)
    assert (answer.status, answer.json["code"]) == (403, "forbidden")

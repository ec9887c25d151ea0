"""Sites, clients, alerts, tokens, users, health and the socket trial over HTTP."""

import pytest
from noctule_hub.core.principal import Role
from noctule_hub.realtime.connections import ClientInfo
from noctule_shared.errors import ErrorCode, Refused, invalid

from tests.hub.api.harness import NOW_MS, Hub


async def test_health_says_that_the_hub_runs(hub: Hub) -> None:
    hub.now_ms += 1500
    answer = await hub.ask("GET", "/health", role=Role.ANONYMOUS)
    assert answer.json == {"status": "ok", "version": "0.1.0", "uptimeS": 1.5}


async def test_a_site_is_added_once(hub: Hub) -> None:
    answer = await hub.post("/api/v1/sites", {"name": " south "})
    assert (answer.status, answer.json["name"]) == (201, "south")
    again = await hub.post("/api/v1/sites", {"name": "south"})
    assert (again.status, again.json["field"]) == (400, "name")
    assert [item["name"] for item in (await hub.get("/api/v1/sites")).json["items"]] == ["north", "south"]


async def test_a_site_is_renamed_and_removed(hub: Hub) -> None:
    path = f"/api/v1/sites/{(await hub.post('/api/v1/sites', {'name': 'south'})).json['id']}"
    renamed = await hub.ask("PATCH", path, json={"revision": 1, "name": "east"})
    assert (renamed.status, renamed.json["name"], renamed.json["revision"]) == (200, "east", 2)
    assert (await hub.ask("PATCH", path, json={"revision": 1, "name": "west"})).json["field"] == "revision"
    assert (await hub.ask("PATCH", path, json={"revision": 2, "name": "north"})).json["field"] == "name"
    assert (await hub.get(path)).json["name"] == "east"
    assert (await hub.ask("DELETE", path)).status == 204
    for method in ("GET", "DELETE"):
        assert (await hub.ask(method, path)).status == 404
    assert (await hub.ask("PATCH", path, json={"revision": 2, "name": "x"})).status == 404


async def test_a_change_is_in_the_audit_log_with_its_author(hub: Hub) -> None:
    site = (await hub.post("/api/v1/sites", {"name": "south"})).json
    await hub.ask("PATCH", f"/api/v1/sites/{site['id']}", json={"revision": 1, "name": "east"})
    page = (await hub.get(f"/api/v1/audit?kind=site&objectId={site['id']}&limit=1")).json
    (entry,) = page["items"]
    assert (entry["action"], entry["name"], entry["address"]) == ("changed", "east", "127.0.0.1")
    assert (entry["before"]["name"], entry["after"]["name"]) == ("south", "east")
    rest = (await hub.get(f"/api/v1/audit?kind=site&objectId={site['id']}&cursor={page['nextCursor']}")).json
    assert [(item["action"], item["before"]) for item in rest["items"]] == [("added", None)]
    assert rest["nextCursor"] is None
    assert (await hub.get(f"/api/v1/audit?subject={entry['subject']}")).json["items"][0] == entry
    assert (await hub.get("/api/v1/audit?subject=user:99")).json["items"] == []


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("limit=0", "limit"),
        ("limit=x", "limit"),
        ("cursor=x", "cursor"),
        ("kinds=a", "kinds"),
        ("from=x", "from"),
        ("from=2026-11-02T00:00:00Z&to=2026-11-01T00:00:00Z", "from"),
        ("kind=a&kind=b", "kind"),
    ],
)
async def test_a_query_that_is_not_one_names_its_parameter(hub: Hub, query: str, field: str) -> None:
    answer = await hub.get(f"/api/v1/audit?{query}")
    assert (answer.status, answer.json["field"]) == (400, field)


async def test_clients_are_listed_with_what_waits_for_them(hub: Hub) -> None:
    hub.connections.infos = [
        ClientInfo("s1", "ada", "admin", "192.0.2.7", None, "websocket", ("devices",), NOW_MS, 17, "device:status")
    ]
    assert (await hub.get("/api/v1/clients")).json["items"] == [
        {
            "sid": "s1",
            "user": "ada",
            "role": "admin",
            "address": "192.0.2.7",
            "tab": None,
            "transport": "websocket",
            "rooms": ["devices"],
            "since": "2026-11-18T11:06:40.000Z",
            "queuedBytes": 17,
            "lastEvent": "device:status",
        }
    ]
    assert (await hub.get("/api/v1/clients/count")).json == {"connectedClients": 1}
    assert (await hub.get("/api/v1/users/1/connected")).json == {"connected": True}
    assert (await hub.get("/api/v1/users/2/connected")).json == {"connected": False}


async def test_alerts_are_empty_at_first_and_the_state_is_checked(hub: Hub) -> None:
    assert (await hub.get("/api/v1/alerts")).json == {"items": [], "nextCursor": None}
    assert (await hub.get("/api/v1/alerts?state=old")).json["field"] == "state"


async def test_a_programs_token_works_until_it_is_revoked(hub: Hub) -> None:
    made = await hub.post("/api/v1/tokens", {"name": "wall", "role": "viewer", "ttlS": 3600})
    assert made.status == 201
    bearer = {"Authorization": f"Bearer {made.json['token']}"}
    me = await hub.ask("GET", "/api/v1/me", role=Role.ANONYMOUS, headers=bearer)
    assert (me.json["role"], me.json["userId"]) == ("viewer", None)
    assert made.json["token"] not in (await hub.get("/api/v1/tokens")).text
    assert (await hub.ask("DELETE", f"/api/v1/tokens/{made.json['id']}")).status == 204
    assert (await hub.ask("GET", "/api/v1/me", role=Role.ANONYMOUS, headers=bearer)).status == 401


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"name": "x", "role": "agent", "ttlS": 3600}, "role"),
        ({"name": "x", "role": "customer", "ttlS": 3600}, "role"),
        ({"name": "x", "role": "root", "ttlS": 3600}, "role"),
        ({"name": "x", "role": "viewer", "ttlS": 1}, "ttlS"),
        ({"name": "x", "role": "viewer"}, "ttlS"),
        ({"name": "", "role": "viewer", "ttlS": 3600}, "name"),
    ],
)
async def test_a_wrong_token_is_named(hub: Hub, body: dict[str, object], field: str) -> None:
    answer = await hub.post("/api/v1/tokens", body)
    assert (answer.status, answer.json["field"]) == (400, field)


async def test_a_new_user_signs_in_with_the_given_role(hub: Hub) -> None:
    body = {"username": "Olga", "password": "a good password", "role": "operator"}
    made = await hub.post("/api/v1/users", body)
    assert (made.status, made.json["role"], made.json["customerId"]) == (201, "operator", None)
    assert (await hub.sign_in("olga", "a good password")).status == 200
    assert (await hub.post("/api/v1/users", body)).json["field"] == "username"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"username": ""}, "username"),
        ({"username": "a b"}, "username"),
        ({"username": "-a"}, "username"),
        ({"password": "short"}, "password"),
        ({"role": "agent"}, "role"),
        ({"role": "anonymous"}, "role"),
        ({"role": "customer"}, "customerId"),
        ({"customerId": 5}, "customerId"),
        ({"role": "customer", "customerId": 0}, "customerId"),
    ],
)
async def test_a_wrong_user_is_named(hub: Hub, changes: dict[str, object], field: str) -> None:
    body = {"username": "olga", "password": "a good password", "role": "viewer"} | changes
    answer = await hub.post("/api/v1/users", body)
    assert (answer.status, answer.json["field"]) == (400, field)


async def test_the_sockets_state_is_there_for_anybody(hub: Hub) -> None:
    answer = await hub.ask("GET", "/api/test/ws-status", role=Role.ANONYMOUS)
    assert answer.json == {"success": True, "data": {"connectedClients": 0, "isInitialized": True}}


async def test_a_test_event_is_emitted_as_asked(hub: Hub) -> None:
    answer = await hub.post("/api/test/emit-test", {"event": "device-status", "data": {"deviceId": 1}})
    assert answer.json == {"success": True, "message": "test event device-status emitted", "connectedClients": 0}
    assert hub.connections.emitted == [("device-status", {"deviceId": 1})]


async def test_an_unknown_or_unfit_test_event_is_400_in_the_guides_shape(hub: Hub) -> None:
    unknown = await hub.post("/api/test/emit-test", {"event": "x"})
    assert (unknown.status, unknown.json["success"]) == (400, False)
    assert "known: device-status, alert" in unknown.json["message"]
    hub.connections.failure = invalid("deviceId", "must be a number")
    unfit = await hub.post("/api/test/emit-test", {"event": "alert"})
    assert (unfit.status, unfit.json) == (400, {"success": False, "message": "deviceId: must be a number"})
    hub.connections.failure = Refused(ErrorCode.BUSY, "later")
    assert (await hub.post("/api/test/emit-test", {"event": "alert"})).status == 503

"""Sites, agents, clients, alerts, events, series, tokens, users, health and the socket trial over HTTP."""

import math

import numpy as np
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from noctule_hub.api.context import ENROL_BURST
from noctule_hub.core.principal import Role
from noctule_hub.core.records import NewEvent
from noctule_hub.core.series import BandwidthSeries, LatencySeries
from noctule_hub.realtime.connections import ClientInfo
from noctule_shared.errors import ErrorCode, Refused, invalid
from noctule_shared.events import EventName
from noctule_shared.join_token import parse_join_token
from noctule_shared.link import HUB_PROOF_PREFIX

from tests.hub.api.harness import NOW_MS, Answer, Hub


async def join(hub: Hub, token: str, **changes: object) -> Answer:
    parts = parse_join_token(token)
    body = {
        "tokenId": parts.token_id,
        "secret": parts.secret,
        "signingKey": "ab" * 32,
        "sealingKey": "CD" * 32,
        "name": "north-1",
        "version": "0.1.0",
    } | changes
    return await hub.ask("POST", "/api/v1/agents/join", role=Role.ANONYMOUS, json=body)


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


async def test_a_join_token_enrols_its_number_of_agents_and_is_kept_hashed(hub: Hub) -> None:
    made = await hub.post("/api/v1/agents/tokens", {"site": "north"})
    assert made.status == 201
    token = made.json["token"]
    assert parse_join_token(token).fingerprint == hub.keys.fingerprint
    joined = await join(hub, token)
    assert joined.status == 200
    assert joined.json == {"agentId": 1, "name": "north-1", "site": "north", "hubId": hub.keys.fingerprint}
    assert (await join(hub, token, name="north-2", signingKey="ef" * 32)).status == 401
    secret = parse_join_token(token).secret.encode()
    assert not [path for path in hub.data_dir.rglob("*") if path.is_file() and secret in path.read_bytes()]
    agent = (await hub.get("/api/v1/agents")).json["items"][0]
    assert (agent["link"], agent["backlog"], agent["siteName"]) == ("connected", 3, "north")
    assert (await hub.store.agents())[0].sealing_key == "cd" * 32


async def test_wrong_and_expired_join_tokens_are_one_answer(hub: Hub) -> None:
    token = (await hub.post("/api/v1/agents/tokens", {"site": "north", "expiresInS": 60})).json["token"]
    wrong = await join(hub, token, secret="f" * 48)
    unknown = await join(hub, token, tokenId=99)
    too_long = await join(hub, token, secret="f" * 5000)
    hub.now_ms += 60_001
    expired = await join(hub, token)
    assert {answer.status for answer in (wrong, unknown, too_long, expired)} == {401}
    assert len({answer.json["message"] for answer in (wrong, unknown, expired)}) == 1


@pytest.mark.parametrize("changes", [{"signingKey": "ab"}, {"sealingKey": "x" * 64}, {"name": ""}, {"version": ""}])
async def test_a_malformed_join_does_not_use_the_token_up(hub: Hub, changes: dict[str, object]) -> None:
    token = (await hub.post("/api/v1/agents/tokens", {"site": "north"})).json["token"]
    answer = await join(hub, token, **changes)
    assert (answer.status, answer.json["field"]) == (400, next(iter(changes)))
    assert (await join(hub, token)).status == 200


async def test_the_hub_proves_itself_before_joining(hub: Hub) -> None:
    nonce = "0123456789abcdef" * 2
    answer = await hub.ask("POST", "/api/v1/agents/prove", role=Role.ANONYMOUS, json={"nonce": nonce})
    assert answer.json["publicKey"] == hub.keys.public_hex
    key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(answer.json["publicKey"]))
    key.verify(bytes.fromhex(answer.json["signature"]), HUB_PROOF_PREFIX + nonce.encode() + b"0")


@pytest.mark.parametrize("nonce", ["", "0" * 31, "0" * 33, "Z" * 32, "A" * 32, "0" * 32 + "\n"])
async def test_only_a_nonce_is_signed(hub: Hub, nonce: str) -> None:
    answer = await hub.ask("POST", "/api/v1/agents/prove", role=Role.ANONYMOUS, json={"nonce": nonce})
    assert (answer.status, answer.json["field"]) == (400, "nonce")


async def test_enrolment_is_limited_per_address(hub: Hub) -> None:
    body = {"nonce": "0" * 32}
    statuses = [
        (await hub.ask("POST", "/api/v1/agents/prove", role=Role.ANONYMOUS, json=body)).status
        for _ in range(ENROL_BURST + 1)
    ]
    assert statuses == [200] * ENROL_BURST + [429]
    hub.now_ms += 1000
    assert (await hub.ask("POST", "/api/v1/agents/prove", role=Role.ANONYMOUS, json=body)).status == 200


async def test_a_revoked_agent_is_cut_and_stays_listed(hub: Hub) -> None:
    token = (await hub.post("/api/v1/agents/tokens", {"site": "north"})).json["token"]
    await join(hub, token)
    assert (await hub.ask("DELETE", "/api/v1/agents/1")).status == 204
    assert hub.engine.cut == [1]
    assert (await hub.get("/api/v1/agents")).json["items"][0]["link"] == "revoked"
    assert (await hub.ask("DELETE", "/api/v1/agents/99")).status == 404


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


async def append(hub: Hub, name: EventName, data: dict[str, object], *rooms: str) -> None:
    await hub.store.append([NewEvent(name, data, rooms, NOW_MS)], now_ms=NOW_MS)


async def test_events_are_read_on_from_a_position(hub: Hub) -> None:
    for number in (1, 2, 3):
        await append(hub, EventName.AGENT_STATUS, {"agentId": number, "reason": "x"}, "agents")
    first = (await hub.get(f"/api/v1/events?since={hub.store.epoch}:0&limit=2")).json
    assert [item["agentId"] for item in first["items"]] == [1, 2]
    assert first["items"][0]["data"] == {"agentId": 1, "reason": "x"}
    assert first["items"][0]["name"] == "agent:status"
    since = f"{first['position']['epoch']}:{first['position']['seq']}"
    rest = (await hub.get(f"/api/v1/events?since={since}")).json
    assert [item["agentId"] for item in rest["items"]] == [3]
    since = f"{rest['position']['epoch']}:{rest['position']['seq']}"
    assert (await hub.get(f"/api/v1/events?since={since}")).json == {"items": [], "position": rest["position"]}


async def test_without_a_position_the_newest_events_come(hub: Hub) -> None:
    for number in range(5):
        await append(hub, EventName.AGENT_STATUS, {"agentId": number}, "agents")
    items = (await hub.get("/api/v1/events?limit=2")).json["items"]
    assert [item["agentId"] for item in items] == [3, 4]


async def test_each_role_reads_the_events_of_its_rooms_only(hub: Hub) -> None:
    await append(hub, EventName.PAYMENT_UPDATE, {"customerId": 9, "paymentId": "p9"}, "payments", "customer:9")
    await append(hub, EventName.PAYMENT_UPDATE, {"customerId": 8, "paymentId": "p8"}, "payments", "customer:8")
    await append(hub, EventName.AGENT_STATUS, {"agentId": 1}, "agents")
    await append(hub, EventName.DEVICE_STATUS, {"deviceId": 1, "detail": "hop 7"}, "devices", "customer:9")

    async def names(role: Role) -> list[str]:
        items = (await hub.get("/api/v1/events", role=role)).json["items"]
        return [item.get("paymentId", item["name"]) for item in items]

    assert await names(Role.ADMIN) == ["p9", "p8", "agent:status", "device:status"]
    assert await names(Role.VIEWER) == ["agent:status", "device:status"]
    assert await names(Role.BILLING) == ["p9", "p8", "device:status"]
    billing = (await hub.get("/api/v1/events", role=Role.BILLING)).text
    assert "hop 7" not in billing


@pytest.mark.parametrize("since", ["", "x", "0:0", "ffffffffffffffff:0", "ffffffffffffffff:-1"])
async def test_a_position_that_is_not_kept_is_refused(hub: Hub, since: str) -> None:
    answer = await hub.get(f"/api/v1/events?since={since}")
    assert (answer.status, answer.json["field"]) == (400, "since")


async def test_latency_comes_as_columns_with_holes_as_null(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    await hub.post("/api/v1/devices", {"name": "a", "address": "192.0.2.1", "site": "north"})
    seen: list[tuple[int, int]] = []

    async def latency(_: int, *, from_ms: int, to_ms: int) -> LatencySeries:
        seen.append((from_ms, to_ms))
        rtt_s = np.array([0.001, math.nan])
        return LatencySeries(
            ts_ms=np.array([NOW_MS - 10_000, NOW_MS]),
            source=np.array([0, 1], dtype=np.uint8),
            sent=np.array([5, 5]),
            received=np.array([4, 0]),
            rtt_min_s=rtt_s,
            rtt_median_s=rtt_s,
            rtt_mean_s=rtt_s,
            rtt_max_s=rtt_s,
            rtt_mdev_s=rtt_s,
        )

    monkeypatch.setattr(hub.store, "latency", latency)
    columns = (await hub.get("/api/v1/devices/1/latency")).json
    assert columns["tsMs"] == [NOW_MS - 10_000, NOW_MS]
    assert columns["rttS"] == [0.001, None]
    assert columns["lossRatio"] == pytest.approx([0.2, 1.0])
    assert columns["source"] == ["icmp", "snmp"]
    assert {len(column) for column in columns.values()} == {2}
    assert seen == [(NOW_MS + 1 - 3_600_000, NOW_MS + 1)]


async def test_bandwidth_is_octets_over_their_interval(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    async def bandwidth(_: int, *, from_ms: int, to_ms: int) -> BandwidthSeries:
        assert to_ms > from_ms
        nan = np.array([math.nan, math.nan])
        return BandwidthSeries(
            ts_ms=np.array([NOW_MS, NOW_MS + 1]),
            interval_s=np.array([10.0, math.nan]),
            in_octets=np.array([1000.0, math.nan]),
            out_octets=np.array([0.0, 5.0]),
            in_packets=nan,
            out_packets=nan,
            in_errors=nan,
            out_errors=nan,
            in_discards=nan,
            out_discards=nan,
            quality=np.array([0, 5], dtype=np.uint8),
        )

    monkeypatch.setattr(hub.store, "bandwidth", bandwidth)
    columns = (await hub.get("/api/v1/interfaces/5/bandwidth")).json
    assert columns["inBps"] == [800.0, None]
    assert columns["outBps"] == [0.0, None]
    assert columns["quality"] == [["ok"], ["first", "reset"]]


async def test_an_interface_that_nobody_knows_is_404(hub: Hub) -> None:
    assert (await hub.get("/api/v1/interfaces/5/bandwidth")).status == 404


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("from=yesterday", "from"),
        ("to=2026-11-22T03:12:00", "to"),
        ("from=2026-11-22T03:12:00Z&to=2026-11-22T03:12:00Z", "from"),
        ("from=2020-01-01T00:00:00Z", "from"),
    ],
)
async def test_a_wrong_range_is_named(hub: Hub, query: str, field: str) -> None:
    await hub.post("/api/v1/devices", {"name": "a", "address": "192.0.2.1", "site": "north"})
    answer = await hub.get(f"/api/v1/devices/1/latency?{query}")
    assert (answer.status, answer.json["field"]) == (400, field)


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

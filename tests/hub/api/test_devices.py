"""Devices over HTTP: registration, checks, changes, states; secrets go in and never come out."""

from typing import Any

import pytest
from noctule_hub.auth.sealing import open_stored
from noctule_hub.core.audit import local
from noctule_hub.core.principal import Role
from noctule_hub.core.records import Axes, DeviceState, Interface
from noctule_shared.axes import IfStatus, LatencySource
from noctule_shared.events import DeviceStatus
from noctule_shared.interface_filter import DEFAULT_SKIP_TYPES
from noctule_shared.link import SnmpCredentials
from noctule_shared.updates import BandwidthItem, LatencyItem

from tests.hub.api.harness import NOW_MS, Answer, Hub

V3 = {
    "user": "noc",
    "authProtocol": "SHA-256",
    "authSecret": "planted-auth-secret",
    "privProtocol": "AES",
    "privSecret": "planted-priv-secret",
}


def body(**changes: Any) -> dict[str, Any]:
    return {"name": "core1", "address": "192.0.2.1", "site": "north"} | changes


async def add(hub: Hub, **changes: Any) -> Answer:
    return await hub.post("/api/v1/devices", body(**changes))


async def enrol(hub: Hub, name: str = "agent-1") -> int:
    token = await hub.store.add_join_token(
        site_id=hub.site.id, secret_hash="ab" * 32, uses=9, expires_ms=NOW_MS + 60_000, by=local(0)
    )
    agent = await hub.store.enrol_agent(
        token_id=token.id,
        secret_hash="ab" * 32,
        name=name,
        signing_key=name.encode().hex().ljust(64, "0"),
        sealing_key="11" * 32,
        version="0.1.0",
        by=local(NOW_MS),
    )
    return agent.id


async def test_a_new_device_has_the_shape_that_clients_rely_on(hub: Hub) -> None:
    answer = await add(hub, role=" core ", tags=["core", "core", "x"])
    assert answer.status == 201
    assert answer.json == {
        "id": 1,
        "name": "core1",
        "address": "192.0.2.1",
        "siteId": hub.site.id,
        "siteName": "north",
        "agentId": None,
        "agentName": None,
        "reachability": "icmp",
        "status": "unknown",
        "underlying": None,
        "statusReason": "never-judged",
        "statusSince": None,
        "icmp": {"intervalS": 10.0, "count": 5},
        "snmp": None,
        "role": "core",
        "tags": ["core", "x"],
        "parents": [],
        "note": "",
        "revision": 1,
        "createdAt": "2026-11-18T11:06:40.000Z",
        "latency": None,
        "bandwidth": None,
        "customers": [],
    }
    assert hub.engine.reloads == 1


async def test_a_list_shows_present_states_and_the_position_before_them(hub: Hub) -> None:
    device_id = (await add(hub)).json["id"]
    hub.engine.seq = 7
    hub.engine.states[device_id] = DeviceState(device_id, Axes(), DeviceStatus.OFFLINE, "icmp-down", NOW_MS)
    hub.engine.latencies[device_id] = LatencyItem(device_id, None, 1.0, None, LatencySource.ICMP, "t")
    hub.engine.rates[device_id, None] = BandwidthItem(device_id, None, 1e6, None, None, None, ["ok"], "t")
    answer = await hub.get("/api/v1/devices")
    item = answer.json["items"][0]
    assert (item["status"], item["statusReason"]) == ("offline", "icmp-down")
    assert item["latency"]["rttS"] is None
    assert item["bandwidth"]["inBps"] == 1e6
    assert answer.json["position"] == {"epoch": hub.store.epoch, "seq": 7}


async def test_pages_lose_and_double_nothing_while_devices_go(hub: Hub) -> None:
    for number in range(7):
        await add(hub, name=f"d{number}", address=f"192.0.2.{number + 1}")
    first = (await hub.get("/api/v1/devices?limit=3")).json
    await hub.ask("DELETE", "/api/v1/devices/2")
    second = (await hub.get(f"/api/v1/devices?limit=3&cursor={first['nextCursor']}")).json
    third = (await hub.get(f"/api/v1/devices?limit=3&cursor={second['nextCursor']}")).json
    assert [item["id"] for page in (first, second, third) for item in page["items"]] == [1, 2, 3, 4, 5, 6, 7]
    assert third["nextCursor"] is None


async def test_secrets_are_sealed_at_rest_for_the_device_they_belong_to(hub: Hub) -> None:
    agent_id = await enrol(hub)
    snmp = {"version": "3", "v3": V3}
    device_id = (await add(hub, reachability="snmp", snmp=snmp)).json["id"]
    sealed = (await hub.store.device_secrets(agent_id))[device_id]
    assert b"planted" not in sealed
    credentials = open_stored(hub.keys, device_id, sealed)
    assert (credentials.user, credentials.auth_secret, credentials.priv_secret) == (
        "noc",
        "planted-auth-secret",
        "planted-priv-secret",
    )


async def test_the_database_holds_no_secret_in_clear(hub: Hub) -> None:
    await add(hub, snmp={"community": "planted-community"})
    files = [path for path in hub.data_dir.rglob("*") if path.is_file()]
    assert any(path.name == "hub.db" for path in files)
    assert not [path.name for path in files if b"planted" in path.read_bytes()]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": " "}, "name"),
        ({"name": "x" * 101}, "name"),
        ({"name": "a\x1b[31mb"}, "name"),
        ({"name": "a\u202eb"}, "name"),
        ({"name": 1}, "name"),
        ({"address": ""}, "address"),
        ({"address": "192.0.2.256"}, "address"),
        ({"address": "192.0.2"}, "address"),
        ({"address": "0.0.0.0"}, "address"),
        ({"address": "224.0.0.1"}, "address"),
        ({"address": "http://a"}, "address"),
        ({"address": "a b"}, "address"),
        ({"address": "-a.example"}, "address"),
        ({"address": "192.0.2.1:161"}, "address"),
        ({"site": "south"}, "site"),
        ({"siteId": 1}, "site"),
        ({"site": None}, "site"),
        ({"agent": "nobody"}, "agent"),
        ({"agentId": 99}, "agentId"),
        ({"reachability": "ping"}, "reachability"),
        ({"reachability": "snmp"}, "snmp"),
        ({"reachability": "both"}, "snmp"),
        ({"icmp": None}, "icmp"),
        ({"icmp": {"intervalS": 0.5}}, "icmp.intervalS"),
        ({"icmp": {"intervalS": 3601}}, "icmp.intervalS"),
        ({"icmp": {"count": 0}}, "icmp.count"),
        ({"icmp": {"size": 5}}, "icmp.size"),
        ({"icmp": {"spacingS": 0.001}}, "icmp.spacingS"),
        ({"icmp": {"spacingS": 2}}, "icmp.spacingS"),
        ({"icmp": {"timeoutS": 0}}, "icmp.timeoutS"),
        ({"icmp": {"intervalS": 1, "count": 20, "timeoutS": 0.9}}, "icmp.timeoutS"),
        ({"icmp": {"thresholds": {"retries": 0}}}, "icmp.thresholds.retries"),
        ({"icmp": {"thresholds": {"retry": 3}}}, "icmp.thresholds.retry"),
        ({"icmp": {"thresholds": {"goodRounds": 11}}}, "icmp.thresholds.goodRounds"),
        ({"icmp": {"thresholds": {"degradedWindowS": 601}}}, "icmp.thresholds.degradedWindowS"),
        ({"icmp": {"thresholds": {"clearLossRatio": 0.2}}}, "icmp.thresholds.clearLossRatio"),
        ({"icmp": {"thresholds": {"degradedLossRatio": 0.05}}}, "icmp.thresholds.clearLossRatio"),
        ({"snmp": {"community": "x", "failedPolls": 1}}, "snmp.failedPolls"),
        ({"snmp": {"community": "x", "maxRequestsPerS": 0}}, "snmp.maxRequestsPerS"),
        ({"snmp": {"version": "2c"}}, "snmp.community"),
        ({"snmp": {"version": "4", "community": "x"}}, "snmp.version"),
        ({"snmp": {"community": ""}}, "snmp.community"),
        ({"snmp": {"community": "x", "port": 0}}, "snmp.port"),
        ({"snmp": {"community": "x", "port": 65536}}, "snmp.port"),
        ({"snmp": {"community": "x", "v3": V3}}, "snmp.v3"),
        ({"snmp": {"version": "3"}}, "snmp.v3"),
        ({"snmp": {"version": "3", "community": "x"}}, "snmp.community"),
        ({"snmp": {"version": "3", "v3": {}}}, "snmp.v3.user"),
        ({"snmp": {"version": "3", "v3": V3 | {"authSecret": "short"}}}, "snmp.v3.authSecret"),
        ({"snmp": {"version": "3", "v3": V3 | {"authSecret": None}}}, "snmp.v3.authSecret"),
        ({"snmp": {"version": "3", "v3": V3 | {"privProtocol": "ROT13"}}}, "snmp.v3.privProtocol"),
        (
            {"snmp": {"version": "3", "v3": {"user": "u", "privProtocol": "AES", "privSecret": "planted-p"}}},
            "snmp.v3.authProtocol",
        ),
        ({"snmp": {"community": "x", "interfaces": {"skipTypes": [0]}}}, "snmp.interfaces.skipTypes[0]"),
        ({"snmp": {"community": "x", "interfaces": {"skipTypes": ["lo"]}}}, "snmp.interfaces.skipTypes[0]"),
        ({"snmp": {"community": "x", "interfaces": {"skipNames": ["a" * 65]}}}, "snmp.interfaces.skipNames[0]"),
        ({"snmp": {"community": "x", "interfaces": {"onlyNames": ["a", " "]}}}, "snmp.interfaces.onlyNames[1]"),
        ({"snmp": {"community": "x", "interfaces": {"onlyNames": ["a"] * 33}}}, "snmp.interfaces.onlyNames"),
        ({"snmp": {"community": "x", "interfaces": {"names": []}}}, "snmp.interfaces.names"),
        ({"role": "a\nb"}, "role"),
        ({"tags": ["x"] * 33}, "tags"),
        ({"tags": ["ok", "a\nb"]}, "tags[1]"),
        ({"status": "online"}, "status"),
    ],
    ids=str,
)
async def test_a_wrong_field_is_named_and_nothing_is_kept(hub: Hub, changes: dict[str, Any], field: str) -> None:
    answer = await add(hub, **changes)
    assert (answer.status, answer.json["field"]) == (400, field), answer.text
    assert "planted" not in answer.text
    assert await hub.store.devices() == []
    assert hub.engine.reloads == 0


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("2001:DB8:0::1", "2001:db8::1"),
        (" 192.0.2.9 ", "192.0.2.9"),
        ("Core1.Example.NET.", "core1.example.net"),
        ("localhost", "localhost"),
    ],
)
async def test_an_address_is_kept_in_one_spelling(hub: Hub, given: str, kept: str) -> None:
    assert (await add(hub, address=given)).json["address"] == kept


async def test_a_device_shows_only_the_settings_that_are_its_own(hub: Hub) -> None:
    icmp = {"intervalS": 1, "timeoutS": 0.8, "thresholds": {"degradedLossRatio": 0.5}}
    added = await add(hub, icmp=icmp, snmp={"community": "c", "failedPolls": 5})
    thresholds = {
        "retries": 3, "goodRounds": 2, "degradedLossRatio": 0.5, "degradedWindowS": 60.0,
        "clearLossRatio": 0.05, "clearWindowS": 120.0,
    }  # fmt: skip
    assert added.json["icmp"] == {"intervalS": 1.0, "count": 5, "timeoutS": 0.8, "thresholds": thresholds}
    assert added.json["snmp"] == {"version": "2c", "port": 161, "intervalS": 30.0, "failedPolls": 5}


async def test_icmp_that_is_given_anew_takes_old_thresholds_back(hub: Hub) -> None:
    await add(hub, icmp={"thresholds": {"retries": 5}})
    changed = await hub.ask("PATCH", "/api/v1/devices/1", json={"revision": 1, "icmp": {"intervalS": 10}})
    assert changed.json["icmp"] == {"intervalS": 10.0, "count": 5}


async def test_a_device_watched_by_snmp_alone_is_not_pinged_unless_asked(hub: Hub) -> None:
    answer = await add(hub, reachability="snmp", snmp={"community": "c"})
    assert answer.json["icmp"] is None
    assert answer.json["snmp"] == {"version": "2c", "port": 161, "intervalS": 30.0}


async def test_a_filter_of_interfaces_is_kept_until_another_one_is_given(hub: Hub) -> None:
    given = {"skipTypes": [], "skipNames": [" Vlan* ", "Vlan*"]}
    path = f"/api/v1/devices/{(await add(hub, snmp={'community': 'c', 'interfaces': given})).json['id']}"
    kept = {"skipTypes": [], "skipNames": ["Vlan*"]}
    assert (await hub.get(path)).json["snmp"]["interfaces"] == kept
    changed = await hub.ask("PATCH", path, json={"revision": 1, "snmp": {"port": 1161}})
    assert (changed.json["snmp"]["port"], changed.json["snmp"]["interfaces"]) == (1161, kept)
    other = {"revision": 2, "snmp": {"interfaces": {"onlyNames": ["xe-*"]}}}
    assert (await hub.ask("PATCH", path, json=other)).json["snmp"]["interfaces"] == {"onlyNames": ["xe-*"]}
    back = {"revision": 3, "snmp": {"interfaces": {"skipTypes": list(DEFAULT_SKIP_TYPES)}}}
    assert "interfaces" not in (await hub.ask("PATCH", path, json=back)).json["snmp"]
    assert "interfaces" not in (await hub.get(path)).json["snmp"]


async def test_a_change_keeps_what_it_does_not_name_also_the_secret(hub: Hub) -> None:
    agent_id = await enrol(hub)
    device = (await add(hub, snmp={"community": "kept-community"}, role="core", tags=["a"])).json
    answer = await hub.ask(
        "PATCH",
        f"/api/v1/devices/{device['id']}",
        json={"revision": device["revision"], "snmp": {"version": "2c", "port": 1161}},
    )
    assert answer.status == 200
    assert (answer.json["name"], answer.json["role"], answer.json["tags"]) == ("core1", "core", ["a"])
    assert answer.json["snmp"]["port"] == 1161
    sealed = (await hub.store.device_secrets(agent_id))[device["id"]]
    assert open_stored(hub.keys, device["id"], sealed) == SnmpCredentials(community="kept-community")


async def test_a_device_moves_to_another_site_and_stands_behind_others(hub: Hub) -> None:
    south = (await hub.post("/api/v1/sites", {"name": "south"})).json["id"]
    core, edge = (await add(hub)).json["id"], (await add(hub, name="edge", address="192.0.2.9")).json["id"]
    path = f"/api/v1/devices/{edge}"
    change = {"revision": 1, "site": "south", "parents": [core, core], "note": "behind the stairs\nkey at the desk"}
    moved = (await hub.ask("PATCH", path, json=change)).json
    assert (moved["siteId"], moved["parents"], moved["note"]) == (south, [core], change["note"])
    circle = await hub.ask("PATCH", f"/api/v1/devices/{core}", json={"revision": 1, "parents": [edge]})
    assert (circle.status, circle.json["field"]) == (400, "parents")
    kept = (await hub.ask("PATCH", path, json={"revision": 2, "tags": ["x"]})).json
    assert (kept["parents"], kept["siteId"]) == ([core], south)
    for wrong, field in (({"note": "a\u202eb"}, "note"), ({"parents": [99]}, "parents"), ({"siteId": 99}, "siteId")):
        answer = await hub.ask("PATCH", path, json={"revision": 3} | wrong)
        assert (answer.status, answer.json["field"]) == (400, field)


async def test_another_snmp_family_needs_its_own_secret(hub: Hub) -> None:
    device = (await add(hub, snmp={"community": "c"})).json
    answer = await hub.ask("PATCH", f"/api/v1/devices/{device['id']}", json={"revision": 1, "snmp": {"version": "3"}})
    assert (answer.status, answer.json["field"]) == (400, "snmp.v3")


async def test_a_change_against_an_old_revision_is_refused(hub: Hub) -> None:
    device = (await add(hub)).json
    path = f"/api/v1/devices/{device['id']}"
    assert (await hub.ask("PATCH", path, json={"revision": 1, "name": "a"})).status == 200
    answer = await hub.ask("PATCH", path, json={"revision": 1, "name": "b"})
    assert (answer.status, answer.json["field"]) == (400, "revision")
    assert (await hub.ask("PATCH", path, json={"name": "b"})).json["field"] == "revision"
    assert (await hub.get(path)).json["name"] == "a"


@pytest.mark.parametrize("device_id", ["99", "0", "-1", "x", "²", "9" * 30, "1.0"])
async def test_what_names_no_device_is_404(hub: Hub, device_id: str) -> None:
    for method, path in (
        ("GET", ""),
        ("DELETE", ""),
        ("GET", "/interfaces"),
        ("GET", "/neighbours"),
        ("GET", "/system"),
        ("GET", "/latency"),
    ):
        assert (await hub.ask(method, f"/api/v1/devices/{device_id}{path}")).status == 404


async def test_a_removed_device_is_gone_and_the_engine_is_told(hub: Hub) -> None:
    device_id = (await add(hub)).json["id"]
    assert (await hub.ask("DELETE", f"/api/v1/devices/{device_id}")).status == 204
    assert (await hub.get(f"/api/v1/devices/{device_id}")).status == 404
    assert hub.engine.reloads == 2


async def test_text_from_devices_stays_data(hub: Hub) -> None:
    device_id = (await add(hub)).json["id"]
    hostile = "<script>alert(1)</script>\x1b[2J\u202e"
    hub.engine.ports[device_id] = [
        Interface(
            id=5,
            device_id=device_id,
            identity="eth0",
            if_index=3,
            inventory_rev=1,
            if_name="eth0",
            if_descr=hostile,
            if_alias=hostile,
            if_type=6,
            speed_bps=None,
            if_admin_status=IfStatus.UP,
            if_oper_status=IfStatus.LOWER_LAYER_DOWN,
            polled=True,
            state_ms=NOW_MS,
        )
    ]
    answer = await hub.get(f"/api/v1/devices/{device_id}/interfaces")
    item = answer.json["items"][0]
    assert answer.headers["Content-Type"] == "application/json"
    assert item["ifAlias"] == hostile
    assert (item["name"], item["speedBps"], item["ifOperStatus"]) == ("eth0", None, "lowerLayerDown")
    assert "\x1b" not in answer.text


async def test_no_answer_shows_a_secret(hub: Hub, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    device = await add(hub, snmp={"version": "3", "v3": V3})
    path = f"/api/v1/devices/{device.json['id']}"
    answers = [
        device,
        await hub.get("/api/v1/devices"),
        await hub.get(path),
        await hub.ask("PATCH", path, json={"revision": 1, "snmp": {"version": "3", "v3": V3}}),
        await hub.ask("PATCH", path, json={"revision": 2, "snmp": {"version": "3", "v3": V3 | {"user": 5}}}),
        await hub.ask("PATCH", path, json={"revision": 2, "snmp": {"community": "planted", "x": "planted"}}),
        await hub.get("/api/v1/events"),
        await hub.get("/api/v1/users"),
        await hub.sign_in("admin", "planted-wrong-password"),
        await hub.sign_in("planted-password-1", "x"),
        await hub.post("/api/v1/users", {"username": "x", "password": "planted", "role": "viewer"}),
        await hub.post(
            "/api/v1/users", {"username": "x", "password": "planted-password-2", "role": "viewer"}, role=Role.ADMIN
        ),
    ]
    assert not [answer.text for answer in answers if "planted" in answer.text]
    assert "argon2" not in "".join(answer.text for answer in answers)
    assert "planted" not in caplog.text

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
import socketio.exceptions  # type: ignore[import-untyped]
from noctule_hub.core.principal import Principal, Role

if TYPE_CHECKING:
    from tests.hub.realtime.conftest import SocketHub

REFUSED = socketio.exceptions.ConnectionError


@pytest.mark.parametrize("transport", ["websocket", "polling"])
@pytest.mark.parametrize(("token", "code"), [("expired", "token_expired"), ("nonsense", "token_invalid")])
async def test_refused_token_reaches_connect_error_with_its_code(
    hub: "SocketHub", token: str, code: str, transport: str
) -> None:
    client = hub.client()
    with pytest.raises(REFUSED):
        await client.connect({"token": token}, transport=transport)
    assert client.refusal["data"]["code"] == code
    assert hub.service.connected_count() == 0
    assert hub.service.admission.counters.tokens_refused == 1


@pytest.mark.parametrize("auth", [None, {}, {"token": ""}, {"token": None}])
async def test_no_token_or_an_empty_one_is_anonymous(hub: "SocketHub", auth: object) -> None:
    await hub.join(auth)
    (info,) = hub.service.clients()
    assert info.role == "anonymous"
    assert info.rooms == ("stats", "public")


@pytest.mark.parametrize(
    ("auth", "field"),
    [
        ("text", "auth"),
        ({"token": 7}, "token"),
        ({"token": {"a": 1}}, "token"),
        ({"token": "x" * 9_000}, "token"),
        ({"tab": "t" * 65}, "tab"),
        ({"tab": 5}, "tab"),
        ({"subscribe": "devices"}, "subscribe"),
        ({"subscribe": [1]}, "subscribe[0]"),
        ({"subscribe": [f"device:{n}" for n in range(1, 202)]}, "subscribe"),
        ({"also": "devices"}, "also"),
        ({"also": [f"device:{n}" for n in range(1, 150)], "subscribe": [f"site:{n}" for n in range(1, 150)]}, "also"),
        ({"since": 5}, "since"),
        ({"since": {"epoch": "zz", "seq": 1}}, "since"),
        ({"since": {"epoch": "0123456789abcdef", "seq": -1}}, "since"),
        ({"since": {"epoch": "0123456789abcdef", "seq": True}}, "since"),
    ],
)
async def test_malformed_handshake_is_refused_naming_the_field(hub: "SocketHub", auth: object, field: str) -> None:
    client = hub.client()
    with pytest.raises(REFUSED):
        await client.connect(auth)
    assert client.refusal["data"]["code"] == "invalid"
    assert client.refusal["data"]["field"] == field
    assert field.split("[", maxsplit=1)[0] in client.refusal["message"]


@pytest.mark.parametrize("transport", ["websocket", "polling"])
async def test_client_whose_token_runs_out_is_cut(hub: "SocketHub", transport: str) -> None:
    hub.people.principals["short"] = Principal(
        "user:3", Role.VIEWER, "vera", user_id=3, expires_ms=hub.clock.now_ms + 600_000
    )
    client = await hub.join({"token": "short"}, transport=transport)
    stays = await hub.join({"token": "viewer"})
    hub.clock.now_ms += 600_000
    hub.service.turn()
    await asyncio.wait_for(client.ended.wait(), 10)
    assert hub.service.connected_count() == 1
    assert not stays.ended.is_set()
    assert hub.service.admission.counters.expired == 1


async def test_reauth_keeps_a_connection_beyond_its_first_token(hub: "SocketHub") -> None:
    for name, minutes in (("first", 10), ("second", 20)):
        expires_ms = hub.clock.now_ms + minutes * 60_000
        hub.people.principals[name] = Principal("user:3", Role.VIEWER, "vera", user_id=3, expires_ms=expires_ms)
    client = await hub.join({"token": "first"})
    answer = await client.call("reauth", {"token": "second"})
    assert answer["ok"] is True
    assert answer["expiresAt"].endswith("Z")
    hub.clock.now_ms += 11 * 60_000
    hub.service.turn()
    assert (await client.call("ping", 1)) == {"ok": True, "n": 1}


async def test_reauth_with_less_rights_leaves_the_rooms_they_do_not_cover(hub: "SocketHub") -> None:
    hub.people.principals["demoted"] = Principal("user:1", Role.VIEWER, "ada", user_id=1)
    client = await hub.join({"token": "admin"})
    answer = await client.call("reauth", {"token": "demoted"})
    assert "payments" not in answer["rooms"]
    await hub.log(1, rooms=("payments",))
    await hub.log(2)
    await client.until(lambda c: 2 in c.seqs(), "the device's event")
    assert client.seqs() == [2]


@pytest.mark.parametrize(
    ("token", "code", "fault"),
    [("expired", "unauthorised", "token_expired"), ("viewer", "forbidden", None), (5, "invalid", None)],
)
async def test_reauth_that_fails_changes_nothing(hub: "SocketHub", token: object, code: str, fault: str | None) -> None:
    client = await hub.join({"token": "admin"})
    answer = await client.call("reauth", {"token": token})
    assert answer["ok"] is False
    assert answer["error"]["code"] == code
    assert answer.get("data", {}).get("code") == fault
    assert hub.service.clients()[0].user == "ada"


async def test_clients_are_listed_with_who_and_where_they_are(hub: "SocketHub") -> None:
    client = await hub.join({"token": "customer", "tab": "tab-1"}, transport="polling")
    (info,) = hub.service.clients()
    assert info.sid == client.sio.get_sid()
    assert (info.user, info.role, info.tab, info.transport) == ("carl", "customer", "tab-1", "polling")
    assert info.address == "127.0.0.1"
    assert info.since_ms == hub.clock.now_ms
    assert set(info.rooms) == {"customer:9", "user:5", "stats", "public"}
    assert info.last_event == "replay:done"
    assert hub.service.is_user_connected(5)
    assert not hub.service.is_user_connected(6)
    assert hub.service.connected_count() == 1
    await client.close()
    await asyncio.wait_for(client.ended.wait(), 10)
    assert hub.service.connected_count() == 0
    assert not hub.service.is_user_connected(5)


async def test_trouble_while_a_token_is_verified_cuts_the_client_so_that_it_returns(
    hub: "SocketHub", monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(_token: str) -> Any:
        raise OSError("the store is away")

    monkeypatch.setattr(hub.people, "verify", broken)
    client = hub.client()
    await client.sio.connect(hub.url, auth={"token": "viewer"}, transports=["websocket"], wait=False)
    await asyncio.wait_for(client.sio.eio.wait(), 10)
    assert client.refusal is None
    assert hub.service.admission.counters.failed == 1


async def test_stop_ends_sessions_as_a_broken_connection_does(hub: "SocketHub") -> None:
    reasons: list[str] = []
    client = await hub.join({"token": "viewer"})
    client.sio.on("disconnect", reasons.append)
    polling = await hub.join({"token": "viewer"}, transport="polling")
    await hub.service.stop()
    await asyncio.wait_for(polling.ended.wait(), 10)
    # "server disconnect" would tell a browser not to come back.
    await client.sio.eio.wait()
    assert reasons == ["transport error"]
    assert not hub.service.is_initialized

"""Clients whose rights change while they are connected, or while they connect."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from noctule_hub.auth.tokens import TokenFault, TokenRefused
from noctule_hub.core.principal import Principal, Role
from noctule_hub.realtime.authority import MAX_ATTEMPTS, Authority
from noctule_hub.realtime.connections import Connection, Connections
from noctule_shared.errors import ErrorCode, Refused

if TYPE_CHECKING:
    from tests.hub.realtime.conftest import SocketHub

ADA = Principal("user:1", Role.ADMIN, "ada", user_id=1, expires_ms=1000)
Meanwhile = Callable[[], Awaitable[None]]


class Verifier:
    """Knows who `people` are now; `meanwhile` runs while a token is verified or looked at again."""

    def __init__(self) -> None:
        self.people: dict[str, Principal] = {"user:1": ADA}
        self.meanwhile: Meanwhile | None = None
        self.verified = 0

    async def verify(self, token: str) -> Principal:
        self.verified += 1
        found = self.people.get(token)
        if self.meanwhile is not None:
            await self.meanwhile()
        if found is None:
            raise TokenRefused(TokenFault.INVALID)
        return found

    async def present(self, principal: Principal) -> Principal | None:
        if self.meanwhile is not None:
            await self.meanwhile()
        return self.people.get(principal.subject)


class Hall:
    """Connections of a list of principals; `cut` holds the sids of those that were cut."""

    def __init__(self, *principals: Principal) -> None:
        self.verifier = Verifier()
        self.connections = Connections()
        self.cut: list[str] = []
        for number, principal in enumerate(principals):
            self.connections.add(Connection(str(number), f"e{number}", principal, "192.0.2.1", None, 0))
        self.authority = Authority(self.verifier, self.connections, lambda connection: self.cut.append(connection.sid))


@pytest.mark.parametrize(
    "now", [None, replace(ADA, role=Role.VIEWER), replace(ADA, role=Role.CUSTOMER, customer_id=4)], ids=str
)
async def test_client_whose_rights_are_others_now_is_cut_and_nobody_else(now: Principal | None) -> None:
    hall = Hall(ADA, replace(ADA, subject="user:11"), ADA)
    hall.verifier.people = {} if now is None else {"user:1": now}
    await hall.authority.recheck("user:1")
    assert hall.cut == ["0", "2"]
    assert hall.authority.revoked == 2


async def test_client_that_stays_is_held_to_the_end_that_its_token_has_now() -> None:
    hall = Hall(ADA)
    hall.verifier.people["user:1"] = replace(ADA, expires_ms=500)
    await hall.authority.recheck("user:1")
    assert hall.cut == []
    connection = hall.connections.get("0")
    assert connection is not None
    assert connection.principal.expires_ms == 500


async def test_all_of_an_issuer_are_looked_at_and_of_no_other() -> None:
    hall = Hall(*(replace(ADA, subject=subject) for subject in ("ext:a:1", "ext:a:2", "ext:ab:1", "user:1")))
    hall.verifier.people = {}
    await hall.authority.recheck("ext:a")
    assert hall.cut == ["0", "1"]


async def test_client_that_signs_in_anew_during_a_recheck_keeps_its_new_token() -> None:
    hall = Hall(ADA)
    connection = hall.connections.get("0")
    assert connection is not None

    async def sign_in_anew() -> None:
        connection.principal = replace(ADA, expires_ms=9000)

    hall.verifier.meanwhile, hall.verifier.people = sign_in_anew, {}
    await hall.authority.recheck("user:1")
    assert hall.cut == []


async def test_token_that_is_revoked_while_it_is_verified_lets_nobody_in() -> None:
    hall = Hall()

    async def revoke() -> None:
        hall.verifier.meanwhile = None
        hall.verifier.people = {}
        await hall.authority.recheck("user:1")

    hall.verifier.meanwhile = revoke
    with pytest.raises(TokenRefused):
        await hall.authority.verify("user:1")
    assert hall.verifier.verified == 2


async def test_rights_that_change_without_end_are_busy_and_not_a_loop() -> None:
    hall = Hall()

    async def change() -> None:
        await hall.authority.recheck("user:9")

    hall.verifier.meanwhile = change
    with pytest.raises(Refused) as caught:
        await hall.authority.verify("user:1")
    assert caught.value.code is ErrorCode.BUSY
    assert hall.verifier.verified == MAX_ATTEMPTS


@pytest.mark.parametrize("transport", ["websocket", "polling"])
async def test_disabled_users_connection_ends_and_others_stay(hub: "SocketHub", transport: str) -> None:
    client = await hub.join({"token": "operator"}, transport=transport)
    stays = await hub.join({"token": "viewer"})
    del hub.people.principals["operator"]
    await hub.service.recheck("user:2")
    await asyncio.wait_for(client.ended.wait(), 10)
    assert not stays.ended.is_set()
    assert hub.service.connected_count() == 1


@pytest.mark.parametrize(
    "now",
    [
        Principal("user:2", Role.BILLING, "olga", user_id=2),
        Principal("user:2", Role.CUSTOMER, "olga", user_id=2, customer_id=9),
        None,
    ],
    ids=["another role", "a customer's now", "revoked"],
)
async def test_once_a_change_is_answered_nothing_more_is_told_by_old_rights(
    hub: "SocketHub", now: Principal | None
) -> None:
    client = await hub.join({"token": "operator"})
    await hub.log(1)
    await client.until(lambda c: c.seqs() == [1], "an event by the rights of before")
    if now is None:
        del hub.people.principals["operator"]
    else:
        hub.people.principals["operator"] = now
    # Who changes rights awaits this before it answers; no clock is involved.
    await hub.service.recheck("user:2")
    assert hub.service.connected_count() == 0
    await hub.log(2)
    await hub.settled()
    await asyncio.wait_for(client.ended.wait(), 10)
    assert client.seqs() == [1]


async def test_the_end_of_a_token_is_noticed_within_five_seconds_by_the_hub_itself(
    hub: "SocketHub", monkeypatch: pytest.MonkeyPatch
) -> None:
    loop, cut, cut_at_s = asyncio.get_running_loop(), hub.service.admission.cut, list[float]()

    def noted(connection: Connection) -> None:
        cut_at_s.append(loop.time())
        cut(connection)

    monkeypatch.setattr(hub.service.admission, "cut", noted)
    ends_ms = hub.clock.now_ms + 600_000
    hub.people.principals["short"] = Principal("user:3", Role.VIEWER, "vera", user_id=3, expires_ms=ends_ms)
    client = await hub.join({"token": "short"})
    hub.clock.now_ms = ends_ms
    over_s = loop.time()
    await asyncio.wait_for(client.ended.wait(), 20)
    assert len(cut_at_s) == 1
    assert cut_at_s[0] - over_s < 5

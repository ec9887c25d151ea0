"""An agent's token opens its own door once, for a minute."""

import secrets
from collections.abc import Callable
from typing import Any, Protocol

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from noctule_hub.auth.agents import LEEWAY_MS, AgentTokens, check_public_key
from noctule_hub.core.audit import local
from noctule_hub.core.records import Agent
from noctule_hub.store.sqlite import SqliteStore
from noctule_shared.errors import ErrorCode, Refused

HUB_ID = "0123456789abcdef0123456789abcdef"
KEY = Ed25519PrivateKey.generate()


class Clock(Protocol):
    now_ms: int

    def __call__(self) -> int: ...


@pytest.fixture
async def agent(store: SqliteStore, clock: Clock) -> Agent:
    site = await store.add_site("north", by=local(0))
    token = await store.add_join_token(
        site_id=site.id, secret_hash="ab" * 32, uses=1, expires_ms=clock.now_ms + 60_000, by=local(0)
    )
    return await store.enrol_agent(
        token_id=token.id,
        secret_hash="ab" * 32,
        name="north-1",
        signing_key=KEY.public_key().public_bytes_raw().hex(),
        sealing_key="00" * 32,
        version="0.1.0",
        by=local(clock.now_ms),
    )


@pytest.fixture
def agents(store: SqliteStore, clock: Clock) -> AgentTokens:
    return AgentTokens(store, HUB_ID, clock)


@pytest.fixture
def make(agent: Agent, clock: Clock) -> Callable[..., str]:
    def token(key: Any = KEY, algorithm: str = "EdDSA", **changes: object) -> str:
        now_s = clock.now_ms // 1000
        claims: dict[str, Any] = {
            "aud": HUB_ID,
            "sub": f"agent:{agent.id}",
            "iat": now_s,
            "exp": now_s + 60,
            "jti": secrets.token_hex(16),
        } | changes
        return jwt.encode({name: value for name, value in claims.items() if value is not None}, key, algorithm)

    return token


async def refused(agents: AgentTokens, token: str) -> Refused:
    with pytest.raises(Refused) as caught:
        await agents.verify(token)
    assert caught.value.code is ErrorCode.UNAUTHORISED
    return caught.value


async def test_a_fresh_token_names_its_agent(agents: AgentTokens, agent: Agent, make: Callable[..., str]) -> None:
    assert (await agents.verify(make())).id == agent.id


async def test_a_token_is_good_once(agents: AgentTokens, make: Callable[..., str]) -> None:
    token = make()
    await agents.verify(token)
    assert "used before" in (await refused(agents, token)).message


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": "another-hub"},
        {"aud": None},
        {"sub": "agent:999"},
        {"sub": "user:1"},
        {"sub": None},
        {"jti": None},
        {"jti": ""},
        {"jti": "x" * 65},
        {"exp": None},
        {"iat": None},
        {"exp": 1e300},
        {"exp": 1_795_000_061},
        {"iat": 1_794_999_000},
        {"iat": 1_795_000_061, "exp": 1_795_000_100},
        {"iat": 1_794_999_870, "exp": 1_794_999_930},
    ],
    ids=str,
)
async def test_a_wrong_claim_is_refused(
    agents: AgentTokens, make: Callable[..., str], changes: dict[str, object]
) -> None:
    await refused(agents, make(**changes))


async def test_another_key_or_algorithm_is_refused(agents: AgentTokens, agent: Agent, make: Callable[..., str]) -> None:
    await refused(agents, make(key=Ed25519PrivateKey.generate()))
    await refused(agents, make(key=bytes.fromhex(agent.signing_key), algorithm="HS256"))
    await refused(agents, make(key="", algorithm="none"))


@pytest.mark.parametrize("token", ["", "a.b.c", "x" * 3000, "W10.W10.W10"])
async def test_what_is_no_token_is_refused(agents: AgentTokens, token: str) -> None:
    await refused(agents, token)


async def test_a_clock_that_is_off_is_named(agents: AgentTokens, clock: Clock, make: Callable[..., str]) -> None:
    token = make()
    clock.now_ms += 60_000 + LEEWAY_MS
    await agents.verify(token)
    late = make()
    clock.now_ms += 121_000
    assert "-121 s off" in (await refused(agents, late)).message


async def test_a_revoked_agent_is_told_so_only_if_it_is_that_agent(
    agents: AgentTokens, agent: Agent, store: SqliteStore, clock: Clock, make: Callable[..., str]
) -> None:
    await store.revoke_agent(agent.id, by=local(clock.now_ms))
    assert "revoked" in (await refused(agents, make())).message
    assert "revoked" not in (await refused(agents, make(key=Ed25519PrivateKey.generate()))).message


async def test_a_full_memory_of_spent_tokens_lets_none_in_twice(
    store: SqliteStore, clock: Clock, make: Callable[..., str]
) -> None:
    agents = AgentTokens(store, HUB_ID, clock, max_remembered=2)
    first = make()
    await agents.verify(first)
    await agents.verify(make())
    with pytest.raises(Refused) as caught:
        await agents.verify(make())
    assert caught.value.code is ErrorCode.BUSY
    assert agents.refused_full == 1
    await refused(agents, first)
    clock.now_ms += 60_000 + LEEWAY_MS + 1000
    await agents.verify(make())


@pytest.mark.parametrize("text", ["", "00", "zz" * 32, "00" * 33, "é" * 64])
def test_a_public_key_that_is_none_is_named(text: str) -> None:
    with pytest.raises(Refused) as caught:
        check_public_key("signingKey", text)
    assert caught.value.field == "signingKey"

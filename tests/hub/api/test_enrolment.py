"""Agents over HTTP: join tokens, proof of the hub, enrolment, revocation."""

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from noctule_hub.api.context import ENROL_BURST
from noctule_hub.core.audit import local
from noctule_hub.core.principal import Role
from noctule_shared.enrolment import RotateRequest, rotation_text
from noctule_shared.join_token import parse_join_token
from noctule_shared.link import HUB_PROOF_PREFIX

from tests.hub.api.harness import Answer, Hub


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


def announcement(hub: Hub, key: Ed25519PrivateKey, new: Ed25519PrivateKey, *, at_ms: int) -> dict[str, object]:
    request = RotateRequest(1, at_ms, new.public_key().public_bytes_raw().hex(), "ef" * 32)
    word = rotation_text(request, hub_id=hub.keys.fingerprint)
    built: dict[str, object] = msgspec.to_builtins(request)
    return built | {"signature": key.sign(word).hex(), "proof": new.sign(word).hex()}


async def test_new_keys_count_only_when_the_former_and_the_new_key_signed_them_just_now(hub: Hub) -> None:
    token = (await hub.post("/api/v1/agents/tokens", {"site": "north"})).json["token"]
    key, new, other = (Ed25519PrivateKey.generate() for _ in range(3))
    await join(hub, token, signingKey=key.public_key().public_bytes_raw().hex())
    good = announcement(hub, key, new, at_ms=hub.now_ms)
    bad = [
        announcement(hub, other, new, at_ms=hub.now_ms),
        announcement(hub, key, new, at_ms=hub.now_ms - 600_001),
        good | {"proof": good["signature"]},
        good | {"sealingKey": "ab" * 32},
        good | {"agentId": 2},
    ]
    for body in bad:
        answer = await hub.ask("POST", "/api/v1/agents/keys", role=Role.ANONYMOUS, json=body)
        assert answer.status == 401
    assert (await hub.store.agents())[0].next_signing_key is None
    assert (await hub.ask("POST", "/api/v1/agents/keys", role=Role.ANONYMOUS, json=good)).status == 204
    assert (await hub.store.agents())[0].next_signing_key == good["signingKey"]
    await hub.store.revoke_agent(1, by=local(hub.now_ms))
    revoked = await hub.ask("POST", "/api/v1/agents/keys", role=Role.ANONYMOUS, json=good)
    assert revoked.status == 401


async def test_agent_shows_how_far_its_clock_is_off(hub: Hub) -> None:
    token = (await hub.post("/api/v1/agents/tokens", {"site": "north"})).json["token"]
    await join(hub, token)
    assert (await hub.get("/api/v1/agents")).json["items"][0]["clockSkewS"] == 1.5

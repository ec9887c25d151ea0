"""Access tokens under attack: whatever is not exactly ours is refused, and says no more than expired or invalid."""

import base64
import json
from dataclasses import replace
from typing import Any, Protocol

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from noctule_hub.auth.keys import Keys
from noctule_hub.auth.sessions import Sessions
from noctule_hub.auth.tokens import ACCESS_LIFETIME_S, TokenFault, TokenRefused, Tokens
from noctule_hub.core.accounts import SessionEnd, User
from noctule_hub.core.audit import local
from noctule_hub.core.principal import Role
from noctule_hub.store.sqlite import SqliteStore


class Clock(Protocol):
    now_ms: int

    def __call__(self) -> int: ...


@pytest.fixture
def tokens(keys: Keys, store: SqliteStore, clock: Clock) -> Tokens:
    return Tokens(keys, store, clock)


@pytest.fixture
def claims(keys: Keys, clock: Clock, user: User) -> dict[str, Any]:
    now_s = clock.now_ms / 1000
    return {
        "iss": f"noctule:{keys.fingerprint}",
        "aud": "noctule",
        "sub": f"user:{user.id}",
        "iat": now_s,
        "exp": now_s + 60,
    }


def header(**changes: object) -> dict[str, Any]:
    return {"typ": "at+jwt", "kid": "1"} | changes


def signed(keys: Keys, claims: dict[str, Any], **header_changes: object) -> str:
    return jwt.encode(claims, keys.jwt_keys["1"], algorithm="HS256", headers=header(**header_changes))


async def fault(tokens: Tokens, token: str) -> TokenFault:
    with pytest.raises(TokenRefused) as caught:
        await tokens.verify(token)
    assert caught.value.message.startswith((TokenFault.EXPIRED, TokenFault.INVALID))
    return caught.value.fault


def b64(document: object) -> str:
    raw = document if isinstance(document, bytes) else json.dumps(document).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


async def test_an_issued_token_says_who_holds_it(tokens: Tokens, user: User, clock: Clock) -> None:
    principal = await tokens.verify(tokens.issue_access(user))
    assert (principal.subject, principal.role, principal.name) == (f"user:{user.id}", Role.OPERATOR, "ada")
    assert principal.expires_ms == clock.now_ms + ACCESS_LIFETIME_S * 1000


async def test_a_token_made_by_hand_with_the_right_claims_passes(
    tokens: Tokens, keys: Keys, claims: dict[str, Any]
) -> None:
    """The attacks below each change one thing of this; were it refused, they would prove nothing."""
    assert (await tokens.verify(signed(keys, claims))).name == "ada"


async def test_a_token_ends_when_it_says(tokens: Tokens, user: User, clock: Clock) -> None:
    token = tokens.issue_access(user)
    clock.now_ms += ACCESS_LIFETIME_S * 1000 - 1
    await tokens.verify(token)
    clock.now_ms += 1
    assert await fault(tokens, token) is TokenFault.EXPIRED


async def test_alg_none_is_refused(tokens: Tokens, claims: dict[str, Any]) -> None:
    for algorithm in ("none", "None", "NONE", "nOnE"):
        body = f"{b64(header(alg=algorithm))}.{b64(claims)}."
        assert await fault(tokens, body) is TokenFault.INVALID
        assert await fault(tokens, body + b64(b"sig")) is TokenFault.INVALID


@pytest.mark.parametrize("algorithm", ["HS384", "HS512"])
async def test_another_algorithm_with_the_right_key_is_refused(
    tokens: Tokens, keys: Keys, claims: dict[str, Any], algorithm: str
) -> None:
    key = keys.jwt_keys["1"] * 2
    token = jwt.encode(claims, key, algorithm=algorithm, headers=header())
    assert await fault(tokens, token) is TokenFault.INVALID


async def test_an_asymmetric_signature_is_refused(tokens: Tokens, claims: dict[str, Any]) -> None:
    key = generate_private_key(65537, 2048)
    token = jwt.encode(claims, key, algorithm="RS256", headers=header())
    assert await fault(tokens, token) is TokenFault.INVALID


async def test_a_signature_by_the_published_key_as_secret_is_refused(
    tokens: Tokens, keys: Keys, claims: dict[str, Any]
) -> None:
    for secret in (keys.public_raw, keys.public_hex.encode()):
        token = jwt.encode(claims, secret, algorithm="HS256", headers=header())
        assert await fault(tokens, token) is TokenFault.INVALID


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": "other"},
        {"aud": ["noctule", "other"]},
        {"aud": None},
        {"iss": "noctule:00000000000000000000000000000000"},
        {"iss": "noctule"},
        {"iss": None},
        {"sub": "user:999"},
        {"sub": "user:"},
        {"sub": "user:-1"},
        {"sub": "user:²"},
        {"sub": "user:" + "9" * 40},
        {"sub": "agent:1"},
        {"sub": "ext:x:1"},
        {"sub": 1},
        {"sub": None},
        {"exp": None},
        {"exp": "soon"},
        {"exp": True},
        {"exp": 1e300},
        {"exp": -1},
        {"iat": None},
        {"iat": "now"},
        {"iat": 1_795_000_060},
        {"nbf": 1_795_000_060},
        {"nbf": "later"},
    ],
    ids=str,
)
async def test_a_wrong_or_missing_claim_is_refused(
    tokens: Tokens, keys: Keys, claims: dict[str, Any], changes: dict[str, Any]
) -> None:
    changed = {key: value for key, value in (claims | changes).items() if value is not None}
    body = f"{b64(header(alg='HS256'))}.{b64(changed)}"
    signature = jwt.algorithms.HMACAlgorithm(jwt.algorithms.HMACAlgorithm.SHA256).sign(
        body.encode(), keys.jwt_keys["1"]
    )
    assert await fault(tokens, f"{body}.{b64(signature)}") is TokenFault.INVALID


@pytest.mark.parametrize("changes", [{"kid": "2"}, {"kid": ""}, {"kid": "../1"}, {"typ": "JWT"}, {"typ": "dpop+jwt"}])
async def test_an_unknown_key_or_another_type_is_refused(
    tokens: Tokens, keys: Keys, claims: dict[str, Any], changes: dict[str, str]
) -> None:
    assert await fault(tokens, signed(keys, claims, **changes)) is TokenFault.INVALID


async def test_a_missing_kid_or_critical_extension_is_refused(
    tokens: Tokens, keys: Keys, claims: dict[str, Any]
) -> None:
    bare = jwt.encode(claims, keys.jwt_keys["1"], algorithm="HS256", headers={"typ": "at+jwt"})
    assert await fault(tokens, bare) is TokenFault.INVALID
    assert await fault(tokens, signed(keys, claims, crit=["b64"], b64=False)) is TokenFault.INVALID


async def test_any_changed_character_is_refused(tokens: Tokens, user: User) -> None:
    token = tokens.issue_access(user)
    # The last character of the signature carries two bits that mean nothing; all others must matter.
    for place in range(len(token) - 1):
        other = "A" if token[place] != "A" else "B"
        assert await fault(tokens, token[:place] + other + token[place + 1 :]) is TokenFault.INVALID


@pytest.mark.parametrize(
    "token", ["", ".", "..", "a.b.c", "é.é.é", "\x00", "x" * 8001, "e30.e30.", "bnVsbA.bnVsbA.bnVsbA", "W10.W10.W10"]
)
async def test_what_is_no_token_is_refused(tokens: Tokens, token: str) -> None:
    assert await fault(tokens, token) is TokenFault.INVALID


async def test_an_over_long_token_is_refused_though_signed(tokens: Tokens, keys: Keys, claims: dict[str, Any]) -> None:
    assert await fault(tokens, signed(keys, claims | {"x": "y" * 7000})) is TokenFault.INVALID


async def test_deep_nesting_is_refused(tokens: Tokens, keys: Keys) -> None:
    nested = b'{"a":' + b"[" * 1200 + b"]" * 1200 + b"}"
    body = f"{b64(header(alg='HS256'))}.{b64(nested)}"
    signature = jwt.algorithms.HMACAlgorithm(jwt.algorithms.HMACAlgorithm.SHA256).sign(
        body.encode(), keys.jwt_keys["1"]
    )
    assert await fault(tokens, f"{body}.{b64(signature)}") is TokenFault.INVALID


async def test_an_expired_token_with_another_fault_is_only_invalid(
    tokens: Tokens, keys: Keys, claims: dict[str, Any]
) -> None:
    token = jwt.encode(claims | {"exp": 1, "iat": 0}, b"k" * 32, algorithm="HS256", headers=header())
    assert await fault(tokens, token) is TokenFault.INVALID
    assert await fault(tokens, signed(keys, claims | {"exp": 1, "iat": 0})) is TokenFault.EXPIRED


async def test_another_hubs_token_is_refused(
    tokens: Tokens, store: SqliteStore, clock: Clock, user: User, tmp_path_factory: pytest.TempPathFactory
) -> None:
    other = Tokens(Keys.create(tmp_path_factory.mktemp("other") / "keys"), store, clock)
    assert await fault(tokens, other.issue_access(user)) is TokenFault.INVALID


async def test_a_programs_token_lasts_until_it_is_revoked(tokens: Tokens, store: SqliteStore, clock: Clock) -> None:
    row = await store.add_api_token(
        name="prometheus", role=Role.METRICS, expires_ms=clock.now_ms + 86_400_000, by=local(clock.now_ms)
    )
    token = tokens.issue_api(row)
    principal = await tokens.verify(token)
    assert (principal.subject, principal.role, principal.user_id) == (f"token:{row.id}", Role.METRICS, None)
    await store.revoke_api_token(row.id, by=local(clock.now_ms))
    assert await fault(tokens, token) is TokenFault.INVALID


async def disabled(store: SqliteStore, user: User, clock: Clock, *, disabled: bool) -> User:
    return await store.change_user(
        user.id, revision=user.revision, role=user.role, customer_id=None, disabled=disabled, by=local(clock.now_ms)
    )


async def test_a_disabled_user_is_refused_at_once_and_old_tokens_stay_so_when_it_is_enabled(
    tokens: Tokens, store: SqliteStore, user: User, clock: Clock
) -> None:
    token = tokens.issue_access(user)
    off = await disabled(store, user, clock, disabled=True)
    assert await fault(tokens, token) is TokenFault.INVALID
    on = await disabled(store, off, clock, disabled=False)
    assert await fault(tokens, token) is TokenFault.INVALID
    assert (await tokens.verify(tokens.issue_access(on))).name == "ada"


async def test_tokens_of_before_a_new_password_are_refused_to_the_millisecond(
    tokens: Tokens, store: SqliteStore, user: User, clock: Clock
) -> None:
    before = tokens.issue_access(user)
    changed = await store.set_password(user.id, password_hash="other", by=local(clock.now_ms))
    assert await fault(tokens, before) is TokenFault.INVALID
    assert (await tokens.verify(tokens.issue_access(changed))).role is Role.OPERATOR


async def test_a_token_counts_with_the_role_of_now(
    tokens: Tokens, store: SqliteStore, user: User, clock: Clock
) -> None:
    token = tokens.issue_access(user)
    await store.change_user(
        user.id, revision=1, role=Role.VIEWER, customer_id=None, disabled=False, by=local(clock.now_ms)
    )
    assert (await tokens.verify(token)).role is Role.VIEWER


async def test_an_access_token_ends_with_its_session(
    tokens: Tokens, store: SqliteStore, user: User, clock: Clock
) -> None:
    session = await Sessions(store, clock).start(user)
    token = tokens.issue_access(user, session.session_id)
    principal = await tokens.verify(token)
    assert principal.session_id == session.session_id
    await store.end_session(session.session_id, SessionEnd.ENDED, user_id=user.id, by=local(clock.now_ms))
    assert await fault(tokens, token) is TokenFault.INVALID
    assert await tokens.present(principal) is None


async def test_a_token_of_somebody_elses_session_is_refused(
    keys: Keys, claims: dict[str, Any], store: SqliteStore, clock: Clock
) -> None:
    tokens = Tokens(keys, store, clock)
    other = await store.add_user(
        username="eve", password_hash="x", role=Role.ADMIN, customer_id=None, by=local(clock.now_ms)
    )
    session = await Sessions(store, clock).start(other)
    assert await fault(tokens, signed(keys, claims | {"sid": session.session_id})) is TokenFault.INVALID


async def test_the_newest_key_signs_and_older_ones_still_verify(
    keys: Keys, store: SqliteStore, clock: Clock, user: User
) -> None:
    before = Tokens(keys, store, clock).issue_access(user)
    rotated = replace(keys, jwt_signing_kid="2", jwt_keys={**keys.jwt_keys, "2": b"k" * 32})
    tokens = Tokens(rotated, store, clock)
    after = tokens.issue_access(user)
    assert jwt.get_unverified_header(after)["kid"] == "2"
    assert [(await tokens.verify(token)).name for token in (before, after)] == ["ada", "ada"]
    dropped = Tokens(replace(rotated, jwt_keys={"2": b"k" * 32}), store, clock)
    assert await fault(dropped, before) is TokenFault.INVALID


async def test_a_key_verifies_only_under_its_own_id(
    keys: Keys, store: SqliteStore, clock: Clock, claims: dict[str, Any]
) -> None:
    rotated = replace(keys, jwt_signing_kid="2", jwt_keys={**keys.jwt_keys, "2": b"k" * 32})
    token = jwt.encode(claims, keys.jwt_keys["1"], algorithm="HS256", headers=header(kid="2"))
    assert await fault(Tokens(rotated, store, clock), token) is TokenFault.INVALID


async def test_a_rotated_token_is_good_for_its_grace_and_no_longer(
    tokens: Tokens, store: SqliteStore, clock: Clock
) -> None:
    row = await store.add_api_token(
        name="wall", role=Role.VIEWER, expires_ms=clock.now_ms + 86_400_000, by=local(clock.now_ms)
    )
    before, grace_end_ms = tokens.issue_api(row), clock.now_ms + 60_000
    rotated = await store.rotate_api_token(
        row.id, expires_ms=row.expires_ms, former_until_ms=grace_end_ms, by=local(clock.now_ms)
    )
    after = tokens.issue_api(rotated)
    principal = await tokens.verify(before)
    assert (principal.subject, principal.expires_ms) == (f"token:{row.id}", grace_end_ms)
    clock.now_ms = grace_end_ms
    assert await fault(tokens, before) is TokenFault.INVALID
    assert (await tokens.verify(after)).expires_ms == row.expires_ms

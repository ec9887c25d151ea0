"""Keys of others' issuers: what is taken as one, how often a set is read, and what happens when it cannot be."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import jwt
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1
from cryptography.hazmat.primitives.asymmetric.ec import generate_private_key as new_ec
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key as new_rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from noctule_hub.auth.external import open_external
from noctule_hub.auth.key_sets import (
    MAX_AGE_S,
    MAX_SET_BYTES,
    REFRESH_S,
    RETRY_S,
    PublicKeys,
    SharedSecret,
    open_key_set,
    parse_key_set,
)
from noctule_hub.config.external import ExternalIssuer
from noctule_hub.core.external_claims import ClaimRules
from noctule_hub.core.principal import Role
from noctule_hub.errors import ConfigError

RSA = new_rsa(65537, 2048)
RULES = ClaimRules("portal", {"tech": Role.VIEWER})


def rsa_jwk(kid: str | None = "a", **changes: object) -> dict[str, Any]:
    jwk: dict[str, Any] = jwt.algorithms.RSAAlgorithm.to_jwk(RSA.public_key(), as_dict=True)
    return jwk | ({} if kid is None else {"kid": kid}) | changes


def key_set(*jwks: dict[str, Any]) -> bytes:
    return json.dumps({"keys": list(jwks)}).encode()


class Source:
    """A key set that can be changed or made unreadable, and a clock."""

    def __init__(self, *jwks: dict[str, Any]) -> None:
        self.text = key_set(*jwks)
        self.now_s = 1000.0
        self.reads = 0
        self.error: Exception | None = None
        self.gate: asyncio.Event | None = None

    async def read(self) -> bytes:
        self.reads += 1
        if self.gate is not None:
            await self.gate.wait()
        if self.error is not None:
            raise self.error
        return self.text

    def keys(self) -> PublicKeys:
        return PublicKeys("portal", ["RS256"], self.read, clock_s=lambda: self.now_s)


async def test_keys_are_read_once_and_found_by_id() -> None:
    source = Source(rsa_jwk("a"), rsa_jwk("b"))
    keys = source.keys()
    assert [len(await keys.find(kid)) for kid in ("a", "b", "c", "../a", None)] == [1, 1, 0, 0, 0]
    assert source.reads == 1


async def test_without_an_id_only_a_set_of_one_key_leaves_no_doubt() -> None:
    assert len(await Source(rsa_jwk(None)).keys().find(None)) == 1
    assert len(await Source(rsa_jwk("a")).keys().find(None)) == 1


async def test_an_unknown_id_has_the_set_read_again_at_most_once_a_minute() -> None:
    source = Source(rsa_jwk("a"))
    keys = source.keys()
    await keys.find("a")
    source.text = key_set(rsa_jwk("b"))
    for number in range(50):
        assert await keys.find(f"x{number}") == ()
    assert source.reads == 1
    source.now_s += RETRY_S
    assert len(await keys.find("b")) == 1
    assert await keys.find("a") == ()
    assert source.reads == 2


async def test_a_set_is_read_again_when_it_is_old() -> None:
    source = Source(rsa_jwk("a"))
    keys = source.keys()
    await keys.find("a")
    source.text = key_set(rsa_jwk("b"))
    source.now_s += REFRESH_S
    assert await keys.find("a") == ()


async def test_requests_at_once_share_one_read() -> None:
    source = Source(rsa_jwk("a"))
    source.gate = asyncio.Event()
    keys = source.keys()
    waiting = [asyncio.create_task(keys.find("a")) for _ in range(20)]
    await asyncio.sleep(0)
    source.gate.set()
    assert [len(found) for found in await asyncio.gather(*waiting)] == [1] * 20
    assert source.reads == 1


async def test_keys_are_believed_for_a_day_while_they_cannot_be_read_and_it_is_said_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    source = Source(rsa_jwk("a"))
    keys = source.keys()
    await keys.find("a")
    source.error = TimeoutError()
    for _ in range(5):
        source.now_s += REFRESH_S
        assert len(await keys.find("a")) == 1
    assert keys.failures == 5
    assert caplog.text.count("cannot be read: TimeoutError") == 1
    source.now_s += MAX_AGE_S
    assert await keys.find("a") == ()
    source.error = None
    source.now_s += RETRY_S
    with caplog.at_level(logging.INFO):
        assert len(await keys.find("a")) == 1
    assert "can be read again" in caplog.text


@pytest.mark.parametrize(
    "text",
    [
        b"", b"{}", b"[]", b'{"keys": {}}', b'{"keys": [5]}', b"[" * 60_000, b" " * (MAX_SET_BYTES + 1),
        key_set(), key_set(*(rsa_jwk(str(number)) for number in range(33))), key_set(rsa_jwk("a"), rsa_jwk("a")),
    ],
    ids=range(10),
)  # fmt: skip
def test_what_is_no_usable_set_is_refused(text: bytes) -> None:
    with pytest.raises(ValueError, match=r"key set|JSON Web Key Set|one kid"):
        parse_key_set(text, {"RSA"})


def test_keys_for_other_uses_are_left_out() -> None:
    ec = jwt.algorithms.ECAlgorithm.to_jwk(new_ec(SECP256R1()).public_key(), as_dict=True) | {"kid": "ec"}
    small = jwt.algorithms.RSAAlgorithm.to_jwk(new_rsa(65537, 1024).public_key(), as_dict=True)  # noqa: S505  refused
    others = [
        ec,
        small | {"kid": "small"},
        {"kty": "oct", "k": "c2VjcmV0", "kid": "oct"},
        rsa_jwk("enc", use="enc"),
        rsa_jwk("private", d="AQAB"),
        rsa_jwk("broken", n="!"),
        rsa_jwk("typed") | {"kid": 5},
        {"kid": "nothing"},
    ]
    assert list(parse_key_set(key_set(rsa_jwk("a"), *others), {"RSA"})) == ["a"]


@pytest.fixture
async def server() -> AsyncIterator[TestServer]:
    async def serve(_: web.Request) -> web.Response:
        return web.Response(body=key_set(rsa_jwk("a")))

    async def large(_: web.Request) -> web.Response:
        return web.Response(body=key_set(rsa_jwk("a")) + b" " * MAX_SET_BYTES)

    async def elsewhere(_: web.Request) -> web.Response:
        raise web.HTTPFound("/keys")

    app = web.Application()
    app.add_routes([web.get("/keys", serve), web.get("/large", large), web.get("/elsewhere", elsewhere)])
    server = TestServer(app)
    await server.start_server()
    yield server
    await server.close()


@pytest.mark.parametrize(("path", "count"), [("/keys", 1), ("/large", 0), ("/elsewhere", 0), ("/none", 0)])
async def test_an_address_is_read_within_limits_and_without_redirects(
    server: TestServer, path: str, count: int
) -> None:
    issuer = ExternalIssuer(RULES, ("RS256",), jwks_url=str(server.make_url(path)))
    assert len(await open_key_set(issuer).find("a")) == count


async def test_a_file_is_read_and_a_wrong_one_stops_the_hub(tmp_path: Path) -> None:
    file = tmp_path / "jwks.json"
    issuer = ExternalIssuer(RULES, ("RS256",), jwks_file=file)
    with pytest.raises(ConfigError, match=r"\[auth.external.portal\]: jwks_file .*: No such file"):
        open_key_set(issuer)
    file.write_text("{}")
    with pytest.raises(ConfigError, match="there is no JSON Web Key Set"):
        open_key_set(issuer)
    file.write_bytes(key_set(rsa_jwk("a")))
    assert len(await open_key_set(issuer).find("a")) == 1


def secret_file(tmp_path: Path, content: bytes, mode: int = 0o640) -> ExternalIssuer:
    file = tmp_path / "secret"
    file.write_bytes(content)
    file.chmod(mode)
    return ExternalIssuer(RULES, ("HS256",), secret_file=file)


def test_a_secret_is_read_without_its_line_end(tmp_path: Path) -> None:
    found = open_key_set(secret_file(tmp_path, b"k" * 32 + b"\n"))
    assert isinstance(found, SharedSecret)
    assert found.secret == b"k" * 32


@pytest.mark.parametrize(
    ("content", "mode", "expected"),
    [
        (b"planted-31-bytes-long-secret!!!", 0o600, "has 31 bytes and can be guessed"),
        (b"planted" * 5, 0o644, "lets others in; mend it with: chmod o= "),
        (b"\n", 0o600, "is not set, empty or longer"),
        (b"planted" * 600, 0o600, "is not set, empty or longer"),
        (RSA.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo), 0o600, "holds a public key"),
    ],
    ids=range(5),
)
def test_an_unfit_secret_stops_the_hub_and_is_not_shown(
    tmp_path: Path, content: bytes, mode: int, expected: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        open_key_set(secret_file(tmp_path, content, mode))
    assert expected in str(caught.value)
    assert "planted" not in str(caught.value)


def test_a_short_secret_that_is_allowed_is_warned_of_at_each_start(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("PORTAL", "planted")
    issuer = ExternalIssuer(RULES, ("HS256",), secret_env="PORTAL", allow_short_secret=True)
    for times in (1, 2):
        open_key_set(issuer)
        assert caplog.text.count("[auth.external.portal]: its secret has 7 bytes, fewer than 32") == times
    assert "planted" not in caplog.text


def test_two_issuers_with_one_secret_stop_the_hub(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ONE", "k" * 32)
    monkeypatch.setenv("TWO", "k" * 32)
    issuers = [
        ExternalIssuer(ClaimRules(name, RULES.roles), ("HS256",), secret_env=env)
        for name, env in (("a", "ONE"), ("b", "TWO"))
    ]
    with pytest.raises(ConfigError, match=r"\[auth.external.b\]: has the same keys as \[auth.external.a\]"):
        open_external(issuers, lambda: 0)
    assert open_external([], lambda: 0) is None

"""Tokens as an attacker makes them, one fault each, and the tokens without a fault that they are made of."""

import base64
import json
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1
from cryptography.hazmat.primitives.asymmetric.ec import generate_private_key as new_ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key as new_rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from noctule_hub.auth.keys import Keys
from noctule_hub.config.external import ExternalIssuer
from noctule_hub.core.external_claims import ClaimRules
from noctule_hub.core.principal import Role

ROLES = {"tech": Role.VIEWER}
PORTAL_SECRET = "planted-secret-of-the-portal-backend-" + "0123456789" * 4
SHOP_SECRET = "planted-secret-of-the-shop-backend-" + "0123456789" * 4
RSA, FOREIGN_RSA, EC, ED = new_rsa(65537, 2048), new_rsa(65537, 2048), new_ec(SECP256R1()), Ed25519PrivateKey.generate()
DEEP_HEADER = b"{" + b'"a":{' * 900 + b"}" * 901


def b64(document: object) -> str:
    raw = document if isinstance(document, bytes) else json.dumps(document).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def hs256(header: object, payload: object, key: bytes) -> str:
    """Sign whatever bytes: PyJWT would not make most of these."""
    body = f"{b64(header)}.{b64(payload)}"
    return f"{body}.{b64(jwt.get_algorithm_by_name('HS256').sign(body.encode(), key))}"


def pem(key: Any) -> bytes:
    raw: bytes = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return raw


@dataclass
class Target:
    """A running hub, all that an attacker could know, and its keys, with which the good tokens are made."""

    url: str
    keys: Keys = field(repr=False)
    password: str = field(repr=False)
    access: str = field(repr=False, default="")
    refresh: str = field(repr=False, default="")

    def own(self, **changes: object) -> dict[str, object]:
        now_s = time.time()
        claims = {"iss": f"noctule:{self.keys.fingerprint}", "aud": "noctule", "sub": "user:1", "iat": now_s - 1}
        return _without_none(claims | {"exp": now_s + 300} | changes)

    def theirs(self, **changes: object) -> dict[str, object]:
        now_s = time.time()
        return _without_none({"userId": 7, "role": "tech", "iat": now_s - 1, "exp": now_s + 300} | changes)

    def header(self, **changes: object) -> dict[str, object]:
        return _without_none({"alg": "HS256", "typ": "at+jwt", "kid": "1"} | changes)

    @property
    def key(self) -> bytes:
        return self.keys.jwt_keys["1"]

    def sso(self, key: Any = RSA, *, algorithm: str = "RS256", kid: str | None = "a", **changes: object) -> str:
        claims = self.theirs(**({"iss": "https://sso.example", "aud": "noctule"} | changes))
        return jwt.encode(claims, key, algorithm=algorithm, headers={"kid": kid} if kid else None)


def _without_none(values: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in values.items() if value is not None}


def issuers(folder: Path) -> tuple[ExternalIssuer, ...]:
    def write(name: str, content: str) -> Path:
        file = folder / name
        file.touch(0o600)
        file.write_text(content)
        return file

    jwks = [
        jwt.algorithms.RSAAlgorithm.to_jwk(RSA.public_key(), as_dict=True) | {"kid": "a"},
        jwt.algorithms.RSAAlgorithm.to_jwk(new_rsa(65537, 2048).public_key(), as_dict=True) | {"kid": "b"},
        jwt.algorithms.ECAlgorithm.to_jwk(EC.public_key(), as_dict=True) | {"kid": "ec"},
    ]
    sso = ClaimRules("sso", ROLES, issuer="https://sso.example", audience="noctule")
    return (
        ExternalIssuer(ClaimRules("portal", ROLES), ("HS256",), secret_file=write("portal", PORTAL_SECRET)),
        ExternalIssuer(ClaimRules("shop", ROLES, issuer="shop"), ("HS512",), secret_file=write("shop", SHOP_SECRET)),
        ExternalIssuer(sso, ("RS256",), jwks_file=write("jwks.json", json.dumps({"keys": jwks}))),
    )


GOOD: dict[str, Callable[[Target], str]] = {
    "own": lambda t: hs256(t.header(), t.own(), t.key),
    "portal": lambda t: jwt.encode(t.theirs(), PORTAL_SECRET, algorithm="HS256"),
    "shop": lambda t: jwt.encode(t.theirs(iss="shop"), SHOP_SECRET, algorithm="HS512"),
    "sso": lambda t: t.sso(),
}

ATTACKS: dict[str, Callable[[Target], str]] = {
    "alg none": lambda t: f"{b64(t.header(alg='none'))}.{b64(t.own())}.",
    "alg None with a signature": lambda t: f"{b64(t.header(alg='NonE'))}.{b64(t.own())}.{b64(b'x')}",
    "alg none for an external issuer": lambda t: f"{b64({'alg': 'none'})}.{b64(t.theirs())}.",
    "no alg": lambda t: hs256(t.header(alg=None), t.own(), t.key),
    "alg is a list": lambda t: hs256(t.header(alg=["HS256"]), t.own(), t.key),
    "own key under another alg": lambda t: jwt.encode(t.own(), t.key * 2, algorithm="HS512", headers={"kid": "1"}),
    "hub's public identity as secret": lambda t: hs256(t.header(), t.own(), t.keys.public_raw),
    "hub's fingerprint as secret": lambda t: hs256(t.header(), t.own(), t.keys.fingerprint.encode()),
    "issuer's public key as secret": lambda t: hs256({"alg": "HS256", "kid": "a"}, t.theirs(), pem(RSA)),
    "issuer's public key as secret, for it": lambda t: hs256(
        {"alg": "RS256", "kid": "a"}, t.theirs(iss="https://sso.example", aud="noctule"), pem(RSA)
    ),
    "RS256 by a foreign key": lambda t: t.sso(FOREIGN_RSA),
    "RS256 under an unknown kid": lambda t: t.sso(kid="zzz"),
    "RS256 without kid, of two keys": lambda t: t.sso(kid=None),
    "PS256 where RS256 is pinned": lambda t: t.sso(algorithm="PS256"),
    "ES256 where RS256 is pinned": lambda t: t.sso(EC, algorithm="ES256"),
    "EdDSA by anybody": lambda t: jwt.encode(t.own(), ED, algorithm="EdDSA", headers={"kid": "1", "typ": "at+jwt"}),
    "wrong iss for an issuer": lambda t: t.sso(iss="https://evil.example"),
    "own iss for an issuer": lambda t: t.sso(iss=f"noctule:{t.keys.fingerprint}"),
    "wrong aud for an issuer": lambda t: t.sso(aud="other"),
    "no aud for an issuer": lambda t: t.sso(aud=None),
    "one issuer's key in another's name": lambda t: jwt.encode(t.theirs(iss="shop"), PORTAL_SECRET, algorithm="HS512"),
    "another's key under the pinned alg": lambda t: jwt.encode(t.theirs(), SHOP_SECRET, algorithm="HS256"),
    "an issuer's key for an own token": lambda t: hs256(t.header(), t.own(), PORTAL_SECRET.encode()),
    "the hub's key for an issuer's token": lambda t: hs256({"alg": "HS256"}, t.theirs(), t.key),
    "own token for an external subject": lambda t: hs256(t.header(), t.own(sub="ext:portal:7"), t.key),
    "issuer's token for an own user": lambda t: jwt.encode(t.theirs(sub="user:1", userId=None), PORTAL_SECRET),
    "issuer's id that looks like ours": lambda t: jwt.encode(t.theirs(userId="1:user:1"), PORTAL_SECRET),
    "a role that is not mapped": lambda t: jwt.encode(t.theirs(role="admin"), PORTAL_SECRET),
    "a role that is ours but not theirs": lambda t: jwt.encode(t.theirs(role="viewer"), PORTAL_SECRET),
    "no role": lambda t: jwt.encode(t.theirs(role=None), PORTAL_SECRET),
    "wrong aud": lambda t: hs256(t.header(), t.own(aud="other"), t.key),
    "aud as a list": lambda t: hs256(t.header(), t.own(aud=["noctule", "other"]), t.key),
    "no aud": lambda t: hs256(t.header(), t.own(aud=None), t.key),
    "wrong iss": lambda t: hs256(t.header(), t.own(iss="noctule:" + "0" * 32), t.key),
    "no iss": lambda t: hs256(t.header(), t.own(iss=None), t.key),
    "not yet valid": lambda t: hs256(t.header(), t.own(nbf=time.time() + 90), t.key),
    "issued in the future": lambda t: hs256(t.header(), t.own(iat=time.time() + 90), t.key),
    "issuer's, not yet valid": lambda t: jwt.encode(t.theirs(nbf=time.time() + 90), PORTAL_SECRET),
    "issuer's, without end": lambda t: jwt.encode(t.theirs(exp=None), PORTAL_SECRET),
    "issuer's, without beginning": lambda t: jwt.encode(t.theirs(iat=None), PORTAL_SECRET),
    "issuer's, ends at infinity": lambda _: hs256(
        {"alg": "HS256"}, b'{"userId": 7, "role": "tech", "iat": 1, "exp": Infinity}', PORTAL_SECRET.encode()
    ),
    "issuer's, time is no number": lambda t: hs256(
        {"alg": "HS256"}, t.theirs(exp="9999999999"), PORTAL_SECRET.encode()
    ),
    "unknown kid": lambda t: hs256(t.header(kid="2"), t.own(), t.key),
    "no kid": lambda t: hs256(t.header(kid=None), t.own(), t.key),
    "kid is a path": lambda t: hs256(t.header(kid="../../../dev/null"), t.own(), b""),
    "kid is the key's file": lambda t: hs256(t.header(kid="jwt-1.key"), t.own(), t.key),
    "kid is SQL": lambda t: hs256(t.header(kid="x' UNION SELECT 'k"), t.own(), b"k"),
    "kid is a number": lambda t: hs256(t.header(kid=1), t.own(), t.key),
    "kid is a list": lambda t: hs256(t.header(kid=["1"]), t.own(), t.key),
    "kid is endless": lambda t: hs256(t.header(kid="1" * 4000), t.own(), t.key),
    "critical extension": lambda t: hs256(t.header(crit=["exp"]), t.own(), t.key),
    "critical extension for an issuer": lambda t: hs256(
        {"alg": "HS256", "crit": ["x"], "x": 1}, t.theirs(), PORTAL_SECRET.encode()
    ),
    "unencoded payload": lambda t: hs256(t.header(b64=False), t.own(), t.key),
    "embedded jwk": lambda t: jwt.encode(
        t.theirs(iss="https://sso.example", aud="noctule"),
        FOREIGN_RSA,
        algorithm="RS256",
        headers={"kid": "a", "jwk": jwt.algorithms.RSAAlgorithm.to_jwk(FOREIGN_RSA.public_key(), as_dict=True)},
    ),
    "jku and x5u": lambda t: jwt.encode(
        t.theirs(iss="https://sso.example", aud="noctule"),
        FOREIGN_RSA,
        algorithm="RS256",
        headers={"kid": "zzz", "jku": "http://127.0.0.1:1/", "x5u": "http://127.0.0.1:1/", "x5c": ["AAAA"]},
    ),
    "typ of an ID token": lambda t: hs256(t.header(typ="JWT"), t.own(), t.key),
    "typ of an agent's token": lambda t: hs256(t.header(typ="agent+jwt"), t.own(), t.key),
    "typ of something else for an issuer": lambda t: jwt.encode(
        t.theirs(), PORTAL_SECRET, headers={"typ": "logout+jwt"}
    ),
    "an agent's subject": lambda t: hs256(t.header(), t.own(sub="agent:1"), t.key),
    "anonymous as subject": lambda t: hs256(t.header(), t.own(sub="anonymous"), t.key),
    "subject is SQL": lambda t: hs256(t.header(), t.own(sub="user:1 OR 1=1"), t.key),
    "subject is a number": lambda t: hs256(t.header(), t.own(sub=1), t.key),
    "session of nobody": lambda t: hs256(t.header(), t.own(sid=987654), t.key),
    "session is a truth": lambda t: hs256(t.header(), t.own(sid=True), t.key),
    "refresh token as access token": lambda t: t.refresh,
    "join token as access token": lambda t: f"nct_1_{secrets.token_urlsafe(20)}_{t.keys.fingerprint}",
    "tampered payload": lambda t: ".".join(
        (t.access.split(".")[0], b64(t.own(sub="user:2")), t.access.split(".")[2])
    ),
    "tampered signature": lambda t: t.access[:-8] + ("A" if t.access[-8] != "A" else "B") + t.access[-7:],
    "no signature": lambda t: t.access.rpartition(".")[0] + ".",
    "two signatures": lambda t: t.access + "." + t.access.rpartition(".")[2],
    "nested lists": lambda t: hs256(t.header(), b'{"a":' + b"[" * 2500 + b"]" * 2500 + b"}", t.key),
    "nested objects in the header": lambda t: f"{b64(DEEP_HEADER)}.{b64(t.own())}.x",
    "a payload that is a list": lambda t: hs256(t.header(), [t.own()], t.key),
    "a payload that is null": lambda t: hs256(t.header(), b"null", t.key),
    "claims twice": lambda t: hs256(t.header(), b'{"sub":"user:1","sub":"user:2"}', t.key),
    "not base64": lambda _: "!!!.???.###",
    "dots": lambda _: "....",
    "five parts": lambda _: "a.b.c.d.e",
}  # fmt: skip

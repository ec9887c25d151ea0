"""`[auth.external.NAME]`: the example, and errors that say where and what without repeating a secret."""

import re
import tomllib
from dataclasses import fields
from pathlib import Path

import pytest
from noctule_hub.config import settings_from_table
from noctule_hub.config.external import MAX_ISSUERS, ExternalIssuer
from noctule_hub.core.external_claims import ClaimRules
from noctule_hub.core.principal import Role
from noctule_hub.errors import ConfigError

EXAMPLE = Path(__file__).parents[3] / "examples" / "hub.toml"
GOOD = """
[auth.external.portal]
algorithms = ["HS256"]
secret_env = "PORTAL"
roles = { tech = "viewer" }
"""


def settings(text: str) -> tuple[ExternalIssuer, ...]:
    return settings_from_table(tomllib.loads(text), source="hub.toml").auth.external


def test_the_least_that_is_needed_has_safe_defaults() -> None:
    (issuer,) = settings(GOOD)
    assert issuer == ExternalIssuer(ClaimRules("portal", {"tech": Role.VIEWER}), ("HS256",), secret_env="PORTAL")
    assert issuer.rules.max_role is Role.VIEWER
    assert not issuer.allow_short_secret


def test_the_example_explains_every_key() -> None:
    text = EXAMPLE.read_text()
    lines = text[text.index("[auth.external]") :].partition("\n\n")[0].splitlines()
    table = tomllib.loads("\n".join(line.removeprefix("# ") for line in lines if not line.startswith("# #")))
    shown = set(table["auth"]["external"]["NAME"])
    known = {one.name for one in (*fields(ExternalIssuer), *fields(ClaimRules))} - {"rules", "name"}
    assert shown == known
    portal = table["auth"]["external"]["NAME"]
    for unused in ("secret_file", "jwks_file", "jwks_url"):
        del portal[unused]
    (issuer,) = settings_from_table({"auth": {"external": {"portal": portal}}}, source="hub.toml").auth.external
    defaults = {one.name: one.default for one in fields(ClaimRules)}
    for key in ("max_role", "subject_claim", "role_claim", "customer_claim"):
        assert getattr(issuer.rules, key) == defaults[key]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (('secret_env = "PORTAL"', ""), "exactly one of secret_file, secret_env, jwks_file, jwks_url"),
        (('secret_env = "PORTAL"', 'secret_env = "P"\njwks_file = "/k"'), "exactly one of"),
        (('secret_env = "PORTAL"', 'secret_file = "planted"'), "secret_file = *** is not the whole path of a file"),
        (('secret_env = "PORTAL"', 'secret = "planted-secret"'), "(value ***); did you mean 'secret_env'?"),
        (('secret_env = "PORTAL"', 'jwks_url = "https://planted-secret@a.example"'), "'***' is not an address"),
        (('secret_env = "PORTAL"', 'jwks_url = "http://a.example/k"'), "is not an address that begins with https://"),
        (('secret_env = "PORTAL"', 'jwks_file = "/k"'), "is not a list of some of RS256"),
        (('["HS256"]', '["RS256"]'), "is not a list of some of HS256, HS384, HS512, as secret_env needs"),
        (('["HS256"]', '["HS256", "RS256"]'), "is not a list of some of HS256"),
        (('["HS256"]', '["none"]'), "algorithms[0] = 'none' is not one of HS256"),
        (('["HS256"]', "[]"), "is not a list of some of HS256"),
        (('algorithms = ["HS256"]', ""), "is not a list of some of HS256"),
        (('"viewer"', '"operator"'), "roles.tech = 'operator' is not within max_role = 'viewer'"),
        (('"viewer"', '"billing"'), "is not within max_role"),
        (('"viewer"', '"agent"'), "roles.tech = 'agent' is not one of admin, operator, viewer, billing, metrics"),
        (('"viewer"', '""'), "roles.tech = '' is not one of admin"),
        (('roles = { tech = "viewer" }', ""), "roles = '0 lines' is not 1 to 64 lines"),
        (
            ('roles = { tech = "viewer" }', 'roles = { t = "viewer" }\nmax_role = "root"'),
            "max_role = 'root' is not one of",
        ),
        (('roles = { tech = "viewer" }', 'roles = { t = "viewer" }\nissuer = 5'), "issuer = 5 is not text"),
        (('roles = { tech = "viewer" }', 'roles = { t = "viewer" }\nallow_short_secret = 1'), "is not true or false"),
        (("external.portal", "external.Portal"), "a name has 1 to 32 small letters"),
        (("external.portal", 'external."a:b"'), "a name has 1 to 32 small letters"),
        (("external.portal", "extern.portal"), "unknown key 'auth.extern'"),
    ],
    ids=str,
)
def test_a_wrong_setting_names_its_table_and_key(change: tuple[str, str], expected: str) -> None:
    assert change[0] in GOOD
    with pytest.raises(ConfigError, match=re.escape(expected)) as caught:
        settings(GOOD.replace(*change))
    assert str(caught.value).startswith("hub.toml: ")
    assert "auth." in str(caught.value)
    assert "planted" not in str(caught.value)


@pytest.mark.parametrize("auth", [5, {"external": []}, {"external": {"portal": 5}}])
def test_what_is_no_table_is_refused(auth: object) -> None:
    with pytest.raises(ConfigError, match=r"write \[auth"):
        settings_from_table({"auth": auth}, source="hub.toml")


def test_there_are_at_most_so_many_issuers() -> None:
    issuers: dict[str, object] = {f"a{number}": {} for number in range(MAX_ISSUERS + 1)}
    with pytest.raises(ConfigError, match="is not at most 16 tables"):
        settings_from_table({"auth": {"external": issuers}}, source="hub.toml")

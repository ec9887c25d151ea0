"""`[auth.external.NAME]`: whose tokens besides its own a hub takes, and what they may do.

Keys and secrets are not read here: the settings only say where they are.
"""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from noctule_hub.config.table import Table
from noctule_hub.core.external_claims import WITHIN, ClaimRules
from noctule_hub.core.principal import Role
from noctule_hub.errors import ConfigError

MAX_ISSUERS: Final = 16
MAX_ROLES: Final = 64
MAX_TEXT_CHARS: Final = 512
SECRET_ALGORITHMS: Final = ("HS256", "HS384", "HS512")
PUBLIC_ALGORITHMS: Final = (
    "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA",
)  # fmt: skip
SOURCES: Final = ("secret_file", "secret_env", "jwks_file", "jwks_url")
LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})
ROLES: Final = tuple(role.value for role in WITHIN)
_PATH: Final = "auth.external."
_NAME: Final = re.compile(r"[a-z][a-z0-9-]{0,31}", re.ASCII)


@dataclass(frozen=True, slots=True)
class ExternalIssuer:
    """One issuer: exactly one source of keys, the algorithms that it is held to, and how its claims are read."""

    rules: ClaimRules
    algorithms: tuple[str, ...]
    secret_file: Path | None = None
    secret_env: str | None = None
    jwks_file: Path | None = None
    jwks_url: str | None = None
    allow_short_secret: bool = False

    @property
    def name(self) -> str:
        """What the issuer is called in hub.toml and in its subjects."""
        return self.rules.name


@dataclass(frozen=True, slots=True)
class AuthSettings:
    """The table `[auth]`."""

    external: tuple[ExternalIssuer, ...] = ()


def read_auth(table: Table) -> AuthSettings:
    """Return the settings of `[auth]`. Raises `ConfigError`."""
    issuers = tuple(table.tables("external", _issuer, most=MAX_ISSUERS).values())
    for issuer in issuers:
        _check_source(issuer, source=table.source)
    return AuthSettings(issuers)


def _issuer(table: Table) -> ExternalIssuer:
    name = table.path.removeprefix(_PATH)
    if not _NAME.fullmatch(name):
        raise ConfigError(
            f"{table.source}: [{table.path[:80]}]: a name has 1 to 32 small letters, digits or -, and begins with a "
            "letter"
        )
    return ExternalIssuer(
        rules=_rules(name, table),
        algorithms=table.texts(
            "algorithms",
            most=len(SECRET_ALGORITHMS + PUBLIC_ALGORITHMS),
            wanted='algorithms such as ["HS256"]',
            each=f"one of {', '.join(SECRET_ALGORITHMS + PUBLIC_ALGORITHMS)}",
            parse=_algorithm,
        ),
        secret_file=_path(table, "secret_file"),
        secret_env=_text(table, "secret_env"),
        jwks_file=_path(table, "jwks_file"),
        jwks_url=_url(table),
        allow_short_secret=table.flag("allow_short_secret", default=False),
    )


def _check_source(issuer: ExternalIssuer, *, source: str) -> None:
    """Raise `ConfigError` unless there is one source of keys and the algorithms are of its kind."""
    where = f"{source}: [{_PATH}{issuer.name}]"
    given = [key for key in SOURCES if getattr(issuer, key) is not None]
    if len(given) != 1:
        raise ConfigError(f"{where}: name where its keys are by exactly one of {', '.join(SOURCES)}")
    # Held to one kind, a public key can never be taken for a shared secret.
    fitting = SECRET_ALGORITHMS if given[0].startswith("secret") else PUBLIC_ALGORITHMS
    if not issuer.algorithms or not set(issuer.algorithms) <= set(fitting):
        raise ConfigError(f"{where}: algorithms is not a list of some of {', '.join(fitting)}, as {given[0]} needs")


def _rules(name: str, table: Table) -> ClaimRules:
    max_role = _role(table, "max_role", Role.VIEWER)
    return ClaimRules(
        name=name,
        roles=_roles(table, max_role),
        max_role=max_role,
        subject_claim=_text(table, "subject_claim") or "userId",
        role_claim=_text(table, "role_claim") or "role",
        customer_claim=_text(table, "customer_claim") or "customerId",
        name_claim=_text(table, "name_claim"),
        issuer=_text(table, "issuer"),
        audience=_text(table, "audience"),
    )


def _roles(table: Table, max_role: Role) -> dict[str, Role]:
    words = table.table("roles", lambda inner: {key: _role(inner, key, None) for key in inner})
    if not 1 <= len(words) <= MAX_ROLES:
        raise table.bad("roles", f"{len(words)} lines", f'1 to {MAX_ROLES} lines such as technician = "viewer"')
    for word, role in words.items():
        if role not in WITHIN[max_role]:
            wanted = f"within max_role = {max_role.value!r}; raise that if it is meant"
            raise table.bad(f"roles.{word[:60]}", role.value, wanted)
    return words


def _role(table: Table, key: str, default: Role | None) -> Role:
    wanted = f"one of {', '.join(ROLES)}"
    word = table.text(key, default.value if default else "", wanted=wanted, check=lambda text: text in ROLES)
    if not word:
        raise table.bad(key, word, wanted)
    return Role(word)


def _algorithm(text: str) -> str:
    if text not in SECRET_ALGORITHMS + PUBLIC_ALGORITHMS:
        raise ValueError(text)
    return text


def _text(table: Table, key: str) -> str | None:
    wanted = f"text of 1 to {MAX_TEXT_CHARS} characters"
    return table.text(key, "", wanted=wanted, check=lambda text: 0 < len(text) <= MAX_TEXT_CHARS) or None


def _path(table: Table, key: str) -> Path | None:
    text = _text(table, key)
    if text is not None and not Path(text).is_absolute():
        raise table.bad(key, text, "the whole path of a file, beginning with /")
    return None if text is None else Path(text)


def _url(table: Table) -> str | None:
    text = _text(table, "jwks_url")
    if text is None:
        return None
    try:
        parts = urlsplit(text)
        good = parts.hostname and not parts.username and parts.port != 0
        good = good and (parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK))
    except ValueError:
        good = False
    if not good:
        # Not repeated: an address may hold a password.
        raise table.bad("jwks_url", "***", "an address that begins with https:// (http:// only on this machine)")
    return text

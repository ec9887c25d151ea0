"""Options that name SNMP credentials, and how they are read: from the environment or files, never from argv."""

import os
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, NoReturn, TypeVar

import click
from noctule_shared.link import AuthProtocol, PrivProtocol, SnmpCredentials
from noctule_shared.secret_file import exposure_of

from noctule_agent.log import inert

MAX_SECRET_FILE_BYTES: Final = 64 * 1024
V3_KEYS: Final = ("user", "auth_protocol", "auth_secret", "priv_protocol", "priv_secret", "context")
_FILE: Final = click.Path(dir_okay=False, path_type=Path)
_F = TypeVar("_F", bound=Callable[..., Any])


def credential_options(*, multiple: bool, default: str) -> Callable[[_F], _F]:
    """Add `--community-env`, `--community-file` and `--v3-file`; `default` says what holds without any of them."""

    def add(function: _F) -> _F:
        for option in (
            click.option(
                "--v3-file",
                type=_FILE,
                multiple=multiple,
                help=f"TOML file of an SNMPv3 user: {', '.join(V3_KEYS)}.",
            ),
            click.option(
                "--community-file",
                type=_FILE,
                multiple=multiple,
                help=f"File that holds the community.  [default without any of these: {default}]",
            ),
            click.option(
                "--community-env",
                metavar="VAR",
                multiple=multiple,
                help="Environment variable that holds the community.",
            ),
        ):
            function = option(function)
        return function

    return add


def community_from_env(variable: str) -> SnmpCredentials:
    """Return the community that an environment variable holds. Raises `click.BadParameter`."""
    community = os.environ.get(variable)
    if community is None:
        raise click.BadParameter(f"the environment has no variable {variable}", param_hint="--community-env")
    return _community(community, "--community-env")


def community_from_file(file: Path) -> SnmpCredentials:
    """Return the community that a file holds, without the end of the line. Raises `click.BadParameter`."""
    text = _read(file, "--community-file").decode("utf-8", "surrogateescape")
    return _community(text.strip("\r\n"), "--community-file")


def _community(community: str, option: str) -> SnmpCredentials:
    if not community:
        raise click.BadParameter("the community is empty", param_hint=option)
    return SnmpCredentials(community=community)


def v3_user_from_file(file: Path) -> SnmpCredentials:
    """Return the SNMPv3 user that a TOML file describes. Raises `click.BadParameter` naming key and fix."""
    try:
        table = tomllib.loads(_read(file, "--v3-file").decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        _refuse(f"{file} is not TOML: {error}")
    for key, value in table.items():
        if key not in V3_KEYS:
            _refuse(f"{file}: unknown key {key!r}; the keys are {', '.join(V3_KEYS)}")
        if not isinstance(value, str):
            _refuse(f"{file}: {key} must be a string")
    if not table.get("user"):
        _refuse(f"{file}: user is missing")
    for kind in ("auth", "priv"):
        if (f"{kind}_protocol" in table) != (f"{kind}_secret" in table):
            _refuse(f"{file}: {kind}_protocol and {kind}_secret belong together")
        if 0 < len(table.get(f"{kind}_secret", "")) < 8:  # noqa: PLR2004  RFC 3414 section 11.2
            _refuse(f"{file}: {kind}_secret has fewer than 8 characters, which SNMPv3 does not allow")
    if "priv_protocol" in table and "auth_protocol" not in table:
        _refuse(f"{file}: privacy needs authentication; add auth_protocol and auth_secret")
    auth = _protocol(file, table, "auth_protocol", [protocol.value for protocol in AuthProtocol])
    priv = _protocol(file, table, "priv_protocol", [protocol.value for protocol in PrivProtocol])
    return SnmpCredentials(
        user=table["user"],
        auth_protocol=None if auth is None else AuthProtocol(auth),
        auth_secret=table.get("auth_secret"),
        priv_protocol=None if priv is None else PrivProtocol(priv),
        priv_secret=table.get("priv_secret"),
        context=table.get("context", ""),
    )


def _protocol(file: Path, table: dict[str, Any], key: str, known: list[str]) -> str | None:
    """Return a protocol's name as the wire spells it; SHA1, SHA256 and AES128 are understood too."""
    if key not in table:
        return None
    spelt = {name.replace("-", ""): name for name in known} | {"SHA1": "SHA", "AES128": "AES"}
    name = spelt.get(str(table[key]).upper().replace("-", ""))
    if name is None or name not in known:
        _refuse(f"{file}: {key} is {inert(str(table[key])[:40])!r}; use one of {', '.join(known)}")
    return name


def _read(file: Path, option: str) -> bytes:
    try:
        with file.open("rb") as opened:
            read = opened.read(MAX_SECRET_FILE_BYTES)
    except OSError as error:
        raise click.BadParameter(f"cannot read {file}: {error.strerror or error}", param_hint=option) from None
    warn_if_exposed(file)
    return read


def warn_if_exposed(file: str | Path) -> None:
    """Say on stderr when others can read a secret's file."""
    warning = exposure_of(file)
    if warning is not None:
        click.echo(f"Warning: {inert(warning)}", err=True)


def _refuse(message: str) -> NoReturn:
    raise click.BadParameter(message, param_hint="--v3-file")

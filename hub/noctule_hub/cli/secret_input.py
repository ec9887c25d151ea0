"""Secrets for commands: from a file, standard input, an environment variable or a prompt, never from argv."""

import difflib
import os
import sys
import tomllib
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Final

import click
from noctule_shared.secret_file import exposure_of

from noctule_hub.cli.errors import CommandError
from noctule_hub.cli.text import clean

MAX_SECRET_BYTES: Final = 16 * 1024
V3_KEYS: Final[Mapping[str, str]] = {
    "user": "user",
    "auth_protocol": "authProtocol",
    "auth_secret": "authSecret",
    "priv_protocol": "privProtocol",
    "priv_secret": "privSecret",
    "context": "context",
}


def read_secret(file: str | None, *, env: str | None, prompt: str, file_option: str, confirm: bool = False) -> str:
    """Return a secret from `file` (`-`: standard input), else from the variable `env`, else from a prompt.

    Raises `CommandError`, and a usage error when there is none of them and no terminal to ask on.
    """
    if file is not None:
        return _from_file(file)
    if env is not None and os.environ.get(env):
        return os.environ[env]
    if not sys.stdin.isatty():
        variable = f" or set {env}" if env else ""
        raise click.UsageError(f"no {prompt.lower()} given: use {file_option} FILE (- for standard input){variable}")
    answer: str = click.prompt(prompt, hide_input=True, confirmation_prompt=confirm, err=True)
    return answer


def read_variable(name: str) -> str:
    """Return the content of an environment variable. Raises `CommandError` when it is not set or empty."""
    value = os.environ.get(name)
    if not value:
        raise CommandError(f"environment variable {name} is not set or empty")
    return value


def read_v3_file(file: str) -> dict[str, str]:
    """Return a v3 user as the API takes it, from TOML with the keys of `V3_KEYS`. Raises `CommandError`."""
    try:
        table = tomllib.loads(_from_file(file))
    except tomllib.TOMLDecodeError:
        # The parser's message may repeat the line, and with it a secret.
        raise CommandError(f'{file}: not valid TOML; write lines such as user = "NAME"') from None
    body: dict[str, str] = {}
    for key, value in table.items():
        if key not in V3_KEYS:
            near = difflib.get_close_matches(key, V3_KEYS, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"known keys: {', '.join(V3_KEYS)}"
            raise CommandError(f"{file}: unknown key {key!r}; {hint}")
        if not isinstance(value, str):
            raise CommandError(f"{file}: {key} must be text in quotes")
        body[V3_KEYS[key]] = value
    return body


def read_settings(file: str, kinds: Mapping[str, Collection[str]]) -> dict[str, dict[str, object]]:
    """Return what a TOML file of settings with secrets holds: one table, by a name of `kinds`, with its keys there.

    Raises `CommandError` for a file that others may read, and for what is unknown; what it holds is never repeated.
    """
    if file != "-" and (mode := _mode(file)) & 0o077:
        raise CommandError(f"{file}: mode {mode:03o} lets others read its secrets; mend it with: chmod 600 '{file}'")
    try:
        document = tomllib.loads(_from_file(file))
    except tomllib.TOMLDecodeError:
        raise CommandError(f'{file}: not valid TOML; write a table such as [webhook] with lines url = "..."') from None
    tables = {name: table for name, table in document.items() if name in kinds and isinstance(table, dict)}
    if len(document) != 1 or len(tables) != 1:
        raise CommandError(
            f"{file}: must hold one table and nothing beside it: {', '.join(f'[{kind}]' for kind in kinds)}"
        )
    for name, table in tables.items():
        for key in table:
            if key not in kinds[name]:
                near = difflib.get_close_matches(key, kinds[name], n=1)
                hint = f"did you mean {near[0]!r}?" if near else f"known keys: {', '.join(kinds[name])}"
                raise CommandError(f"{file}: unknown key {key!r} in [{name}]; {hint}")
    return tables


def _mode(file: str) -> int:
    try:
        return Path(file).stat().st_mode & 0o777
    except OSError as error:
        raise CommandError(f"{file}: cannot be read: {error.strerror}") from error


def _from_file(file: str) -> str:
    try:
        if file == "-":
            raw = sys.stdin.buffer.read(MAX_SECRET_BYTES + 1)
        else:
            with Path(file).open("rb") as stream:
                raw = stream.read(MAX_SECRET_BYTES + 1)
        text = raw.decode().rstrip("\r\n")
    except OSError as error:
        raise CommandError(f"{file}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise CommandError(f"{file}: is not text in UTF-8") from error
    if not text or len(raw) > MAX_SECRET_BYTES:
        raise CommandError(f"{file}: is empty or longer than {MAX_SECRET_BYTES} bytes")
    warning = None if file == "-" else exposure_of(file)
    if warning is not None:
        click.echo(f"Warning: {clean(warning)}", err=True)
    return text

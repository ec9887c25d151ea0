"""The file of credentials that rows name: TOML, readable by its owner alone, so that no secret stands in a CSV."""

import difflib
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from noctule_hub.cli.errors import CommandError
from noctule_hub.cli.imports.rows import Secret
from noctule_hub.cli.secret_input import V3_KEYS

MAX_FILE_BYTES: Final = 1024 * 1024
_KEYS: Final = ("version", "community", *V3_KEYS)


def read_credentials(file: str) -> dict[str, Secret]:
    """Return credentials by name: tables `[NAME]` with `community`, or the keys of `--v3-file`, and `version`.

    Raises `CommandError`, which never repeats a secret.
    """
    path = Path(file)
    try:
        if path.stat().st_mode & 0o077:
            raise CommandError(f"{file}: others can read it; close it with: chmod 600 {file}")
        with path.open("rb") as stream:
            raw = stream.read(MAX_FILE_BYTES + 1)
        table = tomllib.loads(raw.decode())
    except OSError as error:
        raise CommandError(f"{file}: cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError):
        # The parser's message may repeat the line, and with it a secret.
        raise CommandError(f'{file}: not valid TOML; write tables such as [core] with community = "..."') from None
    if len(raw) > MAX_FILE_BYTES:
        raise CommandError(f"{file}: is longer than {MAX_FILE_BYTES} bytes")
    return {name: _secret(f"{file}: [{name}]", entry) for name, entry in table.items()}


def named(credentials: Mapping[str, Secret], name: str) -> Secret:
    """Return credentials by name. Raises `KeyError` with what to do when there are none."""
    if name in credentials:
        return credentials[name]
    if not credentials:
        raise KeyError(f"there are no credentials {name!r}; give their file with --credentials FILE")
    near = difflib.get_close_matches(name, credentials, n=1)
    hint = f"did you mean {near[0]!r}?" if near else f"known: {', '.join(sorted(credentials))}"
    raise KeyError(f"there are no credentials {name!r}; {hint}")


def _secret(place: str, entry: Any) -> Secret:  # noqa: ANN401  TOML of a person
    if not isinstance(entry, dict):
        raise CommandError(f'{place}: must be a table with community = "...", or the keys of a v3 user')
    for key, value in entry.items():
        if key not in _KEYS:
            near = difflib.get_close_matches(key, _KEYS, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"known keys: {', '.join(_KEYS)}"
            raise CommandError(f"{place}: unknown key {key!r}; {hint}")
        if not isinstance(value, str):
            raise CommandError(f"{place}: {key} must be text in quotes")
    version = entry.get("version")
    v3 = {V3_KEYS[key]: value for key, value in entry.items() if key in V3_KEYS}
    if ("community" in entry) == bool(v3):
        raise CommandError(f"{place}: give either community or the keys of a v3 user")
    if "community" in entry:
        return Secret(version, {"community": entry["community"]})
    return Secret(version or "3", {"v3": v3})

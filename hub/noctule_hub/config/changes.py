"""What a reload of hub.toml changes: at once, or only with a restart. Decided here, done by `reloading`."""

from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Final

from noctule_hub.config.settings import HubSettings

# What a hub takes once at its start: where it listens, and whose tokens it knows.
RESTART_KEYS: Final = ("host", "port", "auth")


@dataclass(frozen=True, slots=True)
class Reloaded:
    """`settings` to work by from now on; the keys that `changed` with them, and those that wait for a `restart`."""

    settings: HubSettings
    changed: tuple[str, ...] = ()
    restart: tuple[str, ...] = ()


def compare(old: HubSettings, new: HubSettings) -> Reloaded:
    """Return what becomes of newly read settings in a hub that works by `old`."""
    keeps = [key for key in RESTART_KEYS if getattr(old, key) != getattr(new, key)]
    settings = replace(new, **{key: getattr(old, key) for key in keeps})
    if (old.tls is None) != (new.tls is None):
        # An open port cannot begin or end to speak TLS.
        keeps.append("tls_certificate")
        settings = replace(settings, tls=old.tls)
    return Reloaded(settings, tuple(_differences(old, settings)), tuple(keeps))


def _differences(old: object, new: object, path: str = "") -> Iterator[str]:
    if is_dataclass(old) and is_dataclass(new) and type(old) is type(new):
        for field in fields(old):
            # TLS is one setting made of two keys of the top table.
            joint = "_" if path == "tls" else "."
            inner = f"{path}{joint}{field.name}" if path else field.name
            yield from _differences(getattr(old, field.name), getattr(new, field.name), inner)
    elif old != new:
        yield path

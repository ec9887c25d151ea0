"""To what a rule or a silence applies: a selector is held against what a finding or an alert is about."""

import re
from dataclasses import dataclass
from fnmatch import translate
from functools import lru_cache
from typing import Final

import msgspec

from noctule_hub.core.records import Agent, Device, Interface


@dataclass(frozen=True, slots=True)
class Target:
    """What a finding or an alert is about, as selectors see it.

    `name` is the device's, or for an alert about an agent the agent's. `interface_names` are an interface's identity
    and ifAlias; `if_type` None: it is about no interface, or about one that is gone.
    """

    name: str = ""
    device_id: int | None = None
    site_id: int | None = None
    tags: tuple[str, ...] = ()
    interface_names: tuple[str, ...] = ()
    if_type: int | None = None
    role: str = ""


def target_for(
    device: Device | None,
    interface: Interface | None = None,
    agent: Agent | None = None,
    *,
    device_id: int | None = None,
    site_id: int | None = None,
) -> Target:
    """Return what those records are to selectors; the ids count where the records are gone."""
    named = device or agent
    return Target(
        name="" if named is None else named.name,
        device_id=device_id if device is None else device.id,
        site_id=site_id if named is None else named.site_id,
        tags=() if device is None else device.tags,
        interface_names=() if interface is None else (interface.identity, interface.if_alias),
        if_type=None if interface is None else interface.if_type,
        role="" if device is None else device.role,
    )


class Selector(msgspec.Struct, frozen=True, rename="camel"):
    """To what a rule or a silence applies: to what every member that is not empty finds something of itself in.

    Empty: to all. `names` and `interface_names` are patterns with `*`, `?` and `[...]`, capitals or not.
    """

    site_ids: tuple[int, ...] = ()
    device_ids: tuple[int, ...] = ()
    roles: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    if_types: tuple[int, ...] = ()
    interface_names: tuple[str, ...] = ()

    def matches(self, target: Target) -> bool:
        """Return whether it applies to a target."""
        return (
            (not self.site_ids or target.site_id in self.site_ids)
            and (not self.device_ids or target.device_id in self.device_ids)
            and (not self.roles or target.role in self.roles)
            and (not self.tags or any(tag in self.tags for tag in target.tags))
            and (not self.names or _like(self.names, (target.name,)))
            and (not self.if_types or target.if_type in self.if_types)
            and (not self.interface_names or _like(self.interface_names, target.interface_names))
        )

    def is_empty(self) -> bool:
        """Return whether it applies to everything."""
        return self == EVERYTHING


EVERYTHING: Final = Selector()


# Every open alert is held against every silence when one begins or ends: patterns are compiled once.
@lru_cache(maxsize=2_048)
def _expression(patterns: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(translate(pattern.casefold()) for pattern in patterns))


def _like(patterns: tuple[str, ...], names: tuple[str, ...]) -> bool:
    matches = _expression(patterns).match
    for name in names:  # noqa: SIM110  half the time of any(): see above
        if name and matches(name.casefold()):
            return True
    return False

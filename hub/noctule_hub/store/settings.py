"""The part of the store's interface that keeps the hub's settings."""

from typing import Protocol

from noctule_hub.core.audit import Authorship
from noctule_hub.core.settings import Settings


class SettingsStore(Protocol):
    """The settings of the whole hub; before they are first written, the defaults."""

    async def settings(self) -> Settings:
        """Return the settings."""
        ...

    async def update_settings(self, new: Settings, *, by: Authorship) -> Settings:
        """Put `new` in place of settings that still have `new.revision`; they come back with the next one.

        Raises `Refused` (invalid, field revision).
        """
        ...

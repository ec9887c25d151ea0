"""The hub's settings as HTTP answers show them."""

import msgspec


class SettingsView(msgspec.Struct, frozen=True, rename="camel"):
    """The settings of the whole hub. `organisation` empty and `public_url` null: not said."""

    organisation: str
    timezone: str
    public_url: str | None
    revision: int

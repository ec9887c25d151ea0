"""`noctule settings`: what the hub says of itself."""

from typing import Final

import click

from noctule_hub.answers.settings import SettingsView
from noctule_hub.cli.client import HubClient, call, decode
from noctule_hub.cli.output import json_option, print_json, print_table, say

# Names of settings here, and in the API.
_KEYS: Final = {"organisation": "organisation", "timezone": "timezone", "public-url": "publicUrl"}


@click.group("settings")
def settings_group() -> None:
    """See and change settings of the whole hub."""


@settings_group.command("show")
@json_option
def settings_show(*, as_json: bool) -> None:
    """Show the hub's settings."""
    settings = decode(call(lambda client: client.get("settings")), SettingsView)
    if as_json:
        print_json(settings)
        return
    rows = [
        ("organisation", settings.organisation or "-"),
        ("timezone", settings.timezone),
        ("public-url", settings.public_url or "-"),
    ]
    print_table("Settings", ("key", "value"), rows)


@settings_group.command("set")
@click.argument("key", type=click.Choice(list(_KEYS)))
@click.argument("value")
@json_option
def settings_set(key: str, value: str, *, as_json: bool) -> None:
    """Set the setting KEY to VALUE; an empty one takes it away.

    organisation is who runs the network; timezone counts where nothing else names one; public-url is where people reach
    this hub.
    """

    async def change(client: HubClient) -> SettingsView:
        present = decode(await client.get("settings"), SettingsView)
        body = {"revision": present.revision, _KEYS[key]: value}
        return decode(await client.send("PATCH", "settings", body), SettingsView)

    settings = call(change)
    if as_json:
        print_json(settings)
    else:
        say(f"{key} is set.")

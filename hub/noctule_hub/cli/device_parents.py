"""`noctule device parents`: behind which devices others probably stand."""

import click

from noctule_hub.answers.devices import DeviceView
from noctule_hub.answers.topology import SuggestionsView, SuggestionView
from noctule_hub.cli import complete
from noctule_hub.cli.client import HubClient, call, decode
from noctule_hub.cli.devices import find_device
from noctule_hub.cli.output import json_option, print_json, print_table, say


@click.group("parents")
def parents_group() -> None:
    """Behind which devices others stand."""


@parents_group.command("suggest")
@click.option(
    "--root",
    shell_complete=complete.devices,
    help="Device next to the agent (id or name).  [default: those that others stand behind and that stand behind none]",
)
@click.option("--apply", "applied", is_flag=True, help="Set what is suggested.")
@json_option
def parents_suggest(root: str | None, *, applied: bool, as_json: bool) -> None:
    """Suggest parents for devices that have none yet, from what they hear by LLDP."""

    async def read(client: HubClient) -> SuggestionsView:
        query = {} if root is None else {"root": (await find_device(client, root)).id}
        found = decode(await client.get("parents/suggestions", **query), SuggestionsView)
        if applied:
            for suggestion in found.items:
                await _set(client, suggestion)
        return found

    found = call(read)
    if as_json:
        print_json(found)
        return
    if not found.roots:
        say("Nothing stands behind anything yet: name the device next to the agent with --root.")
        return
    if not found.items:
        say("There is nothing to suggest: who has no parents hears of nobody nearer to the agent.")
        return
    rows = [
        (suggestion.device_name if place == 0 else "", parent.device_name, parent.reason)
        for suggestion in found.items
        for place, parent in enumerate(suggestion.parents)
    ]
    print_table("Suggested parents", ("device", "behind", "because"), rows)
    if applied:
        say(f"Parents are set: of {len(found.items)} devices.")


async def _set(client: HubClient, suggestion: SuggestionView) -> DeviceView:
    """Set the parents of a device that nobody changed meanwhile."""
    body = {"revision": suggestion.revision, "parents": [parent.device_id for parent in suggestion.parents]}
    return decode(await client.send("PATCH", f"devices/{suggestion.device_id}", body), DeviceView)

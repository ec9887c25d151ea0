"""`noctule drops`: what the hub refused or threw away."""

import click

from noctule_hub.answers.drops import DropList
from noctule_hub.cli.client import call, decode
from noctule_hub.cli.output import json_option, print_json, print_table, short_time


@click.command("drops")
@json_option
def drops_command(*, as_json: bool) -> None:
    """Show what the hub refused or threw away since its start, and in the last hour."""
    drops = decode(call(lambda client: client.get("drops")), DropList)
    if as_json:
        print_json(drops)
        return
    rows = [
        (row.kind, "-" if row.reason == row.kind else row.reason, f"{row.last_hour:,}", f"{row.total:,}")
        for row in drops.items
    ]
    print_table(
        f"Refused or dropped since {short_time(drops.since)}", ("kind", "reason", "#last hour", "#in all"), rows
    )

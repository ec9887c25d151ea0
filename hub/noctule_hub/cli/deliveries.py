"""`noctule alert delivery`: what was and is to be sent on channels."""

import click

from noctule_hub.answers.channels import ChannelView, DeliveryView
from noctule_hub.cli.channels import find_channel
from noctule_hub.cli.client import HubClient, call, decode
from noctule_hub.cli.options import ID
from noctule_hub.cli.output import json_option, print_json, print_table, say, short_time


@click.group("delivery")
def delivery_group() -> None:
    """Messages that were sent on channels, or are to be."""


@delivery_group.command("list")
@click.option(
    "--state",
    type=click.Choice(["queued", "failed", "delivered", "dead"]),
    help="Only those not tried yet, to be tried again, delivered, or given up.",
)
@click.option("--channel", help="Only of this channel (id or name).")
@click.option("--limit", type=click.IntRange(min=1), default=50, show_default=True, help="The newest so many.")
@click.option("--all", "everything", is_flag=True, help="All that are kept, whatever --limit says.")
@json_option
def delivery_list(state: str | None, channel: str | None, limit: int, *, everything: bool, as_json: bool) -> None:
    """List deliveries, newest first."""
    query: dict[str, str] = {}
    if state is not None:
        query["state"] = state
    most = None if everything else limit

    async def read(client: HubClient) -> tuple[list[DeliveryView], dict[int, str]]:
        if channel is not None:
            query["channelId"] = str((await find_channel(client, channel)).id)
        found = await client.items("deliveries", DeliveryView, most, **query)
        return found, {} if as_json else {one.id: one.name for one in await client.items("channels", ChannelView)}

    items, channels = call(read)
    if as_json:
        print_json({"items": items})
        return
    rows = [
        (
            str(one.id),
            channels.get(one.channel_id, str(one.channel_id)),
            one.kind,
            one.title,
            one.state,
            str(one.attempts),
            short_time(one.created_at),
            one.outcome or "-",
        )
        for one in items
    ]
    columns = ("#id", "channel", "kind", "alert", "state", "#attempts", "since", "outcome")
    print_table("Deliveries", columns, rows)


@delivery_group.command("retry")
@click.argument("delivery_id", metavar="DELIVERY", type=ID)
@json_option
def delivery_retry(delivery_id: int, *, as_json: bool) -> None:
    """Try DELIVERY (id), which was given up, for another day."""
    delivery = decode(call(lambda client: client.send("POST", f"deliveries/{delivery_id}/retry")), DeliveryView)
    if as_json:
        print_json(delivery)
    else:
        say(f"Delivery {delivery.id} is {delivery.state} again.")

"""`noctule alert delivery`: what was and is to be sent on channels."""

import click
import msgspec

from noctule_hub.answers.channels import DeliveryView
from noctule_hub.cli.client import call, decode
from noctule_hub.cli.output import json_option, print_json, print_table, say, short_time


class _Listed(msgspec.Struct, frozen=True):
    items: list[DeliveryView]


@click.group("delivery")
def delivery_group() -> None:
    """Messages that were sent on channels, or are to be."""


@delivery_group.command("list")
@click.option(
    "--state",
    type=click.Choice(["queued", "failed", "delivered", "dead"]),
    help="Only those not tried yet, to be tried again, delivered, or given up.",
)
@click.option("--channel", "channel_id", type=click.IntRange(min=1), help="Only of the channel of this id.")
@click.option("--limit", type=click.IntRange(1, 1000), default=50, show_default=True, help="The newest so many.")
@json_option
def delivery_list(state: str | None, channel_id: int | None, limit: int, *, as_json: bool) -> None:
    """List deliveries, newest first."""
    query: dict[str, str | int] = {"limit": limit}
    if state is not None:
        query["state"] = state
    if channel_id is not None:
        query["channelId"] = channel_id
    items = decode(call(lambda client: client.get("deliveries", **query)), _Listed).items
    if as_json:
        print_json({"items": items})
        return
    rows = [
        (
            str(one.id),
            str(one.channel_id),
            one.kind,
            one.title,
            one.state,
            str(one.attempts),
            short_time(one.created_at),
            one.outcome or "-",
        )
        for one in items
    ]
    columns = ("#id", "#channel", "kind", "alert", "state", "#attempts", "since", "outcome")
    print_table("Deliveries", columns, rows)


@delivery_group.command("retry")
@click.argument("delivery_id", metavar="DELIVERY", type=click.IntRange(min=1))
@json_option
def delivery_retry(delivery_id: int, *, as_json: bool) -> None:
    """Try DELIVERY (id), which was given up, for another day."""
    delivery = decode(call(lambda client: client.send("POST", f"deliveries/{delivery_id}/retry")), DeliveryView)
    if as_json:
        print_json(delivery)
    else:
        say(f"Delivery {delivery.id} is {delivery.state} again.")

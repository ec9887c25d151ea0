"""`noctule event`: the hub's event log, as sockets receive it."""

import asyncio
from typing import Any, Final

import click
import msgspec
from noctule_shared.events import LogPosition

from noctule_hub.cli.client import HubClient, call, decode, decode_any, until_interrupted
from noctule_hub.cli.devices import find_device
from noctule_hub.cli.output import json_option, print_json, say, short_time

POLL_S: Final = 1.0


class _Event(msgspec.Struct, frozen=True, rename="camel"):
    seq: int
    name: str
    committed_at: str
    data: dict[str, Any]


class _Events(msgspec.Struct, frozen=True):
    items: list[_Event]
    position: LogPosition


@click.group("event")
def event_group() -> None:
    """Read the hub's event log: status changes, alerts, payments, network logs."""


@event_group.command("tail")
@click.option("-n", "count", type=click.IntRange(1, 1000), default=20, show_default=True, help="Rows to begin with.")
@click.option("--since", help="Begin after this position, EPOCH:SEQ, instead.")
@click.option("--name", "names", multiple=True, help="Events of this name only, such as device:status; repeatable.")
@click.option("--device", help="Of this device only (id or name).")
@click.option("--once", is_flag=True, help="Do not wait for more.")
@json_option
def event_tail(
    count: int, since: str | None, names: tuple[str, ...], device: str | None, *, once: bool, as_json: bool
) -> None:
    """Print the newest events and then each new one until Ctrl-C; with --json the newest only."""

    async def query_of(client: HubClient) -> dict[str, str]:
        query = {"names": ",".join(names)} if names else {}
        return query | ({"device": str((await find_device(client, device)).id)} if device is not None else {})

    async def read(client: HubClient) -> bytes:
        begin = {"since": since} if since else {}
        return await client.get("events", limit=count, **begin, **await query_of(client))

    async def tail(client: HubClient) -> None:
        query = await query_of(client)
        events = decode(await read(client), _Events)
        while True:
            for event in events.items:
                say(_event_line(event))
            if once:
                return
            if not events.items:
                await asyncio.sleep(POLL_S)
            after = f"{events.position.epoch}:{events.position.seq}"
            events = decode(await client.get("events", since=after, **query), _Events)

    if as_json:
        print_json(decode_any(call(read)))
    else:
        until_interrupted(tail)


def _event_line(event: _Event) -> str:
    shown = " ".join(
        f"{key}={value}"
        for key, value in event.data.items()
        if key != "timestamp" and isinstance(value, str | int | float)
    )
    return f"{short_time(event.committed_at)} {event.seq} {event.name} {shown}"

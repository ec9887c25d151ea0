"""`noctule client`, `alert` and `log`: what is going on now."""

import asyncio
import sys
from typing import Any, Final

import click
import msgspec
from noctule_shared.events import AlertEvent, LogPosition
from rich.console import Console
from rich.live import Live
from rich.table import Table

from noctule_hub.answers.clients import ClientView
from noctule_hub.cli.client import HubClient, call, decode, decode_any
from noctule_hub.cli.output import json_option, print_json, print_table, say, short_time, table

POLL_S: Final = 1.0
WATCH_S: Final = 2.0
CLIENT_COLUMNS: Final = ("user", "role", "address", "tab", "transport", "#rooms", "#queued", "since", "last event")


class _Event(msgspec.Struct, frozen=True, rename="camel"):
    seq: int
    name: str
    committed_at: str
    data: dict[str, Any]


class _Events(msgspec.Struct, frozen=True):
    items: list[_Event]
    position: LogPosition


@click.group("client")
def client_group() -> None:
    """Socket.IO clients that are connected now."""


@client_group.command("list")
@json_option
def client_list(*, as_json: bool) -> None:
    """List connected clients."""
    clients = call(lambda client: client.items("clients", ClientView))
    if as_json:
        print_json({"items": clients})
    else:
        print_table(f"{len(clients)} clients", CLIENT_COLUMNS, _client_rows(clients))


@client_group.command("watch")
@json_option
def client_watch(*, as_json: bool) -> None:
    """Show connected clients until Ctrl-C; without a terminal or with --json, once."""
    if as_json or not sys.stdout.isatty():
        clients = call(lambda client: client.items("clients", ClientView))
        if as_json:
            print_json({"items": clients})
        else:
            print_table(f"{len(clients)} clients", CLIENT_COLUMNS, _client_rows(clients))
        return

    async def watch(client: HubClient) -> None:
        with Live(console=Console(), screen=True, auto_refresh=False) as live:
            while True:
                live.update(_client_table(await client.items("clients", ClientView)), refresh=True)
                await asyncio.sleep(WATCH_S)

    _until_interrupted(watch)


@click.group("alert")
def alert_group() -> None:
    """Alerts."""


@alert_group.command("list")
@click.option("--all", "everything", is_flag=True, help="Resolved ones too.")
@json_option
def alert_list(*, everything: bool, as_json: bool) -> None:
    """List alerts, newest first."""
    state = "all" if everything else "active"
    alerts = call(lambda client: client.items("alerts", AlertEvent, state=state))
    if as_json:
        print_json({"items": alerts})
        return
    rows = [
        (
            str(alert.id),
            alert.severity,
            alert.state,
            alert.title,
            alert.device_name or "-",
            short_time(alert.started_at),
        )
        for alert in alerts
    ]
    print_table("Alerts", ("#id", "severity", "state", "title", "device", "since"), rows)


@click.group("log")
def log_group() -> None:
    """Read the hub's event log."""


@log_group.command("tail")
@click.option("-n", "count", type=click.IntRange(1, 1000), default=20, show_default=True, help="Rows to begin with.")
@click.option("--since", help="Begin after this position, EPOCH:SEQ, instead.")
@click.option("--once", is_flag=True, help="Do not wait for more.")
@json_option
def log_tail(count: int, since: str | None, *, once: bool, as_json: bool) -> None:
    """Print the newest events and then each new one until Ctrl-C; with --json the newest only."""
    query = {"since": since} if since else {}
    if as_json:
        print_json(decode_any(call(lambda client: client.get("events", limit=count, **query))))
        return

    async def tail(client: HubClient) -> None:
        events = decode(await client.get("events", limit=count, **query), _Events)
        while True:
            for event in events.items:
                say(_event_line(event))
            if once:
                return
            if not events.items:
                await asyncio.sleep(POLL_S)
            after = f"{events.position.epoch}:{events.position.seq}"
            events = decode(await client.get("events", since=after), _Events)

    _until_interrupted(tail)


def _until_interrupted(work: Any) -> None:  # noqa: ANN401  a coroutine function of HubClient
    try:
        call(work)
    except KeyboardInterrupt:
        # The person has seen enough: that is how these commands end well.
        return


def _client_rows(clients: list[ClientView]) -> list[tuple[str, ...]]:
    return [
        (
            client.user,
            client.role,
            client.address,
            client.tab or "-",
            client.transport,
            str(len(client.rooms)),
            str(client.queued_bytes),
            short_time(client.since),
            client.last_event or "-",
        )
        for client in clients
    ]


def _client_table(clients: list[ClientView]) -> Table:
    return table(f"{len(clients)} clients, Ctrl-C ends", CLIENT_COLUMNS, _client_rows(clients))


def _event_line(event: _Event) -> str:
    shown = " ".join(
        f"{key}={value}"
        for key, value in event.data.items()
        if key != "timestamp" and isinstance(value, str | int | float)
    )
    return f"{short_time(event.committed_at)} {event.seq} {event.name} {shown}"

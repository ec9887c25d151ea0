"""`noctule client` and `alert`: what is going on now."""

import asyncio
import sys
from typing import Any, Final

import click
from noctule_shared.events import AlertEvent
from rich.console import Console
from rich.live import Live
from rich.table import Table

from noctule_hub.answers.clients import ClientView
from noctule_hub.cli.client import HubClient, call
from noctule_hub.cli.output import json_option, print_json, print_table, short_time, table

WATCH_S: Final = 2.0
CLIENT_COLUMNS: Final = ("user", "role", "address", "tab", "transport", "#rooms", "#queued", "since", "last event")


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

    until_interrupted(watch)


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


def until_interrupted(work: Any) -> None:  # noqa: ANN401  a coroutine function of HubClient
    """Run `work` with a signed-in client until it ends or Ctrl-C."""
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

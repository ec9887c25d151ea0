"""`noctule client`: who is connected by Socket.IO now."""

import asyncio
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

import click

from noctule_hub.answers.clients import ClientView
from noctule_hub.cli.client import HubClient, call, until_interrupted
from noctule_hub.cli.errors import HubAwayError
from noctule_hub.cli.output import json_option, print_json, print_json_line, print_table, short_time, table

WATCH_S: Final = 2.0
COLUMNS: Final = (
    "user", "role", "address", "tab", "transport", "rooms", "since", "#queued bytes", "last event",
)  # fmt: skip
# A dashboard is in a few rooms; a program may be in 200.
MAX_ROOMS_SHOWN: Final = 4
_KEYS: Final[dict[str, Callable[[ClientView], Any]]] = {
    "queued": lambda client: (-client.queued_bytes, client.since),
    "since": lambda client: client.since,
    "user": lambda client: (client.user.casefold(), client.since),
}

_sort_option = click.option(
    "--sort",
    type=click.Choice(tuple(_KEYS)),
    default="since",
    show_default=True,
    help="Order: most queued bytes first, longest connected first, or by name.",
)


@click.group("client")
def client_group() -> None:
    """Socket.IO clients that are connected now."""


@client_group.command("list")
@_sort_option
@json_option
def client_list(sort: str, *, as_json: bool) -> None:
    """List connected clients."""
    clients = call(lambda client: _read(client, sort))
    if as_json:
        print_json({"items": clients})
    else:
        print_table(totals(clients), COLUMNS, _rows(clients))


@client_group.command("watch")
@_sort_option
@click.option("--follow", is_flag=True, help="Without a terminal go on too: with --json one document in each line.")
@json_option
def client_watch(sort: str, *, follow: bool, as_json: bool) -> None:
    """Show connected clients until Ctrl-C; without a terminal or with --json once, unless told to --follow.

    A hub that restarts is waited for.
    """
    if not follow and (as_json or not sys.stdout.isatty()):
        clients = call(lambda client: _read(client, sort))
        if as_json:
            print_json({"items": clients})
        else:
            print_table(totals(clients), COLUMNS, _rows(clients))
        return
    if as_json or not sys.stdout.isatty():
        until_interrupted(lambda client: _follow(client, sort, as_json=as_json))
    else:
        until_interrupted(lambda client: _watch(client, sort))


async def _read(client: HubClient, sort: str) -> list[ClientView]:
    return sorted(await client.items("clients", ClientView), key=_KEYS[sort])


async def _follow(client: HubClient, sort: str, *, as_json: bool) -> None:
    while True:
        try:
            clients = await _read(client, sort)
        except HubAwayError as error:
            click.echo(f"reconnecting: {error.why}", err=True)
        else:
            if as_json:
                print_json_line({"items": clients})
            else:
                print_table(totals(clients), COLUMNS, _rows(clients))
        await asyncio.sleep(WATCH_S)


async def _watch(client: HubClient, sort: str) -> None:
    from rich.live import Live  # noqa: PLC0415  only a watch on a terminal pays for its import

    clients: list[ClientView] = []
    with Live(screen=True, auto_refresh=False) as live:
        while True:
            try:
                clients = await _read(client, sort)
                title = f"{totals(clients)}; Ctrl-C ends"
            except HubAwayError as error:
                title = f"reconnecting… ({error.why}); below is the last that was seen; Ctrl-C ends"
            live.update(table(title, COLUMNS, _rows(clients)), refresh=True)
            await asyncio.sleep(WATCH_S)


def totals(clients: Sequence[ClientView]) -> str:
    """Return how many clients there are, by role and by transport, and what waits for them."""
    count = f"{len(clients)} client{'' if len(clients) == 1 else 's'}"
    if not clients:
        return count
    queued = sum(client.queued_bytes for client in clients)
    roles = _counted(client.role for client in clients)
    transports = _counted(client.transport for client in clients)
    return f"{count}: {roles}; {transports}; {queued} bytes queued"


def _counted(words: Iterable[str]) -> str:
    return ", ".join(f"{count} {word}" for word, count in sorted(Counter(words).items()))


def _rows(clients: Iterable[ClientView]) -> list[tuple[str, ...]]:
    return [
        (
            client.user,
            client.role,
            client.address,
            client.tab or "-",
            client.transport,
            _rooms(client.rooms),
            short_time(client.since),
            str(client.queued_bytes),
            client.last_event or "-",
        )
        for client in clients
    ]


def _rooms(rooms: Sequence[str]) -> str:
    shown = ", ".join(rooms[:MAX_ROOMS_SHOWN]) or "-"
    return shown if len(rooms) <= MAX_ROOMS_SHOWN else f"{shown} and {len(rooms) - MAX_ROOMS_SHOWN} more"

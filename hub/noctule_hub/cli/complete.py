"""What a shell offers for a device, a site or an agent: their names, asked of the hub quickly or not at all."""

import re
from typing import TYPE_CHECKING, Final

import click
import msgspec

from noctule_hub.cli.client import HubClient, call_within

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

TIMEOUT_S: Final = 1.0
MAX_OFFERED: Final = 200
# Shells insert an offer as it is: a name that one would take for more than a word is not offered.
_PLAIN: Final = re.compile(r"[\w@+.][\w@+.-]*")


class _Named(msgspec.Struct, frozen=True):
    name: str


class _Page(msgspec.Struct, frozen=True):
    items: list[_Named]


def devices(ctx: click.Context, param: click.Parameter, incomplete: str) -> "list[CompletionItem]":  # noqa: ARG001  click's
    """Return devices whose names begin like this."""
    return _named("devices", ctx, incomplete, {"text": incomplete} if incomplete else {})


def sites(ctx: click.Context, param: click.Parameter, incomplete: str) -> "list[CompletionItem]":  # noqa: ARG001  click's
    """Return sites whose names begin like this."""
    return _named("sites", ctx, incomplete, {})


def agents(ctx: click.Context, param: click.Parameter, incomplete: str) -> "list[CompletionItem]":  # noqa: ARG001  click's
    """Return agents whose names begin like this."""
    return _named("agents", ctx, incomplete, {})


def _named(path: str, ctx: click.Context, incomplete: str, query: dict[str, str]) -> "list[CompletionItem]":
    from click.shell_completion import CompletionItem  # noqa: PLC0415  only a shell that completes needs it

    async def read(client: HubClient) -> list[str]:
        answer = await client.get(path, limit=MAX_OFFERED, **query)
        return [item.name for item in msgspec.json.decode(answer, type=_Page).items]

    try:
        # The profile is an option of the program's own context.
        with ctx.scope(cleanup=False):
            names = call_within(TIMEOUT_S, read)
    except Exception:  # noqa: BLE001  whatever it is, a person who types wants no word of it
        return []
    begin = incomplete.casefold()
    return [CompletionItem(name) for name in names if name.casefold().startswith(begin) and _PLAIN.fullmatch(name)]

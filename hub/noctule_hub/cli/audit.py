"""`noctule audit`: who changed what in the hub's configuration."""

from typing import Any, Final

import click
from noctule_shared.times import iso_from_ms

from noctule_hub.answers.audit import AuditPage, AuditView
from noctule_hub.cli.client import HubClient, call, decode
from noctule_hub.cli.log_options import Moment
from noctule_hub.cli.options import ID
from noctule_hub.cli.output import json_option, print_json, print_table, short_time
from noctule_hub.cli.text import cut

# Fields that change with every write and say nothing.
_IDLE: Final = frozenset({"revision"})
MAX_VALUE_CHARS: Final = 60
# Fields that end with Ms hold times and spans: a span is less than this, a time since 2001 is not.
LEAST_TIME_MS: Final = 1_000_000_000_000


@click.group("audit")
def audit_group() -> None:
    """Who changed what, from where and when."""


@audit_group.command("list")
@click.option("-n", "count", type=click.IntRange(1, 1000), default=50, show_default=True, help="How many, the newest.")
@click.option("--kind", help="Only changes of such objects: device, site, agent, user and so on.")
@click.option("--object", "object_id", type=ID, help="Only changes of the object with this id.")
@click.option("--subject", help="Only changes by this one, such as user:7 or token:3.")
@click.option("--since", type=Moment(), help="Made since then: 1h, 7d, or 2026-11-22T03:12:00Z.")
@click.option("--until", type=Moment(), help="Made before then.")
@json_option
def audit_list(count: int, *, as_json: bool, **options: Any) -> None:  # noqa: ANN401  click's
    """List changes of configuration, newest first."""
    given = {
        "kind": options["kind"],
        "objectId": options["object_id"],
        "subject": options["subject"],
        "from": options["since"],
        "to": options["until"],
    }
    query = {name: str(value) for name, value in given.items() if value is not None}

    async def read(client: HubClient) -> AuditPage:
        return decode(await client.get("audit", limit=count, **query), AuditPage)

    entries = call(read).items
    if as_json:
        print_json({"items": entries})
        return
    rows = [
        (
            short_time(entry.at),
            entry.actor,
            entry.address or "-",
            entry.action,
            f"{entry.kind} {entry.object_id}" if entry.object_id is not None else entry.kind,
            entry.name,
            _difference(entry),
        )
        for entry in entries
    ]
    print_table("Changes", ("when", "who", "from", "did", "object", "name", "what"), rows)


def _difference(entry: AuditView) -> str:
    """Return the fields that differ, with what they were and are; `-` where something was added or removed."""
    if entry.before is None or entry.after is None:
        return "-"
    before, after = entry.before, entry.after
    named = [
        f"{key}: {_shown(key, before.get(key))} -> {_shown(key, value)}"
        for key, value in after.items()
        if key not in _IDLE and before.get(key) != value
    ]
    return "; ".join(named) or "-"


def _shown(key: str, value: Any) -> str:  # noqa: ANN401  JSON of any record
    if key.endswith("Ms") and isinstance(value, int) and value >= LEAST_TIME_MS:
        return short_time(iso_from_ms(value))
    return cut("-" if value in (None, "") else str(value), MAX_VALUE_CHARS)

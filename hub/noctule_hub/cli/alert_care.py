"""`noctule alert ack` and `unack`, `assign` and `unassign`: who takes care of alerts, of many with one request."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import click
from noctule_shared.alerts import Assignee
from noctule_shared.events import AlertEvent

from noctule_hub.answers.accounts import MeView
from noctule_hub.answers.alert_care import CareAnswer, CareRowView
from noctule_hub.answers.alert_story import AssigneesView
from noctule_hub.cli.client import HubClient, call, decode
from noctule_hub.cli.durations import duration_s
from noctule_hub.cli.errors import CommandError
from noctule_hub.cli.options import ID
from noctule_hub.cli.output import json_option, print_json, say, short_time

# What the hub takes at once.
BATCH: Final = 1_000
_alerts = click.argument("alert_ids", metavar="ALERT...", nargs=-1, required=True, type=ID)


@click.command("ack")
@_alerts
@click.option("--note", help="For colleagues.")
@click.option(
    "--until",
    "within",
    type=duration_s,
    metavar="SPAN",
    help="For how long, such as 2h.  [default: until it is resolved]",
)
@json_option
def alert_ack(alert_ids: tuple[int, ...], *, note: str | None, within: int | None, as_json: bool) -> None:
    """Acknowledge each ALERT by its id: you take care of it."""
    body: dict[str, Any] = {} if note is None else {"note": note}
    if within is not None:
        body["until"] = (datetime.now(UTC) + timedelta(seconds=within)).isoformat()
    _tell(call(lambda client: _take(client, "acknowledge", alert_ids, body)), _acknowledged, as_json=as_json)


@click.command("unack")
@_alerts
@json_option
def alert_unack(alert_ids: tuple[int, ...], *, as_json: bool) -> None:
    """Take the acknowledgement of each ALERT (id) back."""
    _tell(call(lambda client: _take(client, "unacknowledge", alert_ids, {})), _acknowledged, as_json=as_json)


@click.command("assign")
@_alerts
@click.argument("user")
@json_option
def alert_assign(alert_ids: tuple[int, ...], user: str, *, as_json: bool) -> None:
    """Assign each ALERT (id) to USER (id or name), who is to take care of it."""

    async def assign(client: HubClient) -> list[CareRowView]:
        return await _take(client, "assign", alert_ids, {"userId": (await find_assignee(client, user)).user_id})

    _tell(call(assign), _assigned, as_json=as_json)


@click.command("unassign")
@_alerts
@json_option
def alert_unassign(alert_ids: tuple[int, ...], *, as_json: bool) -> None:
    """Take each ALERT (id) from whom it is assigned to."""
    _tell(call(lambda client: _take(client, "assign", alert_ids, {"userId": None})), _assigned, as_json=as_json)


async def _take(client: HubClient, deed: str, ids: Sequence[int], body: Mapping[str, Any]) -> list[CareRowView]:
    rows: list[CareRowView] = []
    for first in range(0, len(ids), BATCH):
        sent = {"ids": ids[first : first + BATCH], **body}
        rows += decode(await client.send("POST", f"alerts/bulk-{deed}", sent), CareAnswer).rows
    return rows


def _tell(rows: Sequence[CareRowView], said: Callable[[AlertEvent], str], *, as_json: bool) -> None:
    """Say what became of each. Raises `CommandError` when any was refused; the others are done."""
    if as_json:
        print_json({"rows": rows})
    refused: dict[str, list[str]] = {}
    for row in rows:
        if row.alert is None:
            refused.setdefault(row.message or "", []).append(str(row.alert_id))
        elif not as_json:
            say(f"Alert {row.alert_id} ({row.alert.title}) {said(row.alert)}.")
    if refused:
        why = [message if len(rows) == 1 else f"{', '.join(ids)}: {message}" for message, ids in refused.items()]
        raise CommandError("\n".join(why))


def _acknowledged(alert: AlertEvent) -> str:
    if alert.acknowledged_by is None:
        return "is not acknowledged any more"
    until = "" if alert.acknowledged_until is None else f" until {short_time(alert.acknowledged_until)}"
    return f"is acknowledged{until}"


def _assigned(alert: AlertEvent) -> str:
    return f"is assigned to {'nobody' if alert.assignee is None else alert.assignee.name}"


async def find_assignee(client: HubClient, wanted: str) -> Assignee:
    """Return a user who may take care of alerts by name or id; a name of digits comes before an id.

    Raises `CommandError` when there is none.
    """
    users = decode(await client.get("alerts/assignees"), AssigneesView).items
    for user in users:
        if user.name.casefold() == wanted.casefold():
            return user
    for user in users:
        if str(user.user_id) == wanted:
            return user
    names = ", ".join(user.name for user in users[:10]) or "nobody"
    raise CommandError(f"{wanted!r} is nobody who may take care of alerts; those may: {names}")


async def own_id(client: HubClient) -> int:
    """Return the id of the user who is signed in. Raises `CommandError` when that is no user of this hub."""
    me = decode(await client.get("me"), MeView)
    if me.user_id is None:
        raise CommandError(f"{me.name} is no user of this hub, so nothing is assigned to it")
    return me.user_id

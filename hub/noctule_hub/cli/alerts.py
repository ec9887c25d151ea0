"""`noctule alert`: what is wrong now, what was, and who takes care of it."""

from datetime import UTC, datetime, timedelta

import click
from noctule_shared.events import AlertEvent

from noctule_hub.cli.alert_rules import SEVERITIES, rule_group
from noctule_hub.cli.channels import channel_group
from noctule_hub.cli.client import HubClient, call, decode
from noctule_hub.cli.deliveries import delivery_group
from noctule_hub.cli.devices import find_device
from noctule_hub.cli.durations import duration_s
from noctule_hub.cli.output import json_option, print_json, print_table, say, short_time
from noctule_hub.cli.silences import silence_group
from noctule_hub.cli.sites import find_site


@click.group("alert")
def alert_group() -> None:
    """Alerts, their rules and silences."""


alert_group.add_command(rule_group)
alert_group.add_command(silence_group)


alert_group.add_command(channel_group)
alert_group.add_command(delivery_group)


@alert_group.command("list")
@click.option("--all", "everything", is_flag=True, help="Resolved ones too.")
@click.option("--severity", type=click.Choice(SEVERITIES), help="At least as severe as this.")
@click.option("--site", help="About this site (id or name).")
@click.option("--device", help="About this device (id or name).")
@click.option("--rule", help="Of this rule (name).")
@click.option("--acknowledged", "acknowledged", flag_value="true", help="Those that somebody takes care of.")
@click.option("--unacknowledged", "acknowledged", flag_value="false", help="Those that nobody takes care of.")
@json_option
def alert_list(
    *,
    everything: bool,
    severity: str | None,
    site: str | None,
    device: str | None,
    rule: str | None,
    acknowledged: str | None,
    as_json: bool,
) -> None:
    """List alerts, newest first."""
    query = {"state": "all" if everything else "active"}
    if severity is not None:
        query["severity"] = severity
    if rule is not None:
        query["rule"] = rule
    if acknowledged is not None:
        query["acknowledged"] = acknowledged

    async def read(client: HubClient) -> list[AlertEvent]:
        if site is not None:
            query["siteId"] = str((await find_site(client, site)).id)
        if device is not None:
            query["deviceId"] = str((await find_device(client, device)).id)
        return await client.items("alerts", AlertEvent, **query)

    alerts = call(read)
    if as_json:
        print_json({"items": alerts})
        return
    rows = [
        (
            str(alert.id),
            alert.severity,
            _state(alert),
            alert.title,
            alert.device_name or "-",
            short_time(alert.started_at),
        )
        for alert in alerts
    ]
    print_table("Alerts", ("#id", "severity", "state", "title", "device", "since"), rows)


@alert_group.command("show")
@click.argument("alert_id", metavar="ALERT", type=click.IntRange(min=1))
@json_option
def alert_show(alert_id: int, *, as_json: bool) -> None:
    """Show ALERT by its id, a resolved one too."""
    alert = decode(call(lambda client: client.get(f"alerts/{alert_id}")), AlertEvent)
    if as_json:
        print_json(alert)
        return
    silenced = alert.silenced_by
    facts = [
        ("id", str(alert.id)),
        ("severity", alert.severity),
        ("state", alert.state),
        ("device", alert.device_name or "-"),
        ("reason", alert.reason),
        ("rule", alert.rule),
        ("rings nobody because", alert.inhibited_by or "-"),
        ("silenced by", "-" if silenced is None else f"silence {silenced.id}: {silenced.comment}"),
        ("since", short_time(alert.started_at)),
        ("resolved", short_time(alert.resolved_at)),
        ("acknowledged by", alert.acknowledged_by or "-"),
        ("acknowledged at", short_time(alert.acknowledged_at)),
        ("acknowledged until", short_time(alert.acknowledged_until)),
        ("note", alert.note or "-"),
    ]
    print_table(alert.title, ("", ""), facts)


@alert_group.command("ack")
@click.argument("alert_id", metavar="ALERT", type=click.IntRange(min=1))
@click.option("--note", help="For colleagues.")
@click.option(
    "--until",
    "within",
    type=duration_s,
    metavar="SPAN",
    help="For how long, such as 2h.  [default: until it is resolved]",
)
@json_option
def alert_ack(alert_id: int, *, note: str | None, within: int | None, as_json: bool) -> None:
    """Acknowledge ALERT by its id: you take care of it."""
    body = {} if note is None else {"note": note}
    if within is not None:
        body["until"] = (datetime.now(UTC) + timedelta(seconds=within)).isoformat()
    alert = decode(call(lambda client: client.send("POST", f"alerts/{alert_id}/acknowledge", body)), AlertEvent)
    if as_json:
        print_json(alert)
    else:
        until = "" if alert.acknowledged_until is None else f" until {short_time(alert.acknowledged_until)}"
        say(f"Alert {alert.id} ({alert.title}) is acknowledged{until}.")


@alert_group.command("unack")
@click.argument("alert_id", metavar="ALERT", type=click.IntRange(min=1))
@json_option
def alert_unack(alert_id: int, *, as_json: bool) -> None:
    """Take the acknowledgement of ALERT (id) back."""
    alert = decode(call(lambda client: client.send("DELETE", f"alerts/{alert_id}/acknowledge")), AlertEvent)
    if as_json:
        print_json(alert)
    else:
        say(f"Alert {alert.id} ({alert.title}) is not acknowledged any more.")


def _state(alert: AlertEvent) -> str:
    notes = [
        *([] if alert.acknowledged_by is None else [f"acknowledged by {alert.acknowledged_by}"]),
        *([] if alert.silenced_by is None else [f"silence {alert.silenced_by.id}"]),
        *([] if alert.inhibited_by is None else [alert.inhibited_by]),
    ]
    return f"{alert.state} ({'; '.join(notes)})" if notes else alert.state

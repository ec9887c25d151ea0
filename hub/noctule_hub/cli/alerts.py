"""`noctule alert`: what is wrong now, and what was."""

import click
from noctule_shared.events import AlertEvent

from noctule_hub.cli.client import call
from noctule_hub.cli.errors import CommandError
from noctule_hub.cli.output import json_option, print_json, print_table, short_time


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
            alert.state if alert.inhibited_by is None else f"{alert.state} ({alert.inhibited_by})",
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
    for alert in call(lambda client: client.items("alerts", AlertEvent, state="all")):
        if alert.id == alert_id:
            break
    else:
        raise CommandError(f"there is no alert {alert_id}; see: noctule alert list --all")
    if as_json:
        print_json(alert)
        return
    facts = [
        ("id", str(alert.id)),
        ("severity", alert.severity),
        ("state", alert.state),
        ("device", alert.device_name or "-"),
        ("reason", alert.reason),
        ("rule", alert.rule),
        ("rings nobody because", alert.inhibited_by or "-"),
        ("since", short_time(alert.started_at)),
        ("resolved", short_time(alert.resolved_at)),
        ("acknowledged by", alert.acknowledged_by or "-"),
        ("note", alert.note or "-"),
    ]
    print_table(alert.title, ("", ""), facts)

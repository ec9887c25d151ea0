"""`noctule alert`: what is wrong now, what was, and who takes care of it."""

from typing import Final

import click
from noctule_shared.events import AlertEvent

from noctule_hub.cli.alert_care import alert_ack, alert_assign, alert_unack, alert_unassign, find_assignee, own_id
from noctule_hub.cli.alert_explanations import alert_show, alert_why
from noctule_hub.cli.alert_rules import SEVERITIES, rule_group
from noctule_hub.cli.channels import channel_group
from noctule_hub.cli.client import HubClient, call
from noctule_hub.cli.deliveries import delivery_group
from noctule_hub.cli.devices import find_device
from noctule_hub.cli.incidents import incident_group
from noctule_hub.cli.notification_policies import policy_group
from noctule_hub.cli.output import json_option, print_json, print_table, short_time
from noctule_hub.cli.silences import silence_group
from noctule_hub.cli.sites import find_site


@click.group("alert")
def alert_group() -> None:
    """Alerts, their rules and silences."""


_COMMANDS: Final[tuple[click.Command, ...]] = (
    rule_group,
    silence_group,
    incident_group,
    channel_group,
    delivery_group,
    policy_group,
    alert_show,
    alert_why,
    alert_ack,
    alert_unack,
    alert_assign,
    alert_unassign,
)
for command in _COMMANDS:
    alert_group.add_command(command)


@alert_group.command("list")
@click.option("--all", "everything", is_flag=True, help="Resolved ones too.")
@click.option("--severity", type=click.Choice(SEVERITIES), help="At least as severe as this.")
@click.option("--site", help="About this site (id or name).")
@click.option("--device", help="About this device (id or name).")
@click.option("--rule", help="Of this rule (name).")
@click.option("--acknowledged", "acknowledged", flag_value="true", help="Those that somebody takes care of.")
@click.option("--unacknowledged", "acknowledged", flag_value="false", help="Those that nobody takes care of.")
@click.option("--assignee", help="Assigned to this user (id or name).")
@click.option("--mine", is_flag=True, help="Assigned to you.")
@click.option("--limit", type=click.IntRange(min=1), help="The newest so many.  [default: all]")
@json_option
def alert_list(
    *,
    everything: bool,
    severity: str | None,
    site: str | None,
    device: str | None,
    rule: str | None,
    acknowledged: str | None,
    assignee: str | None,
    mine: bool,
    limit: int | None,
    as_json: bool,
) -> None:
    """List alerts, newest first."""
    if mine and assignee is not None:
        raise click.UsageError("name a user with --assignee, or say --mine")
    given = {"severity": severity, "rule": rule, "acknowledged": acknowledged}
    query = {name: value for name, value in given.items() if value is not None}
    query["state"] = "all" if everything else "active"

    async def read(client: HubClient) -> list[AlertEvent]:
        if site is not None:
            query["siteId"] = str((await find_site(client, site)).id)
        if device is not None:
            query["deviceId"] = str((await find_device(client, device)).id)
        if mine or assignee is not None:
            wanted = await own_id(client) if assignee is None else (await find_assignee(client, assignee)).user_id
            query["assignee"] = str(wanted)
        return await client.items("alerts", AlertEvent, limit, **query)

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
            "-" if alert.assignee is None else alert.assignee.name,
            short_time(alert.started_at),
        )
        for alert in alerts
    ]
    print_table("Alerts", ("#id", "severity", "state", "title", "device", "assigned to", "since"), rows)


def _state(alert: AlertEvent) -> str:
    notes = [
        *([] if alert.acknowledged_by is None else [f"acknowledged by {alert.acknowledged_by}"]),
        *([] if alert.silenced_by is None else [f"silence {alert.silenced_by.id}"]),
        *([] if alert.inhibited_by is None else [alert.inhibited_by]),
    ]
    return f"{alert.state} ({'; '.join(notes)})" if notes else alert.state

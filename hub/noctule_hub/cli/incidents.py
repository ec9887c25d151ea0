"""`noctule alert incident`: what fell together, and why."""

import click

from noctule_hub.answers.incidents import IncidentDetailView, IncidentView
from noctule_hub.cli.client import call, decode
from noctule_hub.cli.options import ID
from noctule_hub.cli.output import json_option, print_json, print_table, say, short_time


@click.group("incident")
def incident_group() -> None:
    """Alerts that belong together, by their probable root cause."""


@incident_group.command("list")
@click.option("--all", "everything", is_flag=True, help="Those that are over too.")
@click.option("--limit", type=click.IntRange(min=1), help="The newest so many.  [default: all]")
@json_option
def incident_list(*, everything: bool, limit: int | None, as_json: bool) -> None:
    """List incidents, newest first."""
    query = {"state": "all" if everything else "open"}
    incidents = call(lambda client: client.items("incidents", IncidentView, limit, **query))
    if as_json:
        print_json({"items": incidents})
        return
    rows = [
        (
            str(incident.id),
            incident.title,
            str(incident.alerts),
            str(incident.unreachable),
            short_time(incident.started_at),
            _end(incident),
        )
        for incident in incidents
    ]
    print_table("Incidents", ("#id", "title", "#alerts", "#unreachable", "since", "until"), rows)


@incident_group.command("show")
@click.argument("incident_id", metavar="INCIDENT", type=ID)
@json_option
def incident_show(incident_id: int, *, as_json: bool) -> None:
    """Show INCIDENT by its id: its alerts, the root cause first, and the devices that it makes unreachable."""
    incident = decode(call(lambda client: client.get(f"incidents/{incident_id}")), IncidentDetailView)
    if as_json:
        print_json(incident)
        return
    facts = [
        ("id", str(incident.id)),
        ("since", short_time(incident.started_at)),
        ("until", _end(incident)),
        ("alerts", str(incident.alerts)),
        ("unreachable devices", str(incident.unreachable)),
    ]
    print_table(incident.title, ("", ""), facts)
    rows = [
        (
            str(alert.id),
            "root cause" if alert.id == incident.root_alert_id else "",
            alert.severity,
            alert.state,
            alert.title,
            short_time(alert.started_at),
        )
        for alert in incident.members
    ]
    print_table("Alerts", ("#id", "", "severity", "state", "title", "since"), rows)
    if incident.devices:
        devices = [
            (str(device.device_id), device.device_name or "(removed)", device.status or "-")
            for device in incident.devices
        ]
        print_table("Devices that were unreachable", ("#id", "name", "status now"), devices)
        if incident.unreachable > len(devices):
            say(f"... and {incident.unreachable - len(devices)} more")


def _end(incident: IncidentView) -> str:
    if incident.merged_into is not None:
        return f"part of incident {incident.merged_into} now"
    return short_time(incident.ended_at)

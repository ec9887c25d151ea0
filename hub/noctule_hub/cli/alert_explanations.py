"""`noctule alert show` and `why`: an alert explained, and why there is none."""

import click
from noctule_shared.events import AlertEvent

from noctule_hub.answers.alert_story import ExplanationView, StepView, WhyView
from noctule_hub.answers.devices import InterfaceView
from noctule_hub.cli.client import HubClient, call, decode
from noctule_hub.cli.devices import find_device
from noctule_hub.cli.errors import CommandError
from noctule_hub.cli.options import ID
from noctule_hub.cli.output import json_option, print_json, print_table, say, short_time


@click.command("show")
@click.argument("alert_id", metavar="ALERT", type=ID)
@click.option("--brief", is_flag=True, help="The facts alone, without explanation and timeline.")
@json_option
def alert_show(alert_id: int, *, brief: bool, as_json: bool) -> None:
    """Explain ALERT by its id, a resolved one too: what, since when, why, who was told, what became of it."""
    if brief:
        _show_facts(decode(call(lambda client: client.get(f"alerts/{alert_id}")), AlertEvent), as_json=as_json)
        return
    told = decode(call(lambda client: client.get(f"alerts/{alert_id}/explanation")), ExplanationView)
    if as_json:
        print_json(told)
        return
    for sentence in told.sentences:
        say(sentence)
    say("")
    rows = [(short_time(step.at), step.kind.value, _text(step)) for step in told.steps]
    if told.steps_dropped:
        rows.append(("", "", f"{told.steps_dropped} steps in between are not kept"))
    print_table(f"Alert {alert_id}, step by step", ("time", "what", "in words"), rows)


def _text(step: StepView) -> str:
    seen = short_time(step.at if step.observed_at is None else step.observed_at)
    since = "" if seen == short_time(step.at) else f" (since {seen})"
    until = "" if step.until is None else f" until {short_time(step.until)}"
    note = "" if not step.note else f": {step.note}"
    return f"{step.text}{until}{note}{since}"


def _show_facts(alert: AlertEvent, *, as_json: bool) -> None:
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
        ("incident", "-" if alert.incident is None else f"{alert.incident.id}: {alert.incident.title}"),
        ("silenced by", "-" if silenced is None else f"silence {silenced.id}: {silenced.comment}"),
        ("since", short_time(alert.started_at)),
        ("resolved", short_time(alert.resolved_at)),
        ("assigned to", "-" if alert.assignee is None else alert.assignee.name),
        ("acknowledged by", alert.acknowledged_by or "-"),
        ("acknowledged at", short_time(alert.acknowledged_at)),
        ("acknowledged until", short_time(alert.acknowledged_until)),
        ("note", alert.note or "-"),
    ]
    print_table(alert.title, ("", ""), facts)


@click.command("why")
@click.option("--device", required=True, help="Of this device (id or name).")
@click.option("--interface", help="Of this interface of it (id, or its name or ifAlias).")
@json_option
def alert_why(device: str, interface: str | None, *, as_json: bool) -> None:
    """Say what each rule that could alert on a device, or an interface of it, says of it now: why there is no alert."""

    async def ask(client: HubClient) -> WhyView:
        query = {"deviceId": str((await find_device(client, device)).id)}
        if interface is not None:
            query["interfaceId"] = str((await _find_interface(client, query["deviceId"], interface)).id)
        return decode(await client.get("alerts/why", **query), WhyView)

    answer = call(ask)
    if as_json:
        print_json(answer)
        return
    rows = [(one.rule, one.severity, one.outcome, one.text) for one in answer.items]
    print_table(f"{answer.name}: {answer.status}", ("rule", "severity", "says", "in words"), rows)


async def _find_interface(client: HubClient, device_id: str, wanted: str) -> InterfaceView:
    ports = await client.items(f"devices/{device_id}/interfaces", InterfaceView)
    for port in ports:
        if wanted in {port.name, port.if_alias}:
            return port
    for port in ports:
        if str(port.id) == wanted:
            return port
    raise CommandError(f"the device has no interface {wanted!r}; see: noctule device show {device_id}")

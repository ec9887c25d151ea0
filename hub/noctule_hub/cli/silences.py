"""`noctule alert silence`: alerts that match ring nobody for a time."""

from datetime import UTC, datetime, timedelta
from typing import Any

import click

from noctule_hub.answers.alerting import SilenceView
from noctule_hub.cli.alert_rules import SEVERITIES
from noctule_hub.cli.client import HubClient, call, decode
from noctule_hub.cli.devices import find_device
from noctule_hub.cli.durations import duration_s
from noctule_hub.cli.names import Names, names_of
from noctule_hub.cli.options import ID
from noctule_hub.cli.output import json_option, print_json, print_table, say, short_time
from noctule_hub.cli.schedule_options import moment
from noctule_hub.cli.sites import find_site


@click.group("silence")
def silence_group() -> None:
    """Alerts that match a silence ring nobody while it holds; they stay in all lists."""


@silence_group.command("add")
@click.argument("comment")
@click.option("--for", "duration", type=duration_s, metavar="SPAN", help="How long it holds, such as 90m or 2d.")
@click.option("--until", "ends_at", type=moment, metavar="TIME", help="Time at which it ends, as for --from.")
@click.option(
    "--from",
    "starts_at",
    type=moment,
    metavar="TIME",
    help="Time at which it begins, 2026-12-01T02:00 in this machine's zone or with one.  [default: now]",
)
@click.option("--rule", "rules", multiple=True, help="Alerts of this rule (name).  [several]")
@click.option("--severity", type=click.Choice(SEVERITIES), help="Alerts that are at least as severe.")
@click.option("--site", "sites", multiple=True, help="Alerts about this site (id or name).  [several]")
@click.option("--device", "devices", multiple=True, help="Alerts about this device (id or name).  [several]")
@click.option("--role", "roles", multiple=True, help="Alerts about devices of this role.  [several]")
@click.option("--tag", "tags", multiple=True, help="Alerts about devices with this tag.  [several]")
@click.option("--name", "names", multiple=True, help="Alerts about devices, or agents, named so, * and ?.  [several]")
@json_option
def silence_add(comment: str, *, as_json: bool, **options: Any) -> None:  # noqa: ANN401  click's
    """Silence the alerts that all the options fit; COMMENT says why.

    For example: noctule alert silence add "waits for a new card" --device core1 --rule interface-down --for 2d
    """
    if (options["duration"] is None) is (options["ends_at"] is None):
        raise click.UsageError("say how long it holds: --for or --until")
    if not any(options[what] for what in ("rules", "severity", "sites", "devices", "roles", "tags", "names")):
        raise click.UsageError("say which alerts: --rule, --severity, --site, --device, --role, --tag or --name")
    body: dict[str, Any] = {"comment": comment}
    starts: datetime = options["starts_at"] or datetime.now(UTC)
    if options["starts_at"] is not None:
        body["startsAt"] = starts.isoformat()
    ends: datetime = options["ends_at"] or starts + timedelta(seconds=options["duration"])
    body["endsAt"] = ends.isoformat()

    async def add(client: HubClient) -> SilenceView:
        body["matchers"] = {
            "rules": list(options["rules"]),
            "severity": options["severity"],
            "siteIds": [(await find_site(client, site)).id for site in options["sites"]],
            "deviceIds": [(await find_device(client, device)).id for device in options["devices"]],
            "roles": list(options["roles"]),
            "tags": list(options["tags"]),
            "names": list(options["names"]),
        }
        return decode(await client.send("POST", "silences", body), SilenceView)

    added = call(add)
    if as_json:
        print_json(added)
    else:
        say(f"Silence {added.id} holds until {short_time(added.ends_at)}.")


@silence_group.command("list")
@click.option("--all", "with_past", is_flag=True, help="Also those that are over.")
@json_option
def silence_list(*, with_past: bool, as_json: bool) -> None:
    """List silences that hold or are to come."""
    now = datetime.now(UTC)

    async def read(client: HubClient) -> tuple[list[SilenceView], Names]:
        found = await client.items("silences", SilenceView)
        if not with_past:
            found = [one for one in found if one.active or datetime.fromisoformat(one.ends_at) > now]
        if as_json:
            return found, Names()
        return found, await names_of(
            client,
            device_ids=[one for silence in found for one in silence.matchers.device_ids],
            site_ids=[one for silence in found for one in silence.matchers.site_ids],
        )

    silences, names = call(read)
    if as_json:
        print_json({"items": silences})
        return
    rows = [
        (
            str(one.id),
            _matched(one, names),
            short_time(one.starts_at),
            short_time(one.ends_at),
            "yes" if one.active else "no",
            one.created_by,
            one.comment,
        )
        for one in silences
    ]
    print_table("Silences", ("#id", "alerts", "from", "until", "holds", "by", "comment"), rows)


@silence_group.command("expire")
@click.argument("silence_id", metavar="SILENCE", type=ID)
@json_option
def silence_expire(silence_id: int, *, as_json: bool) -> None:
    """End SILENCE (id) now: what it silenced and still fires rings."""
    ended = decode(call(lambda client: client.send("POST", f"silences/{silence_id}/expire")), SilenceView)
    if as_json:
        print_json(ended)
    else:
        say(f"Silence {ended.id} is over.")


@silence_group.command("remove")
@click.argument("silence_id", metavar="SILENCE", type=ID)
@json_option
def silence_remove(silence_id: int, *, as_json: bool) -> None:
    """Remove SILENCE (id): what it silenced and still fires rings."""
    call(lambda client: client.send("DELETE", f"silences/{silence_id}"))
    if as_json:
        print_json({"removed": silence_id})
    else:
        say(f"Silence {silence_id} is removed.")


def _matched(silence: SilenceView, names: Names) -> str:
    matchers = silence.matchers
    devices, sites = names.about(device_ids=matchers.device_ids, site_ids=matchers.site_ids)
    parts = (
        ("rules", matchers.rules),
        ("severity", [] if matchers.severity is None else [f"{matchers.severity} and above"]),
        ("sites", sites),
        ("devices", devices),
        ("roles", matchers.roles),
        ("tags", matchers.tags),
        ("names", matchers.names),
    )
    return "; ".join(f"{what} {', '.join(map(str, given))}" for what, given in parts if given)

"""`noctule alert rule test`: what a rule would have done with what the hub has stored."""

import tomllib
from collections.abc import Mapping
from typing import Any, Final

import click
import msgspec

from noctule_hub.answers.alerting import RuleTrial, RuleTrialItem, RuleTrialRival
from noctule_hub.cli.client import HubClient, call, decode
from noctule_hub.cli.errors import CommandError
from noctule_hub.cli.imports.source import read_json, read_text
from noctule_hub.cli.output import json_option, print_json, print_table, say, short_time
from noctule_hub.cli.progress import Progress

MAX_SHOWN: Final = 20
# What `rule show --json` tells beside what a rule is.
_TOLD: Final = ("id", "createdAt", "revision")


@click.command("test")
@click.argument("file", type=click.Path(dir_okay=False, allow_dash=True))
@click.option("--days", type=click.IntRange(1, 400), default=30, show_default=True, help="How far back.")
@json_option
def rule_test(file: str, *, days: int, as_json: bool) -> None:
    """Try the rule in FILE over what the hub has stored: how often it would have fired, for how long, on what.

    FILE holds a rule as JSON or TOML, as `rule show --json` prints one or `POST /api/v1/rules` takes it; - is standard
    input. Nothing is changed and nobody is told. Devices, interfaces and their names are those of now.
    """
    rule = read_rule(file)
    found = call(lambda client: _tried(client, rule, days))
    if as_json:
        print_json(found)
    else:
        _print(str(rule.get("name", file)), found)


def read_rule(file: str) -> dict[str, Any]:
    """Return the rule in a file, `-` for standard input. Raises `CommandError`."""
    text = read_text(file)
    if text.lstrip().startswith("{"):
        rule = read_json(file, text)
    else:
        try:
            rule = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise CommandError(f"{file}: is neither JSON nor TOML: {error}") from None
    if not isinstance(rule, Mapping):
        raise CommandError(f"{file}: holds no rule: an object with name, condition and severity is needed")
    return {key: value for key, value in rule.items() if key not in _TOLD}


async def _tried(client: HubClient, rule: Mapping[str, Any], days: int) -> RuleTrial:
    """Return all parts of a trial as one."""
    body: dict[str, Any] = {"rule": rule, "days": days}
    items: list[RuleTrialItem] = []
    rivals: dict[str, RuleTrialRival] = {}
    with Progress(0, "Trying") as progress:
        while True:
            part = decode(await client.send("POST", "rules/test", body), RuleTrial)
            progress.set(part.done, part.objects)
            items += part.items
            for rival in part.present:
                rivals[rival.rule] = _sum(rivals.get(rival.rule), rival)
            if part.next_cursor is None:
                return msgspec.structs.replace(part, items=items, present=list(rivals.values()))
            body["cursor"] = int(part.next_cursor)


def _sum(before: RuleTrialRival | None, more: RuleTrialRival) -> RuleTrialRival:
    if before is None:
        return more
    return msgspec.structs.replace(
        more,
        times=before.times + more.times,
        seconds=before.seconds + more.seconds,
        objects=before.objects + more.objects,
    )


def _print(name: str, found: RuleTrial) -> None:
    times, seconds = sum(one.times for one in found.items), sum(one.seconds for one in found.items)
    say(f"{name} from {short_time(found.from_)} to {short_time(found.to)}, over {found.objects} objects.")
    if found.resolution is not None:
        say(f"Made of {found.resolution} history: what was shorter than that is averaged.")
    say(f"It would have fired {times} times, on {len(found.items)} of them, {_span(seconds)} in all.")
    most = sorted(found.items, key=lambda one: (-one.times, -one.seconds))
    if most:
        rows = [
            (one.title, str(one.times), _span(one.seconds), _span(one.longest_s), short_time(one.last_at))
            for one in most[:MAX_SHOWN]
        ]
        more = len(most) - len(rows)
        title = "Where most" if not more else f"Where most; {more} more with --json"
        print_table(title, ("object", "#times", "#in all", "#longest", "last"), rows)
    if found.present:
        compared = [(one.rule, str(one.times), str(one.objects), _span(one.seconds)) for one in found.present]
        print_table("The present rules over the same", ("rule", "#times", "#objects", "#in all"), compared)
    else:
        say("No rule that is enabled now is about the same condition.")


def _span(seconds: float) -> str:
    """Return a span in its two largest units."""
    whole = round(seconds)
    for unit_s, unit, part_s, part in ((86_400, "d", 3_600, "h"), (3_600, "h", 60, "min"), (60, "min", 1, "s")):
        if whole >= unit_s:
            return f"{whole // unit_s} {unit} {whole % unit_s // part_s} {part}"
    return f"{whole} s"

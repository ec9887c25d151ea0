"""The options that say when a maintenance is, and what the API takes for them."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final, TypeVar

import click

from noctule_hub.cli.durations import duration_s

Command = TypeVar("Command", bound=Callable[..., Any])
# Names of the days, as the API spells them.
_DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_GROUPS: Final = {"day": _DAYS, "weekday": _DAYS[:5], "weekend": _DAYS[5:]}


def schedule_options(command: Command) -> Command:
    """Add the options of a schedule to a command."""
    for option in (
        click.option("--last-date", type=click.DateTime(["%Y-%m-%d"]), help="Last day on which it begins."),
        click.option("--first-date", type=click.DateTime(["%Y-%m-%d"]), help="First day on which it begins."),
        click.option("--timezone", help="Zone of --at, such as Europe/Zurich.  [default: the hub's]"),
        click.option("--at", "start", help="Time of day at which it begins, HH:MM, with --every."),
        click.option(
            "--every",
            type=_days,
            metavar="DAYS",
            help="Days on which it begins: mon,thu for example, or day, weekday, weekend.",
        ),
        click.option(
            "--for", "duration", type=duration_s, metavar="SPAN", help="How long it lasts, such as 90m or 2h."
        ),
        click.option("--until", "ends_at", type=moment, metavar="TIME", help="Time at which it ends, as for --from."),
        click.option(
            "--from",
            "starts_at",
            type=moment,
            metavar="TIME",
            help="Time at which it begins once, 2026-12-01T02:00 in this machine's zone or with one.  [default: now]",
        ),
    ):
        command = option(command)
    return command


def once_of(options: Mapping[str, Any]) -> dict[str, str]:
    """Return `once` of the API. Raises `click.UsageError`."""
    if any(options[name] for name in ("start", "timezone", "first_date", "last_date")):
        raise click.UsageError("--at, --timezone, --first-date and --last-date go with --every")
    if (options["duration"] is None) is (options["ends_at"] is None):
        raise click.UsageError("say how long it lasts: --for or --until")
    starts: datetime = options["starts_at"] or datetime.now(UTC)
    ends: datetime = options["ends_at"] or starts + timedelta(seconds=options["duration"])
    return {"startsAt": starts.isoformat(), "endsAt": ends.isoformat()}


def recurring_of(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return `recurring` of the API. Raises `click.UsageError`."""
    if options["starts_at"] or options["ends_at"]:
        raise click.UsageError("--from and --until are of what is once; with --every use --first-date and --last-date")
    if options["start"] is None or options["duration"] is None:
        raise click.UsageError("--every needs --at and --for")
    recurring: dict[str, Any] = {
        "weekdays": options["every"],
        "start": options["start"],
        "durationS": options["duration"],
    }
    if options["timezone"]:
        recurring["timezone"] = options["timezone"]
    for name, key in (("first_date", "firstDate"), ("last_date", "lastDate")):
        if options[name] is not None:
            recurring[key] = f"{options[name]:%Y-%m-%d}"
    return recurring


def moment(text: str) -> datetime:
    """Return an ISO 8601 time, in this machine's zone when it names none; click reports what is not one."""
    try:
        return datetime.fromisoformat(text).astimezone()
    except (ValueError, OverflowError, OSError):
        raise click.BadParameter(f"{text!r} is not a time such as 2026-12-01T02:00 or 2026-12-01T02:00Z") from None


def _days(text: str) -> list[str]:
    """Return the days that are named; click reports what is none."""
    chosen: list[str] = []
    for word in text.casefold().split(","):
        name = word.strip()
        if name not in _GROUPS and name not in _DAYS:
            raise click.BadParameter(f"{word!r} is no day; use {', '.join(_DAYS)}, day, weekday or weekend")
        chosen.extend(_GROUPS.get(name, (name,)))
    return [day for day in _DAYS if day in chosen]

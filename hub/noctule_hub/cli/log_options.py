"""The filters of `noctule log` as options, and as the query that the hub is asked with."""

import contextlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Final, TypeVar

import click
from noctule_shared.errors import Refused
from noctule_shared.times import iso_from_ms, ms_from_iso

from noctule_hub.answers.logs import SeverityWord
from noctule_hub.cli.client import HubClient
from noctule_hub.cli.devices import find_device
from noctule_hub.cli.durations import duration_s
from noctule_hub.cli.sites import find_site

Command = TypeVar("Command", bound=Callable[..., Any])


class Moment(click.ParamType[str]):
    """A time: ISO 8601 with a zone, or how long ago (`30s 15m 1h 7d`). Comes out as ISO 8601 UTC."""

    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:  # noqa: ANN401  click's own
        """Return the time as ISO 8601."""
        text = str(value)
        try:
            with contextlib.suppress(click.BadParameter):
                ago = datetime.now(UTC) - timedelta(seconds=duration_s(text))
                return iso_from_ms(int(ago.timestamp() * 1000))
            return iso_from_ms(ms_from_iso(text))
        except (Refused, OverflowError, ValueError):
            self.fail(f"{text!r} is no time: say how long ago, such as 1h or 7d, or 2026-11-22T03:12:00Z", param, ctx)


_FILTERS: Final = (
    click.option("--device", help="Of this device only (id or name)."),
    click.option("--site", help="Of devices of this site only (id or name)."),
    click.option(
        "--severity",
        type=click.Choice([word.value for word in SeverityWord]),
        help="At least as severe as this.",
    ),
    click.option("--source", help="How it came: syslog, trap or inventory."),
    click.option("--facility", help="Syslog's facility, such as local3 or daemon."),
    click.option(
        "--grep",
        "text",
        help='Words that the message must hold, in any order and case; "several words" together; begin* a beginning.',
    ),
    click.option("--since", type=Moment(), help="Received after this: 1h, 7d, or 2026-11-22T03:12:00Z."),
    click.option("--until", type=Moment(), help="Received before this."),
)


def filter_options(command: Command) -> Command:
    """Add the filters to a command; it passes them to `query_of`."""
    for option in reversed(_FILTERS):
        command = option(command)
    return command


async def query_of(client: HubClient, options: dict[str, Any]) -> dict[str, str]:
    """Return the filters as the hub's query. Raises what finding the device raises."""
    query = {
        "severity": options["severity"],
        "source": options["source"],
        "facility": options["facility"],
        "text": options["text"],
        "from": options["since"],
        "to": options["until"],
    }
    if options["site"] is not None:
        query["site"] = (await find_site(client, options["site"])).id
    if options["device"] is not None:
        query["device"] = (await find_device(client, options["device"])).id
    return {name: str(value) for name, value in query.items() if value is not None}

"""`noctule-agent status`: what the agent that runs here says of itself."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import click
import msgspec

from noctule_agent.cli.options import config_option, data_dir_option, json_option
from noctule_agent.config import find_config
from noctule_agent.log import inert
from noctule_agent.status import StatusReport, read_status

KIB: Final = 1024
SLOWEST_SHOWN: Final = 3


@click.command("status")
@data_dir_option
@config_option
@json_option
def status(data_dir: Path | None, config_file: Path | None, *, as_json: bool) -> None:
    """Show link, backlog and drops. Exit status 1 when the agent does not run or its word is stale."""
    report = read_status(find_config(config_file, data_dir).data_dir)
    if as_json:
        click.echo(msgspec.json.encode(report))
    else:
        for label, value in _lines(report):
            click.echo(f"{label:<9} {inert(value)}")
    if not report.running or report.stale:
        raise click.exceptions.Exit(1)


def _lines(report: StatusReport) -> list[tuple[str, str]]:
    now, link, outbox = report.status, report.status.link, report.status.outbox
    since = datetime.fromtimestamp(link.since_ms / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    if not report.running:
        state = f"not running; what follows is {report.age_s:.0f} s old"
    elif report.stale:
        state = f"running (pid {now.pid}) but has not reported for {report.age_s:.0f} s"
    else:
        state = f"running (pid {now.pid}, version {now.version})"
    skew = "" if link.clock_skew_ms is None else f", clock {-link.clock_skew_ms / 1000:+.3f} s off the hub's"
    age = "" if outbox.backlog_age_s is None else f", oldest {outbox.backlog_age_s:.0f} s"
    drops = ", ".join(f"{reason} {count}" for reason, count in now.drops.items() if count)
    pollers = ", ".join(f"{name} {value:g}" for name, value in now.pollers.items())
    received = ", ".join(f"{name} {value:g}" for name, value in now.receivers.items())
    slowest = ", ".join(f"{name} {took_s:.3f} s" for name, took_s in list(now.slowest_s.items())[:SLOWEST_SHOWN])
    commands = ", ".join(f"{word} {count}" for word, count in now.commands.items())
    return [
        ("agent", f"{now.name} ({now.agent_id}), site {now.site}: {state}"),
        ("link", f"{link.state} by {link.transport} since {since}{f': {link.reason}' if link.reason else ''}"),
        ("hub", f"{link.hub_url}{skew}"),
        ("outbox", f"{outbox.backlog_frames} frames to deliver, {outbox.backlog_bytes / KIB:.0f} KiB{age}"),
        ("frames", f"epoch {outbox.epoch}, acknowledged {outbox.acked_seq}, next {outbox.next_seq}"),
        ("devices", f"{now.devices} (list revision {now.config_revision}), ICMP {now.icmp}"),
        ("measured", f"{now.rows} rows, {now.events} events{f'; {pollers}' if pollers else ''}"),
        *([("received", received)] if received else []),
        *([("slowest", slowest)] if slowest else []),
        *([("commands", commands)] if commands else []),
        ("dropped", drops or "nothing"),
    ]

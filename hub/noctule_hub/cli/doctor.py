"""`noctule hub doctor`: what is wrong with a hub's data and its machine, and what to do."""

from pathlib import Path

import click

from noctule_hub.cli.options import data_dir_option
from noctule_hub.cli.output import json_option, print_json, say


@click.command("doctor")
@data_dir_option
@click.option("--full", is_flag=True, help="Examine every file and every index; reads all data once.")
@json_option
def doctor_command(data_dir: Path, *, full: bool, as_json: bool) -> None:
    """Check data, keys, disk, clock, limits and backups, and name the fixes; nothing is changed.

    Works while the hub runs and while it does not. Exit status 1 when something failed; warnings are no failure.
    """
    from noctule_hub.cli.folder import now_ms, require_hub  # noqa: PLC0415  heavy; help is quick without it
    from noctule_hub.doctor import examine  # noqa: PLC0415  likewise

    require_hub(data_dir)
    found = examine(data_dir, full=full, now_ms=now_ms())
    if as_json:
        print_json(found)
    else:
        for check in found.checks:
            say(f"{check.verdict.value:<8} {check.name:<10} {check.message}")
            if check.fix:
                say(f"{'':<19} fix: {check.fix}")
        for name, size_bytes in found.sizes_bytes.items():
            say(f"{'size':<8} {name:<10} {size_bytes / 1e6:,.1f} MB")
    if not found.ok:
        raise click.exceptions.Exit(1)

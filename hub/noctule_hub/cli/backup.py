"""`noctule hub backup`: a whole copy of a hub's data, while it runs or not."""

import asyncio
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from noctule_hub.cli.options import data_dir_type, passphrase_option
from noctule_hub.cli.output import json_option, print_json, say
from noctule_hub.core.backup import Tell

if TYPE_CHECKING:
    from noctule_hub.core.backup import Manifest

# A bar that is drawn more often is not seen better.
DRAW_EVERY_S: Final = 0.1


@click.command("backup")
@click.argument("dest", type=click.Path(path_type=Path))
@click.option(
    "--data-dir", type=data_dir_type, help="The hub's data folder.  [default: the hub that you are signed in to]"
)
@click.option(
    "--with-keys",
    "keys_file",
    type=click.Path(path_type=Path),
    help="Also keep the hub's keys, in this new file, under a passphrase. Needs --data-dir.",
)
@passphrase_option
@json_option
def backup_command(
    dest: Path, data_dir: Path | None, keys_file: Path | None, passphrase_file: str | None, *, as_json: bool
) -> None:
    """Copy all of a hub's data into the new folder DEST, which is there when it is whole and not before.

    A hub that runs is asked over its API, which needs an administrator's sign-in, and goes on working meanwhile. Keys
    are not in DEST: without them agents and SNMP secrets are lost, so keep them once with --with-keys, elsewhere.
    """
    from noctule_hub.cli.backup_work import back_up, keep_keys  # noqa: PLC0415  heavy; help is quick without it

    with keep_keys(keys_file, data_dir, passphrase_file), _progress("Backing up", as_json=as_json) as tell:
        manifest = asyncio.run(back_up(dest, data_dir, tell))
    _report(manifest, dest, keys_file, as_json=as_json)


def _report(manifest: "Manifest", dest: Path, keys_file: Path | None, *, as_json: bool) -> None:
    if as_json:
        print_json(
            {
                "backup": str(dest),
                "hubId": manifest.hub_id,
                "epoch": manifest.epoch,
                "head": manifest.head,
                "files": len(manifest.files),
                "sizeBytes": manifest.size_bytes,
                "keys": str(keys_file) if keys_file else None,
            }
        )
        return
    files = f"{len(manifest.files)} file{'' if len(manifest.files) == 1 else 's'}"
    say(f"{dest} holds {files}, {manifest.size_bytes / 1e6:.1f} MB, events up to {manifest.head}.")
    if keys_file:
        say(f"The keys are in {keys_file}; they open with the passphrase alone. Keep file and passphrase elsewhere.")
    else:
        say("The hub's keys are not in it; keep them once with --with-keys FILE.")


@contextmanager
def _progress(title: str, *, as_json: bool) -> Iterator[Tell]:
    """Give what shows a bar on a terminal, at most ten times a second, and nothing elsewhere."""
    if as_json or not sys.stderr.isatty():
        yield lambda _done, _total: None
        return
    from rich.console import Console  # noqa: PLC0415  only for a person who waits
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn  # noqa: PLC0415  same

    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task, last_s = bar.add_task(title, total=None), 0.0

        def tell(done: int, total: int) -> None:
            nonlocal last_s
            if time.monotonic() - last_s > DRAW_EVERY_S:
                last_s = time.monotonic()
                bar.update(task, completed=done, total=total)

        yield tell


@click.command("restore")
@click.argument("backup", type=click.Path(path_type=Path))
@click.option("--data-dir", type=data_dir_type, required=True, help="New or empty folder for the hub's data.")
@click.option(
    "--keys",
    "keys_from",
    type=click.Path(path_type=Path),
    help="The hub's keys: the file of --with-keys, or a folder of key files.",
)
@click.option("--new-keys", is_flag=True, help="Make new keys: agents, SNMP secrets and sign-ins of before are lost.")
@passphrase_option
@json_option
def restore_command(
    backup: Path,
    data_dir: Path,
    keys_from: Path | None,
    passphrase_file: str | None,
    *,
    new_keys: bool,
    as_json: bool,
) -> None:
    """Make a data folder from BACKUP: all of it or nothing.

    Every byte is compared with the manifest and every file examined first. The event log begins a new epoch, so that
    agents deliver again what they still have and clients fetch anew. What was revoked, disabled or removed after the
    backup was made is not so in it: do it again.
    """
    from noctule_hub.cli.backup_work import read_keys  # noqa: PLC0415  heavy; help is quick without it
    from noctule_hub.cli.folder import now_ms  # noqa: PLC0415  likewise
    from noctule_hub.restoration import require_keys_or_consent, restore  # noqa: PLC0415  likewise

    require_keys_or_consent(keys=keys_from is not None, new_keys=new_keys)
    keys = None if keys_from is None else read_keys(keys_from, passphrase_file)
    with _progress("Restoring", as_json=as_json) as tell:
        restored = asyncio.run(restore(backup, data_dir, keys, at_ms=now_ms(), tell=tell))
    manifest = restored.manifest
    if as_json:
        print_json(
            {
                "dataDir": str(data_dir),
                "hubId": manifest.hub_id,
                "formerEpoch": manifest.epoch,
                "epoch": restored.epoch,
                "head": manifest.head,
                "newKeys": restored.new_keys,
                "lostSecrets": restored.lost_secrets,
            }
        )
        return
    say(f"{data_dir} holds the hub {manifest.hub_id} with events up to {manifest.head}.")
    if restored.new_keys:
        say(
            f"Its keys are new: {restored.lost_secrets} SNMP secrets are forgotten and must be entered again, every "
            "agent must be revoked and join again, every sign-in and token is void."
        )
    say("What was revoked, disabled or removed since the backup is not so in it; hub.toml is in no backup: copy it.")
    say("Start the hub with:")
    say(f"  noctule hub run --data-dir '{data_dir}'")

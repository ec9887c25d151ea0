"""`noctule hub rotate-key`: new keys for a hub that does not run."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

import click

from noctule_hub.cli.options import data_dir_option
from noctule_hub.cli.output import json_option, print_json, say

if TYPE_CHECKING:
    from noctule_hub.auth.rotation import Rotation


@click.command("rotate-key")
@data_dir_option
@click.option("--jwt", is_flag=True, help="A new key for tokens; the former ones verify as long as a token needs them.")
@click.option("--data", is_flag=True, help="A new key for secrets at rest; all are sealed anew, the former is removed.")
@click.option("--forget-old", is_flag=True, help="With --jwt: void every sign-in and program's token at once.")
@json_option
def rotate_command(data_dir: Path, *, jwt: bool, data: bool, forget_old: bool, as_json: bool) -> None:
    """Replace the key for tokens, for secrets at rest, or both. The hub must be stopped, which it is for seconds.

    It may be interrupted anywhere: the hub starts all the same, and the command can be repeated. A backup made before
    opens only with the keys that were kept with it, so keep the new ones too. The hub's identity, by which agents
    know it, is not replaced by this: agents would have to join again.
    """
    if not jwt and not data:
        raise click.UsageError("say which key: --jwt, --data or both")
    if forget_old and not jwt:
        raise click.UsageError("--forget-old goes with --jwt")
    from noctule_hub.cli.rotation_work import rotate  # noqa: PLC0415  heavy; help is quick without it

    done = asyncio.run(rotate(data_dir, jwt=jwt, data=data, forget_old=forget_old))
    if as_json:
        print_json({name: _document(rotation) for name, rotation in done.items()})
        return
    for rotation in done.values():
        say(f"{rotation.made} is made and in use from the next start on.")
        if rotation.kept:
            say(f"Still needed by tokens: {', '.join(rotation.kept)}.")
        if rotation.removed:
            say(f"Removed: {', '.join(rotation.removed)}.")
    if "data" in done:
        say(f"{done['data'].resealed} secrets are sealed anew.")
    say("Keep the keys anew: noctule hub backup DEST --with-keys FILE")


def _document(rotation: "Rotation") -> dict[str, object]:
    return {
        "made": rotation.made,
        "kept": list(rotation.kept),
        "removed": list(rotation.removed),
        "resealed": rotation.resealed,
    }

"""`noctule-agent join`: enrol this machine at a hub."""

import asyncio
import os
import platform
import sys
from pathlib import Path
from typing import Final

import click
from noctule_shared.errors import invalid
from noctule_shared.join_token import JoinToken, parse_join_token

from noctule_agent.cli.credentials import warn_if_exposed
from noctule_agent.cli.options import config_option, data_dir_option
from noctule_agent.config import find_config
from noctule_agent.join import JoinOrder
from noctule_agent.join import join as enrol

TOKEN_VARIABLE: Final = "NOCTULE_JOIN_TOKEN"  # noqa: S105  the variable's name
MAX_TOKEN_CHARS: Final = 4096


@click.command("join")
@click.argument("url")
@click.option(
    "--token-file",
    type=click.Path(dir_okay=False, allow_dash=True, path_type=str),
    help=f"File with the join token, - for standard input.  [default: ${TOKEN_VARIABLE}, else asked for]",
)
@click.option("--name", help="Name of this agent at the hub.  [default: the host name]")
@click.option(
    "--ca",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Certificate authorities to trust instead of the system's.",
)
@click.option("--insecure", is_flag=True, help="Allow http:// to a hub that is not on this machine.")
@click.option("--force", is_flag=True, help="Enrol anew: drops keys, device list and undelivered measurements.")
@data_dir_option
@config_option
def join(  # noqa: PLR0917  click passes all by keyword
    url: str,
    token_file: str | None,
    name: str | None,
    ca: Path | None,
    data_dir: Path | None,
    config_file: Path | None,
    *,
    insecure: bool,
    force: bool,
) -> None:
    """Enrol this machine at the hub at URL with a join token of `noctule agent token`."""
    order = JoinOrder(
        url=url,
        token=_token(token_file),
        name=name or platform.node() or "agent",
        data_dir=find_config(config_file, data_dir).data_dir.expanduser().absolute(),
        ca=ca,
        insecure=insecure,
        force=force,
    )
    enrolment = asyncio.run(enrol(order))
    click.echo(
        f"Joined {enrolment.hub_url} as {enrolment.name} (agent {enrolment.agent_id}, site {enrolment.site}). "
        f"Start it with: noctule-agent run --data-dir {order.data_dir}"
    )


def _token(token_file: str | None) -> JoinToken:
    """Return the join token from the named file, the environment or a prompt without echo; never from argv."""
    if token_file == "-":  # noqa: S105  the usual name of standard input
        text = sys.stdin.read(MAX_TOKEN_CHARS)
    elif token_file is not None:
        try:
            with Path(token_file).open(encoding="utf-8", errors="replace") as file:
                text = file.read(MAX_TOKEN_CHARS)
        except OSError as error:
            raise invalid("token-file", f"cannot read {token_file}: {error.strerror}") from error
        warn_if_exposed(token_file)
    elif TOKEN_VARIABLE in os.environ:
        text = os.environ[TOKEN_VARIABLE]
    else:
        text = click.prompt("Join token", hide_input=True)
    return parse_join_token(text)

"""The command line `noctule`: the hub's own commands and a client of its API. What they do lies behind both."""

import click

from noctule_hub import __version__
from noctule_hub.cli.access import login_command, logout_command, session_group
from noctule_hub.cli.agents import agent_group, site_group
from noctule_hub.cli.device_test import test_device
from noctule_hub.cli.devices import device_group
from noctule_hub.cli.events import event_group
from noctule_hub.cli.hub import hub_group
from noctule_hub.cli.live import alert_group, client_group
from noctule_hub.cli.logs import log_group
from noctule_hub.cli.maintenance import maintenance_group
from noctule_hub.cli.output import ErrorsAsLines
from noctule_hub.cli.profile import PROFILE_ENV, check_profile_name
from noctule_hub.cli.settings import settings_group
from noctule_hub.cli.status_page import status_page_group
from noctule_hub.cli.tokens import refusal_group, token_group
from noctule_hub.cli.users import user_group

COMMANDS = (
    hub_group,
    login_command,
    logout_command,
    device_group,
    site_group,
    agent_group,
    client_group,
    alert_group,
    event_group,
    maintenance_group,
    status_page_group,
    settings_group,
    log_group,
    token_group,
    user_group,
    session_group,
    refusal_group,
)


@click.group(cls=ErrorsAsLines, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="noctule")
@click.option(
    "--profile",
    metavar="NAME",
    envvar=PROFILE_ENV,
    callback=check_profile_name,
    help=f"Which kept sign-in to use or to keep, for several hubs or users; or set {PROFILE_ENV}.",
)
def root(profile: str | None) -> None:
    """Noctule watches networks: run its hub, and ask or steer a running one."""


device_group.add_command(test_device)
for command in COMMANDS:
    root.add_command(command)


def main() -> None:
    """Run the command line; exit status 0 ok, 1 failed, 2 usage."""
    root(prog_name="noctule")

"""The command line `noctule`: the hub's own commands and a client of its API. What they do lies behind both."""

import click

from noctule_hub import __version__
from noctule_hub.cli.access import login_command, token_group, user_group
from noctule_hub.cli.agents import agent_group, site_group
from noctule_hub.cli.device_test import test_device
from noctule_hub.cli.devices import device_group
from noctule_hub.cli.hub import hub_group
from noctule_hub.cli.live import alert_group, client_group, log_group
from noctule_hub.cli.output import ErrorsAsLines

COMMANDS = (
    hub_group,
    login_command,
    device_group,
    site_group,
    agent_group,
    client_group,
    alert_group,
    log_group,
    token_group,
    user_group,
)


@click.group(cls=ErrorsAsLines, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="noctule")
def root() -> None:
    """Noctule watches networks: run its hub, and ask or steer a running one."""


device_group.add_command(test_device)
for command in COMMANDS:
    root.add_command(command)


def main() -> None:
    """Run the command line; exit status 0 ok, 1 failed, 2 usage."""
    root(prog_name="noctule")

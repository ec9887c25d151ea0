"""The command line `noctule`: the hub's own commands and a client of its API. What they do lies behind both."""

import sys
from typing import Final

import click

from noctule_hub import __version__
from noctule_hub.cli.groups import INTERRUPTED, Later, Root
from noctule_hub.cli.profile import PROFILE_ENV, check_profile_name

COMMANDS: Final = {
    "agent": Later("agents:agent_group", "Agents on site servers."),
    "alert": Later("alerts:alert_group", "Alerts, their rules and silences."),
    "audit": Later("audit:audit_group", "Who changed what, from where and when."),
    "client": Later("clients:client_group", "Socket.IO clients that are connected now."),
    "completion": Later("completion:completion_command", "Print the script that completes commands in a shell."),
    "customer": Later("customers:customer_group", "Who buys services, and which devices and interfaces these are."),
    "device": Later("devices:device_group", "Devices that are watched."),
    "drops": Later("drops:drops_command", "Show what the hub refused or threw away."),
    "event": Later("events:event_group", "Read the hub's event log: status changes, alerts, payments, network logs."),
    "hub": Later("hub:hub_group", "Make and run a hub on this machine."),
    "log": Later("logs:log_group", "Network logs: syslog, traps, and changes of devices' inventories."),
    "login": Later("access:login_command", "Sign in to the hub at URL; later commands use this sign-in."),
    "logout": Later("access:logout_command", "End the kept sign-in, here and on its hub."),
    "maintenance": Later(
        "maintenance:maintenance_group", "Work that is planned: meanwhile what it covers alarms nobody."
    ),
    "payment": Later("payments:payment_group", "Payments of customers, as the billing system tells them."),
    "refusal": Later("tokens:refusal_group", "Users of your own backend whom the hub does not let in."),
    "session": Later("access:session_group", "Where people are signed in."),
    "settings": Later("settings:settings_group", "See and change settings of the whole hub."),
    "site": Later("sites:site_group", "Places with devices and usually one agent."),
    "status-page": Later("status_page:status_page_group", "See and make the public status page."),
    "token": Later("tokens:token_group", "Long-lived tokens for programs."),
    "user": Later("users:user_group", "People who sign in."),
}


@click.group(
    cls=Root, later=COMMANDS, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}
)
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


def main() -> None:
    """Run the command line; exit status 0 ok, 1 failed, 2 usage, 130 after Ctrl-C."""
    for stream in (sys.stdout, sys.stderr):
        # A terminal that knows no Unicode gets escapes instead of a traceback.
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    try:
        root(prog_name="noctule")
    except KeyboardInterrupt:
        # Before click takes care of it: while modules are loaded.
        sys.exit(INTERRUPTED)

"""The command line `noctule-agent`. Each command lives in a module of its own and is loaded when it is used."""

import importlib
from typing import IO, Any, Final

import click
from noctule_shared.errors import NoctuleError

from noctule_agent import __version__
from noctule_agent.log import inert

# Where each command is, and its line in the list, so that `--help` imports none of them.
COMMANDS: Final = {
    "check-config": (
        "check_config:check_config",
        "Check FILE, or the agent.toml that `run` would use, and print the settings.",
    ),
    "discover": ("discover:discover", "Ping all addresses of CIDR (at most 1,024) and ask those that answer."),
    "doctor": ("doctor:doctor", "Check permissions, limits, clock, data folder and hub, and measure this machine."),
    "join": ("join:join", "Enrol this machine at the hub at URL with a join token."),
    "probe": ("probe:probe", "Ask ADDRESS by ICMP and SNMP; say what answers and why a device does not."),
    "rotate-keys": ("rotate_keys:rotate_keys", "Replace the keys by which the hub knows this agent."),
    "run": ("run:run", "Poll this agent's devices and deliver to the hub, until SIGTERM or Ctrl-C."),
    "status": ("status:status", "Show link, backlog and drops."),
}


class Failure(click.ClickException):
    """One clear line on stderr, exit status 1."""

    def show(self, file: IO[Any] | None = None) -> None:
        """Print the line; whatever a hub or device put into it is inert."""
        click.echo(f"noctule-agent: {inert(self.message)}", file=file, err=file is None)


class Commands(click.Group):
    """Loads a command when it is named and turns every expected error into one line."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  click's signature
        """Return the names of all commands."""
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002  click's signature
        """Return a command by name, None when there is none."""
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name][0].partition(":")
        command = getattr(importlib.import_module(f"noctule_agent.cli.{module}"), name)
        return command if isinstance(command, click.Command) else None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, COMMANDS[name][1]) for name in self.list_commands(ctx)])

    def invoke(self, ctx: click.Context) -> object:
        """Run the command; an expected error ends it with one line and exit status 1."""
        try:
            return super().invoke(ctx)
        except NoctuleError as error:
            raise Failure(str(error)) from error


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, prog_name="noctule-agent")
def cli() -> None:
    """Noctule's agent: polls routers and switches with ICMP and SNMP and streams to the hub."""


def main() -> None:
    """Run the command line; exit status 0 ok, 1 failed, 2 usage."""
    cli(prog_name="noctule-agent")

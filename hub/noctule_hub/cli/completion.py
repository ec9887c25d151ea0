"""`noctule completion`: the script that makes a shell complete commands, options and names."""

from typing import Final

import click
from click.shell_completion import get_completion_class

SHELLS: Final = ("bash", "zsh", "fish")
# The variable by which the script asks this program; click makes it of the program's name.
VARIABLE: Final = "_NOCTULE_COMPLETE"


@click.command("completion")
@click.argument("shell", type=click.Choice(SHELLS))
def completion_command(shell: str) -> None:
    """Print the script that completes commands in a shell.

    For bash: source <(noctule completion bash); put that line into ~/.bashrc, or the like for zsh and fish.
    """
    kind = get_completion_class(shell)
    if kind is None:
        raise click.UsageError(f"there is no completion for {shell}")
    click.echo(kind(click.get_current_context().find_root().command, {}, "noctule", VARIABLE).source())

"""A last question before something is taken away."""

import sys

import click


def confirm(question: str, *, yes: bool) -> None:
    """Return when the person agrees, or has by `--yes`. Without a terminal to ask on it is a usage error."""
    if yes:
        return
    if not sys.stdin.isatty():
        raise click.UsageError("there is no terminal to ask on; say --yes to go on")
    click.confirm(question, abort=True, err=True)

"""Every command explains itself, and so does every option."""

from collections.abc import Iterator
from importlib import import_module

import click
import pytest

PROGRAMS = {"noctule": "noctule_hub.cli", "noctule-agent": "noctule_agent.cli"}


def group(program: str) -> click.Group:
    """Find the program's click group in the module of its console script."""
    found = [value for value in vars(import_module(PROGRAMS[program])).values() if isinstance(value, click.Group)]
    roots = [one for one in found if not any(one in other.commands.values() for other in found)]
    assert len(roots) == 1, f"{program}: one click group is the root"
    return roots[0]


def walk(command: click.Command, path: str) -> Iterator[tuple[str, click.Command]]:
    """Give every command below and including this one, with the words that call it."""
    yield path, command
    if isinstance(command, click.Group):
        for name, child in command.commands.items():
            yield from walk(child, f"{path} {name}")


@pytest.mark.parametrize("program", PROGRAMS)
def test_every_command_has_help(program: str) -> None:
    assert not [path for path, command in walk(group(program), program) if not command.help]


@pytest.mark.parametrize("program", PROGRAMS)
def test_every_option_has_help(program: str) -> None:
    bare = [
        f"{path} {option.opts[-1]}"
        for path, command in walk(group(program), program)
        for option in command.params
        if isinstance(option, click.Option) and not option.help
    ]
    assert not bare


@pytest.mark.parametrize("program", PROGRAMS)
def test_no_option_takes_a_secret_on_the_command_line(program: str) -> None:
    words = ("password", "secret", "community", "token")
    secret = [
        f"{path} {option.opts[-1]}"
        for path, command in walk(group(program), program)
        for option in command.params
        if isinstance(option, click.Option)
        and not option.is_flag
        and option.opts[-1].removeprefix("--").split("-")[-1] in words
    ]
    assert not secret, "read it from a file, an environment variable or a prompt"

"""Every command explains itself, and so does every option."""

from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import click
import pytest

from tools import command_reference

PROGRAMS = {"noctule": "noctule_hub.cli", "noctule-agent": "noctule_agent.cli"}


def group(program: str) -> click.Group:
    """Find the program's click group in the module of its console script."""
    found = [value for value in vars(import_module(PROGRAMS[program])).values() if isinstance(value, click.Group)]
    assert len(found) == 1, f"{program}: one click group is the root"
    return found[0]


def walk(command: click.Command, path: str) -> Iterator[tuple[str, click.Command]]:
    """Give every command below and including this one, with the words that call it."""
    yield path, command
    if isinstance(command, click.Group):
        # Asked of the group: its commands may be imported only now.
        with click.Context(command) as ctx:
            children = {name: command.get_command(ctx, name) for name in command.list_commands(ctx)}
        for name, child in children.items():
            assert child is not None, f"{path} {name}"
            yield from walk(child, f"{path} {name}")


def test_the_walk_finds_commands_of_commands() -> None:
    hub = dict(walk(group("noctule"), "noctule"))
    assert {"noctule device import", "noctule agent gaps", "noctule hub init"} <= set(hub)
    assert "noctule-agent probe" in dict(walk(group("noctule-agent"), "noctule-agent"))


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


def test_the_reference_of_all_commands_is_as_they_are(root: Path) -> None:
    text = (root / "docs" / "cli.md").read_text(encoding="utf-8")
    _, marker, below = text.partition(command_reference.MARKER)
    assert marker
    assert below.strip() == command_reference.reference().strip(), "write it anew: python tools/command_reference.py"


def test_the_reference_tells_of_every_command() -> None:
    text = command_reference.reference()
    tree = walk(group("noctule"), "noctule")
    missing = [path for path, one in tree if not isinstance(one, click.Group) and f"### `{path}" not in text]
    assert not missing

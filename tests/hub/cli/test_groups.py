"""Groups of commands: names near to what was meant, errors in one line, Ctrl-C without a trace."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result
from noctule_hub.cli import root
from noctule_hub.cli.errors import CommandError
from noctule_hub.cli.groups import LazyGroup, Root

Run = Callable[..., Result]


def groups(group: LazyGroup) -> Iterator[LazyGroup]:
    yield group
    with click.Context(group) as ctx:
        for name in group.list_commands(ctx):
            command = group.get_command(ctx, name)
            if isinstance(command, LazyGroup):
                yield from groups(command)


def test_a_command_s_line_in_the_list_is_how_its_own_help_begins() -> None:
    assert isinstance(root, LazyGroup)
    for group in list(groups(root)):
        for name, later in group.later.items():
            assert group.commands[name].get_short_help_str(limit=1000).startswith(later.help.removesuffix("."))
            assert len(later.help) < 80


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("divice", "list"), "there is no command 'divice'; did you mean 'device'?"),
        (("device", "imprt"), "there is no command 'imprt'; did you mean 'import'?"),
        (("zzz",), "there is no command 'zzz'; see: noctule --help"),
        (("\x1b]0;owned\x07",), "there is no command ']0;owned'"),
        (("device", "list", "--stie", "x"), "--site"),
    ],
)
def test_what_is_not_there_names_what_is_near(run: Run, arguments: tuple[str, ...], expected: str) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    assert expected in result.stderr
    assert "\x1b" not in result.output


def failing(error: BaseException) -> Result:
    @click.group(cls=Root)
    def program() -> None:
        """Do as told."""

    @program.command("fail")
    def fail() -> None:
        """Fail."""
        raise error

    return CliRunner().invoke(program, ["fail"])


def test_an_error_is_one_inert_line_of_bounded_length() -> None:
    result = failing(CommandError("a\x1b[31m\nb" + "x" * 65_536))
    assert result.exit_code == 1
    assert result.stderr.startswith("Error: a[31mbxxx")
    assert result.stderr.count("\n") == 1
    assert len(result.stderr) < 2_100


def test_interruption_ends_with_130_and_no_word() -> None:
    result = failing(KeyboardInterrupt())
    assert (result.exit_code, result.output) == (130, "")


def test_a_question_ended_by_ctrl_c_is_an_interruption_too() -> None:
    def interrupted(_: str) -> str:
        raise KeyboardInterrupt

    @click.group(cls=Root)
    def program() -> None:
        """Do as told."""

    @program.command("ask")
    def ask() -> None:
        """Ask."""
        # Inside, and undone before the runner undoes its own.
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(click.termui, "visible_prompt_func", interrupted)
            click.confirm("Remove it?", abort=True)

    assert CliRunner().invoke(program, ["ask"]).exit_code == 130


def test_what_the_system_refuses_is_named() -> None:
    assert failing(PermissionError(13, "Permission denied", "/x")).stderr == "Error: /x: Permission denied\n"


def test_a_reader_that_has_gone_ends_a_command_silently(profile: Path) -> None:
    program = "import sys; from noctule_hub.cli import main; sys.argv = ['noctule', 'site', 'list']; main()"
    reading, writing = os.pipe()
    os.close(reading)
    environment = os.environ | {"NOCTULE_CONFIG_DIR": str(profile)}
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, stdout=writing, stderr=subprocess.PIPE, env=environment, check=False)
    os.close(writing)
    assert (done.returncode, done.stderr) == (1, b"")


def test_a_follower_ends_well_by_ctrl_c(profile: Path) -> None:
    # Whoever runs the tests in the background has had SIGINT ignored, and so would the command.
    ready = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)"
    program = f"{ready}; import sys; from noctule_hub.cli import main; sys.argv = ['noctule', *sys.argv[1:]]; main()"
    command = [sys.executable, "-c", program, "client", "watch", "--json", "--follow"]
    environment = os.environ | {"NOCTULE_CONFIG_DIR": str(profile)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment) as process:
        assert process.stdout is not None
        assert json.loads(process.stdout.readline()) == {"items": []}
        process.send_signal(signal.SIGINT)
        _, told = process.communicate(timeout=30)
    assert (process.returncode, told) == (0, b"")

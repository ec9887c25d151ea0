"""Groups of commands: loaded when they are used, errors as one line, a near name for one that is not there."""

import difflib
import importlib
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import click
from noctule_shared.errors import NoctuleError, Refused

from noctule_hub.cli.text import clean

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

# As a shell says it of a program that SIGINT ended.
INTERRUPTED: Final = 130
MAX_ERROR_CHARS: Final = 2_000


@dataclass(frozen=True, slots=True)
class Later:
    """A command that is imported when it is used: `module:attribute` in this package, and its line in the list.

    The line stands here so that neither `--help` nor a shell's completion imports what they only name.
    """

    place: str
    help: str

    def load(self) -> click.Command:
        """Return the command itself."""
        module, _, name = self.place.partition(":")
        command: click.Command = getattr(importlib.import_module(f"noctule_hub.cli.{module}"), name)
        return command


class LazyGroup(click.Group):
    """A group whose commands may be `later` ones."""

    def __init__(self, *arguments: Any, later: Mapping[str, Later] | None = None, **options: Any) -> None:  # noqa: ANN401  click's
        super().__init__(*arguments, **options)
        self.later: Final = dict(later or {})

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all commands."""
        return sorted({*super().list_commands(ctx), *self.later})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command by name, None when there is none."""
        if cmd_name in self.later and cmd_name not in self.commands:
            self.add_command(self.later[cmd_name].load(), cmd_name)
        return super().get_command(ctx, cmd_name)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the command that `args` begin with; one that is not there is a usage error with the nearest name."""
        name = args[0]
        if not name.startswith("-") and not ctx.resilient_parsing and self.get_command(ctx, name) is None:
            near = difflib.get_close_matches(name, self.list_commands(ctx), n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"see: {ctx.command_path} --help"
            ctx.fail(f"there is no command {clean(name)!r}; {hint}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands."""
        width = formatter.width - 6 - max(map(len, self.list_commands(ctx)), default=0)
        rows = [(name, self._line(name, width)) for name in self.list_commands(ctx)]
        if rows:
            with formatter.section("Commands"):
                formatter.write_dl(rows)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> "list[CompletionItem]":
        """Return what may follow: commands by name, or options."""
        from click.shell_completion import CompletionItem  # noqa: PLC0415  only a shell that completes needs it

        names = [name for name in self.list_commands(ctx) if name.startswith(incomplete)]
        found = [CompletionItem(name, help=self._line(name, 60)) for name in names]
        return found + click.Command.shell_complete(self, ctx, incomplete)

    def _line(self, name: str, width: int) -> str:
        if name in self.later:
            return self.later[name].help
        return self.commands[name].get_short_help_str(width)


class Root(LazyGroup):
    """The whole program: errors come out as one line on stderr, exit status 1; Ctrl-C as 130 and nothing else."""

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401  click's own signature
        """Run the command; `NoctuleError` and what the system refuses become a `ClickException`."""
        try:
            return super().invoke(ctx)
        except Refused as refusal:
            field = f"{refusal.field}: " if refusal.field else ""
            raise _line_of(f"{field}{refusal.message}") from refusal
        except NoctuleError as error:
            raise _line_of(str(error)) from error
        except BrokenPipeError:
            raise
        except OSError as error:
            raise _line_of(f"{error.filename or 'system'}: {error.strerror or error}") from error
        except KeyboardInterrupt:
            raise _interrupted() from None
        except click.Abort as abort:
            # A question is ended by Ctrl-C too; click tells that apart from a "no" by its context alone.
            if isinstance(abort.__context__, KeyboardInterrupt):
                raise _interrupted() from None
            raise


def _interrupted() -> click.exceptions.Exit:
    if sys.stderr.isatty():
        # The shell's prompt shall not stand behind the terminal's ^C.
        click.echo(err=True)
    return click.exceptions.Exit(INTERRUPTED)


def _line_of(message: str) -> click.ClickException:
    line = clean(message)
    return click.ClickException(line if len(line) <= MAX_ERROR_CHARS else f"{line[:MAX_ERROR_CHARS]}…")

"""Write the reference of all commands into docs/cli.md, below its marker: `python tools/command_reference.py`."""

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import click
from noctule_hub.cli import root

DOCUMENT: Final = Path(__file__).parents[1] / "docs" / "cli.md"
MARKER: Final = "<!-- Below: written by tools/command_reference.py. -->\n"
# Said once, above the marker.
_EVERYWHERE: Final = frozenset({"as_json", "help"})


def reference() -> str:
    """Return what stands below the marker: each command with its arguments, options and what they do."""
    return "\n".join(_lines(root, "noctule"))


def commands(command: click.Command, path: str) -> Iterator[tuple[str, click.Command]]:
    """Yield each command that is no group, with the words that call it."""
    if not isinstance(command, click.Group):
        yield path, command
        return
    with click.Context(command) as ctx:
        children = {name: command.get_command(ctx, name) for name in command.list_commands(ctx)}
    for name, child in children.items():
        if child is not None:
            yield from commands(child, f"{path} {name}")


def _lines(group: click.Command, program: str) -> Iterator[str]:
    heading = ""
    for path, command in commands(group, program):
        area = " ".join(path.split()[:2])
        if area != heading:
            heading = area
            yield f"\n## {area}"
        arguments = "".join(f" {_argument(one)}" for one in command.params if isinstance(one, click.Argument))
        yield f"\n### `{path}{arguments}`\n"
        yield re.sub(r"[ \n]*\n[ \n]*\n *", "\n\n", _inert(command.help or "")).strip()
        options = [one for one in command.params if isinstance(one, click.Option) and one.name not in _EVERYWHERE]
        if options:
            yield "\n| option | |\n|---|---|"
        for option in options:
            yield f"| `{_option(option)}` | {_inert(option.help or '')}{_default(option)} |"


def _argument(argument: click.Argument) -> str:
    choices = getattr(argument.type, "choices", None)
    name = "|".join(map(str, choices)) if choices else argument.metavar or (argument.name or "").upper()
    return name if argument.required else f"[{name}]"


def _option(option: click.Option) -> str:
    names = ", ".join(option.opts)
    if option.is_flag:
        return names
    choices = getattr(option.type, "choices", None)
    words = (
        "\\|".join(map(str, choices))
        if choices
        else option.metavar or option.type.name.split()[0].upper().removesuffix("_S")
    )
    return f"{names} {words}"


def _default(option: click.Option) -> str:
    return f" Default: {option.default}." if option.show_default and option.default is not None else ""


def _inert(text: str) -> str:
    """Return text of a help as Markdown takes it literally."""
    text = "\n".join(line.strip() for line in text.splitlines())
    return re.sub(r"\s*\[default: (.*?)\]", r" Default: \1.", text).replace("|", "\\|").replace("<", "&lt;")


if __name__ == "__main__":
    above = DOCUMENT.read_text(encoding="utf-8").partition(MARKER)[0]
    DOCUMENT.write_text(f"{above}{MARKER}{reference()}\n", encoding="utf-8")
    sys.stdout.write(f"{DOCUMENT} is written.\n")

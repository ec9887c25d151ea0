"""The demo's command line."""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

PORT: Final = 5000
PORT_MAX: Final = 65_535
DAY_S: Final = 86_400


@dataclass(frozen=True, slots=True)
class Arguments:
    """What was asked for. `seconds` None: run until someone stops it."""

    seconds: int | None
    json: bool
    port: int


def parse(argv: Sequence[str]) -> Arguments:
    """Return the arguments. Prints what is wrong and ends the program with status 2 when they make no sense."""
    parser = argparse.ArgumentParser(
        prog="demo", description="Run Noctule's real programs against a simulated network, in a temporary folder."
    )
    parser.add_argument("--seconds", type=_number(1, DAY_S), metavar="N", help="end by itself after N seconds")
    parser.add_argument("--json", action="store_true", help="print one JSON document about what arrived, nothing else")
    parser.add_argument(
        "--port",
        type=_number(1, PORT_MAX),
        default=PORT,
        help=f"where the hub listens (default {PORT}, else a free one)",
    )
    arguments = parser.parse_args(argv)
    return Arguments(arguments.seconds, arguments.json, arguments.port)


class _number:  # noqa: N801  argparse shows a type by its name
    """A whole number within limits."""

    def __init__(self, least: int, most: int) -> None:
        self._least = least
        self._most = most

    def __call__(self, text: str) -> int:
        """Return the number. Raises ArgumentTypeError."""
        if not text.isascii() or not text.isdecimal() or not self._least <= int(text) <= self._most:
            raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from {self._least} to {self._most}")
        return int(text)

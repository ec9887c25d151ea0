"""The demo from its start to its exit status: signals, the temporary folder, and what is said at the end.

What happens in between is left to `show`, clearing up to `workplace`.
"""

import asyncio
import os
import signal
import sys
from typing import Final

from demo.arguments import Arguments
from demo.children import Children
from demo.concurrency import first_of
from demo.errors import DemoError
from demo.programs import Programs
from demo.report import FAREWELL, Console, Outcome
from demo.show import Show
from demo.sockets import ReservedPort
from demo.workplace import Workplace

LOOK_S: Final = 0.5
OK, FAILED = 0, 1


def run(arguments: Arguments) -> int:
    """Run the demo and return its exit status. Never raises for what can go wrong outside of it."""
    try:
        return asyncio.run(_demo(arguments))
    except BrokenPipeError:
        # Nobody reads any more, which is how `| head` says stop. Python would complain again at its own end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED


async def _demo(arguments: Arguments) -> int:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    console = Console(arguments.json)
    try:
        outcome = await _performed(arguments, console, stop)
    except (DemoError, OSError) as error:
        if isinstance(error, BrokenPipeError):
            raise
        outcome = Outcome(error=str(error))
    return _concluded(outcome, arguments, console, stopped=stop.is_set())


async def _performed(arguments: Arguments, console: Console, stop: asyncio.Event) -> Outcome:
    """Run until the show is over or someone stops it, and leave nothing behind."""
    with ReservedPort(arguments.port) as port, Workplace() as workplace:
        if port.number != port.wanted:
            console.say(f"Port {port.wanted} is taken; the hub listens on {port.number}.")
        children = Children(workplace)
        show = Show(
            Programs(children, workplace, port.number),
            console,
            seconds=arguments.seconds,
            witnessed=arguments.json or arguments.seconds is not None,
        )
        try:
            await first_of(children.death(), show.perform(), stop.wait(), _orphaned())
        except DemoError as error:
            show.outcome.error = str(error)
        finally:
            await children.stop()
        return show.outcome


async def _orphaned() -> None:
    """Return when the program that started the demo, such as make, has gone."""
    parent = os.getppid()
    while os.getppid() == parent:  # noqa: ASYNC110  the kernel sends no event
        await asyncio.sleep(LOOK_S)


def _concluded(outcome: Outcome, arguments: Arguments, console: Console, *, stopped: bool) -> int:
    """Say how it ended and return the exit status."""
    if outcome.error is not None:
        console.say(f"demo: {outcome.error}")
    elif stopped:
        console.say(FAREWELL)
    elif not arguments.json:
        console.say(outcome.summary())
    if arguments.json:
        print(outcome.document(), flush=True)
    if outcome.error is not None:
        return FAILED
    if stopped and not arguments.json:
        return OK
    return FAILED if outcome.missing() else OK

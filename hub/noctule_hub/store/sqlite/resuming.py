"""Results handed from the writer's thread to those who wait for them on the event loop."""

import asyncio
import logging
from collections.abc import Callable
from typing import Any, TypeVar

T = TypeVar("T")

logger = logging.getLogger(__name__)


def resume(loop: asyncio.AbstractEventLoop, callback: Callable[..., None], *args: object) -> None:
    """Call back on the loop; a loop that is closed has nobody waiting any more."""
    try:
        loop.call_soon_threadsafe(callback, *args)
    except RuntimeError:
        logger.warning("the event loop ended before the store was closed")


def succeed(future: asyncio.Future[T], result: T) -> None:
    """Give a result to whoever still waits for it."""
    if not future.done():
        future.set_result(result)


def fail(future: asyncio.Future[Any], error: Exception) -> None:
    """Give an error to whoever still waits for a result."""
    if not future.done():
        future.set_exception(error)

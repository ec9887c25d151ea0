"""Two ways of doing several things at once, both of which leave nothing running behind."""

import asyncio
from collections.abc import Awaitable, Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


async def together(*jobs: Coroutine[Any, Any, T]) -> list[T]:
    """Run all to their ends and return their results in order.

    Raises the first error itself, when the other jobs have been cancelled and have ended.
    """
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(job) for job in jobs]
    except BaseExceptionGroup as errors:
        raise errors.exceptions[0] from None
    return [task.result() for task in tasks]


async def first_of(*jobs: Coroutine[Any, Any, object]) -> None:
    """Run all until one ends, then cancel the others and wait for them.

    Raises that one's error; if several have ended, the error of the one that was named first.
    """
    tasks = [asyncio.create_task(job) for job in jobs]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        await _cancel(tasks)
    for task in tasks:
        if task in done:
            task.result()


async def _cancel(tasks: list[asyncio.Task[object]]) -> None:
    for task in tasks:
        task.cancel()
    ends: list[Awaitable[object]] = [*tasks]
    await asyncio.gather(*ends, return_exceptions=True)

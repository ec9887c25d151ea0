"""Cancellations that got lost on their way: until Python 3.12 `asyncio.wait_for`, which gufo uses, may swallow one.

It does so when what it waits for is there at the same moment (python/cpython#86296).
"""

import asyncio


def raise_if_cancelled() -> None:
    """Raise `asyncio.CancelledError` in a task that was told to stop and does not know it any more."""
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError

"""A store opened again, and a log followed."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable

from noctule_hub.core.records import EventRow
from noctule_hub.store.protocol import Store

DEADLINE_S = 20.0
Reopen = Callable[[], Awaitable[Store]]


async def take(tail: AsyncGenerator[list[EventRow], None], count: int) -> list[EventRow]:
    """Read from a LogTail until it has given `count` events."""
    rows: list[EventRow] = []
    async with asyncio.timeout(DEADLINE_S):
        async for batch in tail:
            rows += batch
            if len(rows) >= count:
                break
    return rows

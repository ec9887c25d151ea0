"""Long answers written while they are made: their length costs no memory, and nobody else waits for them."""

import asyncio
import logging
from collections.abc import AsyncIterator, Iterable, Mapping
from typing import Final

from aiohttp import web

from noctule_hub.api.compression import offer

CHUNK_CHARS: Final = 64 * 1024
# Who does not take a part in this time holds on to a turn (`limits.Turns`) and nothing else.
WRITE_WITHIN_S: Final = 30.0

_log = logging.getLogger(__name__)


async def stream_text(request: web.Request, lines: Iterable[str], *, content_type: str) -> web.StreamResponse:
    """Answer with `lines`, each with its own end. A client that does not read is cut."""
    return await stream(request, _chunks(lines), {"Content-Type": content_type})


async def stream(request: web.Request, parts: AsyncIterator[bytes], headers: Mapping[str, str]) -> web.StreamResponse:
    """Answer with `parts`. A client that does not read is cut, and so is one whose answer cannot be finished.

    An answer that has begun cannot say that it failed: all that is left is an end that nobody takes for the whole.
    """
    response = web.StreamResponse(headers=headers)
    offer(request, response)
    await response.prepare(request)
    if request.method == "HEAD":
        return response
    try:
        async for part in parts:
            async with asyncio.timeout(WRITE_WITHIN_S):
                await response.write(part)
            # A fast reader would keep everybody else waiting to the end.
            await asyncio.sleep(0)
    except TimeoutError:
        _log.warning("%s does not read %s: it is cut", request.remote, request.path)
        _cut(request)
    except Exception:
        _cut(request)
        raise
    return response


def _cut(request: web.Request) -> None:
    if request.transport is not None:
        request.transport.abort()


async def _chunks(lines: Iterable[str]) -> AsyncIterator[bytes]:
    chunk: list[str] = []
    size = 0
    for line in lines:
        chunk.append(line)
        size += len(line)
        if size >= CHUNK_CHARS:
            yield "".join(chunk).encode()
            chunk.clear()
            size = 0
    yield "".join(chunk).encode()

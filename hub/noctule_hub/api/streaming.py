"""Long text written while it is made: its length costs no memory, and nobody else waits for it."""

import asyncio
import logging
from collections.abc import Iterable
from typing import Final

from aiohttp import web

CHUNK_CHARS: Final = 64 * 1024
# Who does not take a chunk in this time holds on to a place among the costly reads and nothing else.
WRITE_WITHIN_S: Final = 30.0

_log = logging.getLogger(__name__)


async def stream_text(request: web.Request, lines: Iterable[str], *, content_type: str) -> web.StreamResponse:
    """Answer with `lines`, each with its own end. A client that does not read is cut."""
    response = web.StreamResponse(headers={"Content-Type": content_type})
    await response.prepare(request)
    if request.method == "HEAD":
        return response
    chunk: list[str] = []
    size = 0
    try:
        for line in lines:
            chunk.append(line)
            size += len(line)
            if size >= CHUNK_CHARS:
                await _write(response, chunk)
                size = 0
        await _write(response, chunk)
    except TimeoutError:
        _log.warning("%s does not read %s: it is cut", request.remote, request.path)
        if request.transport is not None:
            request.transport.abort()
    return response


async def _write(response: web.StreamResponse, chunk: list[str]) -> None:
    """Write a chunk and empty it. Raises `TimeoutError` when the client does not take it."""
    async with asyncio.timeout(WRITE_WITHIN_S):
        await response.write("".join(chunk).encode())
    chunk.clear()
    # A fast reader would keep everybody else waiting to the end.
    await asyncio.sleep(0)

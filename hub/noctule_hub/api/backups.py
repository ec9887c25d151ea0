"""A backup over HTTP: taken while the hub works, sent as it is made, and kept nowhere on the hub."""

import asyncio
import logging
from contextlib import aclosing
from typing import Final

from aiohttp import web

from noctule_hub.api.context import authorship_of, context_of
from noctule_hub.api.endpoints import Contract, Endpoint
from noctule_hub.auth.permissions import Action
from noctule_hub.backup_stream import END, Progress, file_member, progress_member
from noctule_hub.store.backup import BackupProgress, CopiedFile
from noctule_hub.store.errors import StoreError

MEDIA_TYPE: Final = "application/x-tar"
# A client that takes nothing for so long has gone; its backup would keep others from being made.
SEND_S: Final = 60.0

_log = logging.getLogger(__name__)


async def make_backup(request: web.Request) -> web.StreamResponse:
    """`POST /api/v1/backups`: a tar of hub.db and the measured files, its last member the manifest; no keys.

    One at a time. It needs room for a copy of the largest file, for as long as that is sent.
    """
    context = context_of(request)
    response = web.StreamResponse(headers={"Content-Disposition": 'attachment; filename="noctule-backup.tar"'})
    response.content_type = MEDIA_TYPE
    items = context.store.back_up(identity=context.keys.fingerprint, by=authorship_of(request))
    async with aclosing(items) as backup:
        # What is refused is refused by the first item, while an answer can still say so.
        first = await anext(backup)
        await response.prepare(request)
        try:
            await _send(response, first)
            async for item in backup:
                await _send(response, item)
            await asyncio.wait_for(response.write(END), SEND_S)
            await response.write_eof()
        except (StoreError, OSError, TimeoutError) as error:
            # The answer has begun: all that can be done is to end it so that nobody takes it for whole.
            _log.error("a backup for %s was broken off: %s", request.remote, str(error) or "the client takes nothing")
            if request.transport is not None:
                request.transport.abort()
    return response


async def _send(response: web.StreamResponse, item: BackupProgress | CopiedFile) -> None:
    if isinstance(item, BackupProgress):
        progress = Progress(item.hub_id, item.copied_bytes, item.total_bytes)
        await asyncio.wait_for(response.write(progress_member(progress)), SEND_S)
        return
    async with aclosing(file_member(item.name, item.path, item.size_bytes)) as chunks:
        async for chunk in chunks:
            await asyncio.wait_for(response.write(chunk), SEND_S)


ENDPOINTS: Final = (
    Endpoint(
        "POST",
        "/api/v1/backups",
        Action.BACK_UP,
        make_backup,
        Contract(media_type=MEDIA_TYPE),
    ),
)

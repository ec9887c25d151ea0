"""Measures now and then how much room the disk with the hub's data has; what follows is the engine's."""

import asyncio
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Final

from noctule_hub.core.storage_space import StorageSpace
from noctule_hub.ingest.inputs import Input, StorageInput
from noctule_hub.surveys import Survey

EVERY_S: Final = 60.0


def measured(folder: Path) -> StorageSpace:
    """Return the room at a folder. Raises OSError."""
    usage = shutil.disk_usage(folder)
    return StorageSpace(str(folder), usage.total, usage.free)


def disk_survey(
    measure: Callable[[], StorageSpace], submit: Callable[[Input], None], *, every_s: float = EVERY_S
) -> Survey:
    """Return what submits the answers of `measure`, which raises OSError."""

    async def look() -> None:
        # A network file system may take its time.
        submit(StorageInput(await asyncio.to_thread(measure)))

    return Survey("the room on the hub's disk", look, every_s=every_s, expected=OSError)

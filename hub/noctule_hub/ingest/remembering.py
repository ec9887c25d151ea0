"""What a hub that starts remembers of its measurements: read beside all else, for nothing need wait for it."""

import logging
from collections.abc import Callable
from typing import Final

from noctule_hub.core.alerting.usual import BIN_MS, BINS, joined
from noctule_hub.ingest.inputs import DelaysInput
from noctule_hub.store.errors import StoreError
from noctule_hub.store.protocol import Store

PIECE_MS: Final = 4 * BIN_MS

log = logging.getLogger(__name__)


async def remember_delays(store: Store, submit: Callable[[DelaysInput], None], *, now_ms: int) -> None:
    """Submit what delays were usual in the last day; without it each is found out anew by 30 rounds."""
    try:
        # In pieces, which a stop of the hub need not wait for; known at once, for of the last hours alone another delay
        # may be usual.
        parts = [
            await store.delays(from_ms=from_ms, to_ms=from_ms + PIECE_MS)
            for from_ms in range(now_ms - BINS * BIN_MS, now_ms, PIECE_MS)
        ]
    except StoreError as error:
        log.warning("the usual delays of devices could not be read, and are found out anew: %s", error)
    else:
        submit(DelaysInput(joined(parts)))

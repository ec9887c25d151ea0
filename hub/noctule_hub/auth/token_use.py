"""When and from where programs' tokens were last used: noted in memory at each use, written in batches now and then."""

import asyncio
import logging
from collections.abc import Mapping
from typing import Final, Protocol

from noctule_hub.core.accounts import Use
from noctule_hub.core.principal import Principal
from noctule_hub.store.errors import StoreError

# What a crash may lose of it.
WRITE_EVERY_S: Final = 30.0

log = logging.getLogger(__name__)


class KeepsUses(Protocol):
    """Where uses are kept."""

    async def note_token_uses(self, uses: Mapping[int, Use]) -> None:
        """Keep the last uses of tokens by id."""
        ...


class TokenUses:
    """The uses that are not written yet, one for each token that was verified: never more than there are tokens."""

    def __init__(self) -> None:
        self._noted: dict[int, Use] = {}

    def note(self, principal: Principal, address: str | None, now_ms: int) -> None:
        """Note that a verified principal came from an address (None: not known), when it is a program's token."""
        kind, _, number = principal.subject.partition(":")
        if kind == "token":
            self._noted[int(number)] = Use(now_ms, address or None)

    def of(self, token_id: int) -> Use | None:
        """Return a token's newest use that is not written yet."""
        return self._noted.get(token_id)

    async def write(self, store: KeepsUses) -> None:
        """Write what was noted. Raises `StoreError`; what was noted is then kept for the next time."""
        writing = dict(self._noted)
        if not writing:
            return
        await store.note_token_uses(writing)
        for token_id, use in writing.items():
            if self._noted.get(token_id) == use:
                del self._noted[token_id]

    async def run(self, store: KeepsUses, *, every_s: float = WRITE_EVERY_S) -> None:
        """Write every so often and once more at the end; until cancelled."""
        failing = False
        try:
            while True:
                await asyncio.sleep(every_s)
                failing = await self._try(store, failing=failing)
        finally:
            await self._try(store, failing=failing)

    async def _try(self, store: KeepsUses, *, failing: bool) -> bool:
        """Return whether they cannot be written now; it is logged when that begins."""
        try:
            await self.write(store)
        except StoreError as error:
            if not failing:
                log.warning("the last uses of tokens cannot be written; trying again: %s", error)
            return True
        return False

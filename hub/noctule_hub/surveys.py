"""What the hub looks at now and then by itself, for rules about what no agent tells; failures are counted."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

log = logging.getLogger(__name__)


class Survey:
    """Does `look` every `every_s` until cancelled; a look that raises one of `expected` is counted, the first told.

    `what` names it in the log and in the metrics; `at_once` False: the first look comes after `every_s`.
    """

    def __init__(
        self,
        what: str,
        look: Callable[[], Awaitable[None]],
        *,
        every_s: float,
        expected: type[Exception],
        at_once: bool = True,
    ) -> None:
        self.what = what
        self.failures = 0
        self._look = look
        self._every_s = every_s
        self._expected = expected
        self._at_once = at_once

    async def run(self) -> None:
        """Look until cancelled."""
        failing = False
        if not self._at_once:
            await asyncio.sleep(self._every_s)
        while True:
            try:
                await self._look()
                failing = False
            except self._expected as error:
                self.failures += 1
                if not failing:
                    log.warning("%s cannot be read: %s", self.what, error)
                failing = True
            await asyncio.sleep(self._every_s)

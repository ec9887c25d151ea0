"""Looks at single interfaces of a device when traps name them; when is decided by `core.row_checks`."""

import asyncio
import contextlib
import logging
import time
from typing import Final

from noctule_agent.core.row_checks import RowChecks
from noctule_agent.probes.snmp.session import SnmpFailure
from noctule_agent.probes.snmp_watch import SnmpWatch

LOG_EVERY_ERRORS: Final = 100

log = logging.getLogger(__name__)


class RowWatch:
    """The rows of one device that traps named. `run` reads those that are due in one request."""

    def __init__(self, name: str, snmp: SnmpWatch) -> None:
        self.errors = 0
        self._name = name
        self._snmp = snmp
        self._checks = RowChecks()
        self._hinted = asyncio.Event()

    @property
    def dropped(self) -> int:
        """How many hints came while as many rows waited as may."""
        return self._checks.dropped

    def hint(self, if_index: int) -> None:
        """Read a row at once, and again after 2 min."""
        self._checks.hint(if_index, time.monotonic())
        self._hinted.set()

    async def run(self) -> None:
        """Read rows as they are due, until cancelled."""
        while True:
            self._hinted.clear()
            due = self._checks.take_due(time.monotonic())
            if due:
                await self._read(due)
                continue
            due_s = self._checks.next_due_s()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(None if due_s is None else max(0.0, due_s - time.monotonic())):
                    await self._hinted.wait()

    async def _read(self, rows: list[int]) -> None:
        try:
            await self._snmp.check_rows(rows)
        except SnmpFailure:
            # It does not answer: that is the ordinary poll's to say.
            return
        except Exception:
            self.errors += 1
            if self.errors % LOG_EVERY_ERRORS == 1:
                log.exception("reading rows of %s failed (%d times)", self._name, self.errors)

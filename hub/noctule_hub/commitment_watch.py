"""Reads the months of interfaces for which a rate is committed, a few at a time; what follows is the engine's."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final

from noctule_shared.frames import TableName

from noctule_hub.core.alerting.conditions import OverCommitted
from noctule_hub.core.commitments import CommittedMonth, committed_services
from noctule_hub.core.customers import Service
from noctule_hub.core.months import bandwidth_month, month_range_ms
from noctule_hub.core.resolution import Resolution
from noctule_hub.core.timezones import find_zone
from noctule_hub.core.world import World
from noctule_hub.ingest.inputs import CommitmentsInput, Input
from noctule_hub.store.errors import StoreError
from noctule_hub.store.history import History
from noctule_hub.surveys import Survey

EVERY_S: Final = 300.0
# A month takes some 10 ms to read; so many at once are a second in five minutes.
MAX_READS: Final = 100
# A percentile of a month does not move faster.
REREAD_MS: Final = 900_000


class CommitmentWatch:
    """Submits months to date, those first that were not read for longest."""

    def __init__(
        self,
        store: History,
        world: World,
        submit: Callable[[Input], None],
        clock_ms: Callable[[], int],
        *,
        every_s: float = EVERY_S,
    ) -> None:
        self._store = store
        self._world = world
        self._submit = submit
        self._clock_ms = clock_ms
        self._every_s = every_s
        # By service id.
        self._read_ms: dict[int, int] = {}

    def survey(self) -> Survey:
        """Return what reads them."""
        return Survey(
            "the months of committed rates", self._look, every_s=self._every_s, expected=StoreError, at_once=False
        )

    async def _look(self) -> None:
        """Read what is due; nothing while no rule asks for it."""
        if any(rule.enabled for rule in self._world.rules.of(OverCommitted)):
            await self.read_due()

    async def read_due(self) -> None:
        """Read the months that are due, at most `MAX_READS`, and submit them together. Raises `StoreError`."""
        now_ms = self._clock_ms()
        services = {service.id: service for service in committed_services(self._world).values()}
        self._read_ms = {service_id: at_ms for service_id, at_ms in self._read_ms.items() if service_id in services}
        due = [row for row in services.values() if now_ms - self._read_ms.get(row.id, 0) >= REREAD_MS]
        due.sort(key=lambda service: self._read_ms.get(service.id, 0))
        found = []
        for service in due[:MAX_READS]:
            month = await self._month(service, now_ms)
            if month is not None:
                found.append(month)
            self._read_ms[service.id] = now_ms
        self._submit(CommitmentsInput(tuple(found)))

    async def _month(self, service: Service, now_ms: int) -> CommittedMonth | None:
        """Return a service's month to date in its customer's time zone, from when the customer has it."""
        customer = self._world.tenancy.customer(service.customer_id)
        if customer is None or service.interface_id is None:
            return None
        zone = find_zone(customer.timezone) or UTC
        today = datetime.fromtimestamp(now_ms / 1000, zone)
        from_ms = max(month_range_ms(today.year, today.month, zone)[0], service.since_ms)
        if from_ms >= now_ms:
            return None
        rows = await self._store.rollup(
            TableName.INTERFACE, service.interface_id, Resolution.FIVE_MINUTES, from_ms=from_ms, to_ms=now_ms
        )
        found = await asyncio.to_thread(bandwidth_month, rows, from_ms=from_ms, to_ms=now_ms)
        return CommittedMonth(
            service.id,
            service.interface_id,
            from_ms,
            found.max_p95_bps,
            found.bins_used,
            min(1.0, found.covered_s * 1000 / (now_ms - from_ms)),
        )

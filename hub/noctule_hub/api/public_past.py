"""What the public status page tells beside its present: days, disturbances and announced maintenance.

Worked out now and then and kept meanwhile: however many people look, the store is asked once in a while.
"""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, tzinfo
from typing import Final

from noctule_hub.core.announced_work import Announced, announced
from noctule_hub.core.availability import StatusChange
from noctule_hub.core.component_history import ComponentHistory, component_history, component_spans, last_days
from noctule_hub.core.languages.spoken import Language
from noctule_hub.core.records import Device
from noctule_hub.core.status_page import StatusPage, board
from noctule_hub.core.timezones import find_zone
from noctule_hub.store.errors import StoreError
from noctule_hub.store.protocol import Store

_log = logging.getLogger(__name__)

DAYS: Final = 90
# As old as the page's readers find it; longer when it is much work, so that it takes a fiftieth of the time at most.
RENEW_MS: Final = 60_000
_REST: Final = 50
# A hundred devices that change ten times a day. With more, what does not fit has no days rather than false ones.
MAX_CHANGES: Final = 100_000


@dataclass(frozen=True, slots=True)
class Past:
    """`histories` by component; one that is missing could not be worked out. `zone` is the one that its days are of."""

    histories: Mapping[int, ComponentHistory] = field(default_factory=dict)
    work: Sequence[Announced] = ()
    zone: tzinfo = UTC


@dataclass(frozen=True, slots=True)
class _Kept:
    past: Past
    revision: int
    good_until_ms: int


@dataclass(slots=True)
class Rendered:
    """The page as it was last written in one language, and of what: a hundred components are a megabyte of text."""

    of: object = None
    body: bytes = b""


class PublicPast:
    """Works out the past of the published page. One at a time; whoever asks meanwhile waits for the same answer."""

    def __init__(self) -> None:
        self.pages = {language: Rendered() for language in Language}
        self._kept: _Kept | None = None
        self._working = asyncio.Lock()

    async def of(self, page: StatusPage, devices: Sequence[Device], store: Store, now_ms: int) -> Past:
        """Return the past of a page over the devices that there are, `RENEW_MS` old at most or a little more.

        When the store cannot be read: what was known before, else nothing; the page's present needs no store.
        """
        async with self._working:
            kept = self._kept
            if kept is not None and kept.revision == page.revision and now_ms < kept.good_until_ms:
                return kept.past
            loop = asyncio.get_running_loop()
            began_s = loop.time()
            try:
                past = await _worked_out(page, devices, store, now_ms)
            except StoreError as error:
                _log.warning("the status page shows no history now: %s", error)
                past = kept.past if kept is not None and kept.revision == page.revision else Past()
            rest_ms = max(RENEW_MS, int((loop.time() - began_s) * 1000) * _REST)
            self._kept = _Kept(past, page.revision, now_ms + rest_ms)
            return past


async def _worked_out(page: StatusPage, devices: Sequence[Device], store: Store, now_ms: int) -> Past:
    settings = await store.settings()
    zone = find_zone(settings.timezone) or UTC
    midnights = [
        (day, int(datetime(day.year, day.month, day.day, tzinfo=zone).timestamp()) * 1000)
        for day in last_days(datetime.fromtimestamp(now_ms / 1000, zone).date(), DAYS)
    ]
    members = board(page, devices).members
    wanted = sorted({device_id for device_ids in members.values() for device_id in device_ids})
    changes = await store.status_changes_of(wanted, from_ms=midnights[0][1], to_ms=now_ms, limit=MAX_CHANGES)
    windows = await store.windows()
    by_id = {device.id: device for device in devices}

    def put_together() -> Past:
        histories = _histories(members, changes, midnights, now_ms)
        return Past(histories, announced(windows, members, by_id, now_ms), zone)

    return await asyncio.to_thread(put_together)


def _histories(
    members: Mapping[int, tuple[int, ...]],
    changes: Mapping[int, Sequence[StatusChange]],
    midnights: Sequence[tuple[date, int]],
    now_ms: int,
) -> dict[int, ComponentHistory]:
    return {
        component_id: component_history(
            component_spans((changes[one] for one in device_ids), from_ms=midnights[0][1], to_ms=now_ms), midnights
        )
        for component_id, device_ids in members.items()
        if all(one in changes for one in device_ids)
    }

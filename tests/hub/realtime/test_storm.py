import asyncio
import ctypes
import gc
import os
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
from noctule_hub.config import SocketSettings

from tests.bench.crowd import Crowd
from tests.bench.fanout_client import Setup
from tests.bench.fanout_load import Report

if TYPE_CHECKING:
    from tests.hub.realtime.conftest import SocketHub

CLIENTS = 200
DEVICES = 5_000
WITHIN_S = 90.0
LOOK_S = 0.5
MIB = 1024 * 1024
# What is kept of the first storm makes way for the second one.
MAX_GROWTH_MIB = 32


def resident_mib() -> float:
    gc.collect()
    # What is free and not yet given back is not held.
    ctypes.CDLL(None).malloc_trim(0)
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / MIB


@pytest.mark.check
@pytest.mark.timeout(240)
async def test_5000_devices_that_fall_at_once_are_told_to_200_clients_once_in_order(
    hub: "SocketHub", tmp_path: Path
) -> None:
    hub.settings = SocketSettings(sessions_per_user=CLIENTS, handshake_burst=CLIENTS * 10, handshakes_per_minute=0)
    port = urlsplit(hub.url).port
    assert port is not None
    setup = Setup(port, CLIENTS, "viewer", ["devices"], decode_every=1, replay=True)
    crowd = await asyncio.to_thread(Crowd, setup, tmp_path / "clients.log")
    try:
        await fall(hub, crowd, DEVICES)
        before_mib = resident_mib()
        report = await fall(hub, crowd, 2 * DEVICES)
        assert (report.seqs, report.odd, report.lost) == (2 * DEVICES, 0, 0)
        assert [hub.service.engine.queued_bytes(one.eio_sid) for one in hub.service.connections] == [0] * CLIENTS
        assert resident_mib() - before_mib < MAX_GROWTH_MIB
    finally:
        await asyncio.to_thread(crowd.end)


async def fall(hub: "SocketHub", crowd: Crowd, told: int) -> Report:
    """Let all devices fall and wait until each client was told so many events; each second brings it totals too."""
    await hub.log(*range(1, DEVICES + 1))
    async with asyncio.timeout(WITHIN_S):
        while True:
            report = await asyncio.to_thread(crowd.ask, b"tally", Report)
            if report.seqs == told and not report.odd:
                return report
            await asyncio.sleep(LOOK_S)

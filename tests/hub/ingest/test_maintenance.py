"""A maintenance window through the running engine: from the store to the log, and back when its time is over."""

import asyncio

from noctule_hub.core.audit import local
from noctule_hub.core.maintenance import Covers, NewWindow, Once
from noctule_hub.core.status_page import NewComponent, NewStatusPage
from noctule_hub.core.world import World
from noctule_hub.ingest.inputs import HelloInput
from noctule_shared.axes import CanaryLevel, DeviceLevels, IcmpLevel
from noctule_shared.events import DeviceStatus
from noctule_shared.link import Levels

from tests.hub.ingest.conftest import Bench, clock_ms

HOUR_MS = 3_600_000


async def present(bench: Bench, level: IcmpLevel) -> None:
    levels = Levels(bench.clock(), CanaryLevel.OK, [DeviceLevels(bench.device_id, icmp=level)], next_seq=1)
    answer = bench.engine.new_future()
    bench.engine.submit(HelloInput(bench.agent_id, "00000000000000aa", 1, levels, "test", answer))
    await asyncio.wait_for(answer, 10)


async def until(bench: Bench, *expected: tuple[str, str | None]) -> None:
    """Follow the log until devices and alerts were told to be so, in this order and nothing else."""
    told: list[tuple[str, str | None]] = []
    async with asyncio.timeout(20):
        async for rows in bench.store.follow(0):
            told.extend(
                (row.data.get("status") or row.data["state"], row.data.get("underlying"))
                for row in rows
                if row.name != "agent:status"
            )
            assert told == list(expected[: len(told)])
            if len(told) == len(expected):
                return


async def test_a_window_holds_a_device_from_its_begin_to_its_end_and_what_is_down_then_fires(bench: Bench) -> None:
    starts_ms = clock_ms() + HOUR_MS
    covers = Covers(device_ids=(bench.device_id,))
    new = NewWindow("new power", "", covers, Once(starts_ms, starts_ms + HOUR_MS))
    await bench.store.add_window(new, by=local(clock_ms()))
    await bench.engine.reconfigure()
    await present(bench, IcmpLevel.UP)
    told: list[tuple[str, str | None]] = [("online", None)]
    await until(bench, *told)
    bench.clock.ahead_ms = HOUR_MS + 1_000
    told.append(("maintenance", "online"))
    await until(bench, *told)
    await present(bench, IcmpLevel.DOWN)
    told.append(("maintenance", "offline"))
    await until(bench, *told)
    bench.clock.ahead_ms = 2 * HOUR_MS + 1_000
    told.extend([("offline", None), ("firing", None)])
    await until(bench, *told)


async def test_a_hub_that_starts_after_the_window_lets_its_devices_go(bench: Bench) -> None:
    now_ms = clock_ms()
    covers = Covers(device_ids=(bench.device_id,))
    window = await bench.store.add_window(
        NewWindow("new power", "", covers, Once(now_ms, now_ms + HOUR_MS)), by=local(now_ms)
    )
    await bench.engine.reconfigure()
    await present(bench, IcmpLevel.UP)
    await until(bench, ("maintenance", "online"))
    await bench.store.remove_window(window.id, by=local(now_ms))
    # As a restart reads it: the window is gone, the device's state is of before.
    bench.engine.world.configure(await bench.store.configuration())
    await until(bench, ("maintenance", "online"), ("online", None))


async def test_the_public_room_hears_of_the_status_page_that_the_store_holds(bench: Bench) -> None:
    page = NewStatusPage(
        "Status", "", published=True, components=(NewComponent(None, "Core", Covers((bench.device_id,))),)
    )
    await bench.store.update_status_page(page, revision=1, by=local(0))
    await bench.engine.reconfigure()
    await present(bench, IcmpLevel.UP)
    (told,) = [row for row in await bench.store.events_after(0, limit=99) if row.name == "device:status"]
    assert "public" in told.rooms
    assert told.data["components"] == [{"id": 1, "label": "Core", "state": "operational"}]
    world = World(await bench.store.load_engine_state(), started_ms=clock_ms())
    (component,) = world.board.now(world.states.settled)
    assert component.state == "operational"
    state = world.states.settled(bench.device_id)
    assert state is not None
    assert (state.status, component.since_ms) == (DeviceStatus.ONLINE, state.since_ms)

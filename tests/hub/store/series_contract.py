"""What any store must do with measurements and the history of statuses."""

import math

import numpy as np
import pytest
from noctule_hub.core.audit import local
from noctule_hub.core.commit import Commit, GapRow
from noctule_hub.core.records import NewEvent
from noctule_hub.core.resolution import Resolution
from noctule_hub.store.errors import TooManyRowsError
from noctule_hub.store.protocol import Store
from noctule_shared.events import DeviceStatus, EventName
from noctule_shared.frames import TableName

from tests.hub.store.following import Reopen
from tests.hub.store.samples import (
    NOW_MS,
    bindings,
    enrol,
    enrolled,
    interface,
    latency_rows,
    measured,
    measurement_frame,
    new_device,
    polled_device,
)


class SeriesContract:
    async def test_a_lost_probe_is_nan_not_zero(self, store: Store, reopen: Reopen) -> None:
        agent_id, device = await polled_device(store)
        await store.commit(measured(agent_id, 1, [(device.id, NOW_MS, math.nan), (device.id, NOW_MS + 10_000, 0.0125)]))
        live = await store.latency(device.id, from_ms=NOW_MS, to_ms=NOW_MS + 10_001)
        for series in (live, await (await reopen()).latency(device.id, from_ms=NOW_MS, to_ms=NOW_MS + 10_001)):
            assert series.ts_ms.tolist() == [NOW_MS, NOW_MS + 10_000]
            assert np.isnan(series.rtt_median_s).tolist() == [True, False]
            assert series.rtt_median_s[1] == pytest.approx(0.0125, abs=1e-9)
            assert (series.sent.tolist(), series.received.tolist()) == ([5, 5], [0, 5])

    async def test_a_range_has_its_start_and_not_its_end(self, store: Store) -> None:
        agent_id, device = await polled_device(store)
        await store.commit(measured(agent_id, 1, [(device.id, NOW_MS + n, 0.5) for n in range(4)]))
        series = await store.latency(device.id, from_ms=NOW_MS + 1, to_ms=NOW_MS + 3)
        assert series.ts_ms.tolist() == [NOW_MS + 1, NOW_MS + 2]

    async def test_an_unknown_object_has_no_rows(self, store: Store) -> None:
        assert len((await store.latency(5, from_ms=0, to_ms=NOW_MS)).ts_ms) == 0
        assert len((await store.bandwidth(5, from_ms=0, to_ms=NOW_MS)).in_octets) == 0

    async def test_interface_rows_follow_the_binding_of_their_inventory(self, store: Store, reopen: Reopen) -> None:
        agent_id, device = await polled_device(store)
        frame = measurement_frame(
            agent_id,
            1,
            interface=[
                (device.id, 1, 1, NOW_MS, 100.0),
                (device.id, 1, 2, NOW_MS + 1, 200.0),
                (device.id, 1, 7, NOW_MS + 2, 300.0),
                (device.id, 2, 1, NOW_MS + 3, 400.0),
                (device.id, 1, 0, NOW_MS + 4, 500.0),
                (device.id, 3, 9, NOW_MS + 5, 600.0),
            ],
        )
        await store.commit(
            Commit(
                now_ms=NOW_MS,
                frames=[frame],
                interfaces=[interface(1, device.id), interface(2, device.id, if_index=2, name="ge-0/0/1")],
                bindings=bindings(device.id, (1, 1, 1), (1, 2, 2), (2, 1, 2)),
            )
        )
        again = await reopen()
        first = await again.bandwidth(1, from_ms=0, to_ms=NOW_MS * 2)
        second = await again.bandwidth(2, from_ms=0, to_ms=NOW_MS * 2)
        assert first.in_octets.tolist() == [100.0]
        assert second.in_octets.tolist() == [200.0, 300.0, 400.0]
        assert second.interval_s.tolist() == [30.01] * 3
        assert np.isnan(second.out_octets).all()

    async def test_rows_of_a_device_of_another_agent_are_dropped_alone(self, store: Store, reopen: Reopen) -> None:
        agent_id, device = await polled_device(store)
        _, stranger = await enrolled(store, site="south", agent="a2")
        frames = [
            measurement_frame(agent_id, 1, [(device.id, NOW_MS, 0.5), (device.id + 1, NOW_MS, 0.5)]),
            measurement_frame(stranger, 1, [(device.id, NOW_MS + 1, 0.5)]),
        ]
        await store.commit(Commit(now_ms=NOW_MS, frames=frames))
        series = await (await reopen()).latency(device.id, from_ms=0, to_ms=NOW_MS * 2)
        assert series.ts_ms.tolist() == [NOW_MS]

    async def test_rows_count_for_the_agent_of_their_time(self, store: Store, reopen: Reopen) -> None:
        site_id, first = await enrolled(store)
        second = await enrol(store, site_id, "a2")
        device = await store.add_device(new_device(site_id), seal=None, by=local(NOW_MS))
        await store.revoke_agent(first, by=local(NOW_MS + 100))
        times = [NOW_MS - 5, NOW_MS + 99, NOW_MS + 100]
        frames = [
            measurement_frame(agent_id, 1, [(device.id, ts_ms + shift, 0.5) for ts_ms in times])
            for agent_id, shift in ((first, 0), (second, 1000))
        ]
        await store.commit(Commit(now_ms=NOW_MS, frames=[*frames, measurement_frame(second, 2, [(device.id, 5, 0.5)])]))
        series = await (await reopen()).latency(device.id, from_ms=0, to_ms=NOW_MS * 2)
        assert series.ts_ms.tolist() == [times[0], times[1], *(ts_ms + 1000 for ts_ms in times)]

    async def test_what_was_committed_reads_the_same_after_a_restart(self, store: Store, reopen: Reopen) -> None:
        agent_id, device = await polled_device(store)
        rows = [(device.id, NOW_MS + n * 1000, 0.001 * (n + 1) / 3) for n in range(50)]
        for seq in range(10):
            await store.commit(measured(agent_id, seq, rows[seq * 5 : seq * 5 + 5]))
        before = await store.latency(device.id, from_ms=0, to_ms=NOW_MS * 2)
        after = await (await reopen()).latency(device.id, from_ms=0, to_ms=NOW_MS * 2)
        assert before.ts_ms.tolist() == [row[1] for row in rows]
        for name, measured_s in latency_rows(rows).columns.items():
            if name.endswith("_s"):
                read_s = getattr(after, name).tolist()
                assert getattr(before, name).tolist() == read_s
                assert measured_s.tolist() == pytest.approx(read_s, abs=1e-9)


class HistoryContract:
    async def test_statuses_stand_in_the_order_of_observation_with_the_one_before(
        self, store: Store, reopen: Reopen
    ) -> None:
        _, device = await polled_device(store)
        for minute, status in ((1, "online"), (5, "unknown"), (9, "online"), (3, "offline")):
            data = {"status": status, "reason": f"at {minute}", "previous": "unknown"}
            told = NewEvent(EventName.DEVICE_STATUS, data, ("devices",), minute * 60_000, device.id, late=minute == 3)
            await store.commit(Commit(now_ms=NOW_MS, events=[told]))
        again = await reopen()
        changes = await again.status_changes(device.id, from_ms=120_000, to_ms=540_000, limit=10)
        assert [(row.at_ms // 60_000, row.status, row.late) for row in changes] == [
            (1, DeviceStatus.ONLINE, False),
            (3, DeviceStatus.OFFLINE, True),
            (5, DeviceStatus.UNKNOWN, False),
        ]
        assert changes[1].reason == "at 3"
        first = await again.status_changes(device.id, from_ms=0, to_ms=NOW_MS, limit=2)
        assert [row.at_ms // 60_000 for row in first] == [1, 3]
        assert await again.status_changes(device.id + 1, from_ms=0, to_ms=NOW_MS, limit=10) == []

    async def test_statuses_of_many_devices_come_by_one_query_and_whole_or_not_at_all(self, store: Store) -> None:
        _, first = await polled_device(store)
        second = await store.add_device(new_device(first.site_id, "b", "192.0.2.99"), seal=None, by=local(0))
        for device, minutes in ((first, (1, 2, 5)), (second, (2, 3, 9))):
            for minute in minutes:
                data = {"status": "online" if minute % 2 else "offline", "reason": "x", "previous": "unknown"}
                told = NewEvent(EventName.DEVICE_STATUS, data, ("devices",), minute * 60_000, device.id)
                await store.commit(Commit(now_ms=NOW_MS, events=[told]))
        ids = [first.id, second.id, second.id + 1]
        span = {"from_ms": 180_000, "to_ms": 540_000}
        found = await store.status_changes_of(ids, **span, limit=10)
        for device_id in ids:
            assert found[device_id] == await store.status_changes(device_id, **span, limit=10)
        assert {one: len(found[one]) for one in ids} == {first.id: 2, second.id: 2, second.id + 1: 0}
        cut = await store.status_changes_of(ids, **span, limit=3)
        assert list(cut) == [first.id]
        assert cut[first.id] == found[first.id]
        assert await store.status_changes_of([], **span, limit=3) == {}

    async def test_steps_hold_what_was_committed_also_after_a_restart(self, store: Store, reopen: Reopen) -> None:
        agent_id, device = await polled_device(store)
        start_ms = NOW_MS // 86_400_000 * 86_400_000
        times = [start_ms, start_ms + 299_999, start_ms + 300_000, start_ms + 3_600_000]
        rows = [(device.id, at, math.nan if at == times[1] else 0.002) for at in times]
        await store.commit(measured(agent_id, 1, rows))
        again = await reopen()
        for resolution, counts in (("5m", [2, 1, 1]), ("1h", [3, 1]), ("1d", [4])):
            found = await again.rollup(
                TableName.LATENCY, device.id, Resolution(resolution), from_ms=start_ms, to_ms=times[-1] + 1
            )
            assert found.columns["n"].tolist() == counts
            assert found.bucket_ms[0] == start_ms
        fine = await again.rollup(
            TableName.LATENCY, device.id, Resolution.FIVE_MINUTES, from_ms=start_ms, to_ms=start_ms + 1
        )
        assert (fine.columns["bad"].tolist(), fine.columns["rtt_sum_ns"].tolist()) == ([1], [pytest.approx(2e6)])
        enough = await again.latency(device.id, from_ms=0, to_ms=NOW_MS * 2, at_most=len(rows))
        assert len(enough.ts_ms) == len(rows)
        with pytest.raises(TooManyRowsError):
            await again.latency(device.id, from_ms=0, to_ms=NOW_MS * 2, at_most=len(rows) - 1)

    async def test_gaps_of_a_device_are_those_of_its_agents_while_it_was_theirs(self, store: Store) -> None:
        site_id, first = await enrolled(store)
        second = await enrol(store, site_id, "a2")
        device = await store.add_device(new_device(site_id), seal=None, by=local(NOW_MS))
        await store.revoke_agent(first, by=local(NOW_MS + 1000))
        gaps = [
            GapRow(first, NOW_MS - 500, NOW_MS + 100, 5, "before it was there in part"),
            GapRow(first, NOW_MS + 900, NOW_MS + 1100, None, "until it went"),
            GapRow(first, NOW_MS + 1200, NOW_MS + 1300, 1, "no more its own"),
            GapRow(second, NOW_MS + 500, NOW_MS + 600, 1, "not yet its own"),
            GapRow(second, NOW_MS + 2000, NOW_MS + 2100, 7, "its own"),
        ]
        await store.commit(Commit(now_ms=NOW_MS, gaps=gaps))
        found = await store.device_gaps(device.id, from_ms=NOW_MS - 1000, to_ms=NOW_MS + 9000, limit=10)
        assert [(row.from_ms - NOW_MS, row.to_ms - NOW_MS, row.samples) for row in found] == [
            (2000, 2100, 7),
            (900, 1000, None),
            (0, 100, 5),
        ]
        assert len(await store.device_gaps(device.id, from_ms=NOW_MS, to_ms=NOW_MS + 9000, limit=1)) == 1
        assert await store.device_of_interface(5) is None
        await store.commit(Commit(now_ms=NOW_MS, interfaces=[interface(5, device.id)]))
        assert await store.device_of_interface(5) == device.id

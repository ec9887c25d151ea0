"""What any store must do with what the engine commits."""

import math
from dataclasses import replace

import pytest
from noctule_hub.core.alerting.conditions import About
from noctule_hub.core.alerting.filter import AlertFilter
from noctule_hub.core.alerting.flapping import Flaps
from noctule_hub.core.audit import local
from noctule_hub.core.commit import AgentCursor, Commit, GapRow, RejectedFrame
from noctule_hub.core.records import SystemGroup
from noctule_hub.store.protocol import Store
from noctule_shared.axes import Axis, CanaryLevel, Duplex
from noctule_shared.events import AlertState, DeviceStatus

from tests.hub.store.following import Reopen
from tests.hub.store.samples import (
    EPOCH,
    NOW_MS,
    alert,
    bindings,
    device_state,
    event,
    interface,
    measured,
    measurement_frame,
    neighbour,
    polled_device,
)


class IngestContract:
    async def test_an_empty_store_starts_the_engine_at_one(self, store: Store) -> None:
        state = await store.load_engine_state()
        assert (state.next_interface_id, state.next_alert_id) == (1, 1)
        assert (state.configuration.devices, state.states, state.alerts, state.cursors, state.canaries) == (
            [],
            [],
            [],
            [],
            {},
        )

    async def test_a_commit_is_what_the_engine_reads_after_a_start(self, store: Store, reopen: Reopen) -> None:
        agent_id, device = await polled_device(store)
        seqs = await store.commit(
            Commit(
                now_ms=NOW_MS,
                frames=[measurement_frame(agent_id, 1, [(device.id, NOW_MS, 0.01)])],
                rejected=[RejectedFrame(agent_id, EPOCH, 2, NOW_MS, "msgpack", "cut short", b"x")],
                cursors=[AgentCursor(agent_id, EPOCH, 3)],
                gaps=[GapRow(agent_id, 1, 2, None, "outbox-full")],
                events=[event(1), event(2)],
                states=[device_state(device.id)],
                interfaces=[interface(4, device.id)],
                bindings=bindings(device.id, (1, 1, 4)),
                alerts=[alert(7), alert(6, key="other", state=AlertState.RESOLVED)],
                canaries={agent_id: CanaryLevel.LOST},
                seen_agents={agent_id: NOW_MS + 3},
            )
        )
        assert seqs == [1, 2]
        state = await (await reopen()).load_engine_state()
        assert state.configuration.devices == [device]
        assert [site.name for site in state.configuration.sites] == ["north"]
        assert [agent.last_seen_ms for agent in state.configuration.agents] == [NOW_MS + 3]
        assert state.interfaces == [interface(4, device.id)]
        assert state.states == [device_state(device.id)]
        assert state.alerts == [alert(7)]
        assert state.cursors == [AgentCursor(agent_id, EPOCH, 3)]
        assert state.canaries == {agent_id: CanaryLevel.LOST}
        assert (state.next_interface_id, state.next_alert_id) == (5, 8)

    async def test_what_changed_replaces_what_was(self, store: Store) -> None:
        agent_id, device = await polled_device(store)
        await store.commit(
            Commit(
                now_ms=NOW_MS,
                states=[device_state(device.id)],
                interfaces=[interface(1, device.id)],
                canaries={agent_id: CanaryLevel.LOST},
                seen_agents={agent_id: NOW_MS},
            )
        )
        moved = replace(
            interface(1, device.id), if_index=9, removed_ms=NOW_MS, speed_bps=None, polled=False, duplex=Duplex.HALF
        )
        offline = replace(device_state(device.id, DeviceStatus.OFFLINE), underlying=None)
        await store.commit(
            Commit(
                now_ms=NOW_MS,
                states=[offline],
                interfaces=[moved],
                canaries={agent_id: CanaryLevel.OK},
                seen_agents={agent_id: NOW_MS - 10},
            )
        )
        state = await store.load_engine_state()
        assert (state.states, state.interfaces, state.canaries) == ([offline], [moved], {agent_id: CanaryLevel.OK})
        assert state.configuration.agents[0].last_seen_ms == NOW_MS

    async def test_scores_of_what_changes_often_are_kept_until_they_are_at_rest(
        self, store: Store, reopen: Reopen
    ) -> None:
        port = Flaps(About.INTERFACE, 7, 57.25, 0, NOW_MS, 6, NOW_MS - 9, NOW_MS - 1, NOW_MS + 300_000)
        router = Flaps(About.DEVICE, 7, 34.4, 0b101011, NOW_MS, 6, NOW_MS - 9, None, NOW_MS + 450_000)
        await store.commit(Commit(now_ms=NOW_MS, flaps=[port, router]))
        again = await reopen()
        assert sorted((await again.load_engine_state()).flaps, key=lambda row: row.about) == [router, port]
        more = replace(port, score=114.5, changes=7)
        await again.commit(Commit(now_ms=NOW_MS, flaps=[more], forgotten_flaps=[router.key]))
        assert list((await again.load_engine_state()).flaps) == [more]

    async def test_what_history_told_last_of_an_axis_is_kept_until_it_is_forgotten(
        self, store: Store, reopen: Reopen
    ) -> None:
        told = {(7, Axis.ICMP): ("down", NOW_MS), (7, Axis.SNMP): ("up", NOW_MS + 1)}
        await store.commit(Commit(now_ms=NOW_MS, late_levels=told))
        again = await reopen()
        assert (await again.load_engine_state()).late_levels == told
        later = {(7, Axis.SNMP): ("down", NOW_MS + 2)}
        await again.commit(Commit(now_ms=NOW_MS, late_levels=later, forgotten_late_levels=[(7, Axis.ICMP)]))
        assert (await again.load_engine_state()).late_levels == later

    async def test_neighbours_of_a_device_are_replaced_whole(self, store: Store, reopen: Reopen) -> None:
        _, device = await polled_device(store)
        kept = {device.id + 1: [neighbour(None, "eth0")]}
        first = {device.id: [neighbour(1, "xe-0/0/1"), neighbour(2, "xe-0/0/0"), neighbour(None, "xe-0/0/0")]}
        await store.commit(Commit(now_ms=NOW_MS, neighbours=first | kept))
        assert await store.neighbours(device.id) == first[device.id]
        assert (await store.discovered())[1] == first | kept
        await store.commit(Commit(now_ms=NOW_MS, neighbours={device.id: [neighbour(2, "xe-0/0/9")]}))
        again = await reopen()
        assert await again.neighbours(device.id) == [neighbour(2, "xe-0/0/9")]
        assert await again.neighbours(device.id + 1) == kept[device.id + 1]
        await again.remove_device(device.id, by=local(NOW_MS))
        assert await again.neighbours(device.id) == []

    async def test_what_a_device_says_of_itself_is_replaced_whole(self, store: Store, reopen: Reopen) -> None:
        _, device = await polled_device(store)
        assert await store.system_group(device.id) is None
        first = SystemGroup("core1", "RouterOS", "1.3.6.1.4.1.14988.1", "Berlin", "noc", NOW_MS)
        await store.commit(Commit(now_ms=NOW_MS, systems={device.id: first}))
        assert await store.system_group(device.id) == first
        second = SystemGroup("core2", None, None, "", None, NOW_MS + 1)
        await store.commit(Commit(now_ms=NOW_MS, systems={device.id: second}))
        again = await reopen()
        assert await again.system_group(device.id) == second
        await again.remove_device(device.id, by=local(NOW_MS))
        assert await again.system_group(device.id) is None

    async def test_a_cursor_moves_forward_only_and_each_epoch_has_its_own(self, store: Store) -> None:
        other = "ff" * 8
        for epoch, next_seq, expected in (
            (EPOCH, 5, {EPOCH: 5}),
            (EPOCH, 3, {EPOCH: 5}),
            (EPOCH, 6, {EPOCH: 6}),
            (other, 1, {EPOCH: 6, other: 1}),
        ):
            await store.commit(Commit(now_ms=NOW_MS, cursors=[AgentCursor(1, epoch, next_seq)]))
            cursors = (await store.load_engine_state()).cursors
            assert {cursor.epoch: cursor.next_seq for cursor in cursors} == expected
        await store.commit(Commit(now_ms=NOW_MS, forgotten_epochs=[(1, EPOCH)]))
        assert [cursor.epoch for cursor in (await store.load_engine_state()).cursors] == [other]

    async def test_gaps_are_read_by_agent_and_time_newest_first(self, store: Store, reopen: Reopen) -> None:
        rows = [GapRow(1, 10, 20, 5, "a"), GapRow(1, 30, 40, None, "b"), GapRow(2, 30, 40, 7, "c")]
        await store.commit(Commit(now_ms=NOW_MS, gaps=rows))
        store = await reopen()
        assert await store.gaps(1, from_ms=0, to_ms=100, limit=9) == [rows[1], rows[0]]
        assert await store.gaps(1, from_ms=0, to_ms=100, limit=1) == [rows[1]]
        assert await store.gaps(1, from_ms=21, to_ms=30, limit=9) == []
        assert await store.gaps(1, from_ms=20, to_ms=31, limit=9) == [rows[1], rows[0]]

    async def test_a_repeated_commit_of_frames_has_no_second_effect(self, store: Store) -> None:
        agent_id, device = await polled_device(store)
        rows = [(device.id, NOW_MS, 0.25), (device.id, NOW_MS + 10, math.nan)]
        for _ in range(2):
            await store.commit(measured(agent_id, 1, rows))
        series = await store.latency(device.id, from_ms=0, to_ms=NOW_MS + 60_000)
        assert series.ts_ms.tolist() == [NOW_MS, NOW_MS + 10]

    async def test_a_commit_that_fails_leaves_nothing_behind(self, store: Store) -> None:
        agent_id, device = await polled_device(store)
        await store.commit(Commit(now_ms=NOW_MS, alerts=[alert(1)]))
        bad = replace(
            measured(agent_id, 1, [(device.id, NOW_MS, 0.25)]),
            events=[event(1)],
            alerts=[alert(2)],  # the same key as alert 1, which is still firing
        )
        with pytest.raises(Exception, match="alert"):
            await store.commit(bad)
        state = await store.load_engine_state()
        assert (state.cursors, await store.head(), [row.id for row in state.alerts]) == ([], 0, [1])
        assert len((await store.latency(device.id, from_ms=0, to_ms=NOW_MS * 2)).ts_ms) == 0

    async def test_a_resolved_alert_frees_its_key_in_the_same_commit(self, store: Store) -> None:
        await store.commit(Commit(now_ms=NOW_MS, alerts=[alert(1)]))
        resolved = alert(1, state=AlertState.RESOLVED)
        await store.commit(Commit(now_ms=NOW_MS, alerts=[alert(2), resolved]))
        assert await store.alerts(AlertFilter(), before_id=None, limit=10) == [alert(2), resolved]
        assert await store.alerts(AlertFilter(open_only=True), before_id=None, limit=10) == [alert(2)]
        assert await store.alerts(AlertFilter(), before_id=None, limit=1) == [alert(2)]

    async def test_a_removed_device_is_gone_from_the_engines_state(self, store: Store) -> None:
        _, device = await polled_device(store)
        commit = Commit(now_ms=NOW_MS, states=[device_state(device.id)], interfaces=[interface(1, device.id)])
        await store.commit(commit)
        await store.remove_device(device.id, by=local(NOW_MS))
        await store.commit(commit)
        state = await store.load_engine_state()
        assert (state.configuration.devices, state.states, state.interfaces, state.next_interface_id) == ([], [], [], 2)

"""Measured rows become alerts: of which rules, when, about what, with which words and figures, and when they do not."""

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from noctule_hub.core.alerting.conditions import HighErrors, HighLatency, HighLoss, HighUtilisation
from noctule_hub.core.alerting.level_findings import PAUSE_MS, UNMEASURED_MS, observe_unmeasured
from noctule_hub.core.alerting.measured import observe_measurements
from noctule_hub.core.alerting.rules import SEEDED, Rule
from noctule_hub.core.alerting.selectors import Selector
from noctule_hub.core.alerting.usual import BIN_MS, DelayHistory
from noctule_hub.core.inventory import observe_inventory
from noctule_hub.core.judgement import observe_axis, observe_configuration
from noctule_hub.core.maintenance import Covers, MaintenanceWindow, Once
from noctule_hub.core.presence import observe_link, observe_time
from noctule_hub.core.records import Alert, IcmpSettings
from noctule_hub.core.series import MeasuredRows
from noctule_hub.core.world import Draft, World
from noctule_shared.axes import LATENCY_SOURCE_CODES, Axis, IfStatus, LatencySource, Quality
from noctule_shared.events import AlertState, EventName, Severity
from noctule_shared.frames import COLUMNS, TableName
from noctule_shared.observations import AxisChanged, Inventory, InventoryInterface

from tests.hub.core.conftest import device, state

NOW_MS = 1_795_000_000_000
ROUND_MS = 10_000
NAN = math.nan
Drafted = Callable[[int], Draft]
Configure = Callable[..., None]


def rounds(*rows: tuple[int, int, float, int], source: LatencySource = LatencySource.ICMP) -> MeasuredRows:
    """Return rounds of 5 packets as (device, after ms, median RTT in ms, replies)."""
    columns: dict[str, Any] = {name: np.zeros(len(rows)) for name in COLUMNS[TableName.LATENCY] if name != "device_id"}
    columns["ts_ms"] = np.array([NOW_MS + row[1] for row in rows])
    columns["rtt_median_s"] = np.array([row[2] / 1000 for row in rows])
    columns["sent"] = np.full(len(rows), 5, np.uint16)
    columns["received"] = np.array([row[3] for row in rows], np.uint16)
    columns["source"] = np.full(len(rows), LATENCY_SOURCE_CODES[source], np.uint8)
    return MeasuredRows(TableName.LATENCY, np.array([row[0] for row in rows]), columns)


def polls(*rows: tuple[int, int, dict[str, float]]) -> MeasuredRows:
    """Return polls over 10 s as (interface, after ms, columns)."""
    names = [name for name in COLUMNS[TableName.INTERFACE] if name not in {"device_id", "if_index", "inventory_rev"}]
    columns = {
        name: np.array([row[2].get(name, 10.0 if name == "interval_s" else 0.0) for row in rows]) for name in names
    }
    columns["ts_ms"] = np.array([NOW_MS + row[1] for row in rows])
    columns["quality"] = columns["quality"].astype(np.uint8)
    return MeasuredRows(TableName.INTERFACE, np.array([row[0] for row in rows]), columns)


def mbps(into: float, out: float = 0.0, quality: Quality = Quality.OK) -> dict[str, float]:
    return {"in_octets": into * 1.25e6, "out_octets": out * 1.25e6, "quality": int(quality)}


def told(draft: Draft) -> list[tuple[str, str, str]]:
    return [
        (event.data["rule"], event.data["state"], event.data["title"])
        for event in draft.events
        if event.name in {EventName.ALERT_NEW, EventName.ALERT_UPDATE}
    ]


def opened(world: World, rule: str | None = None) -> list[Alert]:
    return [alert for _, alert in world.alerts.items() if rule in {None, alert.rule}]


@pytest.fixture
def seen(drafted: Drafted) -> Callable[..., Draft]:
    """Return what judges rows at so many milliseconds after the start; devices 1 and 3 answer."""
    draft = drafted(0)
    observe_link(draft, 1, connected=True, reason="test")
    for device_id in (1, 3):
        observe_axis(draft, 1, AxisChanged(device_id, Axis.ICMP, "none", "up", "answers", NOW_MS))

    def judge(after_ms: int, *tables: MeasuredRows) -> Draft:
        draft = drafted(after_ms)
        draft.live_tables.extend(tables)
        observe_measurements(draft)
        return draft

    return judge


def usually(world: World, rtt_ms: float, *device_ids: int) -> None:
    """Let a delay be usual for the devices."""
    for device_id in device_ids:
        bins = np.arange(90) + NOW_MS // BIN_MS - 95
        counts = np.full(90, 90)
        world.gauges.usual.learn(DelayHistory(np.full(90, device_id), bins, counts * rtt_ms / 1000, counts))
    world.settle()


def latency_rule(**changes: Any) -> Rule:
    return replace(next(rule for rule in SEEDED if rule.name == "high-latency"), **changes)


class TestLatency:
    def test_it_fires_when_it_held_for_as_long_as_the_rule_says_and_tells_the_figures(
        self, world: World, seen: Callable[..., Draft]
    ) -> None:
        usually(world, 12, 1, 3)
        for number in range(6):
            draft = seen(
                number * ROUND_MS, rounds((1, number * ROUND_MS, 84 + number, 5), (3, number * ROUND_MS, 13, 5))
            )
            assert draft.events == []
        (alert,) = opened(world)
        assert (alert.state, alert.started_ms, alert.device_id) == (AlertState.PENDING, NOW_MS, 1)
        draft = seen(60_000, rounds((1, 60_000, 90, 5)))
        assert told(draft) == [("high-latency", "firing", "core1: round-trip delay 90 ms, usually 12 ms")]
        (alert,) = opened(world)
        assert alert.reason == "round-trip delay 90 ms, usually 12 ms; alerts above 36 ms"
        evidence = alert.evidence
        assert evidence is not None
        assert (evidence.quantity, evidence.threshold, evidence.clear, evidence.usual) == ("rttS", 0.036, 0.027, 0.012)
        assert [sample.value for sample in evidence.samples] == [0.084, 0.085, 0.086, 0.087, 0.088, 0.089, 0.09]
        # Between the thresholds nothing changes, and it is over below the lower one.
        assert told(seen(70_000, rounds((1, 70_000, 30, 5)))) == []
        assert told(draft := seen(80_000, rounds((1, 80_000, 14, 5))))[0][:2] == ("high-latency", "resolved")
        assert draft.ended_alerts[0].reason == "round-trip delay 14 ms, usually 12 ms"
        assert draft.ended_alerts[0].resolved_ms == NOW_MS + 80_000

    def test_a_spike_is_forgotten_without_a_word(self, world: World, seen: Callable[..., Draft]) -> None:
        usually(world, 12, 1)
        draft = seen(0, rounds((1, 0, 300, 5), (1, 1_000, 12, 5)))
        assert (told(draft), opened(world)) == ([], [])
        seen(70_000, rounds((1, 70_000, 300, 5)))
        (alert,) = opened(world)
        assert alert.started_ms == NOW_MS + 70_000

    def test_how_long_it_held_is_told_by_the_times_of_the_rounds_not_by_when_they_came(
        self, world: World, seen: Callable[..., Draft]
    ) -> None:
        usually(world, 12, 1)
        seen(0, rounds((1, 0, 84, 5)))
        assert told(seen(70_000, rounds((1, 59_000, 84, 5)))) == []
        assert told(seen(70_500, rounds((1, 60_000, 84, 5))))[0][:2] == ("high-latency", "firing")

    def test_what_is_pending_does_not_fire_when_its_measurements_stop(
        self, world: World, seen: Callable[..., Draft], drafted: Drafted
    ) -> None:
        usually(world, 12, 1)
        seen(0, rounds((1, 0, 84, 5)))
        for after_ms in range(1_000, 3 * PAUSE_MS, 30_000):
            observe_time(draft := drafted(after_ms))
            observe_unmeasured(draft)
            assert told(draft) == []
        # Nobody knows that it held all the time: it begins anew.
        late_ms = 3 * PAUSE_MS
        assert told(seen(late_ms, rounds((1, late_ms, 84, 5)))) == []
        (alert,) = opened(world)
        assert (alert.state, alert.started_ms) == (AlertState.PENDING, NOW_MS + late_ms)

    def test_rounds_without_a_reply_say_nothing(self, world: World, seen: Callable[..., Draft]) -> None:
        usually(world, 12, 1)
        for number in range(7):
            seen(number * ROUND_MS, rounds((1, number * ROUND_MS, 84, 5)))
        assert told(seen(70_000, rounds((1, 70_000, NAN, 0)))) == []
        assert opened(world)[0].state is AlertState.FIRING

    def test_a_device_that_nothing_is_known_of_is_held_against_the_limit_alone(
        self, seen: Callable[..., Draft], configure: Configure
    ) -> None:
        configure(rules=[latency_rule(for_ms=0)])
        assert told(seen(0, rounds((1, 0, 240, 5)))) == []
        draft = seen(1_000, rounds((1, 1_000, 260, 5)))
        assert told(draft) == [("high-latency", "firing", "core1: round-trip delay 260 ms")]
        # 30 rounds later it is known that this is how the device is; the limit stands.
        for number in range(2, 40):
            assert told(seen(number * 1_000, rounds((1, number * 1_000, 260, 5)))) == []

    def test_a_started_hub_goes_on_with_what_was_pending_and_what_was_usual(
        self, world: World, seen: Callable[..., Draft]
    ) -> None:
        usually(world, 12, 1)
        seen(0, rounds((1, 0, 84, 5)))
        (alert,) = opened(world)
        assert alert.evidence is not None
        # What a hub knows at its start: the alert as it was committed, and the store's history.
        world.gauges.__init__()  # type: ignore[misc]  # a new one in its place
        assert told(seen(30_000, rounds((1, 30_000, 84, 5)))) == []
        assert opened(world) == [alert]
        usually(world, 12, 1)
        draft = seen(60_000, rounds((1, 60_000, 85, 5)))
        assert told(draft)[0][:2] == ("high-latency", "firing")
        evidence = opened(world)[0].evidence
        assert evidence is not None
        assert [sample.value for sample in evidence.samples] == [0.084, 0.085]

    def test_without_a_usual_a_firing_alert_is_not_taken_to_be_over(
        self, world: World, seen: Callable[..., Draft]
    ) -> None:
        usually(world, 12, 1)
        for number in range(7):
            seen(number * ROUND_MS, rounds((1, number * ROUND_MS, 84, 5)))
        world.gauges.__init__()  # type: ignore[misc]  # as after a start, before the history is read
        assert told(seen(80_000, rounds((1, 80_000, 84, 5)))) == []
        assert opened(world)[0].state is AlertState.FIRING

    def test_what_snmp_takes_is_no_delay_of_the_way(self, seen: Callable[..., Draft]) -> None:
        for number in range(9):
            at_ms = number * ROUND_MS
            assert told(seen(at_ms, rounds((1, at_ms, 900.0, 5), source=LatencySource.SNMP))) == []


class TestLoss:
    def lose(self, seen: Callable[..., Draft], from_ms: int, *replies: int) -> Draft:
        for number, received in enumerate(replies):
            at_ms = from_ms + number * ROUND_MS
            draft = seen(at_ms, rounds((1, at_ms, 5.0 if received else NAN, received)))
        return draft

    def test_it_is_the_loss_over_the_window(self, world: World, seen: Callable[..., Draft]) -> None:
        draft = self.lose(seen, 0, 5, 5, 5, 2, 4)
        assert told(draft) == []
        draft = self.lose(seen, 50_000, 3)
        # It may have fallen in this round: the next that has a reply tells.
        assert told(draft) == []
        draft = self.lose(seen, 60_000, 4)
        assert told(draft) == [("high-loss", "firing", "core1: 23 % of packets lost (7 of 30)")]
        draft = self.lose(seen, 70_000, 5, 5, 5)
        assert told(draft) == []
        draft = self.lose(seen, 100_000, 5, 5)
        assert told(draft)[0][:2] == ("high-loss", "resolved")
        evidence = draft.ended_alerts[0].evidence
        assert evidence is not None
        assert (evidence.quantity, evidence.threshold, evidence.clear) == ("lossRatio", 0.2, 0.05)
        assert opened(world) == []

    def test_a_fall_is_told_once_by_the_alert_of_the_device(
        self, world: World, seen: Callable[..., Draft], drafted: Drafted
    ) -> None:
        self.lose(seen, 0, 5, 5, 5, 5, 5, 5)
        assert told(self.lose(seen, 60_000, 0, 0)) == []
        draft = drafted(82_000)
        observe_axis(draft, 1, AxisChanged(1, Axis.ICMP, "up", "down", "silent", NOW_MS + 82_000))
        assert [name for name, _, _ in told(draft)] == ["device-offline"]
        assert told(self.lose(seen, 90_000, 0, 0, 0)) == []
        assert told(self.lose(seen, 120_000, 5)) == []
        observe_axis(drafted(121_000), 1, AxisChanged(1, Axis.ICMP, "down", "up", "answers", NOW_MS + 121_000))
        # Back again: what was lost while it was down is no loss of now.
        assert told(self.lose(seen, 130_000, 5, 5, 5, 5, 5)) == []
        assert opened(world) == []

    def test_a_fall_in_the_middle_of_a_round_is_no_loss(
        self, world: World, seen: Callable[..., Draft], drafted: Drafted
    ) -> None:
        self.lose(seen, 0, 5, 5, 5, 5, 3)
        assert told(self.lose(seen, 50_000, 1, 0)) == []
        assert [alert.state for alert in opened(world)] == [AlertState.PENDING]
        observe_axis(draft := drafted(62_000), 1, AxisChanged(1, Axis.ICMP, "up", "down", "silent", NOW_MS + 62_000))
        observe_unmeasured(draft)
        assert [name for name, _, _ in told(draft)] == ["device-offline"]
        assert [alert.rule for alert in opened(world)] == ["device-offline"]

    def test_where_rounds_are_rare_none_is_waited_for(self, seen: Callable[..., Draft], configure: Configure) -> None:
        configure(devices=[replace(device(1), icmp=IcmpSettings(interval_s=300.0))])
        for number in range(3):
            assert told(seen(number * 300_000, rounds((1, number * 300_000, 5.0, 5)))) == []
        assert [name for name, _, _ in told(seen(900_000, rounds((1, 900_000, 5.0, 1))))] == ["high-loss"]

    def test_loss_of_before_an_outage_rings_again_only_when_it_is_measured_again(
        self, world: World, seen: Callable[..., Draft], drafted: Drafted
    ) -> None:
        observe_link(drafted(0), 1, connected=True, reason="test")
        self.lose(seen, 0, 5, 3, 3, 3, 3)
        observe_axis(drafted(50_000), 1, AxisChanged(1, Axis.ICMP, "up", "down", "silent", NOW_MS + 50_000))
        self.lose(seen, 60_000, 0, 0)
        observe_axis(drafted(90_000), 1, AxisChanged(1, Axis.ICMP, "down", "up", "answers", NOW_MS + 90_000))
        observe_time(draft := drafted(110_000))
        assert told(draft) == [("high-loss", "firing", "core1: 32 % of packets lost (8 of 25)")]
        assert opened(world)[0].inhibited_by == "core1 is not measured again yet"
        self.lose(seen, 120_000, 3, 3, 3)
        observe_time(draft := drafted(141_000))
        assert told(draft) == []
        self.lose(seen, 150_000, 3)
        observe_time(draft := drafted(151_000))
        assert [event.name for event in draft.events] == [EventName.ALERT_NEW]

    def test_loss_of_before_a_window_is_no_loss_after_it(
        self, world: World, seen: Callable[..., Draft], drafted: Drafted, configure: Configure
    ) -> None:
        observe_link(drafted(0), 1, connected=True, reason="test")
        self.lose(seen, 0, 5, 3, 3, 3, 3)
        once = Once(NOW_MS + 60_000, NOW_MS + 120_000)
        configure(windows=[MaintenanceWindow(1, "new radio", "", Covers(device_ids=(1,)), once, created_ms=0)])
        observe_time(drafted(60_000))
        self.lose(seen, 61_000, 5, 5, 5, 5, 5, 5)
        observe_time(draft := drafted(120_000))
        assert [event.name for event in draft.events] == [EventName.DEVICE_STATUS, EventName.ALERT_UPDATE]
        assert opened(world)[0].inhibited_by == "core1 is not measured again yet"
        assert [state for _, state, _ in told(self.lose(seen, 121_000, 5))] == ["resolved"]
        assert opened(world) == []

    def test_rounds_lost_whole_count_when_the_next_is_answered(self, seen: Callable[..., Draft]) -> None:
        assert told(self.lose(seen, 0, 5, 5, 5, 5, 0)) == []
        assert told(self.lose(seen, 50_000, 4)) == []
        assert told(self.lose(seen, 60_000, 5)) == [("high-loss", "firing", "core1: 20 % of packets lost (6 of 30)")]

    def test_a_poll_by_snmp_that_was_not_answered_is_no_loss_of_packets(self, seen: Callable[..., Draft]) -> None:
        for number in range(9):
            at_ms = number * ROUND_MS
            assert told(seen(at_ms, rounds((1, at_ms, 5, 2), source=LatencySource.SNMP))) == []

    def test_many_rounds_in_one_batch_are_judged_one_after_the_other(self, seen: Callable[..., Draft]) -> None:
        lossy = [(1, number * 1_000, 5.0, 2) for number in range(40)]
        good = [(1, 100_000 + number * 1_000, 5.0, 5) for number in range(100)]
        draft = seen(200_000, rounds(*good[::-1], *lossy))
        assert [state for _, state, _ in told(draft)] == ["firing", "resolved"]

    def test_a_longer_window_of_another_rule_begins_anew_and_both_are_judged(
        self, world: World, seen: Callable[..., Draft], configure: Configure
    ) -> None:
        self.lose(seen, 0, 5, 5, 5)
        slow = Rule(90, "slow-loss", HighLoss(loss_ratio=0.1, window_s=600), Severity.INFO, for_ms=0)
        configure(rules=[*SEEDED, slow])
        draft = self.lose(seen, 30_000, 5, 5, 5, 5, 4, 4, 3, 4)
        assert [name for name, _, _ in told(draft)] == ["slow-loss"]
        assert {alert.rule for alert in opened(world)} == {"slow-loss"}


UP = IfStatus.UP
PORT = InventoryInterface(1, "ge1", "ge1", "ge1", "to core2", 6, 100_000_000, UP, UP, 64, polled=True)
BUSY = Rule(91, "busy", HighUtilisation(), Severity.WARNING, for_ms=0)


@pytest.fixture
def ported(seen: Callable[..., Draft], drafted: Drafted, configure: Configure) -> Callable[..., Draft]:
    """Return `seen`, with a port of 100 Mbit/s on device 1 (interface 1) and a rule about it."""
    configure(rules=[BUSY])
    observe_inventory(drafted(0), 1, Inventory(1, 7, NOW_MS, None, [PORT, replace_port("ge2", 2, None)]))
    return seen


def replace_port(name: str, if_index: int, speed_bps: int | None, alias: str = "") -> InventoryInterface:
    return InventoryInterface(if_index, name, name, name, alias, 6, speed_bps, UP, UP, 64, polled=True)


class TestInterfaces:
    def test_an_alert_names_the_port_as_people_do(self, world: World, ported: Callable[..., Draft]) -> None:
        draft = ported(0, polls((1, 0, mbps(10, 95)), (2, 0, mbps(95))))
        assert told(draft) == [("busy", "firing", "core1 ge1 (to core2): 95 % of 100 Mbit/s used out")]
        (alert,) = opened(world)
        assert (alert.device_id, alert.interface_id, alert.key) == (1, 1, "busy:interface:1")
        assert alert.evidence is not None
        assert alert.evidence.quantity == "outUtilRatio"
        assert told(ported(10_000, polls((1, 10_000, mbps(10, 85))))) == []
        assert told(ported(20_000, polls((1, 20_000, mbps(10, 70)))))[0][1] == "resolved"

    @pytest.mark.parametrize("quality", [Quality.FIRST, Quality.RESET, Quality.AMBIGUOUS, Quality.IMPLAUSIBLE])
    def test_a_row_that_is_no_measure_neither_opens_nor_ends(
        self, world: World, ported: Callable[..., Draft], quality: Quality
    ) -> None:
        assert told(ported(0, polls((1, 0, mbps(4_000, quality=quality))))) == []
        ported(10_000, polls((1, 10_000, mbps(95))))
        assert told(ported(20_000, polls((1, 20_000, mbps(0, quality=quality))))) == []
        assert len(opened(world)) == 1

    def test_a_rule_alerts_on_what_it_selects_alone_and_a_new_name_counts_at_once(
        self, ported: Callable[..., Draft], drafted: Drafted, configure: Configure
    ) -> None:
        configure(rules=[replace(BUSY, selector=Selector(interface_names=("uplink*",)))])
        assert told(ported(0, polls((1, 0, mbps(95))))) == []
        assert told(ported(10_000, polls((1, 10_000, mbps(95))))) == []
        renamed = [replace_port("ge1", 1, 100_000_000, "uplink north")]
        observe_inventory(drafted(15_000), 1, Inventory(1, 8, NOW_MS + 15_000, None, renamed))
        assert told(ported(20_000, polls((1, 20_000, mbps(95)))))[0][:2] == ("busy", "firing")

    def test_a_speed_that_changed_counts_with_the_next_rows(
        self, ported: Callable[..., Draft], drafted: Drafted
    ) -> None:
        assert told(ported(0, polls((1, 0, mbps(95))))) != []
        faster = [replace_port("ge1", 1, 1_000_000_000)]
        observe_inventory(drafted(5_000), 1, Inventory(1, 8, NOW_MS + 5_000, None, faster))
        assert told(ported(10_000, polls((1, 10_000, mbps(95)))))[0][1] == "resolved"

    def test_an_alert_of_a_port_that_is_gone_ends(self, ported: Callable[..., Draft], drafted: Drafted) -> None:
        ported(0, polls((1, 0, mbps(95))))
        observe_inventory(drafted(5_000), 1, Inventory(1, 8, NOW_MS + 5_000, None, [replace_port("ge2", 2, None)]))
        observe_unmeasured(draft := drafted(6_000))
        assert told(draft)[0][1] == "resolved"
        assert draft.ended_alerts[0].reason == "the interface is gone"
        assert told(ported(10_000, polls((1, 10_000, mbps(95))))) == []

    def test_an_alert_of_what_nobody_measures_any_more_ends_after_an_hour(
        self, world: World, ported: Callable[..., Draft], drafted: Drafted
    ) -> None:
        ported(0, polls((1, 0, mbps(95))))
        observe_unmeasured(drafted(UNMEASURED_MS))
        assert len(opened(world)) == 1
        observe_unmeasured(draft := drafted(UNMEASURED_MS + 1))
        assert draft.ended_alerts[0].reason == "it is not measured any more"

    def test_a_clock_that_is_hours_behind_ends_no_alert(
        self, world: World, ported: Callable[..., Draft], drafted: Drafted
    ) -> None:
        behind_ms = -3 * UNMEASURED_MS
        ported(UNMEASURED_MS, polls((1, behind_ms, mbps(95))))
        observe_unmeasured(drafted(UNMEASURED_MS + 1_000))
        assert len(opened(world)) == 1
        observe_unmeasured(drafted(2 * UNMEASURED_MS + 1))
        assert opened(world) == []

    def test_errors_say_which_way(self, world: World, ported: Callable[..., Draft], configure: Configure) -> None:
        configure(rules=[Rule(92, "errors", HighErrors(), Severity.WARNING, for_ms=0)])
        draft = ported(0, polls((2, 0, {"in_packets": 980, "in_errors": 20, "out_packets": 9e4, "out_errors": 9})))
        assert told(draft) == [("errors", "firing", "core1 ge2: 2 % of packets in have errors")]
        assert opened(world)[0].reason.endswith("; alerts from 1 %")


class TestWhatDoesNotAlarm:
    def test_rows_that_are_not_newer_than_what_is_known_change_nothing(
        self, world: World, ported: Callable[..., Draft]
    ) -> None:
        ported(20_000, polls((1, 20_000, mbps(10))))
        assert told(ported(21_000, polls((1, 10_000, mbps(95)), (1, 20_000, mbps(95))))) == []
        ported(30_000, polls((1, 30_000, mbps(95))))
        assert told(ported(31_000, polls((1, 25_000, mbps(10))))) == []
        assert len(opened(world)) == 1

    def test_a_clock_that_is_ahead_does_not_silence_what_comes_after_it(self, ported: Callable[..., Draft]) -> None:
        ported(0, polls((1, 500_000, mbps(10))))
        assert told(ported(10_000, polls((1, 10_000, mbps(95)))))[0][:2] == ("busy", "firing")

    def test_under_maintenance_nothing_opens_and_what_fires_is_left(
        self, world: World, ported: Callable[..., Draft], drafted: Drafted, configure: Configure
    ) -> None:
        ported(0, polls((1, 0, mbps(95))))
        span = Once(NOW_MS + 5_000, NOW_MS + 50_000)
        window = MaintenanceWindow(1, "new card", "", Covers(device_ids=(1,)), span, 0)
        pending = replace(BUSY, id=93, name="busy-for-long", for_ms=10_000)
        configure(rules=[BUSY, pending], windows=[window])
        observe_time(drafted(6_000))
        draft = ported(10_000, polls((1, 10_000, mbps(10))))
        assert (told(draft), [alert.state for alert in opened(world)]) == ([], [AlertState.FIRING])
        assert told(ported(20_000, polls((1, 20_000, mbps(95))))) == []
        assert len(opened(world)) == 1
        observe_time(drafted(50_000))
        assert [name for name, _, _ in told(ported(60_000, polls((1, 60_000, mbps(95)))))] == []
        assert len(opened(world)) == 2

    def test_what_is_pending_begins_anew_after_a_time_in_which_nobody_could_know(
        self, world: World, seen: Callable[..., Draft], drafted: Drafted
    ) -> None:
        usually(world, 12, 1)
        seen(0, rounds((1, 0, 84, 5)))
        observe_axis(drafted(10_000), 1, AxisChanged(1, Axis.ICMP, "up", "down", "silent", NOW_MS + 10_000))
        observe_unmeasured(draft := drafted(11_000))
        assert (told(draft), opened(world, "high-latency")) == ([], [])
        observe_axis(drafted(55_000), 1, AxisChanged(1, Axis.ICMP, "down", "up", "answers", NOW_MS + 55_000))
        assert told(seen(60_000, rounds((1, 60_000, 84, 5)))) == []
        assert opened(world, "high-latency")[0].started_ms == NOW_MS + 60_000

    def test_a_device_that_is_down_is_not_judged(
        self, world: World, seen: Callable[..., Draft], drafted: Drafted, configure: Configure
    ) -> None:
        configure(rules=[latency_rule(for_ms=0)])
        observe_axis(drafted(10_000), 1, AxisChanged(1, Axis.ICMP, "up", "down", "silent", NOW_MS + 10_000))
        assert told(seen(20_000, rounds((1, 20_000, 900, 2)))) == []
        assert opened(world) == []

    def test_a_rule_that_is_disabled_judges_nothing(
        self, world: World, ported: Callable[..., Draft], configure: Configure
    ) -> None:
        configure(rules=[replace(BUSY, enabled=False)])
        assert told(ported(0, polls((1, 0, mbps(95))))) == []
        assert opened(world) == []


class TestRules:
    def test_a_changed_threshold_is_judged_with_the_next_rows(
        self, world: World, ported: Callable[..., Draft], configure: Configure, drafted: Drafted
    ) -> None:
        ported(0, polls((1, 0, mbps(91))))
        configure(rules=[replace(BUSY, condition=HighUtilisation(util_ratio=0.99, clear_ratio=0.95), revision=2)])
        observe_configuration(draft := drafted(5_000))
        assert (told(draft), len(opened(world))) == ([], 1)
        draft = ported(10_000, polls((1, 10_000, mbps(91))))
        assert told(draft)[0][1] == "resolved"
        assert draft.ended_alerts[0].rule_revision == 2

    def test_rules_of_one_kind_go_by_their_own_figures(
        self, world: World, ported: Callable[..., Draft], configure: Configure
    ) -> None:
        strict = replace(BUSY, id=94, name="strict", condition=HighUtilisation(util_ratio=0.5, clear_ratio=0.4))
        configure(rules=[BUSY, strict])
        assert [name for name, _, _ in told(ported(0, polls((1, 0, mbps(60)))))] == ["strict"]
        assert [name for name, _, _ in told(ported(10_000, polls((1, 10_000, mbps(95)))))] == ["busy"]
        draft = ported(20_000, polls((1, 20_000, mbps(45))))
        assert [(name, state) for name, state, _ in told(draft)] == [("busy", "resolved")]
        assert [alert.rule for alert in opened(world)] == ["strict"]

    def test_an_alert_that_ends_with_its_rule_leaves_nothing_behind(
        self, world: World, ported: Callable[..., Draft], configure: Configure, drafted: Drafted
    ) -> None:
        ported(0, polls((1, 0, mbps(95))))
        configure(rules=[])
        observe_configuration(draft := drafted(5_000))
        observe_unmeasured(draft)
        world.settle()
        assert (opened(world), list(world.gauges.looked_at.items())) == ([], [])

    def test_rows_that_are_decided_again_count_once(self, world: World, seen: Callable[..., Draft]) -> None:
        for number in range(4):
            at_ms = number * ROUND_MS
            for _ in range(3):
                draft = seen(at_ms, rounds((1, at_ms, 300, 4)))
                world.drop()
            seen(at_ms, rounds((1, at_ms, 300, 4)))
            world.settle()
            del draft
        alerts = {alert.rule: alert for alert in opened(world)}
        assert alerts["high-loss"].title == "core1: 20 % of packets lost (4 of 20)"
        evidence = alerts["high-latency"].evidence
        assert evidence is not None
        looked_at = world.gauges.looked_at.get("high-latency:device:1")
        assert looked_at is not None
        assert len(looked_at.samples) == 4
        assert len(evidence.samples) == 1


replies = st.lists(st.tuples(st.integers(0, 5), st.sampled_from([12, 25, 30, 84, 300])), min_size=1, max_size=25)


@given(rows=replies, data=st.data())
@settings(max_examples=40)
def test_alerts_do_not_depend_on_how_rows_are_batched_and_how_often_a_batch_is_decided(
    rows: list[tuple[int, int]], data: st.DataObject
) -> None:
    measured = [
        (1, number * ROUND_MS, float(rtt_ms) if received else NAN, received)
        for number, (received, rtt_ms) in enumerate(rows)
    ]
    after_ms = len(rows) * ROUND_MS
    sizes = data.draw(st.lists(st.integers(1, 6), min_size=len(rows), max_size=len(rows)))
    drops = data.draw(st.lists(st.integers(0, 2), min_size=len(rows), max_size=len(rows)))

    def outcome(batches: list[list[tuple[int, int, float, int]]], repeats: list[int]) -> list[tuple[str, str, str]]:
        world = World(state([device(1)]), started_ms=NOW_MS)
        observe_axis(Draft(world, NOW_MS), 1, AxisChanged(1, Axis.ICMP, "none", "up", "answers", NOW_MS))
        world.settle()
        usually(world, 12, 1)
        found: list[tuple[str, str, str]] = []
        for batch, again in zip(batches, repeats, strict=False):
            for last in [*([False] * again), True]:
                draft = Draft(world, NOW_MS + after_ms)
                draft.live_tables.append(rounds(*batch))
                observe_measurements(draft)
                if last:
                    found.extend(told(draft))
                    world.settle()
                else:
                    world.drop()
        return found

    batches: list[list[tuple[int, int, float, int]]] = []
    at = 0
    while at < len(measured):
        batches.append(measured[at : at + sizes[len(batches)]])
        at += sizes[len(batches) - 1]
    one_by_one = outcome([[row] for row in measured], [0] * len(rows))
    assert outcome(batches, drops) == one_by_one
    assert outcome([measured], [0]) == one_by_one


def test_high_latency_is_one_of_the_rules_of_a_new_hub() -> None:
    rule = latency_rule()
    assert (rule.enabled, rule.condition) == (True, HighLatency())

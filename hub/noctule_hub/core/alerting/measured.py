"""From measured rows to those that matter: which say something new, and what they are judged by.

Whole tables are judged at a time (`levels`); a Python object is made only of rows that meet a condition or whose object
has an alert. What is made of those is left to `level_findings`.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from noctule_shared.axes import LATENCY_SOURCE_CODES, LatencySource
from noctule_shared.frames import TableName

from noctule_hub.core.alerting.conditions import (
    ConditionKind,
    HighDiscards,
    HighErrors,
    HighLatency,
    HighLoss,
    HighUtilisation,
)
from noctule_hub.core.alerting.findings import open_alerts
from noctule_hub.core.alerting.level_findings import JUDGED, MeasuredRow, consider
from noctule_hub.core.alerting.level_words import of_delay, of_loss, of_poll
from noctule_hub.core.alerting.levels import Judged, Verdict, judge_delays, judge_losses, judge_polls
from noctule_hub.core.alerting.rules import Rule
from noctule_hub.core.records import DeviceState
from noctule_hub.core.series import Ints, MeasuredRows
from noctule_hub.core.world import Draft, World

Array = npt.NDArray[Any]

_POLL_KINDS: Final[tuple[ConditionKind, ...]] = (HighUtilisation, HighErrors, HighDiscards)
_ICMP: Final = LATENCY_SOURCE_CODES[LatencySource.ICMP]


def observe_measurements(draft: Draft) -> None:
    """Judge the rows that tell the present by all rules about measurements. Older ones than known change nothing."""
    if not draft.live_tables:
        return
    world = draft.world
    world.gauges.heed(world.rules, world.devices)
    _observe_rounds(draft, [rows for rows in draft.live_tables if rows.table is TableName.LATENCY])
    _observe_polls(draft, [rows for rows in draft.live_tables if rows.table is TableName.INTERFACE])


def _observe_rounds(draft: Draft, tables: Sequence[MeasuredRows]) -> None:
    if not tables:
        return
    gauges = draft.world.gauges
    columns = _joined(tables, ("ts_ms", "source", "sent", "received", "rtt_median_s"))
    device_ids = np.concatenate([rows.object_ids for rows in tables])
    # A clock that is ahead must not make its rows outlast those of a time that is right.
    ts_ms = np.minimum(columns["ts_ms"].astype(np.int64), draft.steady_ms)
    # How long a device takes to answer SNMP says more of its processor than of the way to it.
    newer = gauges.rounds.take(device_ids, ts_ms) & (columns["source"] == _ICMP)
    for chosen in _in_turn(device_ids, ts_ms, newer):
        ids, at_ms = device_ids[chosen], ts_ms[chosen]
        rtt_s, sent, received = (columns[name][chosen] for name in ("rtt_median_s", "sent", "received"))
        usual_s = gauges.usual.take(ids, at_ms, rtt_s)
        for rule, open_ in _rules(draft, HighLatency):
            assert isinstance(rule.condition, HighLatency)  # noqa: S101  asked for by kind
            judged = judge_delays(rule.condition, rtt_s, usual_s)
            for row in _looked_at(draft, rule, open_, ids, at_ms, judged):
                level = of_delay(judged, row)
                consider(draft, rule, MeasuredRow(int(ids[row]), int(at_ms[row]), Verdict(judged.verdicts[row]), level))
        _observe_losses(draft, ids, at_ms, sent, received)


def _observe_losses(draft: Draft, device_ids: Ints, ts_ms: Ints, sent: Array, received: Array) -> None:
    """Judge the loss of one round of each device.

    A round without any reply is judged with the next that has one: until then it may be a fall, of which the device's
    status tells. What was lost while it was down counts for nothing afterwards.
    """
    world, losses = draft.world, draft.world.gauges.losses
    losses.take(device_ids, ts_ms, sent, received)
    silent = received == 0
    fallen = [device_id for device_id in device_ids[silent].tolist() if _is_fallen(world.states.get(device_id))]
    losses.forget(np.array(fallen, np.int64))
    ids, at_ms = device_ids[~silent], ts_ms[~silent]
    for rule, open_ in _rules(draft, HighLoss):
        assert isinstance(rule.condition, HighLoss)  # noqa: S101  asked for by kind
        sums = losses.sums(ids, at_ms, rule.condition.window_s)
        judged = judge_losses(rule.condition, *sums)
        for row in _looked_at(draft, rule, open_, ids, at_ms, judged):
            level = of_loss(judged, row, sent=int(sums[0][row]), received=int(sums[1][row]))
            consider(draft, rule, MeasuredRow(int(ids[row]), int(at_ms[row]), Verdict(judged.verdicts[row]), level))


def _observe_polls(draft: Draft, tables: Sequence[MeasuredRows]) -> None:
    world = draft.world
    rules = [(rule, open_) for kind in _POLL_KINDS for rule, open_ in _rules(draft, kind)]
    if not tables or not rules:
        return
    gauges = world.gauges
    interface_ids = np.concatenate([rows.object_ids for rows in tables])
    columns = _joined(tables, tuple(tables[0].columns))
    ts_ms = np.minimum(columns["ts_ms"].astype(np.int64), draft.steady_ms)
    newer = gauges.polls.take(interface_ids, ts_ms)
    if not newer.all():
        interface_ids, ts_ms = interface_ids[newer], ts_ms[newer]
        columns = {name: column[newer] for name, column in columns.items()}
    if not len(interface_ids):
        return
    _learn_ports(world, interface_ids)
    speed_bps = gauges.ports.speeds_bps(interface_ids)
    for rule, open_ in rules:
        assert isinstance(rule.condition, HighUtilisation | HighErrors | HighDiscards)  # noqa: S101  asked for by kind
        judged = judge_polls(rule.condition, columns, speed_bps)
        for row in _looked_at(draft, rule, open_, interface_ids, ts_ms, judged):
            level = of_poll(rule.condition, judged, row, speed_bps=float(speed_bps[row]))
            one = MeasuredRow(int(interface_ids[row]), int(ts_ms[row]), Verdict(judged.verdicts[row]), level)
            consider(draft, rule, one)


def _rules(draft: Draft, kind: ConditionKind) -> list[tuple[Rule, Ints]]:
    """Return the enabled rules about a kind, each with the objects that it has an open alert for."""
    rules = [rule for rule in draft.world.rules.of(kind) if rule.enabled]
    if not rules:
        return []
    found: dict[str, list[int]] = {rule.name: [] for rule in rules}
    for alert in open_alerts(draft.world):
        if alert.rule in found:
            found[alert.rule].append((alert.interface_id if alert.interface_id is not None else alert.device_id) or 0)
    return [(rule, np.array(found[rule.name], np.int64)) for rule in rules]


def _looked_at(draft: Draft, rule: Rule, open_: Ints, object_ids: Ints, ts_ms: Ints, judged: Judged) -> Iterator[int]:  # noqa: PLR0917  columns of one table
    """Yield the rows that may change something, by time: those that meet the rule, and all of what has an alert."""
    chosen = judged.verdicts == Verdict.MET
    if chosen.any():
        chosen &= ~draft.world.gauges.exempt.of(rule.id, object_ids)
        # What meets it here may be over in a later row of the same batch.
        open_ = np.concatenate((open_, np.unique(object_ids[chosen])))
    if len(open_):
        chosen |= np.isin(object_ids, open_) & (judged.verdicts != Verdict.UNKNOWN)
    rows = np.flatnonzero(chosen)
    yield from rows[np.argsort(ts_ms[rows], kind="stable")].tolist()


def _is_fallen(state: DeviceState | None) -> bool:
    """Return whether a device's rounds say nothing of its loss: it is down, or its agent cannot see."""
    return state is None or (state.underlying or state.status) not in JUDGED


def _learn_ports(world: World, interface_ids: Ints) -> None:
    """Take over what the inventories of these interfaces' devices say, as far as they are not those that are known."""
    gauges = world.gauges
    device_ids = gauges.ports.device_ids(interface_ids)
    devices: set[int] = set(np.unique(device_ids).tolist())
    for interface_id in np.unique(interface_ids[device_ids == 0]).tolist():
        interface = world.interfaces.get(interface_id)
        if interface is not None:
            devices.add(interface.device_id)
    for device_id in devices:
        ports = world.ports.get(device_id)
        known = gauges.ports.known.get(device_id)
        if ports is not None and ports is not known:
            interfaces = (world.interfaces.get(interface_id) for interface_id in ports.interface_ids.values())
            gauges.ports.learn(device_id, ports, [row for row in interfaces if row is not None])
            if known is not None:
                # A rule may be about the names that changed.
                gauges.exempt.clear()


def _in_turn(object_ids: Ints, ts_ms: Ints, newer: npt.NDArray[np.bool_]) -> Iterator[Ints]:
    """Yield rows that are newer than what was known, such that each time every object is named once, by time."""
    rows = np.flatnonzero(newer)
    order = rows[np.lexsort((ts_ms[rows], object_ids[rows]))]
    ids = object_ids[order]
    first = np.flatnonzero(np.r_[True, ids[1:] != ids[:-1]]) if len(ids) else np.zeros(0, np.int64)
    lengths = np.diff(np.r_[first, len(ids)])
    for turn in range(int(lengths.max(initial=0))):
        yield order[first[lengths > turn] + turn]


def _joined(tables: Sequence[MeasuredRows], names: Sequence[str]) -> Mapping[str, Array]:
    if len(tables) == 1:
        return {name: tables[0].columns[name] for name in names}
    return {name: np.concatenate([rows.columns[name] for rows in tables]) for name in names}

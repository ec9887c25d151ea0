"""Whether the hub's export is what the ledger says: value for value, each event once and in order, holes told."""

import asyncio
import math
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path

from noctule_hub.core.commit import GapRow
from noctule_hub.core.records import EventRow
from noctule_shared.events import AgentLinkStatus, EventName

from tests.kill import script
from tests.kill.export import EVER_MS, Export, Values, exports_of, key_in
from tests.kill.ledger import Key, Measured, Run

SHOWN = 8
# From an agent's hello to its commit, and between two clocks' roundings.
HELLO_MS = 3_000
GAP_SLACK_MS = 1_500
# A frozen hub fires for what it heard last before it reads on; it is frozen for six seconds at most.
LATELY_MS = 10_000
LEFT_OUT = "rows left out"


@dataclass
class Verdict:
    """What was compared, and everything that is wrong, in words."""

    samples: int = 0
    events: int = 0
    missing: int = 0
    gaps: int = 0
    wrong: list[str] = field(default_factory=list)

    def summary(self) -> str:
        return (
            f"{self.samples} samples and {self.events} events as in the ledger, "
            f"{self.missing} lost entries told by {self.gaps} gaps"
        )

    def accuse(self, what: str, culprits: list[object]) -> None:
        if culprits:
            shown = "; ".join(map(str, culprits[:SHOWN]))
            self.wrong.append(f"{len(culprits)} x {what}: {shown}{'; ...' if len(culprits) > SHOWN else ''}")


def judge(data_dir: Path, runs: list[Run], *, forgetful: int) -> Verdict:
    """Compare a stopped hub's data with the ledger, before and after all measurements went into day files."""
    for run in runs:
        run.read()
    before, after = asyncio.run(exports_of(data_dir))
    verdict = Verdict(gaps=len(before.gaps))
    verdict.accuse("changed by projection", _differences(before.values, after.values))
    measured = {key: entry for run in runs for key, entry in run.measured.items()}
    _judge_values(verdict, before, set(measured))
    _judge_events(verdict, before, runs)
    _judge_presence(verdict, before)
    _judge_port_alerts(verdict, before, runs)
    judge_holes(verdict, before, runs, forgetful)
    _judge_graceful(verdict, runs)
    return verdict


def _judge_values(verdict: Verdict, export: Export, measured: set[Key]) -> None:
    verdict.samples = len(export.values)
    verdict.accuse("in the export twice", list(export.doubled))
    verdict.accuse("never measured", [key for key in export.values if key not in measured])
    verdict.accuse(
        "other values than measured",
        [
            f"{key}: {values} instead of {expected}"
            for key, values in export.values.items()
            if not _same(values, expected := _expected(key))
        ],
    )
    verdict.accuse("events never measured", [told.key for told in export.told if told.key not in measured])


def _judge_events(verdict: Verdict, export: Export, runs: list[Run]) -> None:
    verdict.events = len(export.told)
    places: dict[Key, list[EventRow]] = defaultdict(list)
    for told in export.told:
        places[told.key].append(told.row)
    verdict.accuse(
        "told more than once",
        [f"{key} as {[(row.seq, row.late) for row in rows]}" for key, rows in places.items() if len(rows) > 1],
    )
    order: dict[tuple[int, str], list[tuple[int, Key]]] = defaultdict(list)
    for run in runs:
        for kept in run.kept:
            order[run.agent_id, kept.epoch] += [(kept.seq, key) for key in kept.keys if key in places]
    for (agent_id, _epoch), entries in order.items():
        keys = [key for _, key in sorted(entries, key=lambda entry: entry[0])]
        seqs = [places[key][0].seq for key in keys]
        verdict.accuse(
            f"out of order (agent {agent_id})",
            [f"{keys[at]} after {keys[at - 1]}" for at in range(1, len(keys)) if seqs[at] < seqs[at - 1]],
        )


def _judge_presence(verdict: Verdict, export: Export) -> None:
    """What happened before an agent's hello is history: told as late, and no reason to alert anybody."""
    hello_ms: dict[int, int] = {}
    past: list[object] = []
    alarms: list[object] = []
    for row in export.events:
        if row.name is EventName.AGENT_STATUS and row.data["status"] == AgentLinkStatus.CONNECTED:
            hello_ms[row.data["agentId"]] = row.committed_ms
        key = key_in(row)
        if key is None:
            continue
        too_old_ms = hello_ms.get(export.agent_of.get(key.device_id, 0), 0) - HELLO_MS
        if key.ts_ms >= too_old_ms:
            continue
        age = f"{key}, {(too_old_ms + HELLO_MS - key.ts_ms) / 1000:.1f} s before the hello, seq {row.seq}"
        if row.name is EventName.ALERT_NEW:
            alarms.append(f"{age}: {row.data['title']}")
        elif row.name is EventName.DEVICE_STATUS and not row.late:
            past.append(age)
    verdict.accuse("the present changed by the past", past)
    verdict.accuse("alerts about the past", alarms)


def _judge_port_alerts(verdict: Verdict, export: Export, runs: list[Run]) -> None:
    """A port that is alerted about was down lately; of an agent that lost events, a hub cannot know."""
    patchy = {gap.agent_id for gap in export.gaps if gap.samples is not None}
    down: dict[tuple[int, int], list[tuple[int, int]]] = defaultdict(list)
    for at, run in enumerate(runs):
        # A source that starts again begins with all its ports up.
        successor = next((other for other in runs[at + 1 :] if other.agent_id == run.agent_id), None)
        ends_ms = min((entry.at_ms for entry in successor.measured.values()), default=EVER_MS) if successor else EVER_MS
        changes: dict[tuple[int, int], list[Measured]] = defaultdict(list)
        for entry in run.measured.values():
            if entry.key.kind == "port":
                changes[entry.key.device_id, entry.key.port].append(entry)
        for place, entries in changes.items():
            entries.sort(key=lambda entry: entry.at_ms)
            for entry, after in zip(entries, [*entries[1:], None], strict=True):
                if entry.level == "down":
                    down[place].append((entry.at_ms, ends_ms if after is None else after.at_ms))
    verdict.accuse(
        "alerts about ports that are up",
        [
            f"{row.data['title']}, committed {row.committed_ms}, seq {row.seq}"
            for row in export.events
            if row.name is EventName.ALERT_NEW and row.data["rule"] == "interface-down"
            if export.agent_of[row.data["deviceId"]] not in patchy
            if not any(
                from_ms <= row.committed_ms and row.committed_ms - LATELY_MS <= to_ms
                for from_ms, to_ms in down[export.port_of[row.data["interfaceId"]]]
            )
        ],
    )


def judge_holes(verdict: Verdict, export: Export, runs: list[Run], forgetful: int) -> None:
    """What was kept is in the export, or a gap of its agent covers it; a count in a gap is exact."""
    found = export.values.keys() | {told.key for told in export.told}
    missing: dict[int, list[tuple[Key, int]]] = defaultdict(list)
    twins: list[object] = []
    for run in (run for run in runs if not run.forgotten):
        for kept in run.kept:
            acked = kept.seq <= run.acked.get(kept.epoch, 0)
            for key in kept.keys:
                if key in found:
                    continue
                if run.discarded and not acked and run.agent_id != forgetful:
                    continue  # a twin's own, gone with it; nobody was told that it is there
                if run.discarded and run.agent_id != forgetful:
                    twins.append(key)
                missing[run.agent_id].append((key, kept.at_ms))
    verdict.accuse("acknowledged to a twin and lost", twins)
    before, renewed = _changes_before(runs), _renewed(runs, found)
    for agent_id in missing.keys() | {gap.agent_id for gap in export.gaps}:
        entries = dict(missing[agent_id])
        gaps = [gap for gap in export.gaps if gap.agent_id == agent_id]
        # A hub that missed a port's change back has nothing to tell when it changes again, nor has one that is told
        # what it holds.
        repeats = {key for key in entries if before.get(key) in entries or key in renewed}
        verdict.missing += len(entries)
        verdict.accuse(
            f"kept by agent {agent_id}, lost, and no gap tells of it",
            [
                f"{key} (kept {at_ms})"
                for key, at_ms in entries.items()
                if key not in repeats and not _covered(key, at_ms, gaps)
            ],
        )
        _judge_counts(verdict, gaps, [run for run in runs if run.agent_id == agent_id], len(entries), len(repeats))


def _judge_counts(verdict: Verdict, gaps: list[GapRow], runs: list[Run], lost: int, repeats: int) -> None:
    """Gaps that know how much is lost are right, as far as the ledger can tell."""
    # Rows that a hub cannot place now may find their place at its next start.
    known = sum(gap.samples or 0 for gap in gaps if LEFT_OUT not in gap.reason)
    unknown = any(gap.samples is None or LEFT_OUT in gap.reason for gap in gaps)
    unlisted = _unlisted(runs)
    if known > lost + unlisted or (known < lost - repeats and not unknown):
        verdict.wrong.append(
            f"agent {runs[0].agent_id}: gaps count {known} lost entries, {lost} are, {repeats} of them perhaps untold "
            f"for want of news, and up to {unlisted} more that the ledger does not list: {gaps[:SHOWN]}"
        )


def _unlisted(runs: list[Run]) -> int:
    """Return how many rows an outbox may have kept that the ledger does not list as kept.

    Inventories, and what was kept in the moment of a kill, between the outbox' commit and the ledger's line.
    """
    inventories = sum(kept.rows - len(kept.keys) for run in runs for kept in run.kept)
    killed = [run for run in runs if run.killed]
    return inventories + sum(
        len(run.measured.keys() - {key for kept in run.kept for key in kept.keys}) for run in killed
    )


def _changes_before(runs: list[Run]) -> dict[Key, Key]:
    """Return for each change of a port the change before it."""
    before: dict[Key, Key] = {}
    last: dict[tuple[int, int], Key] = {}
    for key in sorted({key for run in runs for kept in run.kept for key in kept.keys if key.kind == "port"}):
        if (key.device_id, key.port) in last:
            before[key] = last[key.device_id, key.port]
        last[key.device_id, key.port] = key
    return before


def _renewed(runs: list[Run], found: Collection[Key]) -> set[Key]:
    """Return the first levels of each life that may be what the hub held of the device already.

    An agent that starts begins with no level. Its first one is history, and told as such, if it was kept before the
    hello, which a slow disk may not have done; after it, it is news only where it is another level than before.
    """
    renewed: set[Key] = set()
    measured: dict[int, str] = {}
    told: dict[int, str] = {}
    changes = [
        (entry.key.ts_ms, number, entry)
        for number, run in enumerate(runs)
        for entry in run.measured.values()
        if entry.key.kind == "axis" and entry.level is not None
    ]
    begun: set[tuple[int, int]] = set()
    for _, number, entry in sorted(changes):
        key, level = entry.key, str(entry.level)
        if (number, key.device_id) not in begun and level in {measured.get(key.device_id), told.get(key.device_id)}:
            renewed.add(key)
        begun.add((number, key.device_id))
        measured[key.device_id] = level
        if key in found or key in renewed:
            told[key.device_id] = level
    return renewed


def _judge_graceful(verdict: Verdict, runs: list[Run]) -> None:
    """A source that was asked to end has kept all that it measured."""
    for run in runs:
        if not run.killed:
            kept = {key for frame in run.kept for key in frame.keys}
            verdict.accuse(
                f"measured and not kept by {run.path.name}", [key for key in run.measured if key not in kept]
            )


def _covered(key: Key, at_ms: int, gaps: list[GapRow]) -> bool:
    return any(
        gap.from_ms - GAP_SLACK_MS <= moment <= gap.to_ms + GAP_SLACK_MS
        for gap in gaps
        for moment in (key.ts_ms, at_ms)
    )


def _expected(key: Key) -> Values:
    if key.kind == "latency":
        row = script.latency(key.device_id, key.ts_ms)
        return tuple(getattr(row, name) for name in script.LATENCY)
    return (script.INTERVAL_S, *script.deltas(key.device_id, key.port, key.ts_ms))


def _same(one: Values, other: Values) -> bool:
    return len(one) == len(other) and all(_plain(a) == _plain(b) for a, b in zip(one, other, strict=True))


def _plain(value: float | None) -> float | None:
    return None if value is None or math.isnan(value) else float(value)


def _differences(one: dict[Key, Values], other: dict[Key, Values]) -> list[object]:
    return [key for key in one.keys() | other.keys() if not _same(one.get(key, ()), other.get(key, ()))]

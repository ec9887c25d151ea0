"""Rules about measurements: what judging costs by stage, and how long a batch takes from its decision to its commit.

The hub's own engine functions over a real store, for 10,000 devices of 48 ports each that are polled and pinged every
10 s, in batches of the 200 ms that the engine groups. Five rules judge: latency, loss, utilisation, errors and
discards. The same traffic is decided and committed with all rules off, with none that is met (`quiet`), and with one
poll in 50 beyond a threshold and back in the next (`storm`, some 1,700 alerts that open or end a second). The peer
judges the same rows in plain Python, one after the other. An evaluation is one row by one rule. The 200 ms for which
the engine gathers measurements come on top of the time of a batch.
"""

import asyncio
import contextlib
import secrets
import tempfile
import time
from array import array
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
from noctule_hub.core.alerting.conditions import HighDiscards, HighErrors, HighUtilisation
from noctule_hub.core.alerting.levels import Verdict, judge_polls
from noctule_hub.core.alerting.rules import SEEDED, Rule
from noctule_hub.core.audit import local
from noctule_hub.core.commit import AgentCursor, Assignment, Configuration, EngineState
from noctule_hub.core.records import Agent, Axes, Device, DeviceState, IcmpSettings, Interface, Site
from noctule_hub.core.world import World
from noctule_hub.ingest.inputs import FrameInput, Input
from noctule_hub.ingest.turn import EngineCounters, decide
from noctule_hub.store.sqlite import SqliteStore, open_store
from noctule_shared.axes import IcmpLevel, IfStatus, Reachability
from noctule_shared.events import DeviceStatus
from noctule_shared.frames import COLUMNS, MeasurementsBody, TableName, decode_frame, encode_frame, pack_table

from tests.bench.figures import Figures, goal, ratio, used
from tests.bench.traffic import INTERVAL_S, PORTS, REVISION, Traffic

DEVICES: Final = 10_000
BATCHES: Final = 50
SPEED_BPS: Final = 1_000_000_000
EPOCH: Final = "00000000000000aa"
JUDGED: Final = tuple(rule for rule in SEEDED if rule.condition.measured)
POLLED: Final = (HighUtilisation(), HighErrors(), HighDiscards())
# So many rows are enough to know what plain Python takes.
PEER_ROWS: Final = 20_000


@dataclass(slots=True)
class Spent:
    """Seconds of one run: CPU of deciding and of committing, and the time of each batch from the one to the other."""

    decide_s: float = 0.0
    commit_cpu_s: float = 0.0
    batch_s: list[float] = field(default_factory=list)
    rows: int = 0
    alerts: int = 0


def measure() -> Figures:
    """Judge, beside the peer, and commit what was judged."""
    return asyncio.run(_measure())


async def _measure() -> Figures:
    with tempfile.TemporaryDirectory(prefix="noctule-bench-") as name:
        async with _hub(Path(name)) as (store, world, agent_id):
            traffic = _Batches(agent_id)
            runs = {
                "off": await _run(store, world, traffic, rules=[], busy=False),
                "quiet": await _run(store, world, traffic, rules=JUDGED, busy=False),
                "storm": await _run(store, world, traffic, rules=JUDGED, busy=True),
            }
    off, quiet, storm = runs.values()
    evaluate_us, peer_us = _evaluate()
    evaluations = quiet.rows * len(POLLED)
    per_million = 1e6 / evaluations
    # What all of it takes each second when 10,000 devices are polled every 10 s.
    share = [(run.decide_s + run.commit_cpu_s - off.decide_s - off.commit_cpu_s) / INTERVAL_S for run in (quiet, storm)]
    return {
        "devices": DEVICES,
        "interfaces": DEVICES * PORTS,
        "rules": len(JUDGED),
        "evaluateUs": evaluate_us,
        "peerEvaluateUs": peer_us,
        "toPeer": ratio(evaluate_us, peer_us),
        "cpuSPerMillionEvaluations": {
            "evaluate": evaluate_us,
            "crossingsQuiet": round(max(0.0, (quiet.decide_s - off.decide_s) * per_million - evaluate_us), 3),
            "crossingsStorm": round(max(0.0, (storm.decide_s - off.decide_s) * per_million - evaluate_us), 3),
            "commitQuiet": round(max(0.0, quiet.commit_cpu_s - off.commit_cpu_s) * per_million, 3),
            "commitStorm": round(max(0.0, storm.commit_cpu_s - off.commit_cpu_s) * per_million, 3),
        },
        "coresOfJudgingAndItsCommits": {"quiet": round(share[0], 3), "storm": round(share[1], 3)},
        "alertsOfTheStormPerS": round(storm.alerts / INTERVAL_S),
        "decidedAndCommittedMs": {run: _quantiles(spent.batch_s) for run, spent in runs.items()},
        "goals": {
            "cores": goal(round(share[0], 3), at_most=0.5),
            "coresOfTheStorm": goal(round(share[1], 3), at_most=0.5),
            "toPeer": goal(ratio(evaluate_us, peer_us), at_most=0.1),
            "decidedAndCommittedP99Ms": goal(_quantiles(quiet.batch_s)["p99"], at_most=100.0),
        },
    }


@contextlib.asynccontextmanager
async def _hub(folder: Path) -> AsyncIterator[tuple[SqliteStore, World, int]]:
    """Lend a store with one agent, and a world in which that agent's devices and their ports are there and answer."""
    store = await open_store(folder, clock_ms=_now_ms)
    try:
        site = await store.add_site("north", by=local(0))
        secret = secrets.token_hex(16)
        token = await store.add_join_token(
            site_id=site.id, secret_hash=secret, uses=1, expires_ms=_now_ms() + 3_600_000, by=local(0)
        )
        keys = "00" * 32
        agent = await store.enrol_agent(
            token_id=token.id, secret_hash=secret, name="north", signing_key=keys, sealing_key=keys, version="0",
            by=local(_now_ms()),
        )  # fmt: skip
        yield store, _world(site.id, agent.id), agent.id
    finally:
        await store.close()


def _world(site_id: int, agent_id: int) -> World:
    up, ids = IfStatus.UP, range(1, DEVICES + 1)
    devices = [
        Device(row, f"edge{row}", f"10.0.{row >> 8}.{row & 255}", site_id, agent_id, Reachability.ICMP, IcmpSettings(),
               None, (), 0)
        for row in ids
    ]  # fmt: skip
    interfaces = [
        Interface((row - 1) * PORTS + port, row, name, port, REVISION, name, name, "", 6, SPEED_BPS, up, up, True, 0)  # noqa: FBT003  polled
        for row in ids
        for port in range(1, PORTS + 1)
        if (name := f"ge{port}")
    ]
    state = EngineState(
        configuration=_configuration(devices, site_id, agent_id, ()),
        interfaces=interfaces,
        states=[DeviceState(row, Axes(icmp=IcmpLevel.UP), DeviceStatus.ONLINE, "answers", 0) for row in ids],
        alerts=[],
        cursors=[AgentCursor(agent_id, EPOCH, 1)],
        canaries={},
        next_interface_id=len(interfaces) + 1,
        next_alert_id=1,
    )
    return World(state, started_ms=_now_ms())


def _configuration(devices: list[Device], site_id: int, agent_id: int, rules: Sequence[Rule]) -> Configuration:
    return Configuration(
        devices=devices,
        sites=[Site(site_id, "north")],
        agents=[Agent(agent_id, "north", site_id, "", "", "0", 0)],
        assignments=[Assignment(row.id, agent_id, 0, None) for row in devices],
        rules=[replace(rule, enabled=True, for_ms=0) for rule in rules],
    )


class _Batches:
    """One poll and one round of all devices, in as many batches as the engine makes of 10 s."""

    def __init__(self, agent_id: int) -> None:
        self._traffic = Traffic(seed=1)
        self._agent_id = agent_id
        self._seq = 0

    def next(self, number: int, *, busy: bool) -> list[Input]:
        per_batch = DEVICES // BATCHES
        ids = list(range(number * per_batch + 1, (number + 1) * per_batch + 1))
        batch: list[Input] = []
        for start in range(0, len(ids), 2_000 // PORTS):
            part = ids[start : start + 2_000 // PORTS]
            values = dict(self._traffic.rows(part, _now_ms()))
            if not busy:
                # The same ports at a tenth of their traffic and without a packet lost: nothing is beyond a threshold.
                values |= {
                    name: array("d", [value / 10 for value in values[name]]) for name in ("in_octets", "out_octets")
                }
                none = array("d", [0.0] * len(values["ts_ms"]))
                values |= {f"{way}_{what}": none for way in ("in", "out") for what in ("errors", "discards")}
            batch.append(self._frame(TableName.INTERFACE, values))
        batch.append(self._frame(TableName.LATENCY, _rounds(ids)))
        return batch

    def _frame(self, table: TableName, values: dict[str, Any]) -> FrameInput:
        self._seq += 1
        raw = encode_frame(MeasurementsBody({table.value: pack_table(table, values)}))
        return FrameInput(self._agent_id, EPOCH, self._seq, raw, decode_frame(raw))


def _rounds(ids: list[int]) -> dict[str, Any]:
    values: dict[str, Any] = {name: [0.012] * len(ids) for name in COLUMNS[TableName.LATENCY]}
    whole = {"device_id": ids, "ts_ms": [_now_ms()] * len(ids), "source": [0] * len(ids)}
    return values | whole | {name: [5] * len(ids) for name in ("sent", "received")}


async def _run(store: SqliteStore, world: World, traffic: _Batches, *, rules: Sequence[Rule], busy: bool) -> Spent:
    """Decide and commit one poll of everything after another that only warms up."""
    agent = next(iter(world.agents.values()))
    world.configure(_configuration(list(world.devices.values()), agent.site_id, agent.id, rules))
    for _ in range(2):
        spent = Spent()
        for number in range(BATCHES):
            batch = traffic.next(number, busy=busy)
            with used() as deciding:
                turn = decide(world, batch, EngineCounters(), now_ms=_now_ms(), ticking=False)
            spent.rows += sum(len(rows.object_ids) for rows in turn.draft.tables if rows.table is TableName.INTERFACE)
            commit = turn.draft.commit()
            with used() as committing:
                await store.commit(commit)
            world.settle()
            spent.decide_s += deciding.own_cpu_s
            spent.commit_cpu_s += committing.own_cpu_s
            spent.batch_s.append(deciding.wall_s + committing.wall_s)
            spent.alerts += len(commit.alerts)
    return spent


def _evaluate() -> tuple[float, float]:
    """Return the CPU microseconds of an evaluation in columns and in plain Python, which find the same."""
    rows = _polls()
    speed_bps = np.full(len(rows["ts_ms"]), float(SPEED_BPS))
    with used() as columns:
        judged = [judge_polls(condition, rows, speed_bps) for condition in POLLED]
    few = [
        dict(zip(rows, values, strict=True))
        for values in zip(*(c[:PEER_ROWS].tolist() for c in rows.values()), strict=True)
    ]
    with used() as peer:
        found = [_judge_row(row) for row in few]
    met = [tuple(bool(one.verdicts[at] == Verdict.MET) for one in judged) for at in range(len(few))]
    if met != found or not any(any(one) for one in found):
        raise RuntimeError("columns and plain Python judge differently: the figures would say nothing")
    evaluations = len(rows["ts_ms"]) * len(POLLED)
    return (
        round(columns.own_cpu_s / evaluations * 1e6, 4),
        round(peer.own_cpu_s / (len(few) * len(POLLED)) * 1e6, 3),
    )


def _polls() -> dict[str, np.ndarray]:
    """Return the rows of one poll of everything as the engine joins them, a batch long at a time."""
    table = Traffic(seed=2).rows(list(range(1, DEVICES // BATCHES + 1)), _now_ms())
    return {
        name: np.tile(np.array(values), BATCHES // 5)
        for name, values in table.items()
        if name not in {"device_id", "if_index", "inventory_rev"}
    }


def _judge_row(row: dict[str, float]) -> tuple[bool, ...]:
    """Return which of the conditions one row meets, as one would write it for one row."""
    utilisation, errors, discards = POLLED
    measured = not int(row["quality"]) & 0b110101
    highest = max(row["in_octets"], row["out_octets"]) * 8 / row["interval_s"] / SPEED_BPS
    found = [measured and highest >= utilisation.util_ratio]
    for what, limit, least in (
        ("errors", errors.error_ratio, errors.least),
        ("discards", discards.discard_ratio, discards.least),
    ):
        met = False
        for way in ("in", "out"):
            events, packets = row[f"{way}_{what}"], row[f"{way}_packets"]
            whole = packets + events if way == "in" else max(packets, events)
            met |= events >= least and events / (whole or 1) >= limit
        found.append(measured and met)
    return tuple(found)


def _quantiles(batch_s: list[float]) -> dict[str, float]:
    p50, p99 = np.percentile(batch_s, [50, 99])
    return {"p50": round(float(p50) * 1000, 1), "p99": round(float(p99) * 1000, 1)}


def _now_ms() -> int:
    return time.time_ns() // 1_000_000

"""Months of committed rates are read from the real store, a few at a time, those that waited longest first."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest
from noctule_hub.commitment_watch import MAX_READS, REREAD_MS, CommitmentWatch
from noctule_hub.core.alerting.conditions import ConditionKind
from noctule_hub.core.alerting.rules import Rule, Rules
from noctule_hub.core.commit import Commit, Configuration
from noctule_hub.core.customers import Customer, Service
from noctule_hub.core.series import MeasuredRows
from noctule_hub.core.world import World
from noctule_hub.ingest.inputs import CommitmentsInput, Input
from noctule_hub.store.sqlite import SqliteStore, open_store
from noctule_shared.customers import CustomerState
from noctule_shared.frames import INTERFACE_COLUMNS, TableName

from tests.hub.store.samples import interface, polled_device

BEGIN_MS = int(datetime(2026, 11, 1, tzinfo=UTC).timestamp()) * 1000
NOW_MS = BEGIN_MS + 3 * 86_400_000
ACME = Customer(5, "Acme", None, "UTC", "", CustomerState.ACTIVE, None, 0)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqliteStore]:
    store = await open_store(tmp_path, clock_ms=lambda: NOW_MS)
    yield store
    await store.close()


def service(number: int, **changes: Any) -> Service:
    return replace(Service(number, 5, 1, number, f"link {number}", 10**8, 0), **changes)


def watch(store: SqliteStore, world: World, inputs: list[Input], now_ms: list[int]) -> CommitmentWatch:
    return CommitmentWatch(store, world, inputs.append, lambda: now_ms[0], every_s=0.001)


async def world_of(store: SqliteStore, *services: Service) -> World:
    world = World(await store.load_engine_state(), started_ms=NOW_MS)
    world.configure(Configuration(customers=[ACME], services=services))
    return world


async def test_a_month_to_date_is_read_with_its_percentile(store: SqliteStore) -> None:
    _, device = await polled_device(store)
    await store.commit(Commit(now_ms=NOW_MS, interfaces=[interface(1, device.id)]))
    # 112 Mbit/s outward, five minutes each, for the first two of three days.
    ends = np.arange(BEGIN_MS + 300_000, BEGIN_MS + 2 * 86_400_000 + 1, 300_000, dtype=np.int64) - 1
    columns: dict[str, np.ndarray] = {
        name: np.zeros(len(ends)) for name in INTERFACE_COLUMNS if name not in {"device_id", "if_index"}
    }
    columns |= {"ts_ms": ends, "interval_s": np.full(len(ends), 300.0), "out_octets": np.full(len(ends), 4.2e9)}
    columns["quality"] = np.zeros(len(ends), np.uint8)
    columns.pop("inventory_rev")
    rows = MeasuredRows(TableName.INTERFACE, np.full(len(ends), 1, np.int64), columns)
    await store.commit(Commit(now_ms=NOW_MS, tables=[rows], seen_agents={1: NOW_MS}))
    inputs: list[Input] = []
    await watch(store, await world_of(store, service(1)), inputs, [NOW_MS]).read_due()
    (found,) = inputs
    assert isinstance(found, CommitmentsInput)
    (month,) = found.months
    assert (month.service_id, month.interface_id, month.from_ms, month.bins_used) == (1, 1, BEGIN_MS, 576)
    assert month.p95_bps == pytest.approx(112e6)
    assert month.coverage == pytest.approx(2 / 3, abs=0.001)


async def test_a_month_begins_when_the_customer_got_the_interface(store: SqliteStore) -> None:
    inputs: list[Input] = []
    world = await world_of(store, service(1, since_ms=NOW_MS - 5), service(2, since_ms=NOW_MS))
    await watch(store, world, inputs, [NOW_MS]).read_due()
    (found,) = inputs
    assert isinstance(found, CommitmentsInput)
    assert [(month.service_id, month.from_ms, month.p95_bps) for month in found.months] == [(1, NOW_MS - 5, None)]


async def test_so_many_are_read_at_once_and_none_waits_for_ever(store: SqliteStore) -> None:
    inputs: list[Input] = []
    now_ms = [NOW_MS]
    world = await world_of(store, *(service(number) for number in range(1, MAX_READS + 51)))
    read_due = watch(store, world, inputs, now_ms).read_due
    for _ in range(3):
        await read_due()
    now_ms[0] += REREAD_MS
    await read_due()
    read = [[month.service_id for month in one.months] for one in inputs if isinstance(one, CommitmentsInput)]
    assert [len(ids) for ids in read] == [MAX_READS, 50, 0, MAX_READS]
    assert sorted(read[0] + read[1]) == list(range(1, MAX_READS + 51))


class Later(Rules):
    """Rules of which those that are asked for are enabled from the fourth time on."""

    asked: ClassVar[list[ConditionKind]] = []

    def of(self, kind: ConditionKind) -> tuple[Rule, ...]:
        self.asked.append(kind)
        return tuple(replace(row, enabled=len(self.asked) > 3) for row in self.by_kind[kind])


async def test_nothing_is_read_while_no_rule_asks_for_it(store: SqliteStore) -> None:
    world = await world_of(store, service(1))
    world.rules = Later(world.rules.by_name, world.rules.by_kind)
    submitted: asyncio.Queue[int] = asyncio.Queue()
    reader = CommitmentWatch(
        store, world, lambda _: submitted.put_nowait(len(Later.asked)), lambda: NOW_MS, every_s=0.001
    )
    task = asyncio.create_task(reader.survey().run())
    assert await asyncio.wait_for(submitted.get(), 10) == 4
    task.cancel()
    await asyncio.wait([task])

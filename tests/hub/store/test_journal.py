"""The journal: rows find their objects as a plain reading of the definitions says."""

import sqlite3
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from noctule_hub.store.sqlite.journal import FIRST_KEY, MAX_BATCH_BYTES, decode, read_catalogue, read_frames
from noctule_hub.store.sqlite.migrations import migrate

from tests.hub.store.samples import EPOCH, NOW_MS, measurement_frame

SMALL = st.integers(1, 3)
REVISION = st.integers(0, 5)
TIME = st.integers(0, 20)
BINDINGS = st.dictionaries(st.tuples(SMALL, SMALL, REVISION), st.integers(1, 99), max_size=12)
# Device, agent, and the ends of what it was assigned for.
ASSIGNMENTS = st.lists(st.tuples(SMALL, SMALL, TIME, st.none() | TIME), max_size=8)
ROWS = st.lists(st.tuples(SMALL, SMALL, REVISION, TIME), min_size=1, max_size=20)


@pytest.fixture
def connection() -> Iterator[sqlite3.Connection]:
    made = sqlite3.connect(":memory:", isolation_level=None)
    migrate(made)
    yield made
    made.close()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200)
@given(bindings=BINDINGS, assignments=ASSIGNMENTS, rows=ROWS, agent_id=SMALL)
def test_rows_resolve_as_defined(
    connection: sqlite3.Connection,
    bindings: dict[tuple[int, int, int], int],
    assignments: list[tuple[int, int, int, int | None]],
    rows: list[tuple[int, int, int, int]],
    agent_id: int,
) -> None:
    connection.execute("DELETE FROM binding")
    connection.execute("DELETE FROM device_assignment")
    connection.executemany("INSERT INTO binding VALUES (?, ?, ?, ?)", [(*key, bindings[key]) for key in bindings])
    connection.executemany("INSERT INTO device_assignment VALUES (?, ?, ?, ?)", assignments)

    def assigned(device_id: int, ts_ms: int) -> bool:
        first = min((row[2] for row in assignments if row[0] == device_id), default=0)
        return any(
            (device, agent) == (device_id, agent_id)
            and (from_ms == first or from_ms <= ts_ms)
            and (to_ms is None or ts_ms < to_ms)
            for device, agent, from_ms, to_ms in assignments
        )

    expected = []
    for device_id, if_index, revision, ts_ms in rows:
        revisions = [key[2] for key in bindings if key[:2] == (device_id, if_index) and key[2] <= revision]
        if revisions and assigned(device_id, ts_ms):
            expected.append((bindings[device_id, if_index, max(revisions)], ts_ms))

    frame = measurement_frame(agent_id, 1, interface=[(*row, 1.0) for row in rows], received_ms=100)
    found = decode([frame], read_catalogue(connection))
    got = [
        pair
        for table in found.tables
        for pair in zip(table.object_ids.tolist(), table.columns["ts_ms"].tolist(), strict=True)
    ]
    assert got == expected
    assert found.dropped_rows == len(rows) - len(expected)


def test_the_journal_is_read_in_batches_of_limited_size(connection: sqlite3.Connection) -> None:
    body = b"x" * (MAX_BATCH_BYTES // 4)
    keys = [(agent_id, EPOCH, seq) for agent_id in (1, 2) for seq in range(5)]
    connection.executemany(
        "INSERT INTO frame VALUES (?, ?, ?, ?, 'measurements', ?)", [(*key, NOW_MS, body) for key in keys]
    )
    after, sizes, seen = FIRST_KEY, [], []
    while frames := read_frames(connection, after=after, before_ms=NOW_MS + 1):
        after = (frames[-1].agent_id, frames[-1].epoch, frames[-1].seq)
        sizes.append(len(frames))
        seen += [(frame.agent_id, frame.epoch, frame.seq) for frame in frames]
    assert (sizes, seen) == ([4, 4, 2], keys)
    assert read_frames(connection, after=FIRST_KEY, before_ms=NOW_MS) == []

"""The journal of frames: reading it, and resolving its rows to devices and interfaces as they were received."""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from noctule_shared.frames import COLUMNS, BadFrame, FrameClass, MeasurementsBody, TableName, decode_frame

from noctule_hub.core.commit import FrameRow
from noctule_hub.core.resolution import DAY_MS
from noctule_hub.core.series import Ints, MeasuredRows

# Bodies are some 28 bytes a row: about 300,000 rows are in memory at a time.
MAX_BATCH_BYTES: Final = 8 * 1024 * 1024
# Rows from further ahead or longer ago than a clock or an outbox explains would make a day file each.
MAX_AHEAD_MS: Final = DAY_MS
MAX_AGE_MS: Final = 366 * DAY_MS

Key = tuple[int, str, int]
FIRST_KEY: Final[Key] = (0, "", -1)

_NAMING_COLUMNS: Final = frozenset({"device_id", "if_index", "inventory_rev"})
_EVER_MS: Final = 2**62

_Pairs = npt.NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class Catalogue:
    """What gives a frame's rows their objects, sorted for binary search: bindings and assignments.

    A pair is two 32-bit ids in one number: device and ifIndex, or device and agent.
    """

    bound_pairs: _Pairs
    bindings: Ints
    binding_interfaces: Ints
    assigned_pairs: _Pairs
    assigned_from_ms: Ints
    assigned_to_ms: Ints


@dataclass(frozen=True, slots=True)
class Decoded:
    """Measurement frames after decoding; `bad` are those that cannot be read, with the reason."""

    tables: list[MeasuredRows]
    bad: list[tuple[FrameRow, BadFrame]]
    dropped_rows: int


def read_frames(connection: sqlite3.Connection, *, after: Key, before_ms: int) -> list[FrameRow]:
    """Return frames received before `before_ms` with a key above `after`, by key, up to `MAX_BATCH_BYTES`."""
    query = """SELECT agent_id, epoch, seq, received_ms, class, body FROM frame
               WHERE (agent_id, epoch, seq) > (?, ?, ?) AND received_ms < ? ORDER BY agent_id, epoch, seq"""
    frames: list[FrameRow] = []
    size_bytes = 0
    for agent_id, epoch, seq, received_ms, frame_class, body in connection.execute(query, (*after, before_ms)):
        frames.append(FrameRow(agent_id, epoch, seq, received_ms, FrameClass(frame_class), body))
        size_bytes += len(body)
        if size_bytes >= MAX_BATCH_BYTES:
            break
    return frames


def read_catalogue(connection: sqlite3.Connection) -> Catalogue:
    """Return what `decode` needs, from one transaction with the frames it is used on, or a later one."""
    bindings = _ints(
        connection.execute(
            "SELECT device_id, if_index, from_rev, interface_id FROM binding ORDER BY device_id, if_index, from_rev"
        ).fetchall(),
        4,
    )
    # Before its first assignment a device did not exist: an agent whose clock is late loses nothing by it.
    assignments = _ints(
        connection.execute(
            """SELECT device_id, agent_id,
                   iif(from_ms = min(from_ms) OVER (PARTITION BY device_id), ?, from_ms), ifnull(to_ms, ?)
               FROM device_assignment ORDER BY device_id, agent_id, from_ms""",
            (-_EVER_MS, _EVER_MS),
        ).fetchall(),
        4,
    )
    pairs, first = np.unique(_pairs(bindings[0], bindings[1]), return_index=True)
    # Where a pair begins in the list is its short name: with the revision it fits one sortable number.
    names = np.repeat(np.arange(len(pairs), dtype=np.int64), np.diff([*first, len(bindings[0])]))
    return Catalogue(
        bound_pairs=pairs,
        bindings=(names << 32) | bindings[2],
        binding_interfaces=bindings[3],
        assigned_pairs=_pairs(assignments[0], assignments[1]),
        assigned_from_ms=assignments[2],
        assigned_to_ms=assignments[3],
    )


def decode(frames: Sequence[FrameRow], catalogue: Catalogue) -> Decoded:
    """Return the rows of measurement frames, in the order of the frames, by object.

    Left out and counted: rows of a device that was not the agent's at the row's time, of an interface that is
    not bound, and from an impossible time.
    """
    bodies: list[tuple[FrameRow, MeasurementsBody]] = []
    bad: list[tuple[FrameRow, BadFrame]] = []
    for frame in frames:
        try:
            body = decode_frame(frame.body)
        except BadFrame as error:
            bad.append((frame, error))
            continue
        if isinstance(body, MeasurementsBody):
            bodies.append((frame, body))
    tables: list[MeasuredRows] = []
    dropped_rows = 0
    for name in TableName:
        found, dropped = _resolve(name, [(frame, body) for frame, body in bodies if name in body.tables], catalogue)
        dropped_rows += dropped
        if len(found.object_ids):
            tables.append(found)
    return Decoded(tables, bad, dropped_rows)


def _resolve(
    name: TableName, bodies: Sequence[tuple[FrameRow, MeasurementsBody]], catalogue: Catalogue
) -> tuple[MeasuredRows, int]:
    columns: dict[str, npt.NDArray[np.generic]] = {
        column: np.frombuffer(
            b"".join(body.tables[name].columns[column].data for _, body in bodies), dtype=np.dtype(f"<{dtype}")
        )
        for column, dtype in COLUMNS[name].items()
    }
    counts = [body.tables[name].rows for _, body in bodies]
    agent_ids = np.repeat(np.array([frame.agent_id for frame, _ in bodies], dtype=np.int64), counts)
    received_ms = np.repeat(np.array([frame.received_ms for frame, _ in bodies], dtype=np.int64), counts)
    device_ids, ts_ms = columns["device_id"].astype(np.int64), columns["ts_ms"].astype(np.int64)
    good = (ts_ms >= 0) & (ts_ms >= received_ms - MAX_AGE_MS) & (ts_ms <= received_ms + MAX_AHEAD_MS)
    good &= _assigned(catalogue, _pairs(device_ids, agent_ids), ts_ms)
    object_ids = device_ids
    if name == TableName.INTERFACE:
        if_indexes, revisions = columns["if_index"].astype(np.int64), columns["inventory_rev"].astype(np.int64)
        object_ids = _bound(catalogue, _pairs(device_ids, if_indexes), revisions)
        good &= object_ids > 0
    kept = {column: values[good] for column, values in columns.items() if column not in _NAMING_COLUMNS}
    return MeasuredRows(name, object_ids[good], kept), int(len(good) - np.count_nonzero(good))


def _assigned(catalogue: Catalogue, pairs: _Pairs, ts_ms: Ints) -> npt.NDArray[np.bool_]:
    left = np.searchsorted(catalogue.assigned_pairs, pairs, side="left")
    right = np.searchsorted(catalogue.assigned_pairs, pairs, side="right")
    good = np.zeros(len(pairs), dtype=np.bool_)
    # Once round for each time a device came to the same agent: nearly always once.
    for turn in range(int((right - left).max(initial=0))):
        at = np.minimum(left + turn, len(catalogue.assigned_pairs) - 1)
        inside = (catalogue.assigned_from_ms[at] <= ts_ms) & (ts_ms < catalogue.assigned_to_ms[at])
        good |= (left + turn < right) & inside
    return good


def _bound(catalogue: Catalogue, pairs: _Pairs, revisions: Ints) -> Ints:
    """Return interface ids by the binding with the largest `from_rev` that is not above the row's; 0: none."""
    if not len(catalogue.bindings):
        return np.zeros(len(pairs), dtype=np.int64)
    name = np.minimum(np.searchsorted(catalogue.bound_pairs, pairs), len(catalogue.bound_pairs) - 1)
    at = np.searchsorted(catalogue.bindings, (name << 32) | revisions, side="right") - 1
    known = (catalogue.bound_pairs[name] == pairs) & (at >= 0) & (catalogue.bindings[at] >> 32 == name)
    return np.where(known, catalogue.binding_interfaces[at], 0)


def _ints(rows: Sequence[tuple[Any, ...]], width: int) -> list[Ints]:
    return list(np.array(rows, dtype=np.int64).reshape(-1, width).T)


def _pairs(high: Ints, low: Ints) -> _Pairs:
    return (high.astype(np.uint64) << np.uint64(32)) | low.astype(np.uint64)

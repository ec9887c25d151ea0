"""Measurement frames as columns: rows are resolved to the objects they belong to, whole tables at a time.

Rows of devices that were not the agent's at their time, or that name an inventory nobody knows, are left out and
counted. What the rows mean live is left to `live`, where they are kept to the store.
"""

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from noctule_shared.frames import COLUMNS, MeasurementsBody, Table, TableName

from noctule_hub.core.series import Ints, MeasuredRows
from noctule_hub.core.world import World

DTYPES: Final[Mapping[str, str]] = {"u1": "<u1", "u2": "<u2", "u4": "<u4", "i8": "<i8", "f4": "<f4", "f8": "<f8"}
EARLIEST_MS: Final = 365 * 86_400_000
# The columns that name a row's object; they end in `MeasuredRows.object_ids`.
_NAMING: Final = frozenset({"device_id", "if_index", "inventory_rev"})

Array = npt.NDArray[Any]


def columns_of(name: TableName, table: Table) -> dict[str, Array]:
    """Return a checked table's columns as arrays that share its bytes."""
    return {
        column: np.frombuffer(table.columns[column].data, dtype=DTYPES[dtype])
        for column, dtype in COLUMNS[name].items()
    }


def observed_span(body: MeasurementsBody) -> list[int]:
    """Return the oldest and the newest time of each known table's rows."""
    times: list[int] = []
    for name in TableName:
        table = body.tables.get(name)
        if table is not None and table.rows:
            ts_ms = columns_of(name, table)["ts_ms"]
            times += [int(ts_ms.min()), int(ts_ms.max())]
    return times


def resolve(world: World, agent_id: int, body: MeasurementsBody, *, before_ms: int) -> tuple[list[MeasuredRows], int]:
    """Return a frame's rows by object and the number of rows that were left out.

    Rows of `before_ms` and later are left out, and rows of before 1971: both come from a broken clock.
    """
    resolved: list[MeasuredRows] = []
    left_out = 0
    for name in TableName:
        table = body.tables.get(name)
        if table is None or table.rows == 0:
            continue
        columns = columns_of(name, table)
        ts_ms = columns["ts_ms"]
        object_ids = columns["device_id"].astype(np.int64)
        own = world.assignments.were(agent_id, object_ids, ts_ms)
        if name is TableName.INTERFACE:
            object_ids = _interface_ids(world, object_ids, columns)
        known = own & (object_ids > 0) & (ts_ms >= EARLIEST_MS) & (ts_ms < before_ms)
        left_out += int(table.rows - np.count_nonzero(known))
        kept = {column: values[known] for column, values in columns.items() if column not in _NAMING}
        if kept["ts_ms"].size:
            resolved.append(MeasuredRows(name, object_ids[known], kept))
    return resolved, left_out


def _interface_ids(world: World, device_ids: Ints, columns: Mapping[str, Array]) -> Ints:
    """Return the interface id of each row, 0 where the device, its inventory or its ifIndex is not known."""
    revisions = columns["inventory_rev"].astype(np.int64)
    _, first, groups = np.unique((device_ids << 32) | revisions, return_index=True, return_inverse=True)
    mappings: list[Mapping[int, int]] = []
    for device_id, revision in zip(device_ids[first].tolist(), revisions[first].tolist(), strict=True):
        ports = world.ports.get(device_id)
        mappings.append((None if ports is None else ports.of_revision(revision)) or {})
    indexes = columns["if_index"].tolist()
    found = [mappings[group].get(index, 0) for group, index in zip(groups.tolist(), indexes, strict=True)]
    return np.array(found, dtype=np.int64)

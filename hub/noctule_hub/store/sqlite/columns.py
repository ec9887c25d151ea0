"""The columns of a day file's tables: how a frame's values are stored, and how they are read again.

Delays are stored as whole nanoseconds and intervals as whole microseconds: half the bytes of a float, far
below what can be measured. Rows in memory are rounded alike, so a value never changes by being projected.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from noctule_shared.frames import TableName

from noctule_hub.core.series import Floats

# Above it a float is no exact integer, and no delay or interval of ours comes near: such a value is unknown.
_LARGEST: Final = float(2**53)


@dataclass(frozen=True, slots=True)
class StoredColumn:
    """One column: its name in frames and series, its SQL, and how many stored units make one of the value."""

    name: str
    sql: str
    units: float | None = None

    @property
    def stored_name(self) -> str:
        """The column's name in a day file, which says its stored unit."""
        return self.sql.split()[0]

    def stored(self, values: npt.NDArray[np.generic]) -> Floats:
        """Return values in stored units; NaN: unknown, also for what is not finite or absurd."""
        floats = values.astype(np.float64)
        if self.units is not None:
            floats = np.rint(floats * self.units)
        with np.errstate(invalid="ignore"):
            floats[~(np.abs(floats) < _LARGEST)] = np.nan
        return floats

    def value(self, stored: Floats) -> Floats:
        """Return stored units as values."""
        return stored if self.units is None else stored / self.units


def _delay(name: str) -> StoredColumn:
    return StoredColumn(f"{name}_s", f"{name}_ns INTEGER", 1e9)


def _counter(name: str) -> StoredColumn:
    # SQLite stores whole numbers of a REAL column as compactly as integers.
    return StoredColumn(name, f"{name} REAL")


STORED_COLUMNS: Final[Mapping[TableName, Sequence[StoredColumn]]] = {
    TableName.LATENCY: (
        StoredColumn("source", "source INTEGER NOT NULL"),
        StoredColumn("sent", "sent INTEGER NOT NULL"),
        StoredColumn("received", "received INTEGER NOT NULL"),
        *(_delay(f"rtt_{name}") for name in ("min", "p25", "median", "p75", "max", "mean", "mdev")),
        _delay("ipdv"),
    ),
    TableName.INTERFACE: (
        StoredColumn("interval_s", "interval_us INTEGER", 1e6),
        *(
            _counter(f"{direction}_{what}")
            for what in ("octets", "packets", "errors", "discards")
            for direction in ("in", "out")
        ),
        StoredColumn("quality", "quality INTEGER NOT NULL"),
    ),
}

# A day file's table and a series' kind have one name.
KINDS: Final[Mapping[TableName, str]] = {TableName.LATENCY: "latency", TableName.INTERFACE: "bandwidth"}


@dataclass(frozen=True, slots=True)
class StoredRows:
    """Rows of one table in stored units, each column of `STORED_COLUMNS` in its order."""

    ts_ms: npt.NDArray[np.int64]
    columns: Sequence[Floats]

    def named(self, table: TableName) -> dict[str, Floats]:
        """Return the columns by their names in day files."""
        return {column.stored_name: values for column, values in zip(STORED_COLUMNS[table], self.columns, strict=True)}


def from_columns(table: TableName, columns: Mapping[str, npt.NDArray[np.generic]]) -> StoredRows:
    """Return measured columns in stored units; columns that are not stored are left out."""
    return StoredRows(
        columns["ts_ms"].astype(np.int64), [column.stored(columns[column.name]) for column in STORED_COLUMNS[table]]
    )


def no_rows(table: TableName) -> StoredRows:
    """Return no rows of a table."""
    return StoredRows(np.empty(0, np.int64), [np.empty(0) for _ in STORED_COLUMNS[table]])


def joined(parts: Sequence[StoredRows]) -> StoredRows:
    """Return the rows of all parts, of which there is at least one, by time; of rows with one time the first's wins."""
    # np.unique returns the first index of each value in order of the values.
    ts_ms, first = np.unique(np.concatenate([part.ts_ms for part in parts]), return_index=True)
    columns = zip(*(part.columns for part in parts), strict=True)
    return StoredRows(ts_ms, [np.concatenate(values)[first] for values in columns])


def merged(table: TableName, parts: Sequence[StoredRows]) -> tuple[npt.NDArray[np.int64], dict[str, Floats]]:
    """Return the times and the columns, as values, of all parts by time, as `joined`."""
    rows = joined(parts)
    columns = zip(STORED_COLUMNS[table], rows.columns, strict=True)
    return rows.ts_ms, {column.name: column.value(stored) for column, stored in columns}

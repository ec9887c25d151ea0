"""A table under construction: packed columns, so that no row is an object. Filling them is `collector.py`'s."""

from array import array
from collections.abc import Sequence

from noctule_shared.frames import COLUMNS, TYPECODES, TableName


class Columns:
    """One table under construction: an `array` per column."""

    def __init__(self, name: TableName) -> None:
        self.name = name
        self.columns: dict[str, array[float]] = {
            column: array(TYPECODES[dtype]) for column, dtype in COLUMNS[name].items()
        }

    def __len__(self) -> int:
        return len(self.columns["ts_ms"])

    def slice(self, start: int, stop: int) -> dict[str, Sequence[float]]:
        """Return rows `start`..`stop` of every column."""
        return {name: values[start:stop] for name, values in self.columns.items()}

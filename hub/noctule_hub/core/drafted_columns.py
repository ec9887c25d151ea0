"""Columns by id with a draft over them: what a commit that failed wrote is undone.

What `overlay` is for records, without an object for each.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
# One id each, or an id and a place within its row.
Index = Array | tuple[Array, Array]
# Bounds what a broken id could make grow: 1,000 times what a hub is made for.
MAX_ROWS: Final = 1 << 29


class DraftedColumns:
    """Arrays of one length with a row per id. Writes count at once, and are undone by `drop` unless `settle` came."""

    def __init__(self, columns: Mapping[str, tuple[npt.DTypeLike, float, Sequence[int]]]) -> None:
        """Take each column's dtype, what a row holds that was never written, and the shape of a row."""
        self._fills = {name: fill for name, (_, fill, _) in columns.items()}
        self._columns = {name: np.full((0, *shape), fill, dtype) for name, (dtype, fill, shape) in columns.items()}
        self._undo: list[tuple[str, Index, Array]] = []

    def __getitem__(self, name: str) -> Array:
        """Return a column as drafted, to read only."""
        return self._columns[name]

    def __len__(self) -> int:
        return len(next(iter(self._columns.values())))

    def reach(self, last_id: int) -> None:
        """Make sure that there is a row for every id up to `last_id`. Raises ValueError for an absurd id."""
        if last_id < len(self):
            return
        if last_id >= MAX_ROWS:
            raise ValueError(f"no row can have the id {last_id}")
        # By half more, so that a growing network is not copied for each id.
        more = max(last_id + 1, len(self) + len(self) // 2) - len(self)
        for name, column in self._columns.items():
            fresh = np.full((more, *column.shape[1:]), self._fills[name], column.dtype)
            self._columns[name] = np.concatenate((column, fresh))

    def write(self, name: str, index: Index, values: Array | float) -> None:
        """Draft values at places of which each is named once."""
        column = self._columns[name]
        self._undo.append((name, index, column[index].copy()))
        column[index] = values

    def lift(self, name: str, index: Array, values: Array) -> None:
        """Draft the higher of what is there and a value; an id may be named more than once."""
        column = self._columns[name]
        self._undo.append((name, index, column[index].copy()))
        np.maximum.at(column, index, values)

    def settle(self) -> None:
        """Make the draft the columns."""
        self._undo.clear()

    def drop(self) -> None:
        """Undo the draft. Rows that were reached stay, as never written."""
        while self._undo:
            name, index, before = self._undo.pop()
            self._columns[name][index] = before

"""A table with a draft over it: decisions read and write the draft, everybody else what is committed."""

from collections.abc import Hashable, Iterable, Iterator, Mapping
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Overlay(Generic[K, V]):
    """A table with pending changes. None as a pending value removes the row."""

    def __init__(self, rows: Mapping[K, V]) -> None:
        self._rows = dict(rows)
        self._pending: dict[K, V | None] = {}

    def get(self, key: K) -> V | None:
        """Return the row as drafted, or None."""
        if key in self._pending:
            return self._pending[key]
        return self._rows.get(key)

    def settled(self, key: K) -> V | None:
        """Return the row as committed, or None: what readers outside the engine may see."""
        return self._rows.get(key)

    def settled_rows(self) -> Iterable[V]:
        """Return the committed rows."""
        return self._rows.values()

    def set(self, key: K, value: V | None) -> None:
        """Draft a row, or its removal with None."""
        self._pending[key] = value

    def items(self) -> Iterator[tuple[K, V]]:
        """Yield all rows as drafted; the table must not be changed meanwhile."""
        for key, row in self._rows.items():
            if key not in self._pending:
                yield key, row
        for key, drafted in self._pending.items():
            if drafted is not None:
                yield key, drafted

    def pending(self) -> dict[K, V]:
        """Return the drafted rows that are not removals."""
        return {key: row for key, row in self._pending.items() if row is not None}

    def removed(self) -> list[K]:
        """Return the keys whose removal is drafted."""
        return [key for key, row in self._pending.items() if row is None]

    def settle(self) -> None:
        """Make the draft the table."""
        for key, row in self._pending.items():
            if row is None:
                self._rows.pop(key, None)
            else:
                self._rows[key] = row
        self._pending.clear()

    def drop(self) -> None:
        """Forget the draft."""
        self._pending.clear()

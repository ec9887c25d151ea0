"""What every part of the SQLite store stands on: one writer, some readers, and what is held in memory."""

from pathlib import Path

from noctule_hub.store.sqlite.days import DayFiles
from noctule_hub.store.sqlite.head import Head
from noctule_hub.store.sqlite.readers import Readers
from noctule_hub.store.sqlite.tail import Tail
from noctule_hub.store.sqlite.writer import Writer


class Backed:
    """A part of the store; `SqliteStore` is all parts over the same things."""

    def __init__(
        self, *, data_dir: Path, writer: Writer, readers: Readers, head: Head, tail: Tail, days: DayFiles
    ) -> None:
        self._data_dir = data_dir
        self._writer = writer
        self._readers = readers
        self._head = head
        self._tail = tail
        self._days = days

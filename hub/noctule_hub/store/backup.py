"""The part of the store's interface that copies all of it while it is in use."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from noctule_hub.core.audit import Authorship


@dataclass(frozen=True, slots=True)
class BackupProgress:
    """How far a backup has come; `total_bytes` grows with the data."""

    hub_id: str
    copied_bytes: int
    total_bytes: int


@dataclass(frozen=True, slots=True)
class CopiedFile:
    """A finished file of a backup; whoever gets it may move or remove it."""

    name: str
    path: Path
    size_bytes: int


class Backups(Protocol):
    """Copies of all data, taken while the store is in use."""

    def back_up(
        self, *, identity: str | None, by: Authorship, scratch: Path | None = None
    ) -> AsyncGenerator[BackupProgress | CopiedFile, None]:
        """Yield progress first and at least each second, and the files of a backup one by one, the manifest last.

        The copy is of one committed state, that of the end of copying hub.db; commits go on meanwhile. `scratch` is
        an existing folder that the files are made in; None: one of the store's own, in which no more than one file
        lies at a time and which is removed at the end. Close the iterator to break off. Raises `Refused` (too-many:
        another one is being made; busy: no room) before the first item, `StoreError`.
        """
        ...

    async def note_restoration(self, *, taken_ms: int, by: Authorship) -> None:
        """Remember that these data were restored from a backup taken at `taken_ms`."""
        ...

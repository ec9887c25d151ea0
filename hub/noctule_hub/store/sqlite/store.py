"""The store on SQLite as one object: opening its files, its parts, and closing them in order."""

import asyncio
import sqlite3
from collections.abc import Callable
from pathlib import Path

from noctule_shared.frames import FrameClass

from noctule_hub.store.errors import StoreError
from noctule_hub.store.sqlite.agents import SqliteAgents
from noctule_hub.store.sqlite.alert_rules import SqliteAlertRules
from noctule_hub.store.sqlite.alert_story import SqliteAlertStories
from noctule_hub.store.sqlite.alerts import SqliteAlerts
from noctule_hub.store.sqlite.audit import SqliteAudit
from noctule_hub.store.sqlite.backup import SqliteBackup, clear_scratch
from noctule_hub.store.sqlite.channels import SqliteChannels
from noctule_hub.store.sqlite.counters import WriterCounters
from noctule_hub.store.sqlite.days import DayFiles
from noctule_hub.store.sqlite.deliveries import SqliteDeliveries
from noctule_hub.store.sqlite.device_import import SqliteDeviceImports
from noctule_hub.store.sqlite.devices import SqliteDevices
from noctule_hub.store.sqlite.discovered import SqliteDiscovered
from noctule_hub.store.sqlite.head import Head, read_head
from noctule_hub.store.sqlite.history import SqliteHistory
from noctule_hub.store.sqlite.incidents import SqliteIncidents
from noctule_hub.store.sqlite.ingest import SqliteIngest
from noctule_hub.store.sqlite.journal import FIRST_KEY, decode, read_catalogue, read_frames
from noctule_hub.store.sqlite.log import SqliteLog
from noctule_hub.store.sqlite.log_files import LogFiles
from noctule_hub.store.sqlite.log_keeper import LogKeeper
from noctule_hub.store.sqlite.logs import MAX_SEARCHES, SqliteNetworkLogs
from noctule_hub.store.sqlite.maintenance import SqliteMaintenance
from noctule_hub.store.sqlite.migrations import migrate
from noctule_hub.store.sqlite.payments import SqlitePayments
from noctule_hub.store.sqlite.policies import SqlitePolicies
from noctule_hub.store.sqlite.programs import SqlitePrograms
from noctule_hub.store.sqlite.projector import Projector
from noctule_hub.store.sqlite.readers import Readers
from noctule_hub.store.sqlite.retention import Upkeep
from noctule_hub.store.sqlite.schema import META_HUB_ID, meta
from noctule_hub.store.sqlite.secrets import SqliteSecrets
from noctule_hub.store.sqlite.series import SqliteSeries
from noctule_hub.store.sqlite.services import SqliteServices
from noctule_hub.store.sqlite.sessions import SqliteSignIns
from noctule_hub.store.sqlite.settings import SqliteSettings
from noctule_hub.store.sqlite.silences import SqliteSilences
from noctule_hub.store.sqlite.sites import SqliteSites
from noctule_hub.store.sqlite.status_page import SqliteStatusPages
from noctule_hub.store.sqlite.statuses import SqliteStatuses
from noctule_hub.store.sqlite.tail import Tail
from noctule_hub.store.sqlite.topology import SqliteLayouts
from noctule_hub.store.sqlite.users import SqliteUsers
from noctule_hub.store.sqlite.writer import Writer

_ALWAYS_MS = 2**62


class SqliteStore(
    SqliteSites,
    SqliteDevices,
    SqliteDeviceImports,
    SqliteAgents,
    SqliteUsers,
    SqliteSignIns,
    SqlitePrograms,
    SqliteServices,
    SqlitePayments,
    SqliteMaintenance,
    SqliteAlertRules,
    SqliteSilences,
    SqliteAlerts,
    SqliteAlertStories,
    SqliteIncidents,
    SqliteChannels,
    SqlitePolicies,
    SqliteDeliveries,
    SqliteStatusPages,
    SqliteLayouts,
    SqliteSettings,
    SqliteAudit,
    SqliteBackup,
    SqliteSecrets,
    SqliteLog,
    SqliteNetworkLogs,
    SqliteDiscovered,
    SqliteIngest,
    SqliteSeries,
    SqliteHistory,
    SqliteStatuses,
):
    """`Store` on SQLite; made by `open_store`."""

    def __init__(
        self,
        *,
        data_dir: Path,
        writer: Writer,
        readers: Readers,
        head: Head,
        tail: Tail,
        days: DayFiles,
        log_files: LogFiles,
        clock_ms: Callable[[], int],
        hub_id: str,
    ) -> None:
        super().__init__(data_dir=data_dir, writer=writer, readers=readers, head=head, tail=tail, days=days)
        self._log_files = log_files
        self._searching = asyncio.Semaphore(MAX_SEARCHES)
        self._clock_ms = clock_ms
        self._hub_id = hub_id

    @property
    def hub_id(self) -> str:
        """The hub's identity, 32 hex digits, the same for as long as its data lives."""
        return self._hub_id

    @property
    def counters(self) -> WriterCounters:
        """What the writer did since the start."""
        return self._writer.counters

    @property
    def tail_rows(self) -> int:
        """How many measured rows wait in memory for their projection."""
        return self._tail.rows

    @property
    def tail_dropped_rows(self) -> int:
        """How many rows left a full memory before their projection; they are in the journal."""
        return self._tail.dropped_rows

    @property
    def tail_oldest_ms(self) -> int | None:
        """When the oldest rows that wait for their projection were received, None when none wait."""
        return self._tail.oldest_ms

    @property
    def waiting_jobs(self) -> int:
        """How many jobs wait for the writer."""
        return self._writer.waiting_jobs

    @property
    def wal_bytes(self) -> int:
        """Size of the write-ahead log."""
        return self._writer.wal_bytes()

    def projector(self) -> Projector:
        """Return the projector; run one at a time."""
        return Projector(
            writer=self._writer,
            readers=self._readers,
            tail=self._tail,
            days=self._days,
            upkeep=Upkeep(writer=self._writer, head=self._head, days=self._days),
            clock_ms=self._clock_ms,
        )

    def log_keeper(self) -> LogKeeper:
        """Return what copies network logs and deletes old rows of the log; run one at a time."""
        return LogKeeper(writer=self._writer, readers=self._readers, files=self._log_files, clock_ms=self._clock_ms)

    async def close(self) -> None:
        """Finish what is under way, write the WAL back and let go of the files. Idempotent."""
        # The readers first: the writer can then empty the WAL and SQLite removes it.
        await self._readers.close()
        self._days.close()
        await self._writer.close()
        self._head.close()


async def open_store(data_dir: Path, *, clock_ms: Callable[[], int]) -> SqliteStore:
    """Open or create the store in `data_dir`, which must exist, and rebuild the tail from the journal.

    One process at a time: the caller holds the folder's lock. Raises `StoreError`, also as
    `NewerSchemaError` when a newer hub has written the data.
    """
    path, days, tail = data_dir / "hub.db", DayFiles(data_dir / "metrics"), Tail()
    log_files = LogFiles(data_dir / "logs")
    head = Head(data_dir / "seq.high", asyncio.get_running_loop())
    hub_ids: list[str] = []

    def create() -> None:
        try:
            # Created by us rather than SQLite: it and its WAL are never readable by others.
            path.touch(mode=0o600)
        except OSError as error:
            raise StoreError(f"{path}: {error.strerror}; check the folder, its owner and permissions") from error

    def initialise(connection: sqlite3.Connection) -> None:
        try:
            migrate(connection)
            clear_scratch(data_dir)
            days.prepare()
            head.settle(connection)
            log_files.prepare(read_head(connection))
        except OSError as error:
            raise StoreError(
                f"{error.filename or data_dir}: {error.strerror}; check its owner and permissions"
            ) from error
        hub_ids.append(meta(connection, META_HUB_ID))

    writer, readers = Writer(path, initialise=initialise, after_group=head.announce), Readers(path)
    try:
        await asyncio.to_thread(create)
        await writer.start()
        await _rebuild_tail(readers, tail)
    except BaseException:
        await readers.close()
        await writer.close()
        head.close()
        raise
    return SqliteStore(
        data_dir=data_dir,
        writer=writer,
        readers=readers,
        head=head,
        tail=tail,
        days=days,
        log_files=log_files,
        clock_ms=clock_ms,
        hub_id=hub_ids[0],
    )


async def _rebuild_tail(readers: Readers, tail: Tail) -> None:
    catalogue, after = await readers.read(read_catalogue), FIRST_KEY
    while frames := await readers.read(
        lambda connection: read_frames(connection, after=after, before_ms=_ALWAYS_MS)  # noqa: B023  awaited at once
    ):
        measurements = [frame for frame in frames if frame.frame_class == FrameClass.MEASUREMENTS]
        if measurements:
            decoded = await readers.call(lambda: decode(measurements, catalogue))  # noqa: B023  awaited at once
            tail.append(decoded.tables, max(frame.received_ms for frame in measurements))
        after = (frames[-1].agent_id, frames[-1].epoch, frames[-1].seq)

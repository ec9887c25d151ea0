"""Network logs searched: first those that only hub.db has, then the files, or the other way round."""

import asyncio
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from noctule_hub.core.log_search import LogFilter
from noctule_hub.core.records import EventRow
from noctule_hub.store.sqlite.backed import Backed
from noctule_hub.store.sqlite.connection import open_reader, store_error
from noctule_hub.store.sqlite.log_files import LogFile, LogFiles
from noctule_hub.store.sqlite.log_query import conditions, in_file, in_rows
from noctule_hub.store.sqlite.network_log import Row, unpack

MAX_PAGE_ROWS: Final = 2_000
# Searches at once. One reader is left for the log's tail and everything else that must not wait.
MAX_SEARCHES: Final = 2
_BEYOND: Final = 2**62


class SqliteNetworkLogs(Backed):
    """`NetworkLogs` in SQLite."""

    _log_files: LogFiles
    _searching: asyncio.Semaphore

    async def search_logs(
        self, wanted: LogFilter, *, cursor: int | None, limit: int, newest_first: bool = True
    ) -> list[EventRow]:
        """Return up to `limit` (at most `MAX_PAGE_ROWS`) network logs that meet a filter."""
        most = max(0, min(limit, MAX_PAGE_ROWS))
        bound = cursor if cursor is not None else _BEYOND if newest_first else 0
        async with self._searching:
            rows = await self._readers.read(
                lambda connection: _search(
                    connection, self._log_files.files, wanted, bound=bound, limit=most, newest=newest_first
                )
            )
        return [unpack(row) for row in rows]


def _search(
    connection: sqlite3.Connection,
    files: Sequence[LogFile],
    wanted: LogFilter,
    *,
    bound: int,
    limit: int,
    newest: bool,
) -> list[Row]:
    copied_to = files[-1].last if files else 0
    found: list[Row] = []
    if newest:
        if bound > copied_to + 1:
            found += _uncopied(connection, copied_to, wanted, bound=bound, newest=True)[:limit]
        files = files[::-1]
    for file in files:
        if len(found) >= limit:
            break
        if _may_hold(file, wanted, bound=bound, newest=newest):
            found += _of_file(file.path, wanted, bound=bound, limit=limit - len(found), newest=newest)
    if not newest and len(found) < limit:
        found += _uncopied(connection, copied_to, wanted, bound=bound, newest=False)[: limit - len(found)]
    return found


def _may_hold(file: LogFile, wanted: LogFilter, *, bound: int, newest: bool) -> bool:
    return (
        (file.first < bound if newest else file.last > bound)
        and (wanted.from_ms is None or file.max_observed_ms >= wanted.from_ms)
        and (wanted.to_ms is None or file.min_observed_ms < wanted.to_ms)
    )


def _of_file(path: Path, wanted: LogFilter, *, bound: int, limit: int, newest: bool) -> list[Row]:
    try:
        connection = open_reader(path)
    except sqlite3.OperationalError as error:
        if path.exists():
            raise store_error(error, path) from error
        return []  # retention was quicker
    try:
        return in_file(connection, wanted, bound=bound, limit=limit, newest=newest)
    except sqlite3.Error as error:
        raise store_error(error, path) from error
    finally:
        connection.close()


def _uncopied(
    connection: sqlite3.Connection, copied_to: int, wanted: LogFilter, *, bound: int, newest: bool
) -> list[Row]:
    """Return the rows in no file yet that meet the filter; they are few, because copying is quick."""
    where, values = conditions(wanted)
    order, compare = ("DESC", "<") if newest else ("ASC", ">")
    query = f"""SELECT * FROM network_log WHERE seq > ? AND seq {compare} ? AND {where} ORDER BY seq {order}"""  # noqa: S608  words of ours
    return in_rows(connection.execute(query, (copied_to, bound, *values)).fetchall(), wanted)

"""A filter of network logs as SQL over one file, and over the rows that are in none yet.

What a person typed reaches SQLite as quoted strings alone, so that it can be no syntax of the index.
"""

import sqlite3
from collections.abc import Sequence
from typing import Final

from noctule_hub.core.log_search import LogFilter, Term
from noctule_hub.store.sqlite.network_log import COLUMNS_SQL, INSERT, Row

MAX_SEVERITY: Final = 7


def matched(wanted: LogFilter) -> str | None:
    """Return the filter as an expression of the index, None when the index has nothing to say about it."""
    keys: list[str] = []
    if wanted.max_severity is not None and wanted.max_severity < MAX_SEVERITY:
        keys.append(f"({' OR '.join(_quoted(f'v{level}') for level in range(wanted.max_severity + 1))})")
    for letter, value in (
        ("d", wanted.device_id),
        ("p", wanted.site_id),
        ("s", wanted.source),
        ("f", wanted.facility),
    ):
        if value is not None:
            keys.append(_quoted(f"{letter}{value}"))
    parts = [f"keys : {key}" for key in keys]
    parts += [f"message : {_term(term)}" for term in wanted.terms]
    return " AND ".join(parts) or None


def in_file(connection: sqlite3.Connection, wanted: LogFilter, *, bound: int, limit: int, newest: bool) -> list[Row]:
    """Return up to `limit` rows of a file that meet the filter, below seq `bound` (`newest`) or above it."""
    order, compare = ("DESC", "<") if newest else ("ASC", ">")
    where, values = conditions(wanted)
    expression = matched(wanted)
    if expression is None:
        query = f"SELECT * FROM log WHERE seq {compare} ? AND {where} ORDER BY seq {order} LIMIT ?"  # noqa: S608  words of ours
        return connection.execute(query, (bound, *values, limit)).fetchall()
    # CROSS JOIN: the index leads, whatever SQLite thinks of it.
    query = f"""SELECT log.* FROM words CROSS JOIN log ON log.seq = words.rowid
        WHERE words MATCH ? AND words.rowid {compare} ? AND {where} ORDER BY words.rowid {order} LIMIT ?"""  # noqa: S608  words of ours
    return connection.execute(query, (expression, bound, *values, limit)).fetchall()


def in_rows(rows: Sequence[Row], wanted: LogFilter) -> list[Row]:
    """Return those of a few rows whose messages hold the terms, by an index that is thrown away again."""
    if not wanted.terms or not rows:
        return list(rows)
    connection = sqlite3.connect(":memory:")
    try:
        connection.execute(f"CREATE TABLE log ({COLUMNS_SQL})")
        connection.execute("CREATE VIRTUAL TABLE words USING fts5(message, content='log', content_rowid='seq')")
        connection.executemany(f"INSERT INTO log {INSERT}", rows)
        connection.execute("INSERT INTO words (words) VALUES ('rebuild')")
        expression = " AND ".join(f"message : {_term(term)}" for term in wanted.terms)
        found = {row[0] for row in connection.execute("SELECT rowid FROM words WHERE words MATCH ?", (expression,))}
    finally:
        connection.close()
    return [row for row in rows if row[0] in found]


def conditions(wanted: LogFilter) -> tuple[str, list[object]]:
    """Return the filter without its terms as a condition on columns: what the index found is looked at once more."""
    parts, values = ["1"], list[object]()
    for condition, value in (
        ("device_id = ?", wanted.device_id),
        ("site_id = ?", wanted.site_id),
        ("severity <= ?", wanted.max_severity),
        ("source = ?", wanted.source),
        ("facility = ?", wanted.facility),
        ("observed_ms >= ?", wanted.from_ms),
        ("observed_ms < ?", wanted.to_ms),
    ):
        if value is not None:
            parts.append(condition)
            values.append(value)
    return " AND ".join(parts), values


def _term(term: Term) -> str:
    return _quoted(term.words) + (" *" if term.prefix else "")


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'

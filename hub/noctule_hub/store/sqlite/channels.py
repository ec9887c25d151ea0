"""Notification channels in hub.db, their secrets in a table of their own."""

import sqlite3
from collections.abc import Iterator
from typing import Any, Final

import msgspec
from noctule_shared.errors import ErrorCode, Refused, invalid
from noctule_shared.events import Severity

from noctule_hub.core.audit import AuditAction, Authorship
from noctule_hub.core.languages.spoken import Language
from noctule_hub.core.notifying.channels import MAX_CHANNELS, Channel, ChannelFields, Target
from noctule_hub.core.notifying.policies import PolicyFields
from noctule_hub.store.channels import Seal
from noctule_hub.store.sqlite.audit import record
from noctule_hub.store.sqlite.backed import Backed
from noctule_hub.store.sqlite.escalations import forget_escalations
from noctule_hub.store.sqlite.head import Head, read_head
from noctule_hub.store.sqlite.present import check_sites
from noctule_hub.store.sqlite.revisions import check_revision

_COLUMNS: Final = "id, name, enabled, severity, site_ids, tags, target, language, since_seq, created_ms, revision"
_KIND: Final = "channel"
_UNSENT: Final = "the channel was disabled"


def read_channels(connection: sqlite3.Connection) -> list[Channel]:
    """Return all channels by id."""
    return [_channel(row) for row in connection.execute(f"SELECT {_COLUMNS} FROM channel ORDER BY id")]  # noqa: S608  a constant


def read_channel(connection: sqlite3.Connection, channel_id: int) -> Channel:
    """Return a channel. Raises `Refused` (not-found)."""
    row = connection.execute(f"SELECT {_COLUMNS} FROM channel WHERE id = ?", (channel_id,)).fetchone()  # noqa: S608  a constant
    if row is None:
        raise Refused(ErrorCode.NOT_FOUND, f"there is no notification channel {channel_id}")
    return _channel(row)


def note_position(connection: sqlite3.Connection, epoch: str, seq: int) -> None:
    """Remember up to where the log was looked at for channels."""
    connection.execute("INSERT OR REPLACE INTO notified VALUES (1, ?, ?)", (epoch, seq))


def _channel(row: tuple[Any, ...]) -> Channel:
    fields = ChannelFields(
        name=row[1],
        enabled=bool(row[2]),
        severity=Severity(row[3]),
        site_ids=msgspec.json.decode(row[4], type=tuple[int, ...]),
        tags=msgspec.json.decode(row[5], type=tuple[str, ...]),
        target=msgspec.json.decode(row[6], type=Target),
        language=Language(row[7]),
    )
    return Channel(row[0], fields, *row[8:])


def _values(fields: ChannelFields) -> tuple[object, ...]:
    documents = (msgspec.json.encode(part).decode() for part in (fields.site_ids, fields.tags, fields.target))
    return fields.name, fields.enabled, fields.severity, *documents, fields.language


def _check_name(connection: sqlite3.Connection, name: str, *, own_id: int) -> None:
    if connection.execute("SELECT 1 FROM channel WHERE name = ? AND id != ?", (name, own_id)).fetchone():
        raise invalid("name", "there is a notification channel of this name already")


def _begin(connection: sqlite3.Connection, head: Head, *, own_id: int) -> int:
    """Return the seq after which an enabled channel is told; nobody needs what came before the first of them."""
    seq = read_head(connection)
    if not connection.execute("SELECT 1 FROM channel WHERE enabled AND id != ?", (own_id,)).fetchone():
        note_position(connection, head.epoch, seq)
        forget_escalations(connection)
    return seq


def _steps(connection: sqlite3.Connection) -> Iterator[tuple[str, set[int]]]:
    """Yield each policy's name and the channels that its steps name."""
    for name, text in connection.execute("SELECT name, fields FROM notification_policy ORDER BY name"):
        fields = msgspec.json.decode(text, type=PolicyFields)
        yield name, {channel_id for step in fields.steps for channel_id in step.channel_ids or ()}


class SqliteChannels(Backed):
    """`Channels` in SQLite."""

    async def channels(self) -> list[Channel]:
        """Return all channels by id."""
        return await self._readers.read(read_channels)

    async def channel(self, channel_id: int) -> Channel:
        """Return a channel. Raises `Refused` (not-found)."""
        return await self._readers.read(lambda connection: read_channel(connection, channel_id))

    async def channel_secret(self, channel_id: int) -> bytes:
        """Return a channel's sealed secret. Raises `Refused` (not-found)."""

        def read(connection: sqlite3.Connection) -> bytes:
            query = "SELECT sealed FROM channel_secret WHERE channel_id = ?"
            row = connection.execute(query, (channel_id,)).fetchone()
            if row is None:
                message = f"the secrets of channel {channel_id} were forgotten; give its settings again"
                raise Refused(ErrorCode.NOT_FOUND, message)
            return bytes(row[0])

        return await self._readers.read(read)

    async def add_channel(self, fields: ChannelFields, *, seal: Seal, by: Authorship) -> Channel:
        """Add a channel. Raises `Refused` (invalid, the field; too-many)."""

        def add(connection: sqlite3.Connection) -> Channel:
            _check_name(connection, fields.name, own_id=0)
            check_sites(connection, fields.site_ids, "siteIds")
            if connection.execute("SELECT count(*) FROM channel").fetchone()[0] >= MAX_CHANNELS:
                raise Refused(ErrorCode.TOO_MANY, f"{MAX_CHANNELS} notification channels at most; remove one first")
            row = connection.execute(
                f"""INSERT INTO channel (name, enabled, severity, site_ids, tags, target, language, since_seq,
                        created_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING {_COLUMNS}""",  # noqa: S608  a constant
                (*_values(fields), _begin(connection, self._head, own_id=0), by.at_ms),
            ).fetchone()
            channel = _channel(row)
            connection.execute("INSERT INTO channel_secret VALUES (?, ?)", (channel.id, seal(channel.id)))
            record(connection, by, AuditAction.ADDED, _KIND, object_id=channel.id, name=fields.name, after=channel)
            return channel

        return await self._writer.submit(add)

    async def update_channel(
        self, channel_id: int, fields: ChannelFields, *, revision: int, seal: Seal | None, by: Authorship
    ) -> Channel:
        """Change a channel. Raises `Refused` (not-found; invalid, the field)."""

        def update(connection: sqlite3.Connection) -> Channel:
            old = read_channel(connection, channel_id)
            check_revision("channel", old.revision, revision)
            _check_name(connection, fields.name, own_id=channel_id)
            check_sites(connection, (one for one in fields.site_ids if one not in old.fields.site_ids), "siteIds")
            begins = fields.enabled and not old.fields.enabled
            since_seq = _begin(connection, self._head, own_id=channel_id) if begins else old.since_seq
            connection.execute(
                """UPDATE channel SET name = ?, enabled = ?, severity = ?, site_ids = ?, tags = ?, target = ?,
                       language = ?, since_seq = ?, revision = revision + 1 WHERE id = ?""",
                (*_values(fields), since_seq, channel_id),
            )
            if seal is not None:
                sealed = seal(channel_id)
                connection.execute("INSERT OR REPLACE INTO channel_secret VALUES (?, ?)", (channel_id, sealed))
            if not fields.enabled:
                connection.execute(
                    """UPDATE delivery SET state = 'dead', next_ms = NULL, outcome = ?
                           WHERE channel_id = ? AND next_ms IS NOT NULL""",
                    (_UNSENT, channel_id),
                )
            new = read_channel(connection, channel_id)
            name = fields.name
            record(connection, by, AuditAction.CHANGED, _KIND, object_id=new.id, name=name, before=old, after=new)
            return new

        return await self._writer.submit(update)

    async def remove_channel(self, channel_id: int, *, by: Authorship) -> None:
        """Remove a channel. Raises `Refused` (not-found)."""

        def remove(connection: sqlite3.Connection) -> None:
            old = read_channel(connection, channel_id)
            named = [name for name, steps in _steps(connection) if channel_id in steps]
            if named:
                raise invalid("id", f"policies still name this channel: {', '.join(named)}; take it out of them first")
            connection.execute(
                "DELETE FROM delivery_attempt WHERE delivery_id IN (SELECT id FROM delivery WHERE channel_id = ?)",
                (channel_id,),
            )
            for table, column in (
                *((one, "channel_id") for one in ("delivery", "channel_secret", "channel_state")),
                ("channel", "id"),
            ):
                connection.execute(f"DELETE FROM {table} WHERE {column} = ?", (channel_id,))  # noqa: S608  words of ours
            record(connection, by, AuditAction.REMOVED, _KIND, object_id=old.id, name=old.fields.name, before=old)

        await self._writer.submit(remove)

"""The hub's settings in hub.db."""

import sqlite3
from dataclasses import replace

from noctule_hub.core.audit import AuditAction, Authorship
from noctule_hub.core.settings import Settings
from noctule_hub.store.sqlite.audit import record
from noctule_hub.store.sqlite.backed import Backed
from noctule_hub.store.sqlite.revisions import check_revision


def _read(connection: sqlite3.Connection) -> Settings:
    row = connection.execute("SELECT organisation, timezone, public_url, revision FROM settings").fetchone()
    return Settings() if row is None else Settings(*row)


class SqliteSettings(Backed):
    """`SettingsStore` in SQLite."""

    async def settings(self) -> Settings:
        """Return the settings."""
        return await self._readers.read(_read)

    async def update_settings(self, new: Settings, *, by: Authorship) -> Settings:
        """Put `new` in place of the settings. Raises `Refused` (invalid, field revision)."""

        def update(connection: sqlite3.Connection) -> Settings:
            old = _read(connection)
            check_revision("settings", old.revision, new.revision)
            kept = replace(new, revision=old.revision + 1)
            connection.execute(
                "INSERT OR REPLACE INTO settings VALUES (1, ?, ?, ?, ?)",
                (kept.organisation, kept.timezone, kept.public_url, kept.revision),
            )
            record(
                connection, by, AuditAction.CHANGED, "settings", object_id=None, name="settings", before=old, after=kept
            )
            return kept

        return await self._writer.submit(update)

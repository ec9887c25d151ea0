"""Sites in hub.db."""

import sqlite3
from typing import Final

from noctule_shared.errors import ErrorCode, Refused, invalid

from noctule_hub.core.audit import AuditAction, Authorship
from noctule_hub.core.records import Site
from noctule_hub.store.sqlite.assignments import note_config_change
from noctule_hub.store.sqlite.audit import record
from noctule_hub.store.sqlite.backed import Backed
from noctule_hub.store.sqlite.revisions import check_revision

_COLUMNS: Final = "id, name, revision"
# What keeps a site from being removed, with the words for it.
_MEMBERS: Final = (
    ("devices", "SELECT count(*) FROM device WHERE site_id = ? AND removed_ms IS NULL"),
    ("agents", "SELECT count(*) FROM agent WHERE site_id = ? AND revoked_ms IS NULL"),
)


def read_sites(connection: sqlite3.Connection) -> list[Site]:
    """Return all sites by name."""
    query = f"SELECT {_COLUMNS} FROM site WHERE removed_ms IS NULL ORDER BY name"  # noqa: S608  a constant
    return [Site(*row) for row in connection.execute(query)]


def read_site(connection: sqlite3.Connection, site_id: int) -> Site:
    """Return a site. Raises `Refused` (not-found)."""
    query = f"SELECT {_COLUMNS} FROM site WHERE id = ? AND removed_ms IS NULL"  # noqa: S608  a constant
    row = connection.execute(query, (site_id,)).fetchone()
    if row is None:
        raise Refused(ErrorCode.NOT_FOUND, f"there is no site {site_id}")
    return Site(*row)


def _check_name(connection: sqlite3.Connection, name: str, site_id: int) -> None:
    taken = "SELECT 1 FROM site WHERE name = ? AND id <> ? AND removed_ms IS NULL"
    if connection.execute(taken, (name, site_id)).fetchone():
        raise invalid("name", f"there is a site named {name!r} already; choose another name")


class SqliteSites(Backed):
    """`Sites` in SQLite. A removed site keeps its row: revoked agents and removed devices name it."""

    async def add_site(self, name: str, *, by: Authorship) -> Site:
        """Add a site. Raises `Refused` (invalid, field name) when the name is taken."""

        def add(connection: sqlite3.Connection) -> Site:
            _check_name(connection, name, 0)
            row = connection.execute(f"INSERT INTO site (name) VALUES (?) RETURNING {_COLUMNS}", (name,))  # noqa: S608  a constant
            site = Site(*row.fetchone())
            record(connection, by, AuditAction.ADDED, "site", object_id=site.id, name=name, after=site)
            return site

        return await self._writer.submit(add)

    async def rename_site(self, site_id: int, name: str, *, revision: int, by: Authorship) -> Site:
        """Give a site that still has `revision` another name. Raises `Refused` (not-found; invalid, the field)."""

        def rename(connection: sqlite3.Connection) -> Site:
            old = read_site(connection, site_id)
            check_revision("site", old.revision, revision)
            _check_name(connection, name, site_id)
            connection.execute("UPDATE site SET name = ?, revision = revision + 1 WHERE id = ?", (name, site_id))
            agents = connection.execute("SELECT id FROM agent WHERE site_id = ? AND revoked_ms IS NULL", (site_id,))
            for (agent_id,) in agents.fetchall():
                note_config_change(connection, agent_id, ())
            new = read_site(connection, site_id)
            record(connection, by, AuditAction.CHANGED, "site", object_id=site_id, name=name, before=old, after=new)
            return new

        return await self._writer.submit(rename)

    async def remove_site(self, site_id: int, *, by: Authorship) -> None:
        """Remove a site. Raises `Refused` (not-found; invalid, field id, while something belongs to it)."""

        def remove(connection: sqlite3.Connection) -> None:
            old = read_site(connection, site_id)
            for what, query in _MEMBERS:
                count: int = connection.execute(query, (site_id,)).fetchone()[0]
                if count:
                    raise invalid("id", f"{count} {what} belong to this site; move or remove them first")
            connection.execute("DELETE FROM join_token WHERE site_id = ?", (site_id,))
            connection.execute("UPDATE site SET removed_ms = ? WHERE id = ?", (by.at_ms, site_id))
            record(connection, by, AuditAction.REMOVED, "site", object_id=site_id, name=old.name, before=old)

        await self._writer.submit(remove)

    async def sites(self) -> list[Site]:
        """Return all sites by name."""
        return await self._readers.read(read_sites)

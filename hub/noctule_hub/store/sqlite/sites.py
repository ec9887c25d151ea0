"""Sites in hub.db."""

import sqlite3

from noctule_shared.errors import invalid

from noctule_hub.core.records import Site
from noctule_hub.store.sqlite.backed import Backed


def read_sites(connection: sqlite3.Connection) -> list[Site]:
    """Return all sites by name."""
    return [Site(*row) for row in connection.execute("SELECT id, name, revision FROM site ORDER BY name")]


class SqliteSites(Backed):
    """`Sites` in SQLite."""

    async def add_site(self, name: str) -> Site:
        """Add a site. Raises `Refused` (invalid, field name) when the name is taken."""

        def add(connection: sqlite3.Connection) -> Site:
            if connection.execute("SELECT 1 FROM site WHERE name = ?", (name,)).fetchone():
                raise invalid("name", f"there is a site named {name!r} already; choose another name")
            row = connection.execute("INSERT INTO site (name) VALUES (?) RETURNING id, name, revision", (name,))
            return Site(*row.fetchone())

        return await self._writer.submit(add)

    async def sites(self) -> list[Site]:
        """Return all sites by name."""
        return await self._readers.read(read_sites)

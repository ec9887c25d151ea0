"""The status page in hub.db."""

import sqlite3
from typing import Final

import msgspec
from noctule_shared.errors import invalid

from noctule_hub.core.audit import AuditAction, Authorship
from noctule_hub.core.maintenance import Covers
from noctule_hub.core.status_page import Component, NewComponent, NewStatusPage, StatusPage
from noctule_hub.store.sqlite.audit import record
from noctule_hub.store.sqlite.backed import Backed
from noctule_hub.store.sqlite.present import check_devices, check_sites
from noctule_hub.store.sqlite.revisions import check_revision

_IDS: Final = msgspec.json.Decoder(tuple[int, ...])
_TAGS: Final = msgspec.json.Decoder(tuple[str, ...])


def read_status_page(connection: sqlite3.Connection) -> StatusPage:
    """Return the page, before it is first written the default one."""
    row = connection.execute("SELECT title, message, published, revision FROM status_page").fetchone()
    if row is None:
        return StatusPage()
    components = tuple(
        Component(component_id, label, Covers(_IDS.decode(device_ids), _IDS.decode(site_ids), _TAGS.decode(tags)))
        for component_id, label, device_ids, site_ids, tags in connection.execute(
            "SELECT id, label, device_ids, site_ids, tags FROM status_component ORDER BY position"
        )
    )
    return StatusPage(row[0], row[1], bool(row[2]), components, row[3])


def _check(connection: sqlite3.Connection, new: NewStatusPage, old: StatusPage) -> None:
    """Raise `Refused` (invalid) when a component names what is not there and was not there before."""
    known = {component.id: component for component in old.components}
    for number, component in enumerate(new.components):
        field = f"components.{number}"
        before = Component(0, "") if component.id is None else known.get(component.id)
        if before is None:
            raise invalid(f"{field}.id", f"there is no component {component.id}; leave the id of a new one out")
        now, then = component.covers, before.covers
        check_devices(connection, (one for one in now.device_ids if one not in then.device_ids), f"{field}.deviceIds")
        check_sites(connection, (one for one in now.site_ids if one not in then.site_ids), f"{field}.siteIds")


def _put(connection: sqlite3.Connection, position: int, component: NewComponent) -> None:
    covers = component.covers
    named = (msgspec.json.encode(part).decode() for part in (covers.device_ids, covers.site_ids, covers.tags))
    connection.execute(
        "INSERT INTO status_component (id, position, label, device_ids, site_ids, tags) VALUES (?, ?, ?, ?, ?, ?)",
        (component.id, position, component.label, *named),
    )


class SqliteStatusPages(Backed):
    """`StatusPages` in SQLite."""

    async def status_page(self) -> StatusPage:
        """Return the page with its components in order."""
        return await self._readers.read(read_status_page)

    async def update_status_page(self, new: NewStatusPage, *, revision: int, by: Authorship) -> StatusPage:
        """Make the page as `new`. Raises `Refused` (invalid, the field)."""

        def update(connection: sqlite3.Connection) -> StatusPage:
            old = read_status_page(connection)
            check_revision("status page", old.revision, revision)
            _check(connection, new, old)
            connection.execute("DELETE FROM status_component")
            for position, component in enumerate(new.components):
                _put(connection, position, component)
            connection.execute(
                "INSERT OR REPLACE INTO status_page VALUES (1, ?, ?, ?, ?)",
                (new.title, new.message, new.published, old.revision + 1),
            )
            page = read_status_page(connection)
            record(
                connection,
                by,
                AuditAction.CHANGED,
                "status-page",
                object_id=None,
                name=new.title,
                before=old,
                after=page,
            )
            return page

        return await self._writer.submit(update)

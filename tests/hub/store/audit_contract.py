"""What the audit log of any backend must do; part of `contract`."""

import pytest
from noctule_hub.core.audit import AuditAction, Authorship, local
from noctule_hub.store.protocol import Store
from noctule_shared.errors import Refused

from tests.hub.store.samples import NOW_MS, enrolled, new_device


class AuditContract:
    """Every change of configuration is written down with it."""

    async def test_a_change_is_told_with_who_made_it_and_what_was_before(self, store: Store) -> None:
        by = Authorship("user:7", "ada", "192.0.2.77", NOW_MS)
        site = await store.add_site("north", by=by)
        await store.rename_site(site.id, "east", revision=1, by=by)
        await store.remove_site(site.id, by=by)
        entries = await store.audit_entries(before_id=None, kind=None, object_id=None, subject=None, limit=10)
        assert [(entry.action, entry.name) for entry in entries] == [
            (AuditAction.REMOVED, "east"),
            (AuditAction.CHANGED, "east"),
            (AuditAction.ADDED, "north"),
        ]
        changed = entries[1]
        assert (changed.by, changed.kind, changed.object_id) == (by, "site", site.id)
        assert (changed.before, changed.after) == (
            {"id": site.id, "name": "north", "revision": 1},
            {"id": site.id, "name": "east", "revision": 2},
        )
        assert (entries[0].after, entries[2].before) == (None, None)

    async def test_what_was_refused_is_not_told(self, store: Store) -> None:
        await store.add_site("north", by=local(0))
        with pytest.raises(Refused):
            await store.add_site("north", by=local(0))
        entries = await store.audit_entries(before_id=None, kind=None, object_id=None, subject=None, limit=10)
        assert len(entries) == 1

    async def test_entries_are_found_by_object_and_person_page_by_page(self, store: Store) -> None:
        ada, ben = Authorship("user:1", "ada", None, 1), Authorship("user:2", "ben", None, 2)
        north, south = await store.add_site("north", by=ada), await store.add_site("south", by=ben)
        device = await store.add_device(new_device(north.id), seal=lambda _: b"sealed", by=ben)

        async def found(**filters: object) -> list[str]:
            chosen: dict[str, object] = {"before_id": None, "kind": None, "object_id": None, "subject": None}
            entries = await store.audit_entries(**(chosen | filters), limit=2)  # type: ignore[arg-type]
            return [entry.name for entry in entries]

        assert await found() == [device.name, "south"]
        assert await found(before_id=2) == ["north"]
        assert await found(kind="site", object_id=south.id) == ["south"]
        assert await found(subject="user:1") == ["north"]
        assert await found(from_ms=2) == [device.name, "south"]
        assert await found(from_ms=1, to_ms=2) == ["north"]

    async def test_secrets_are_not_told(self, store: Store) -> None:
        site_id, agent_id = await enrolled(store)
        await store.revoke_agent(agent_id, by=local(NOW_MS))
        entries = await store.audit_entries(before_id=None, kind=None, object_id=None, subject=None, limit=10)
        assert [(entry.kind, entry.action) for entry in entries] == [
            ("agent", AuditAction.REVOKED),
            ("agent", AuditAction.ADDED),
            ("join-token", AuditAction.ADDED),
            ("site", AuditAction.ADDED),
        ]
        assert not any("ab" * 32 in repr(entry) for entry in entries)
        assert entries[2].after == {"id": 1, "siteId": site_id, "usesLeft": 1, "expiresMs": NOW_MS + 1000}

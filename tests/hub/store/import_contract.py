"""What an import of many devices must do with any backend; part of `contract`."""

from noctule_hub.core.audit import local
from noctule_hub.store.device_import import DeviceRow
from noctule_hub.store.protocol import Store
from noctule_shared.errors import Refused

from tests.hub.store.samples import NOW_MS, enrolled, new_device


class ImportContract:
    """Rows of an import are kept together or not at all."""

    async def test_an_import_keeps_all_rows_or_none(self, store: Store) -> None:
        site_id, agent_id = await enrolled(store)
        good = DeviceRow(new_device(site_id, "a", "192.0.2.1"), lambda device_id: f"sealed {device_id}".encode())
        bad = DeviceRow(new_device(site_id, "a", "192.0.2.2"), None)
        behind = DeviceRow(new_device(site_id, "b", "192.0.2.3"), None, behind=(1,))
        found = await store.import_devices([good, bad, behind], dry_run=False, by=local(NOW_MS))
        assert [isinstance(one, Refused) for one in found] == [False, True, True]
        assert await store.devices() == []
        dry = await store.import_devices([good], dry_run=True, by=local(NOW_MS))
        assert not isinstance(dry[0], Refused)
        assert await store.devices() == []
        assert await store.device_secrets(agent_id) == {}
        kept = await store.import_devices(
            [good, DeviceRow(behind.new, None, behind=(0,))], dry_run=False, by=local(NOW_MS)
        )
        devices = await store.devices()
        assert kept == devices
        assert devices[1].parents == (devices[0].id,)
        assert list(await store.device_secrets(agent_id)) == [devices[0].id]
        told = await store.audit_entries(before_id=None, kind="device", object_id=None, subject=None, limit=10)
        assert [entry.name for entry in told] == ["b", "a"]

    async def test_an_import_changes_only_what_was_read(self, store: Store) -> None:
        site_id, _ = await enrolled(store)
        device = await store.add_device(new_device(site_id, "a"), seal=None, by=local(0))
        renamed = new_device(site_id, "z")
        row = DeviceRow(renamed, None, device_id=device.id, revision=device.revision)
        changed = await store.import_devices([row], dry_run=False, by=local(NOW_MS))
        assert not isinstance(changed[0], Refused)
        assert (changed[0].name, changed[0].revision) == ("z", device.revision + 1)
        again = await store.import_devices([row], dry_run=False, by=local(NOW_MS))
        assert isinstance(again[0], Refused)
        assert again[0].field == "revision"

"""What an import of many devices must do with any backend; part of `contract`."""

from dataclasses import fields

from noctule_hub.core.audit import local
from noctule_hub.core.records import Device, NewDevice
from noctule_hub.store.device_import import DeviceRow
from noctule_hub.store.protocol import Store
from noctule_shared.errors import Refused, invalid

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

    async def test_many_devices_are_changed_each_for_itself_with_an_audit_entry_each(self, store: Store) -> None:
        site_id, agent_id = await enrolled(store)
        first, second, third = [
            await store.add_device(new_device(site_id, name, f"192.0.2.{last}"), seal=lambda _: b"sealed", by=local(0))
            for name, last in (("a", 1), ("b", 2), ("c", 3))
        ]

        def tagged(device: Device) -> NewDevice:
            if device.id == second.id:
                raise invalid("tags", "not this one")
            tags = device.tags if device.id == third.id else ("x",)
            return as_new(device, tags)

        found = await store.change_devices([first.id, second.id, third.id, 999], tagged, by=local(NOW_MS))
        assert [found[0], found[2]] == [True, False]
        assert [one.field for one in found if isinstance(one, Refused)] == ["tags", None]
        devices = {device.id: device for device in await store.devices()}
        assert devices[first.id].tags == ("x",)
        assert devices[first.id].revision == first.revision + 1
        assert devices[second.id] == second
        assert list(await store.device_secrets(agent_id)) == [first.id, second.id, third.id]
        told = await store.audit_entries(before_id=None, kind="device", object_id=None, subject=None, limit=10)
        assert [(entry.action, entry.name) for entry in told if entry.action != "added"] == [("changed", "a")]
        again = await store.change_devices([first.id], tagged, by=local(NOW_MS))
        assert again == [False]
        assert (await store.device(first.id)).revision == first.revision + 1

    async def test_many_devices_are_removed_and_one_that_is_gone_is_told(self, store: Store) -> None:
        site_id, agent_id = await enrolled(store)
        ids = [
            (await store.add_device(new_device(site_id, name, f"192.0.2.{last}"), seal=None, by=local(0))).id
            for name, last in (("a", 1), ("b", 2))
        ]
        found = await store.remove_devices([ids[0], 999, ids[0]], by=local(NOW_MS))
        assert [isinstance(one, Refused) for one in found] == [False, True, True]
        assert [device.id for device in await store.devices()] == [ids[1]]
        told = await store.audit_entries(before_id=None, kind="device", object_id=ids[0], subject=None, limit=10)
        assert [entry.action for entry in told] == ["removed", "added"]
        assert await store.device_secrets(agent_id) == {}


def as_new(device: Device, tags: tuple[str, ...]) -> NewDevice:
    """Return what would make a device as it is, with these tags."""
    return NewDevice(**{field.name: getattr(device, field.name) for field in fields(NewDevice)} | {"tags": tags})

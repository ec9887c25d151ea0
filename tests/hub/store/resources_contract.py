"""What any backend must do with maintenance windows, status page, layout and settings; part of `contract`."""

from dataclasses import replace
from datetime import date
from typing import Protocol

import pytest
from noctule_hub.core.audit import AuditAction, AuditEntry, local
from noctule_hub.core.maintenance import MAX_WINDOWS, Covers, NewWindow, Once, Recurring, Weekday
from noctule_hub.core.settings import Settings
from noctule_hub.core.status_page import Component, NewComponent, NewStatusPage, StatusPage
from noctule_hub.core.topology import Layout, Position
from noctule_hub.store.protocol import Store
from noctule_shared.errors import ErrorCode, Refused

from tests.hub.store.samples import NOW_MS, new_device, refused

ONCE = Once(NOW_MS, NOW_MS + 1_000)
NIGHTLY = Recurring((Weekday.MON, Weekday.SUN), 90, 3_600, "Europe/Berlin", date(2026, 1, 1), date(2026, 12, 31))


class Reopen(Protocol):
    """Closes the store and opens it again."""

    async def __call__(self) -> Store: ...


async def one_device(store: Store, name: str = "r1", address: str = "192.0.2.1") -> int:
    sites = await store.sites()
    site_id = sites[0].id if sites else (await store.add_site("north", by=local(0))).id
    device = await store.add_device(new_device(site_id, name, address), seal=lambda _: b"sealed", by=local(0))
    return device.id


async def newest(store: Store) -> AuditEntry:
    return (await store.audit_entries(before_id=None, kind=None, object_id=None, subject=None, limit=1))[0]


class MaintenanceContract:
    """Maintenance windows."""

    async def test_windows_are_kept_whole(self, store: Store, reopen: Reopen) -> None:
        device_id = await one_device(store)
        covers = Covers((device_id,), (1,), ("core",))
        first = await store.add_window(NewWindow("power", "two\nlines", covers, ONCE), by=local(5))
        second = await store.add_window(NewWindow("nights", "", covers, NIGHTLY), by=local(6))
        assert (first.created_ms, first.revision, first.ended_ms) == (5, 1, None)
        again = await reopen()
        assert await again.windows() == [first, second]
        assert await again.window(second.id) == second
        assert list((await again.configuration()).windows) == [first, second]
        assert list((await again.load_engine_state()).configuration.windows) == [first, second]

    async def test_a_window_is_changed_at_the_revision_that_was_read(self, store: Store) -> None:
        device_id = await one_device(store)
        covers = Covers((device_id,))
        window = await store.add_window(NewWindow("power", "", covers, ONCE), by=local(0))
        new = NewWindow("nights", "note", Covers(tags=("core",)), NIGHTLY)
        changed = await store.update_window(window.id, new, revision=1, by=local(0))
        assert (changed.name, changed.note, changed.covers, changed.schedule) == (
            "nights",
            "note",
            new.covers,
            NIGHTLY,
        )
        assert changed.revision == 2
        entry = await newest(store)
        assert (entry.action, entry.kind, entry.object_id) == (AuditAction.CHANGED, "maintenance", window.id)
        assert entry.before is not None
        assert entry.before["covers"]["deviceIds"] == [device_id]
        with pytest.raises(Refused, check=refused(ErrorCode.INVALID, "revision")):
            await store.update_window(window.id, new, revision=1, by=local(0))
        with pytest.raises(Refused, check=refused(ErrorCode.NOT_FOUND)):
            await store.update_window(99, new, revision=1, by=local(0))
        assert await store.windows() == [changed]

    async def test_a_window_covers_only_what_is_there_but_may_keep_what_has_gone(self, store: Store) -> None:
        device_id = await one_device(store)
        for covers, field in ((Covers((99,)), "deviceIds"), (Covers((), (99,)), "siteIds")):
            with pytest.raises(Refused, check=refused(ErrorCode.INVALID, field)):
                await store.add_window(NewWindow("power", "", covers, ONCE), by=local(0))
        window = await store.add_window(NewWindow("power", "", Covers((device_id,)), ONCE), by=local(0))
        await store.remove_device(device_id, by=local(0))
        kept = await store.update_window(window.id, NewWindow("new", "", window.covers, ONCE), revision=1, by=local(0))
        assert kept.covers == window.covers
        with pytest.raises(Refused, check=refused(ErrorCode.INVALID, "deviceIds")):
            await store.update_window(
                window.id, NewWindow("new", "", Covers((device_id, 99)), ONCE), revision=2, by=local(0)
            )

    async def test_what_runs_is_ended_once_and_another_schedule_forgets_it(self, store: Store) -> None:
        await one_device(store)
        window = await store.add_window(NewWindow("power", "", Covers(tags=("a",)), ONCE), by=local(0))
        with pytest.raises(Refused, check=refused(ErrorCode.INVALID, "id")):
            await store.end_window(window.id, by=local(NOW_MS - 1))
        ended = await store.end_window(window.id, by=local(NOW_MS + 500))
        assert (ended.ended_ms, ended.revision) == (NOW_MS + 500, 2)
        with pytest.raises(Refused, check=refused(ErrorCode.INVALID, "id")):
            await store.end_window(window.id, by=local(NOW_MS + 600))
        same = await store.update_window(
            window.id, NewWindow("other name", "", window.covers, ONCE), revision=2, by=local(0)
        )
        assert same.ended_ms == NOW_MS + 500
        longer = NewWindow("power", "", window.covers, Once(NOW_MS, NOW_MS + 9_000))
        assert (await store.update_window(window.id, longer, revision=3, by=local(0))).ended_ms is None

    async def test_a_window_is_removed_and_its_id_never_used_again(self, store: Store) -> None:
        new = NewWindow("power", "", Covers(tags=("a",)), ONCE)
        window = await store.add_window(new, by=local(0))
        await store.remove_window(window.id, by=local(0))
        assert await store.windows() == []
        assert (await newest(store)).action is AuditAction.REMOVED
        assert (await store.add_window(new, by=local(0))).id > window.id
        for refuse in (store.remove_window(window.id, by=local(0)), store.window(window.id)):
            with pytest.raises(Refused, check=refused(ErrorCode.NOT_FOUND)):
                await refuse

    async def test_there_is_an_end_to_windows(self, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
        assert MAX_WINDOWS == 500
        monkeypatch.setattr("noctule_hub.store.sqlite.maintenance.MAX_WINDOWS", 1)
        new = NewWindow("power", "", Covers(tags=("a",)), ONCE)
        await store.add_window(new, by=local(0))
        with pytest.raises(Refused, check=refused(ErrorCode.TOO_MANY)):
            await store.add_window(new, by=local(0))


class StatusPageContract:
    """The status page."""

    async def test_before_it_is_written_it_is_empty_and_hidden(self, store: Store) -> None:
        assert await store.status_page() == StatusPage()
        assert (await store.configuration()).status_page == StatusPage()

    async def test_the_page_is_kept_in_order_and_components_keep_their_ids(self, store: Store, reopen: Reopen) -> None:
        device_id = await one_device(store)
        components = (
            NewComponent(None, "Fibre", Covers((device_id,), ())),
            NewComponent(None, "Radio", Covers((), (1,), ("radio",))),
        )
        page = await store.update_status_page(
            NewStatusPage("Status", "hello", published=True, components=components), revision=1, by=local(0)
        )
        fibre, radio = Component(1, "Fibre", Covers((device_id,))), Component(2, "Radio", Covers((), (1,), ("radio",)))
        assert page == StatusPage("Status", "hello", published=True, components=(fibre, radio), revision=2)
        turned = NewStatusPage(
            "Status",
            "",
            published=True,
            components=(
                NewComponent(None, "Voice", Covers((device_id,), ())),
                NewComponent(2, "Radio links", Covers((), (1,))),
            ),
        )
        changed = await store.update_status_page(turned, revision=2, by=local(0))
        assert changed.components == (
            Component(3, "Voice", Covers((device_id,))),
            Component(2, "Radio links", Covers((), (1,))),
        )
        again = await reopen()
        assert await again.status_page() == changed
        assert (await again.load_engine_state()).configuration.status_page == changed
        entry = await newest(again)
        assert (entry.kind, entry.before and entry.before["title"]) == ("status-page", "Status")

    async def test_what_is_refused_changes_nothing_and_names_the_component(self, store: Store) -> None:
        page = NewStatusPage("Status", "", published=False, components=())
        with pytest.raises(Refused, check=refused(ErrorCode.INVALID, "revision")):
            await store.update_status_page(page, revision=2, by=local(0))
        for component, field in (
            (NewComponent(None, "a", Covers((99,), ())), "components.0.deviceIds"),
            (NewComponent(None, "a", Covers((), (99,))), "components.0.siteIds"),
            (NewComponent(5, "a", Covers((), ())), "components.0.id"),
        ):
            with pytest.raises(Refused, check=refused(ErrorCode.INVALID, field)):
                await store.update_status_page(replace(page, components=(component,)), revision=1, by=local(0))
        assert await store.status_page() == StatusPage()


class LayoutContract:
    """The topology's layout."""

    async def test_devices_are_placed_moved_and_taken_away(self, store: Store, reopen: Reopen) -> None:
        one, two = await one_device(store), await one_device(store, "r2", "192.0.2.2")
        assert await store.layout() == Layout()
        placed = await store.replace_layout(
            {one: Position(1.5, -2.0), two: Position(0.0, 0.0)}, revision=1, by=local(0)
        )
        assert placed == Layout(2, {one: Position(1.5, -2.0), two: Position(0.0, 0.0)})
        moved = await store.move_devices({one: Position(3.0, 4.0), two: None}, by=local(0))
        assert moved == Layout(3, {one: Position(3.0, 4.0)})
        entry = await newest(store)
        assert entry.before is not None
        assert entry.before["positions"] == {str(one): {"x": 1.5, "y": -2.0}, str(two): {"x": 0.0, "y": 0.0}}
        assert await (await reopen()).layout() == moved

    async def test_what_is_refused_moves_nothing(self, store: Store) -> None:
        device_id = await one_device(store)
        kept = await store.move_devices({device_id: Position(1.0, 1.0)}, by=local(0))
        with pytest.raises(Refused, check=refused(ErrorCode.INVALID, "revision")):
            await store.replace_layout({}, revision=1, by=local(0))
        both = {device_id: Position(2.0, 2.0), 99: Position(0.0, 0.0)}
        with pytest.raises(Refused, check=refused(ErrorCode.INVALID, "positions.99")):
            await store.replace_layout(both, revision=2, by=local(0))
        with pytest.raises(Refused, check=refused(ErrorCode.INVALID, "positions.99")):
            await store.move_devices(both, by=local(0))
        assert await store.layout() == kept

    async def test_a_removed_device_stands_nowhere(self, store: Store) -> None:
        device_id = await one_device(store)
        await store.move_devices({device_id: Position(1.0, 1.0)}, by=local(0))
        await store.remove_device(device_id, by=local(0))
        assert (await store.layout()).positions == {}


class SettingsContract:
    """The hub's settings."""

    async def test_settings_begin_with_defaults_and_are_changed_at_their_revision(
        self, store: Store, reopen: Reopen
    ) -> None:
        assert await store.settings() == Settings()
        new = Settings("Example Net", "Europe/Berlin", "https://noctule.example.net")
        kept = await store.update_settings(new, by=local(0))
        assert kept == replace(new, revision=2)
        with pytest.raises(Refused, check=refused(ErrorCode.INVALID, "revision")):
            await store.update_settings(new, by=local(0))
        assert await (await reopen()).settings() == kept

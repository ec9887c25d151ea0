"""What any backend of the store must do: a class of tests over a `store` fixture and a way to open it again."""

import asyncio
import math
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import replace

import numpy as np
import pytest
from noctule_hub.core.alert_filter import AlertFilter
from noctule_hub.core.audit import local
from noctule_hub.core.commit import AgentCursor, Commit, GapRow, RejectedFrame
from noctule_hub.core.log_classes import LogClass
from noctule_hub.core.records import Device, EventRow, IcmpSettings, NewEvent, SnmpSettings, SystemGroup
from noctule_hub.core.resolution import Resolution
from noctule_hub.store.errors import TooManyRowsError
from noctule_hub.store.protocol import Seal, Store
from noctule_shared.axes import CanaryLevel, Reachability
from noctule_shared.errors import ErrorCode, Refused
from noctule_shared.events import AlertState, DeviceStatus, EventName
from noctule_shared.frames import TableName
from noctule_shared.interface_filter import InterfaceFilter
from noctule_shared.link import SnmpVersion
from noctule_shared.thresholds import IcmpThresholds

from tests.hub.store.alert_contract import AlertContract, AlertRuleContract, SilenceContract
from tests.hub.store.audit_contract import AuditContract
from tests.hub.store.channel_contract import ChannelContract
from tests.hub.store.customer_contract import CustomerContract, PaymentContract
from tests.hub.store.import_contract import ImportContract
from tests.hub.store.log_contract import FindContract, NetworkLogContract
from tests.hub.store.resources_contract import (
    LayoutContract,
    MaintenanceContract,
    SettingsContract,
    StatusPageContract,
)
from tests.hub.store.samples import (
    EPOCH,
    NOW_MS,
    alert,
    bindings,
    device_state,
    enrol,
    enrolled,
    event,
    interface,
    latency_rows,
    measured,
    measurement_frame,
    neighbour,
    new_device,
    polled_device,
    refused,
)
from tests.hub.store.sign_in_contract import SignInContract

DEADLINE_S = 20.0
Reopen = Callable[[], Awaitable[Store]]


async def take(tail: AsyncGenerator[list[EventRow], None], count: int) -> list[EventRow]:
    """Read from a LogTail until it has given `count` events."""
    rows: list[EventRow] = []
    async with asyncio.timeout(DEADLINE_S):
        async for batch in tail:
            rows += batch
            if len(rows) >= count:
                break
    return rows


class SiteContract:
    async def test_a_site_is_kept_and_listed_by_name(self, store: Store) -> None:
        south, north = await store.add_site("south", by=local(0)), await store.add_site("north", by=local(0))
        assert await store.sites() == [north, south]
        assert south.id != north.id

    async def test_a_second_site_of_one_name_is_refused_and_names_the_field(self, store: Store) -> None:
        await store.add_site("north", by=local(0))
        with pytest.raises(Refused, check=refused(ErrorCode.INVALID, "name")):
            await store.add_site("North", by=local(0))
        assert len(await store.sites()) == 1

    async def test_a_site_is_renamed_at_the_revision_that_was_read(self, store: Store) -> None:
        site, other = await store.add_site("north", by=local(0)), await store.add_site("south", by=local(0))
        with pytest.raises(Refused, check=refused(ErrorCode.INVALID, "name")):
            await store.rename_site(site.id, "South", revision=1, by=local(0))
        renamed = await store.rename_site(site.id, "NORTH", revision=1, by=local(0))
        assert (renamed.name, renamed.revision) == ("NORTH", 2)
        with pytest.raises(Refused, check=refused(ErrorCode.INVALID, "revision")):
            await store.rename_site(site.id, "east", revision=1, by=local(0))
        with pytest.raises(Refused, check=refused(ErrorCode.NOT_FOUND)):
            await store.rename_site(99, "east", revision=1, by=local(0))
        assert await store.sites() == [renamed, other]

    async def test_a_site_is_removed_when_it_is_empty_and_frees_its_name(self, store: Store) -> None:
        site_id, agent_id = await enrolled(store)
        device = await store.add_device(new_device(site_id), seal=None, by=local(NOW_MS))
        for member in ("devices", "agents"):
            with pytest.raises(Refused, match=member, check=refused(ErrorCode.INVALID, "id")):
                await store.remove_site(site_id, by=local(NOW_MS))
            if member == "devices":
                await store.remove_device(device.id, by=local(NOW_MS))
        await store.revoke_agent(agent_id, by=local(NOW_MS))
        await store.remove_site(site_id, by=local(NOW_MS))
        assert await store.sites() == []
        with pytest.raises(Refused, check=refused(ErrorCode.NOT_FOUND)):
            await store.remove_site(site_id, by=local(NOW_MS))
        with pytest.raises(Refused, check=refused(ErrorCode.NOT_FOUND, "siteId")):
            await store.add_device(new_device(site_id), seal=None, by=local(NOW_MS))
        assert (await store.add_site("north", by=local(NOW_MS))).id > site_id


class DeviceContract:
    async def test_a_device_comes_back_as_it_was_given(self, store: Store, reopen: Reopen) -> None:
        site_id, agent_id = await enrolled(store)
        device = await store.add_device(new_device(site_id), seal=None, by=local(NOW_MS))
        assert (device.name, device.address, device.site_id, device.agent_id) == ("r1", "192.0.2.1", site_id, agent_id)
        assert device.icmp == IcmpSettings(5.0, 3)
        assert device.snmp == SnmpSettings(
            SnmpVersion.V2C, 1161, 15.0, interfaces=InterfaceFilter(skip_names=("Vlan*",))
        )
        assert device.tags == ("core", "rack 7")
        assert (device.revision, device.created_ms) == (1, NOW_MS)
        assert await (await reopen()).devices() == [device]

    async def test_a_devices_own_thresholds_and_timing_are_kept(self, store: Store, reopen: Reopen) -> None:
        site_id, _ = await enrolled(store)
        icmp = IcmpSettings(5.0, 3, 0.1, 2.0, IcmpThresholds(retries=5, clear_loss_ratio=0.01))
        snmp = SnmpSettings(SnmpVersion.V2C, 1161, 15.0, failed_polls=6, max_requests_per_s=2.5)
        device = await store.add_device(new_device(site_id, icmp=icmp, snmp=snmp), seal=None, by=local(NOW_MS))
        assert (device.icmp, device.snmp) == (icmp, snmp)
        assert await (await reopen()).devices() == [device]

    async def test_a_devices_thresholds_can_be_taken_back(self, store: Store) -> None:
        site_id, _ = await enrolled(store)
        own = new_device(site_id, icmp=IcmpSettings(thresholds=IcmpThresholds(good_rounds=4)))
        device = await store.add_device(own, seal=None, by=local(NOW_MS))
        await self.change(store, device.id, 1)
        assert [found.icmp for found in await store.devices()] == [IcmpSettings()]

    async def test_a_device_without_icmp_or_snmp_keeps_none(self, store: Store) -> None:
        site_id = (await store.add_site("north", by=local(0))).id
        device = await store.add_device(new_device(site_id, icmp=None, snmp=None), seal=None, by=local(NOW_MS))
        assert device.icmp is None
        assert device.snmp is None
        assert device.agent_id is None

    async def test_the_lowest_agent_that_is_not_revoked_gets_a_new_device(self, store: Store) -> None:
        site_id, first = await enrolled(store)
        second = await enrol(store, site_id, "a2")
        await store.revoke_agent(first, by=local(NOW_MS))
        third = await enrol(store, site_id, "a3")
        device = await store.add_device(new_device(site_id), seal=None, by=local(NOW_MS))
        assert device.agent_id == second
        assert second < third

    async def test_a_change_of_its_devices_raises_an_agents_config_revision(self, store: Store) -> None:
        site_id, agent_id = await enrolled(store)
        await enrol(store, site_id, "a2")
        revisions = []
        device = await store.add_device(new_device(site_id), seal=None, by=local(NOW_MS))
        revisions.append([agent.config_revision for agent in await store.agents()])
        await self.change(store, device.id, 1, name="r9")
        revisions.append([agent.config_revision for agent in await store.agents()])
        await store.remove_device(device.id, by=local(NOW_MS))
        revisions.append([agent.config_revision for agent in await store.agents()])
        assert device.agent_id == agent_id
        assert revisions == [[2, 1], [3, 1], [4, 1]]

    @staticmethod
    async def change(
        store: Store, device_id: int, revision: int, *, seal: Seal | None = None, **changes: object
    ) -> Device:
        values: dict[str, object] = {
            "site_id": 1,
            "reachability": Reachability.ICMP,
            "icmp": IcmpSettings(),
            "snmp": SnmpSettings(SnmpVersion.V3),
            "tags": (),
        }
        new = new_device(**(values | changes))  # type: ignore[arg-type]
        return await store.update_device(device_id, new, revision=revision, seal=seal, by=local(NOW_MS))

    async def test_a_device_is_changed_only_at_the_revision_that_was_read(self, store: Store) -> None:
        site_id = (await store.add_site("north", by=local(0))).id
        device = await store.add_device(new_device(site_id), seal=None, by=local(NOW_MS))
        changed = await self.change(store, device.id, 1, name="r2", address="192.0.2.9")
        assert await store.devices() == [changed]
        assert (await store.device(device.id)).revision == 2
        with pytest.raises(Refused, check=refused(ErrorCode.INVALID, "revision")):
            await self.change(store, device.id, 1, name="r3")
        with pytest.raises(Refused, check=refused(ErrorCode.NOT_FOUND)):
            await self.change(store, device.id + 1, 1)
        assert [(found.name, found.snmp) for found in await store.devices()] == [("r2", SnmpSettings(SnmpVersion.V3))]

    async def test_a_taken_name_or_address_is_refused_and_names_the_field(self, store: Store) -> None:
        site_id, _ = await enrolled(store)
        other_site = (await store.add_site("south", by=local(0))).id
        await store.add_device(new_device(site_id), seal=None, by=local(NOW_MS))
        with pytest.raises(Refused, check=refused(ErrorCode.INVALID, "name")):
            await store.add_device(new_device(site_id, "R1", "192.0.2.2"), seal=None, by=local(NOW_MS))
        with pytest.raises(Refused, check=refused(ErrorCode.INVALID, "address")):
            await store.add_device(new_device(site_id, "r2"), seal=None, by=local(NOW_MS))
        port = SnmpSettings(SnmpVersion.V2C, 1162)
        beside = await store.add_device(new_device(site_id, "r2", snmp=port), seal=None, by=local(NOW_MS))
        with pytest.raises(Refused, check=refused(ErrorCode.INVALID, "address")):
            await self.change(store, beside.id, 1, name="r2", snmp=SnmpSettings(SnmpVersion.V2C, 1161))
        with pytest.raises(Refused, check=refused(ErrorCode.INVALID, "name")):
            await self.change(store, beside.id, 1, address="192.0.2.2")
        await store.add_device(new_device(other_site), seal=None, by=local(NOW_MS))
        assert len(await store.devices()) == 3

    async def test_a_device_that_moves_is_polled_by_its_new_site_from_then_on(self, store: Store) -> None:
        site_id, first = await enrolled(store)
        other_site, second = await enrolled(store, site="south", agent="a2")
        device = await store.add_device(new_device(site_id), seal=None, by=local(NOW_MS))
        moved = await self.change(store, device.id, 1, site_id=other_site)
        assert (device.agent_id, moved.site_id, moved.agent_id) == (first, other_site, second)
        back = await self.change(store, device.id, 2, site_id=other_site, agent_id=first)
        assert (back.site_id, back.agent_id) == (other_site, first)
        assert [(row.agent_id, row.from_ms, row.to_ms) for row in await store.assignments()] == [
            (first, NOW_MS, NOW_MS),
            (second, NOW_MS, NOW_MS),
            (first, NOW_MS, None),
        ]
        revisions = {agent.id: agent.config_revision for agent in await store.agents()}
        assert await store.config_changes(second, since=revisions[second] - 1) == {device.id}

    async def test_parents_are_kept_and_never_form_a_circle(self, store: Store) -> None:
        site_id = (await store.add_site("north", by=local(0))).id
        core = await store.add_device(new_device(site_id, "core"), seal=None, by=local(NOW_MS))
        edge = await store.add_device(
            new_device(site_id, "edge", "192.0.2.2", parents=(core.id,)), seal=None, by=local(NOW_MS)
        )
        assert [device.parents for device in await store.devices()] == [(), (core.id,)]
        for parents in ((edge.id,), (core.id,), (99,)):
            with pytest.raises(Refused, check=refused(ErrorCode.INVALID, "parents")):
                await self.change(store, core.id, 1, name="core", parents=parents)
        await store.remove_device(core.id, by=local(NOW_MS))
        assert [device.parents for device in await store.devices()] == [()]

    async def test_an_unknown_site_or_agent_is_not_found(self, store: Store) -> None:
        site_id, agent_id = await enrolled(store)
        with pytest.raises(Refused, check=refused(ErrorCode.NOT_FOUND, "siteId")):
            await store.add_device(new_device(site_id + 1), seal=None, by=local(NOW_MS))
        with pytest.raises(Refused, check=refused(ErrorCode.NOT_FOUND, "agentId")):
            await store.add_device(new_device(site_id, agent_id=agent_id + 1), seal=None, by=local(NOW_MS))

    async def test_a_removed_device_frees_its_name_but_never_its_id(self, store: Store, reopen: Reopen) -> None:
        site_id, _ = await enrolled(store)
        first = await store.add_device(new_device(site_id), seal=None, by=local(NOW_MS))
        await store.remove_device(first.id, by=local(NOW_MS + 1))
        assert await store.devices() == []
        with pytest.raises(Refused, check=refused(ErrorCode.NOT_FOUND)):
            await store.remove_device(first.id, by=local(NOW_MS + 2))
        again = await (await reopen()).add_device(new_device(site_id), seal=None, by=local(NOW_MS + 3))
        assert again.id > first.id

    async def test_a_secret_is_sealed_for_the_id_and_only_its_agent_gets_it(self, store: Store) -> None:
        site_id, agent_id = await enrolled(store)
        device = await store.add_device(new_device(site_id), seal=lambda row: b"sealed for %d" % row, by=local(NOW_MS))
        await store.add_device(new_device(site_id, "r2", "192.0.2.2"), seal=None, by=local(NOW_MS))
        assert await store.device_secrets(agent_id) == {device.id: b"sealed for %d" % device.id}
        assert await store.device_secrets(agent_id + 1) == {}
        await self.change(store, device.id, 1, name="kept")
        assert await store.device_secrets(agent_id) == {device.id: b"sealed for %d" % device.id}
        await self.change(store, device.id, 2, seal=lambda _: b"new")
        assert await store.device_secrets(agent_id) == {device.id: b"new"}
        await self.change(store, device.id, 3, snmp=None)
        assert await store.device_secrets(agent_id) == {}

    async def test_a_seal_that_fails_leaves_nothing_behind(self, store: Store) -> None:
        site_id = (await store.add_site("north", by=local(0))).id

        def broken(_: int) -> bytes:
            raise LookupError("no key")

        with pytest.raises(LookupError):
            await store.add_device(new_device(site_id), seal=broken, by=local(NOW_MS))
        assert await store.devices() == []


class AgentContract:
    async def join(self, store: Store, token_id: int, /, **changes: object) -> int:
        values: dict[str, object] = {
            "token_id": token_id,
            "secret_hash": "ab" * 32,
            "name": "a1",
            "signing_key": "11" * 32,
            "sealing_key": "22" * 32,
            "version": "0.1.0",
            "by": local(NOW_MS),
        }
        return (await store.enrol_agent(**(values | changes))).id  # type: ignore[arg-type]

    async def test_a_join_token_works_as_often_as_it_says_and_then_no_more(self, store: Store) -> None:
        site_id = (await store.add_site("north", by=local(0))).id
        token = await store.add_join_token(
            site_id=site_id, secret_hash="ab" * 32, uses=2, expires_ms=NOW_MS + 1, by=local(0)
        )
        assert token.uses_left == 2
        await self.join(store, token.id)
        await self.join(store, token.id, name="a2")
        with pytest.raises(Refused, check=refused(ErrorCode.UNAUTHORISED, "token")):
            await self.join(store, token.id, name="a3")
        assert [agent.name for agent in await store.agents()] == ["a1", "a2"]

    async def test_wrong_unknown_and_expired_tokens_are_refused_in_one_wording(self, store: Store) -> None:
        site_id = (await store.add_site("north", by=local(0))).id
        token = await store.add_join_token(
            site_id=site_id, secret_hash="ab" * 32, uses=1, expires_ms=NOW_MS + 1, by=local(0)
        )
        messages = set()
        for changes in ({"secret_hash": "cd" * 32}, {"token_id": 99}, {"by": local(NOW_MS + 1)}):
            with pytest.raises(Refused, check=refused(ErrorCode.UNAUTHORISED, "token")) as caught:
                await self.join(store, token.id, **changes)
            messages.add(caught.value.message)
        assert len(messages) == 1
        await self.join(store, token.id)

    async def test_a_taken_name_leaves_the_token_its_use(self, store: Store) -> None:
        site_id, _ = await enrolled(store)
        token = await store.add_join_token(
            site_id=site_id, secret_hash="ab" * 32, uses=1, expires_ms=NOW_MS + 1, by=local(0)
        )
        with pytest.raises(Refused, check=refused(ErrorCode.INVALID, "name")):
            await self.join(store, token.id)
        await self.join(store, token.id, name="a2")

    async def test_a_token_for_an_unknown_site_is_not_found(self, store: Store) -> None:
        with pytest.raises(Refused, check=refused(ErrorCode.NOT_FOUND, "site")):
            await store.add_join_token(site_id=1, secret_hash="ab" * 32, uses=1, expires_ms=NOW_MS, by=local(0))

    async def test_a_renamed_agent_bears_no_name_that_another_has(self, store: Store) -> None:
        site_id = (await store.add_site("north", by=local(0))).id
        first, second = [await enrol(store, site_id, name) for name in ("a1", "a2")]
        assert (await store.rename_agent(first, "a3", by=local(0))).name == "a3"
        assert (await store.rename_agent(second, "a1", by=local(0))).name == "a1"
        with pytest.raises(Refused, check=refused(ErrorCode.INVALID, "name")):
            await store.rename_agent(second, "A3", by=local(0))
        with pytest.raises(Refused, check=refused(ErrorCode.NOT_FOUND)):
            await store.rename_agent(99, "x", by=local(0))

    async def test_announced_keys_count_only_once_they_are_adopted(self, store: Store) -> None:
        agent_id = await enrol(store, (await store.add_site("north", by=local(0))).id, "a1")
        former = await store.adopt_agent_keys(agent_id, by=local(0))
        assert (former.signing_key, former.sealing_key) == ("11" * 32, "22" * 32)
        await store.announce_agent_keys(agent_id, signing_key="33" * 32, sealing_key="44" * 32)
        waiting = (await store.agents())[0]
        assert (waiting.signing_key, waiting.next_signing_key) == ("11" * 32, "33" * 32)
        adopted = await store.adopt_agent_keys(agent_id, by=local(0))
        assert (adopted.signing_key, adopted.sealing_key, adopted.next_signing_key) == ("33" * 32, "44" * 32, None)

    async def test_what_changed_of_a_device_list_is_known_since_each_revision(self, store: Store) -> None:
        site_id = (await store.add_site("north", by=local(0))).id
        agent_id = await enrol(store, site_id, "a1")
        devices = [
            await store.add_device(
                new_device(site_id, name=f"d{number}", address=f"192.0.2.{number}"), seal=None, by=local(1)
            )
            for number in (1, 2, 3)
        ]
        revision = (await store.agents())[0].config_revision
        assert await store.config_changes(agent_id, since=revision) == set()
        await store.remove_device(devices[0].id, by=local(2))
        assert await store.config_changes(agent_id, since=revision) == {devices[0].id}
        assert await store.config_changes(agent_id, since=revision - 1) == {devices[0].id, devices[2].id}
        for unknown in (0, revision + 2):
            assert await store.config_changes(agent_id, since=unknown) is None

    async def test_a_new_agent_takes_the_devices_of_its_site_that_wait(self, store: Store) -> None:
        site_id = (await store.add_site("north", by=local(0))).id
        other = (await store.add_site("south", by=local(0))).id
        waiting = await store.add_device(new_device(site_id), seal=None, by=local(NOW_MS))
        elsewhere = await store.add_device(new_device(other), seal=None, by=local(NOW_MS))
        agent_id = await enrol(store, site_id, "a1")
        assert [(device.id, device.agent_id) for device in await store.devices()] == [
            (waiting.id, agent_id),
            (elsewhere.id, None),
        ]

    async def test_a_revoked_agent_keeps_its_row_and_its_devices_find_another(self, store: Store) -> None:
        site_id, first = await enrolled(store)
        second = await enrol(store, site_id, "a2")
        await store.add_device(new_device(site_id), seal=None, by=local(NOW_MS))
        revoked = await store.revoke_agent(first, by=local(NOW_MS + 5))
        assert revoked.revoked_ms == NOW_MS + 5
        assert (await store.revoke_agent(first, by=local(NOW_MS + 9))).revoked_ms == NOW_MS + 5
        assert [device.agent_id for device in await store.devices()] == [second]
        await store.revoke_agent(second, by=local(NOW_MS + 6))
        assert [device.agent_id for device in await store.devices()] == [None]
        assert [agent.id for agent in await store.agents()] == [first, second]
        assert await enrol(store, site_id, "a1") > second
        with pytest.raises(Refused, check=refused(ErrorCode.NOT_FOUND)):
            await store.revoke_agent(99, by=local(NOW_MS))


class LogContract:
    async def test_events_get_rising_seqs_and_come_back_whole(self, store: Store, reopen: Reopen) -> None:
        assert (await store.head(), await store.floor(LogClass.EVENTS)) == (0, 0)
        assert await store.append([event(1), event(2)], now_ms=NOW_MS) == [1, 2]
        assert await store.append([event(3, device_id=None)], now_ms=NOW_MS + 1) == [3]
        assert await store.append([], now_ms=NOW_MS) == []
        epoch = store.epoch
        again = await reopen()
        assert (again.epoch, await again.head(), await again.floor(LogClass.EVENTS)) == (epoch, 3, 0)
        assert len(epoch) == 16
        rows = await again.events_after(0, limit=10)
        given = [event(1), event(2), event(3, device_id=None)]
        assert [row.seq for row in rows] == [1, 2, 3]
        assert [row.committed_ms for row in rows] == [NOW_MS, NOW_MS, NOW_MS + 1]
        for name in ("name", "data", "rooms", "observed_ms", "device_id", "site_id", "late"):
            assert [getattr(row, name) for row in rows] == [getattr(row, name) for row in given], name

    async def test_events_after_pages_in_order(self, store: Store) -> None:
        await store.append([event(number) for number in range(5)], now_ms=NOW_MS)
        assert [row.seq for row in await store.events_after(1, limit=2)] == [2, 3]
        assert await store.events_after(5, limit=2) == []

    async def test_the_log_tail_gives_old_and_new_events_once_and_in_order(self, store: Store) -> None:
        await store.append([event(number) for number in range(1200)], now_ms=NOW_MS)
        tail = store.follow(100)
        assert isinstance(tail, AsyncGenerator)
        assert [row.seq for row in await take(tail, 1100)] == list(range(101, 1201))
        await tail.aclose()

    async def test_a_new_log_epoch_stays_and_keeps_the_rows(self, store: Store, reopen: Reopen) -> None:
        await store.append([event(1)], now_ms=NOW_MS)
        before = store.epoch
        await store.begin_log_epoch()
        begun = store.epoch
        assert begun != before
        store = await reopen()
        assert (store.epoch, await store.head()) == (begun, 1)

    async def test_the_log_tail_wakes_for_a_commit(self, store: Store) -> None:
        tail = store.follow(0)
        assert isinstance(tail, AsyncGenerator)
        reading = asyncio.create_task(take(tail, 4))
        await store.append([event(1)], now_ms=NOW_MS)
        await store.commit(Commit(now_ms=NOW_MS, events=[event(2), event(3)]))
        await store.append([event(4)], now_ms=NOW_MS)
        assert [row.seq for row in await reading] == [1, 2, 3, 4]
        await tail.aclose()

    async def test_a_cancelled_follower_ends(self, store: Store) -> None:
        tail = store.follow(0)
        assert isinstance(tail, AsyncGenerator)
        reading = asyncio.create_task(take(tail, 1))
        await store.head()
        reading.cancel()
        with pytest.raises(asyncio.CancelledError):
            await reading

    async def test_concurrent_appends_have_no_holes_and_followers_miss_none(self, store: Store) -> None:
        tail = store.follow(0)
        assert isinstance(tail, AsyncGenerator)
        reading = asyncio.create_task(take(tail, 60))
        seqs = await asyncio.gather(*(store.append([event(n), event(n)], now_ms=NOW_MS) for n in range(30)))
        assert sorted(seq for pair in seqs for seq in pair) == list(range(1, 61))
        assert all(second == first + 1 for first, second in seqs)
        assert [row.seq for row in await reading] == list(range(1, 61))
        await tail.aclose()


class IngestContract:
    async def test_an_empty_store_starts_the_engine_at_one(self, store: Store) -> None:
        state = await store.load_engine_state()
        assert (state.next_interface_id, state.next_alert_id) == (1, 1)
        assert (state.configuration.devices, state.states, state.alerts, state.cursors, state.canaries) == (
            [],
            [],
            [],
            [],
            {},
        )

    async def test_a_commit_is_what_the_engine_reads_after_a_start(self, store: Store, reopen: Reopen) -> None:
        agent_id, device = await polled_device(store)
        seqs = await store.commit(
            Commit(
                now_ms=NOW_MS,
                frames=[measurement_frame(agent_id, 1, [(device.id, NOW_MS, 0.01)])],
                rejected=[RejectedFrame(agent_id, EPOCH, 2, NOW_MS, "msgpack", "cut short", b"x")],
                cursors=[AgentCursor(agent_id, EPOCH, 3)],
                gaps=[GapRow(agent_id, 1, 2, None, "outbox-full")],
                events=[event(1), event(2)],
                states=[device_state(device.id)],
                interfaces=[interface(4, device.id)],
                bindings=bindings(device.id, (1, 1, 4)),
                alerts=[alert(7), alert(6, key="other", state=AlertState.RESOLVED)],
                canaries={agent_id: CanaryLevel.LOST},
                seen_agents={agent_id: NOW_MS + 3},
            )
        )
        assert seqs == [1, 2]
        state = await (await reopen()).load_engine_state()
        assert state.configuration.devices == [device]
        assert [site.name for site in state.configuration.sites] == ["north"]
        assert [agent.last_seen_ms for agent in state.configuration.agents] == [NOW_MS + 3]
        assert state.interfaces == [interface(4, device.id)]
        assert state.states == [device_state(device.id)]
        assert state.alerts == [alert(7)]
        assert state.cursors == [AgentCursor(agent_id, EPOCH, 3)]
        assert state.canaries == {agent_id: CanaryLevel.LOST}
        assert (state.next_interface_id, state.next_alert_id) == (5, 8)

    async def test_what_changed_replaces_what_was(self, store: Store) -> None:
        agent_id, device = await polled_device(store)
        await store.commit(
            Commit(
                now_ms=NOW_MS,
                states=[device_state(device.id)],
                interfaces=[interface(1, device.id)],
                canaries={agent_id: CanaryLevel.LOST},
                seen_agents={agent_id: NOW_MS},
            )
        )
        moved = replace(interface(1, device.id), if_index=9, removed_ms=NOW_MS, speed_bps=None, polled=False)
        offline = replace(device_state(device.id, DeviceStatus.OFFLINE), underlying=None)
        await store.commit(
            Commit(
                now_ms=NOW_MS,
                states=[offline],
                interfaces=[moved],
                canaries={agent_id: CanaryLevel.OK},
                seen_agents={agent_id: NOW_MS - 10},
            )
        )
        state = await store.load_engine_state()
        assert (state.states, state.interfaces, state.canaries) == ([offline], [moved], {agent_id: CanaryLevel.OK})
        assert state.configuration.agents[0].last_seen_ms == NOW_MS

    async def test_neighbours_of_a_device_are_replaced_whole(self, store: Store, reopen: Reopen) -> None:
        _, device = await polled_device(store)
        kept = {device.id + 1: [neighbour(None, "eth0")]}
        first = {device.id: [neighbour(1, "xe-0/0/1"), neighbour(2, "xe-0/0/0"), neighbour(None, "xe-0/0/0")]}
        await store.commit(Commit(now_ms=NOW_MS, neighbours=first | kept))
        assert await store.neighbours(device.id) == first[device.id]
        assert (await store.discovered())[1] == first | kept
        await store.commit(Commit(now_ms=NOW_MS, neighbours={device.id: [neighbour(2, "xe-0/0/9")]}))
        again = await reopen()
        assert await again.neighbours(device.id) == [neighbour(2, "xe-0/0/9")]
        assert await again.neighbours(device.id + 1) == kept[device.id + 1]
        await again.remove_device(device.id, by=local(NOW_MS))
        assert await again.neighbours(device.id) == []

    async def test_what_a_device_says_of_itself_is_replaced_whole(self, store: Store, reopen: Reopen) -> None:
        _, device = await polled_device(store)
        assert await store.system_group(device.id) is None
        first = SystemGroup("core1", "RouterOS", "1.3.6.1.4.1.14988.1", "Berlin", "noc", NOW_MS)
        await store.commit(Commit(now_ms=NOW_MS, systems={device.id: first}))
        assert await store.system_group(device.id) == first
        second = SystemGroup("core2", None, None, "", None, NOW_MS + 1)
        await store.commit(Commit(now_ms=NOW_MS, systems={device.id: second}))
        again = await reopen()
        assert await again.system_group(device.id) == second
        await again.remove_device(device.id, by=local(NOW_MS))
        assert await again.system_group(device.id) is None

    async def test_a_cursor_moves_forward_only_and_each_epoch_has_its_own(self, store: Store) -> None:
        other = "ff" * 8
        for epoch, next_seq, expected in (
            (EPOCH, 5, {EPOCH: 5}),
            (EPOCH, 3, {EPOCH: 5}),
            (EPOCH, 6, {EPOCH: 6}),
            (other, 1, {EPOCH: 6, other: 1}),
        ):
            await store.commit(Commit(now_ms=NOW_MS, cursors=[AgentCursor(1, epoch, next_seq)]))
            cursors = (await store.load_engine_state()).cursors
            assert {cursor.epoch: cursor.next_seq for cursor in cursors} == expected
        await store.commit(Commit(now_ms=NOW_MS, forgotten_epochs=[(1, EPOCH)]))
        assert [cursor.epoch for cursor in (await store.load_engine_state()).cursors] == [other]

    async def test_gaps_are_read_by_agent_and_time_newest_first(self, store: Store, reopen: Reopen) -> None:
        rows = [GapRow(1, 10, 20, 5, "a"), GapRow(1, 30, 40, None, "b"), GapRow(2, 30, 40, 7, "c")]
        await store.commit(Commit(now_ms=NOW_MS, gaps=rows))
        store = await reopen()
        assert await store.gaps(1, from_ms=0, to_ms=100, limit=9) == [rows[1], rows[0]]
        assert await store.gaps(1, from_ms=0, to_ms=100, limit=1) == [rows[1]]
        assert await store.gaps(1, from_ms=21, to_ms=30, limit=9) == []
        assert await store.gaps(1, from_ms=20, to_ms=31, limit=9) == [rows[1], rows[0]]

    async def test_a_repeated_commit_of_frames_has_no_second_effect(self, store: Store) -> None:
        agent_id, device = await polled_device(store)
        rows = [(device.id, NOW_MS, 0.25), (device.id, NOW_MS + 10, math.nan)]
        for _ in range(2):
            await store.commit(measured(agent_id, 1, rows))
        series = await store.latency(device.id, from_ms=0, to_ms=NOW_MS + 60_000)
        assert series.ts_ms.tolist() == [NOW_MS, NOW_MS + 10]

    async def test_a_commit_that_fails_leaves_nothing_behind(self, store: Store) -> None:
        agent_id, device = await polled_device(store)
        await store.commit(Commit(now_ms=NOW_MS, alerts=[alert(1)]))
        bad = replace(
            measured(agent_id, 1, [(device.id, NOW_MS, 0.25)]),
            events=[event(1)],
            alerts=[alert(2)],  # the same key as alert 1, which is still firing
        )
        with pytest.raises(Exception, match="alert"):
            await store.commit(bad)
        state = await store.load_engine_state()
        assert (state.cursors, await store.head(), [row.id for row in state.alerts]) == ([], 0, [1])
        assert len((await store.latency(device.id, from_ms=0, to_ms=NOW_MS * 2)).ts_ms) == 0

    async def test_a_resolved_alert_frees_its_key_in_the_same_commit(self, store: Store) -> None:
        await store.commit(Commit(now_ms=NOW_MS, alerts=[alert(1)]))
        resolved = alert(1, state=AlertState.RESOLVED)
        await store.commit(Commit(now_ms=NOW_MS, alerts=[alert(2), resolved]))
        assert await store.alerts(AlertFilter(), before_id=None, limit=10) == [alert(2), resolved]
        assert await store.alerts(AlertFilter(open_only=True), before_id=None, limit=10) == [alert(2)]
        assert await store.alerts(AlertFilter(), before_id=None, limit=1) == [alert(2)]

    async def test_a_removed_device_is_gone_from_the_engines_state(self, store: Store) -> None:
        _, device = await polled_device(store)
        commit = Commit(now_ms=NOW_MS, states=[device_state(device.id)], interfaces=[interface(1, device.id)])
        await store.commit(commit)
        await store.remove_device(device.id, by=local(NOW_MS))
        await store.commit(commit)
        state = await store.load_engine_state()
        assert (state.configuration.devices, state.states, state.interfaces, state.next_interface_id) == ([], [], [], 2)


class SeriesContract:
    async def test_a_lost_probe_is_nan_not_zero(self, store: Store, reopen: Reopen) -> None:
        agent_id, device = await polled_device(store)
        await store.commit(measured(agent_id, 1, [(device.id, NOW_MS, math.nan), (device.id, NOW_MS + 10_000, 0.0125)]))
        live = await store.latency(device.id, from_ms=NOW_MS, to_ms=NOW_MS + 10_001)
        for series in (live, await (await reopen()).latency(device.id, from_ms=NOW_MS, to_ms=NOW_MS + 10_001)):
            assert series.ts_ms.tolist() == [NOW_MS, NOW_MS + 10_000]
            assert np.isnan(series.rtt_median_s).tolist() == [True, False]
            assert series.rtt_median_s[1] == pytest.approx(0.0125, abs=1e-9)
            assert (series.sent.tolist(), series.received.tolist()) == ([5, 5], [0, 5])

    async def test_a_range_has_its_start_and_not_its_end(self, store: Store) -> None:
        agent_id, device = await polled_device(store)
        await store.commit(measured(agent_id, 1, [(device.id, NOW_MS + n, 0.5) for n in range(4)]))
        series = await store.latency(device.id, from_ms=NOW_MS + 1, to_ms=NOW_MS + 3)
        assert series.ts_ms.tolist() == [NOW_MS + 1, NOW_MS + 2]

    async def test_an_unknown_object_has_no_rows(self, store: Store) -> None:
        assert len((await store.latency(5, from_ms=0, to_ms=NOW_MS)).ts_ms) == 0
        assert len((await store.bandwidth(5, from_ms=0, to_ms=NOW_MS)).in_octets) == 0

    async def test_interface_rows_follow_the_binding_of_their_inventory(self, store: Store, reopen: Reopen) -> None:
        agent_id, device = await polled_device(store)
        frame = measurement_frame(
            agent_id,
            1,
            interface=[
                (device.id, 1, 1, NOW_MS, 100.0),
                (device.id, 1, 2, NOW_MS + 1, 200.0),
                (device.id, 1, 7, NOW_MS + 2, 300.0),
                (device.id, 2, 1, NOW_MS + 3, 400.0),
                (device.id, 1, 0, NOW_MS + 4, 500.0),
                (device.id, 3, 9, NOW_MS + 5, 600.0),
            ],
        )
        await store.commit(
            Commit(
                now_ms=NOW_MS,
                frames=[frame],
                interfaces=[interface(1, device.id), interface(2, device.id, if_index=2, name="ge-0/0/1")],
                bindings=bindings(device.id, (1, 1, 1), (1, 2, 2), (2, 1, 2)),
            )
        )
        again = await reopen()
        first = await again.bandwidth(1, from_ms=0, to_ms=NOW_MS * 2)
        second = await again.bandwidth(2, from_ms=0, to_ms=NOW_MS * 2)
        assert first.in_octets.tolist() == [100.0]
        assert second.in_octets.tolist() == [200.0, 300.0, 400.0]
        assert second.interval_s.tolist() == [30.01] * 3
        assert np.isnan(second.out_octets).all()

    async def test_rows_of_a_device_of_another_agent_are_dropped_alone(self, store: Store, reopen: Reopen) -> None:
        agent_id, device = await polled_device(store)
        _, stranger = await enrolled(store, site="south", agent="a2")
        frames = [
            measurement_frame(agent_id, 1, [(device.id, NOW_MS, 0.5), (device.id + 1, NOW_MS, 0.5)]),
            measurement_frame(stranger, 1, [(device.id, NOW_MS + 1, 0.5)]),
        ]
        await store.commit(Commit(now_ms=NOW_MS, frames=frames))
        series = await (await reopen()).latency(device.id, from_ms=0, to_ms=NOW_MS * 2)
        assert series.ts_ms.tolist() == [NOW_MS]

    async def test_rows_count_for_the_agent_of_their_time(self, store: Store, reopen: Reopen) -> None:
        site_id, first = await enrolled(store)
        second = await enrol(store, site_id, "a2")
        device = await store.add_device(new_device(site_id), seal=None, by=local(NOW_MS))
        await store.revoke_agent(first, by=local(NOW_MS + 100))
        times = [NOW_MS - 5, NOW_MS + 99, NOW_MS + 100]
        frames = [
            measurement_frame(agent_id, 1, [(device.id, ts_ms + shift, 0.5) for ts_ms in times])
            for agent_id, shift in ((first, 0), (second, 1000))
        ]
        await store.commit(Commit(now_ms=NOW_MS, frames=[*frames, measurement_frame(second, 2, [(device.id, 5, 0.5)])]))
        series = await (await reopen()).latency(device.id, from_ms=0, to_ms=NOW_MS * 2)
        assert series.ts_ms.tolist() == [times[0], times[1], *(ts_ms + 1000 for ts_ms in times)]

    async def test_what_was_committed_reads_the_same_after_a_restart(self, store: Store, reopen: Reopen) -> None:
        agent_id, device = await polled_device(store)
        rows = [(device.id, NOW_MS + n * 1000, 0.001 * (n + 1) / 3) for n in range(50)]
        for seq in range(10):
            await store.commit(measured(agent_id, seq, rows[seq * 5 : seq * 5 + 5]))
        before = await store.latency(device.id, from_ms=0, to_ms=NOW_MS * 2)
        after = await (await reopen()).latency(device.id, from_ms=0, to_ms=NOW_MS * 2)
        assert before.ts_ms.tolist() == [row[1] for row in rows]
        for name, measured_s in latency_rows(rows).columns.items():
            if name.endswith("_s"):
                read_s = getattr(after, name).tolist()
                assert getattr(before, name).tolist() == read_s
                assert measured_s.tolist() == pytest.approx(read_s, abs=1e-9)


class HistoryContract:
    async def test_statuses_stand_in_the_order_of_observation_with_the_one_before(
        self, store: Store, reopen: Reopen
    ) -> None:
        _, device = await polled_device(store)
        for minute, status in ((1, "online"), (5, "unknown"), (9, "online"), (3, "offline")):
            data = {"status": status, "reason": f"at {minute}", "previous": "unknown"}
            told = NewEvent(EventName.DEVICE_STATUS, data, ("devices",), minute * 60_000, device.id, late=minute == 3)
            await store.commit(Commit(now_ms=NOW_MS, events=[told]))
        again = await reopen()
        changes = await again.status_changes(device.id, from_ms=120_000, to_ms=540_000, limit=10)
        assert [(row.at_ms // 60_000, row.status, row.late) for row in changes] == [
            (1, DeviceStatus.ONLINE, False),
            (3, DeviceStatus.OFFLINE, True),
            (5, DeviceStatus.UNKNOWN, False),
        ]
        assert changes[1].reason == "at 3"
        first = await again.status_changes(device.id, from_ms=0, to_ms=NOW_MS, limit=2)
        assert [row.at_ms // 60_000 for row in first] == [1, 3]
        assert await again.status_changes(device.id + 1, from_ms=0, to_ms=NOW_MS, limit=10) == []

    async def test_steps_hold_what_was_committed_also_after_a_restart(self, store: Store, reopen: Reopen) -> None:
        agent_id, device = await polled_device(store)
        start_ms = NOW_MS // 86_400_000 * 86_400_000
        times = [start_ms, start_ms + 299_999, start_ms + 300_000, start_ms + 3_600_000]
        rows = [(device.id, at, math.nan if at == times[1] else 0.002) for at in times]
        await store.commit(measured(agent_id, 1, rows))
        again = await reopen()
        for resolution, counts in (("5m", [2, 1, 1]), ("1h", [3, 1]), ("1d", [4])):
            found = await again.rollup(
                TableName.LATENCY, device.id, Resolution(resolution), from_ms=start_ms, to_ms=times[-1] + 1
            )
            assert found.columns["n"].tolist() == counts
            assert found.bucket_ms[0] == start_ms
        fine = await again.rollup(
            TableName.LATENCY, device.id, Resolution.FIVE_MINUTES, from_ms=start_ms, to_ms=start_ms + 1
        )
        assert (fine.columns["bad"].tolist(), fine.columns["rtt_sum_ns"].tolist()) == ([1], [pytest.approx(2e6)])
        enough = await again.latency(device.id, from_ms=0, to_ms=NOW_MS * 2, at_most=len(rows))
        assert len(enough.ts_ms) == len(rows)
        with pytest.raises(TooManyRowsError):
            await again.latency(device.id, from_ms=0, to_ms=NOW_MS * 2, at_most=len(rows) - 1)

    async def test_gaps_of_a_device_are_those_of_its_agents_while_it_was_theirs(self, store: Store) -> None:
        site_id, first = await enrolled(store)
        second = await enrol(store, site_id, "a2")
        device = await store.add_device(new_device(site_id), seal=None, by=local(NOW_MS))
        await store.revoke_agent(first, by=local(NOW_MS + 1000))
        gaps = [
            GapRow(first, NOW_MS - 500, NOW_MS + 100, 5, "before it was there in part"),
            GapRow(first, NOW_MS + 900, NOW_MS + 1100, None, "until it went"),
            GapRow(first, NOW_MS + 1200, NOW_MS + 1300, 1, "no more its own"),
            GapRow(second, NOW_MS + 500, NOW_MS + 600, 1, "not yet its own"),
            GapRow(second, NOW_MS + 2000, NOW_MS + 2100, 7, "its own"),
        ]
        await store.commit(Commit(now_ms=NOW_MS, gaps=gaps))
        found = await store.device_gaps(device.id, from_ms=NOW_MS - 1000, to_ms=NOW_MS + 9000, limit=10)
        assert [(row.from_ms - NOW_MS, row.to_ms - NOW_MS, row.samples) for row in found] == [
            (2000, 2100, 7),
            (900, 1000, None),
            (0, 100, 5),
        ]
        assert len(await store.device_gaps(device.id, from_ms=NOW_MS, to_ms=NOW_MS + 9000, limit=1)) == 1
        assert await store.device_of_interface(5) is None
        await store.commit(Commit(now_ms=NOW_MS, interfaces=[interface(5, device.id)]))
        assert await store.device_of_interface(5) == device.id


class StoreContract(
    SiteContract,
    DeviceContract,
    AgentContract,
    SignInContract,
    AuditContract,
    CustomerContract,
    PaymentContract,
    MaintenanceContract,
    AlertRuleContract,
    SilenceContract,
    AlertContract,
    ChannelContract,
    StatusPageContract,
    LayoutContract,
    SettingsContract,
    ImportContract,
    LogContract,
    NetworkLogContract,
    FindContract,
    IngestContract,
    SeriesContract,
    HistoryContract,
):
    """All of it. A backend's test class inherits this and offers the fixtures `store` and `reopen`."""

    async def test_the_hubs_identity_stays(self, store: Store, reopen: Reopen) -> None:
        hub_id = store.hub_id
        assert len(hub_id) == 32
        assert (await reopen()).hub_id == hub_id

    async def test_closing_twice_is_closing_once(self, store: Store) -> None:
        await store.close()
        await store.close()

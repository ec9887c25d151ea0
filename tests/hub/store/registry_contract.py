"""What any store must do with sites, devices and agents."""

import pytest
from noctule_hub.core.audit import local
from noctule_hub.core.records import Device, IcmpSettings, SnmpSettings
from noctule_hub.store.protocol import Seal, Store
from noctule_shared.axes import Reachability
from noctule_shared.errors import ErrorCode, Refused
from noctule_shared.interface_filter import InterfaceFilter
from noctule_shared.link import SnmpVersion
from noctule_shared.thresholds import IcmpThresholds

from tests.hub.store.following import Reopen
from tests.hub.store.samples import (
    NOW_MS,
    enrol,
    enrolled,
    new_device,
    refused,
)


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
        assert (device.role, device.tags) == ("border", ("core", "rack 7"))
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

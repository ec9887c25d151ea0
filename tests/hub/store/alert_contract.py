"""What any backend must do with rules, silences and alerts that are read by filter; part of `contract`."""

from dataclasses import replace
from typing import Any

import pytest
from noctule_hub.core.alert_filter import AlertFilter
from noctule_hub.core.alert_rules import (
    MAX_RULES,
    SEEDED,
    DeviceOffline,
    InterfaceDown,
    NewRule,
    Selector,
)
from noctule_hub.core.audit import AuditAction, Authorship, local
from noctule_hub.core.commit import AuditedChange, Commit
from noctule_hub.core.silences import MAX_SILENCES, Matchers, NewSilence
from noctule_hub.store.protocol import Store
from noctule_shared.errors import ErrorCode, Refused
from noctule_shared.events import AlertState, Severity
from noctule_shared.silences import SilenceRef

from tests.hub.store.resources_contract import Reopen, newest, one_device
from tests.hub.store.samples import NOW_MS, alert, refused

CORE = NewRule(
    "core-port-down",
    InterfaceDown(),
    Severity.CRITICAL,
    5_000,
    "is down",
    Selector(tags=("core",), names=("core*",), if_types=(6,), interface_names=("ge-*",)),
    enabled=False,
)
ADA = Authorship("user:7", "ada", "192.0.2.1", 5)


class AlertRuleContract:
    """Rules of alerts."""

    async def test_a_new_store_has_the_rules_that_hubs_always_had(self, store: Store) -> None:
        assert await store.rules() == list(SEEDED)

    async def test_rules_are_kept_whole(self, store: Store, reopen: Reopen) -> None:
        rule = await store.add_rule(CORE, by=local(5))
        assert (rule.name, rule.created_ms, rule.revision) == ("core-port-down", 5, 1)
        again = await reopen()
        assert await again.rule(rule.id) == rule
        assert (rule.condition, rule.selector, rule.enabled) == (CORE.condition, CORE.selector, False)
        assert list((await again.configuration()).rules) == [*SEEDED, rule]
        assert list((await again.load_engine_state()).configuration.rules) == [*SEEDED, rule]

    async def test_a_rule_is_changed_at_the_revision_that_was_read_and_keeps_its_name(self, store: Store) -> None:
        new = NewRule("another", DeviceOffline(), Severity.INFO, 9_000, None, Selector(tags=("edge",)), enabled=True)
        rule = await store.add_rule(CORE, by=local(0))
        changed = await store.update_rule(rule.id, new, revision=1, by=local(0))
        assert (changed.name, changed.condition, changed.revision) == (CORE.name, CORE.condition, 2)
        assert (changed.severity, changed.for_ms, changed.trouble) == (Severity.INFO, 9_000, None)
        assert (changed.selector, changed.enabled) == (new.selector, True)
        entry = await newest(store)
        assert (entry.action, entry.kind, entry.object_id, entry.name) == (
            AuditAction.CHANGED,
            "alert-rule",
            rule.id,
            CORE.name,
        )
        assert entry.before is not None
        assert entry.before["condition"] == {"kind": "interface-down"}
        with pytest.raises(Refused, check=refused(ErrorCode.INVALID, "revision")):
            await store.update_rule(rule.id, new, revision=1, by=local(0))
        with pytest.raises(Refused, check=refused(ErrorCode.NOT_FOUND)):
            await store.update_rule(99, new, revision=1, by=local(0))

    @pytest.mark.parametrize(
        ("changes", "field"),
        [
            ({"name": "device-offline"}, "name"),
            ({"selector": Selector(device_ids=(99,))}, "selector.deviceIds"),
            ({"selector": Selector(site_ids=(99,))}, "selector.siteIds"),
        ],
    )
    async def test_a_rule_that_cannot_be_is_refused(self, store: Store, changes: dict[str, Any], field: str) -> None:
        with pytest.raises(Refused, check=refused(ErrorCode.INVALID, field)):
            await store.add_rule(replace(CORE, **changes), by=local(0))
        assert await store.rules() == list(SEEDED)

    async def test_a_rule_may_keep_a_device_that_is_gone(self, store: Store) -> None:
        device_id = await one_device(store)
        new = replace(CORE, selector=Selector(device_ids=(device_id,)))
        rule = await store.add_rule(new, by=local(0))
        await store.remove_device(device_id, by=local(0))
        assert (await store.update_rule(rule.id, new, revision=1, by=local(0))).selector == new.selector

    async def test_a_rule_is_removed_for_good(self, store: Store) -> None:
        rule = await store.add_rule(CORE, by=local(0))
        await store.remove_rule(rule.id, by=local(0))
        with pytest.raises(Refused, check=refused(ErrorCode.NOT_FOUND)):
            await store.remove_rule(rule.id, by=local(0))
        assert (await store.add_rule(CORE, by=local(0))).id > rule.id

    async def test_there_are_only_so_many_rules(self, store: Store) -> None:
        for number in range(MAX_RULES - len(SEEDED)):
            await store.add_rule(replace(CORE, name=f"r{number}"), by=local(0))
        with pytest.raises(Refused, check=refused(ErrorCode.TOO_MANY)):
            await store.add_rule(CORE, by=local(0))


SILENCE = NewSilence(Matchers(("device-offline",), Severity.WARNING, Selector(tags=("core",))), "new card", 100, 900)


class SilenceContract:
    """Silences."""

    async def test_silences_are_kept_whole(self, store: Store, reopen: Reopen) -> None:
        silence = await store.add_silence(SILENCE, by=ADA)
        assert (silence.created_by, silence.created_ms, silence.revision) == ("ada", 5, 1)
        again = await reopen()
        assert await again.silences() == [silence]
        assert await again.silence(silence.id) == silence
        assert list((await again.configuration()).silences) == [silence]
        assert list((await again.load_engine_state()).configuration.silences) == [silence]

    async def test_a_silence_is_changed_at_the_revision_that_was_read(self, store: Store) -> None:
        silence = await store.add_silence(SILENCE, by=ADA)
        new = NewSilence(Matchers(severity=Severity.INFO), "longer", 200, 1_000)
        changed = await store.update_silence(silence.id, new, revision=1, by=local(0))
        assert (changed.matchers, changed.comment, changed.starts_ms, changed.ends_ms) == (
            new.matchers,
            "longer",
            200,
            1_000,
        )
        assert (changed.created_by, changed.revision) == ("ada", 2)
        with pytest.raises(Refused, check=refused(ErrorCode.INVALID, "revision")):
            await store.update_silence(silence.id, new, revision=1, by=local(0))
        assert (await newest(store)).kind == "silence"

    @pytest.mark.parametrize(
        ("matchers", "field"),
        [
            (Matchers(("nothing",)), "matchers.rules"),
            (Matchers(selector=Selector(device_ids=(99,))), "matchers.deviceIds"),
            (Matchers(selector=Selector(site_ids=(99,))), "matchers.siteIds"),
        ],
    )
    async def test_a_silence_of_what_is_not_there_is_refused(
        self, store: Store, matchers: Matchers, field: str
    ) -> None:
        with pytest.raises(Refused, check=refused(ErrorCode.INVALID, field)):
            await store.add_silence(replace(SILENCE, matchers=matchers), by=local(0))
        assert await store.silences() == []

    async def test_a_silence_may_keep_a_rule_that_is_gone(self, store: Store) -> None:
        silence = await store.add_silence(SILENCE, by=ADA)
        await store.remove_rule(1, by=local(0))
        assert (await store.update_silence(silence.id, SILENCE, revision=1, by=local(0))).revision == 2

    async def test_only_a_silence_that_holds_expires(self, store: Store) -> None:
        silence = await store.add_silence(SILENCE, by=ADA)
        with pytest.raises(Refused, check=refused(ErrorCode.INVALID, "id")):
            await store.expire_silence(silence.id, by=local(99))
        ended = await store.expire_silence(silence.id, by=local(500))
        assert (ended.ends_ms, ended.revision) == (500, 2)
        with pytest.raises(Refused, check=refused(ErrorCode.INVALID, "id")):
            await store.expire_silence(silence.id, by=local(500))

    async def test_a_silence_is_removed_for_good(self, store: Store) -> None:
        silence = await store.add_silence(SILENCE, by=ADA)
        await store.remove_silence(silence.id, by=local(0))
        with pytest.raises(Refused, check=refused(ErrorCode.NOT_FOUND)):
            await store.remove_silence(silence.id, by=local(0))
        assert (await store.add_silence(SILENCE, by=ADA)).id > silence.id

    async def test_there_are_only_so_many_silences(self, store: Store) -> None:
        for _ in range(MAX_SILENCES):
            await store.add_silence(SILENCE, by=ADA)
        with pytest.raises(Refused, check=refused(ErrorCode.TOO_MANY)):
            await store.add_silence(SILENCE, by=ADA)


class AlertContract:
    """Alerts as commits leave them."""

    async def test_an_alert_keeps_what_stands_beside_its_condition(self, store: Store, reopen: Reopen) -> None:
        kept = replace(
            alert(1),
            acknowledged_by="ada",
            acknowledged_ms=NOW_MS,
            acknowledged_until_ms=NOW_MS + 9,
            note="on my way",
            silenced_by=SilenceRef(3, 'a "card"'),
            trouble="is down",
        )
        done = AuditedChange(ADA, AuditAction.CHANGED, "alert", 1, kept.title, alert(1), kept)
        await store.commit(Commit(now_ms=NOW_MS, alerts=[kept], audited=[done]))
        again = await reopen()
        assert await again.alert(1) == kept
        assert (await again.load_engine_state()).alerts == [kept]
        entry = await newest(again)
        assert (entry.by, entry.kind, entry.object_id) == (ADA, "alert", 1)
        assert entry.after is not None
        assert entry.after["silencedBy"] == {"id": 3, "comment": 'a "card"'}
        with pytest.raises(Refused, check=refused(ErrorCode.NOT_FOUND)):
            await again.alert(2)

    @pytest.mark.parametrize(
        ("wanted", "ids"),
        [
            (AlertFilter(), [4, 3, 2, 1]),
            (AlertFilter(open_only=True), [4, 3, 2]),
            (AlertFilter(severity=Severity.INFO), [4, 3, 2, 1]),
            (AlertFilter(severity=Severity.WARNING), [4, 3, 1]),
            (AlertFilter(severity=Severity.CRITICAL), [4, 1]),
            (AlertFilter(site_id=2), [3]),
            (AlertFilter(device_id=8), [4]),
            (AlertFilter(rule="interface-down"), [2]),
            (AlertFilter(rule="nothing"), []),
            (AlertFilter(acknowledged=True), [4]),
            (AlertFilter(acknowledged=False), [3, 2, 1]),
            (AlertFilter(open_only=True, acknowledged=False, severity=Severity.WARNING), [3]),
        ],
    )
    async def test_alerts_are_read_by_filter_newest_first(
        self, store: Store, wanted: AlertFilter, ids: list[int]
    ) -> None:
        alerts = [
            alert(1, state=AlertState.RESOLVED),
            replace(alert(2, key="b"), severity=Severity.INFO, rule="interface-down"),
            replace(alert(3, key="c"), severity=Severity.WARNING, site_id=2),
            replace(alert(4, key="d"), device_id=8, acknowledged_by="ada"),
        ]
        await store.commit(Commit(now_ms=NOW_MS, alerts=alerts))
        assert [one.id for one in await store.alerts(wanted, before_id=None, limit=9)] == ids
        paged: list[int] = []
        while page := await store.alerts(wanted, before_id=paged[-1] if paged else None, limit=1):
            paged.append(page[0].id)
        assert paged == ids

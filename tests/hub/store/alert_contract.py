"""What any backend must do with rules, silences and alerts that are read by filter; part of `contract`."""

from dataclasses import replace
from typing import Any

import pytest
from noctule_hub.core.alerting.conditions import HighLoss, InterfaceDown
from noctule_hub.core.alerting.evidence import Evidence, Sample
from noctule_hub.core.alerting.filter import AlertFilter
from noctule_hub.core.alerting.incidents import Incident
from noctule_hub.core.alerting.rules import MAX_RULES, SEEDED, NewRule
from noctule_hub.core.alerting.selectors import Selector
from noctule_hub.core.alerting.silences import MAX_SILENCES, Matchers, NewSilence
from noctule_hub.core.alerting.steps import FIRST_STEPS, MAX_STEPS, AlertStep, Step, StepKind, Story
from noctule_hub.core.audit import AuditAction, Authorship, local
from noctule_hub.core.commit import AuditedChange, Commit
from noctule_hub.core.principal import Role
from noctule_hub.store.protocol import Store
from noctule_shared.alerts import Assignee
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
        new = NewRule("another", InterfaceDown(), Severity.INFO, 9_000, None, Selector(tags=("edge",)), enabled=True)
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

    async def test_the_figures_of_a_rule_are_changed(self, store: Store, reopen: Reopen) -> None:
        rule = next(one for one in await store.rules() if one.name == "high-loss")
        condition = HighLoss(loss_ratio=0.1, clear_ratio=0.02)
        new = NewRule(rule.name, condition, rule.severity, rule.for_ms)
        changed = await store.update_rule(rule.id, new, revision=1, by=local(0))
        assert (changed.condition, await (await reopen()).rule(rule.id)) == (condition, changed)

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
            (AlertFilter(assignee=7), [3]),
            (AlertFilter(assignee=3), []),
        ],
    )
    async def test_alerts_are_read_by_filter_newest_first(
        self, store: Store, wanted: AlertFilter, ids: list[int]
    ) -> None:
        alerts = [
            alert(1, state=AlertState.RESOLVED),
            replace(alert(2, key="b"), severity=Severity.INFO, rule="interface-down"),
            replace(alert(3, key="c"), severity=Severity.WARNING, site_id=2, assignee=Assignee(7, "ada")),
            replace(alert(4, key="d"), device_id=8, acknowledged_by="ada"),
            alert(5, key="e", state=AlertState.INACTIVE),
        ]
        await store.commit(Commit(now_ms=NOW_MS, alerts=alerts))
        assert [one.id for one in await store.alerts(wanted, before_id=None, limit=9)] == ids
        paged: list[int] = []
        while page := await store.alerts(wanted, before_id=paged[-1] if paged else None, limit=1):
            paged.append(page[0].id)
        assert paged == ids


def step(number: int, kind: StepKind = StepKind.SILENCED) -> Step:
    return Step(kind=kind, at_ms=NOW_MS + number, text=f"step {number}")


class AlertStoryContract:
    """What became of alerts, and rules as they were."""

    async def test_steps_are_kept_whole_and_in_order(self, store: Store, reopen: Reopen) -> None:
        evidence = Evidence(quantity="rttS", threshold=0.25, samples=(Sample(NOW_MS, None),))
        steps = [
            Step(kind=StepKind.FIRED, at_ms=1, text='a "quote"', severity=Severity.INFO, evidence=evidence),
            Step(kind=StepKind.ASSIGNED, at_ms=2, text="b", by="ada", assignee=Assignee(7, "bob"), observed_ms=1),
            Step(kind=StepKind.SILENCED, at_ms=3, text="c", silence=SilenceRef(3, "card"), rule_revision=4),
        ]
        alerts = [alert(1), alert(2, key="b")]
        rows = [AlertStep(2, step(0)), *(AlertStep(1, one) for one in steps)]
        await store.commit(Commit(now_ms=NOW_MS, alerts=alerts, steps=rows))
        await store.commit(Commit(now_ms=NOW_MS, alerts=[alert(1)], steps=[AlertStep(1, step(9))]))
        again = await reopen()
        assert await again.alert_story(1) == Story((*steps, step(9)))
        assert await again.alert_story(99) == Story()

    async def test_of_too_many_steps_the_first_and_the_newest_stay_and_the_others_are_counted(
        self, store: Store
    ) -> None:
        count = MAX_STEPS + 7
        for half in (range(MAX_STEPS), range(MAX_STEPS, count)):
            rows = [AlertStep(1, step(number)) for number in half]
            await store.commit(Commit(now_ms=NOW_MS, alerts=[alert(1)], steps=rows))
        story = await store.alert_story(1)
        assert (len(story.steps), story.dropped) == (MAX_STEPS, 7)
        kept = [*range(FIRST_STEPS), *range(FIRST_STEPS + 7, count)]
        assert [one.at_ms - NOW_MS for one in story.steps] == kept
        # An alert that is put again keeps its count.
        await store.commit(Commit(now_ms=NOW_MS, alerts=[alert(1)]))
        assert (await store.alert_story(1)).dropped == 7

    async def test_a_rule_is_found_as_it_was_at_a_revision_and_time(self, store: Store) -> None:
        rule = await store.add_rule(CORE, by=local(0))
        second = await store.update_rule(rule.id, replace(CORE, for_ms=9_000), revision=1, by=local(10))
        assert await store.rule_version(CORE.name, 1, at_ms=10) == rule
        assert await store.rule_version(CORE.name, 1, at_ms=11) is None
        assert await store.rule_version(CORE.name, 2, at_ms=11) is None
        await store.remove_rule(rule.id, by=local(20))
        assert await store.rule_version(CORE.name, 2, at_ms=15) == second
        again = await store.add_rule(replace(CORE, for_ms=1_000), by=local(30))
        await store.remove_rule(again.id, by=local(40))
        # One of the same name that came later has its revisions anew.
        assert await store.rule_version(CORE.name, 1, at_ms=5) == rule
        assert await store.rule_version(CORE.name, 1, at_ms=35) == again

    async def test_what_never_fired_is_found_by_what_it_was_about(self, store: Store) -> None:
        alerts = [
            replace(alert(1, key="a", state=AlertState.INACTIVE), device_id=4),
            replace(alert(2, key="b", state=AlertState.INACTIVE), device_id=4),
            replace(alert(3, key="c", state=AlertState.INACTIVE), device_id=4, interface_id=6),
            replace(alert(4, key="d", state=AlertState.RESOLVED), device_id=4),
        ]
        await store.commit(Commit(now_ms=NOW_MS, alerts=alerts))
        assert [one.id for one in await store.forgotten_alerts(4, None)] == [2, 1]
        assert [one.id for one in await store.forgotten_alerts(4, 6)] == [3]
        assert await store.forgotten_alerts(5, None) == []

    async def test_who_may_take_care_of_alerts_is_staff_that_is_not_disabled(self, store: Store) -> None:
        ids = {}
        for role in (Role.ADMIN, Role.OPERATOR, Role.VIEWER, Role.BILLING):
            user = await store.add_user(
                username=role.value, password_hash="x", role=role, customer_id=None, by=local(0)
            )
            ids[role] = user.id
        await store.change_user(
            ids[Role.VIEWER], revision=1, role=Role.VIEWER, customer_id=None, disabled=True, by=local(0)
        )
        expected = {ids[Role.ADMIN]: "admin", ids[Role.OPERATOR]: "operator"}
        assert (await store.configuration()).assignees == expected


def incident(incident_id: int, **changes: Any) -> Incident:
    plain = Incident(incident_id, "core1 is offline", "device:7", 1, 1, NOW_MS, alerts=2)
    return replace(plain, **changes)


class IncidentContract:
    """Incidents as commits leave them."""

    async def test_an_incident_is_what_the_engine_reads_after_a_start(self, store: Store, reopen: Reopen) -> None:
        first = incident(3, unreachable=frozenset({5, 8}))
        await store.commit(Commit(now_ms=NOW_MS, incidents=[first, incident(2, ended_ms=NOW_MS + 1, merged_into=3)]))
        grown = replace(first, title="core2 is offline", cause=None, unreachable=frozenset({5, 8, 9}), alerts=3)
        await store.commit(Commit(now_ms=NOW_MS, incidents=[grown]))
        again = await reopen()
        state = await again.load_engine_state()
        assert (list(state.incidents), state.next_incident_id) == ([grown], 4)
        assert await again.incident(3) == grown
        assert (await again.incident(2)).merged_into == 3
        with pytest.raises(Refused, check=refused(ErrorCode.NOT_FOUND)):
            await again.incident(1)

    async def test_incidents_are_listed_newest_first_and_their_alerts_by_id(self, store: Store) -> None:
        mine = [replace(alert(number, key=str(number)), incident=incident(2).ref) for number in (4, 2)]
        other = replace(alert(3, key="c"), incident=incident(1).ref)
        ended = incident(1, ended_ms=NOW_MS + 1)
        await store.commit(Commit(now_ms=NOW_MS, incidents=[ended, incident(2), incident(3)], alerts=[*mine, other]))
        everything = await store.incidents(open_only=False, before_id=None, limit=9)
        assert [one.id for one in everything] == [3, 2, 1]
        assert [one.id for one in await store.incidents(open_only=True, before_id=None, limit=9)] == [3, 2]
        assert [one.id for one in await store.incidents(open_only=True, before_id=3, limit=9)] == [2]
        assert [one.id for one in await store.incidents(open_only=False, before_id=None, limit=1)] == [3]
        assert [one.id for one in await store.alerts_of_incident(2, limit=9)] == [2, 4]
        assert [one.id for one in await store.alerts_of_incident(2, limit=1)] == [2]
        assert await store.alerts_of_incident(9, limit=9) == []

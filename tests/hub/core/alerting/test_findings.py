"""Open alerts under rules, silences and acknowledgements: what is drafted, and what is told of it."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from noctule_hub.core.alerting.care import observe_acknowledgement, observe_unacknowledgement
from noctule_hub.core.alerting.machine import quieten
from noctule_hub.core.alerting.rules import SEEDED, Rule
from noctule_hub.core.alerting.selectors import Selector
from noctule_hub.core.alerting.silences import Matchers, Silence
from noctule_hub.core.audit import Authorship
from noctule_hub.core.judgement import observe_axis, observe_configuration
from noctule_hub.core.presence import observe_agent_rules, observe_link, observe_time
from noctule_hub.core.records import Alert
from noctule_hub.core.world import Draft, World
from noctule_shared.axes import Axis
from noctule_shared.errors import ErrorCode, Refused
from noctule_shared.events import AlertState, EventName, Severity
from noctule_shared.observations import AxisChanged
from noctule_shared.silences import SilenceRef

NOW_MS = 1_795_000_000_000
OFFLINE = SEEDED[0]
ADA = Authorship("user:1", "ada", None, NOW_MS)

Drafted = Callable[[int], Draft]
Configure = Callable[..., None]


def fall(draft: Draft, *, up: bool = False, device_id: int = 1) -> None:
    old, new = ("down", "up") if up else ("up", "down")
    observe_axis(draft, 1, AxisChanged(device_id, Axis.ICMP, old, new, "seen", draft.now_ms))


def told(draft: Draft) -> list[tuple[str, str, str]]:
    return [
        (event.name.value, event.data["rule"], event.data["state"])
        for event in draft.events
        if event.name in {EventName.ALERT_NEW, EventName.ALERT_UPDATE}
    ]


def configured(configure: Configure, draft: Draft, **changes: Any) -> Draft:
    configure(**changes)
    observe_configuration(draft)
    observe_agent_rules(draft)
    return draft


def rule(**changes: Any) -> Rule:
    return replace(OFFLINE, **changes)


def silence(*, starts_ms: int, ends_ms: int, **matchers: Any) -> Silence:
    return Silence(5, Matchers(**matchers), "new card", NOW_MS + starts_ms, NOW_MS + ends_ms, "ada", 0)


class TestRules:
    def test_each_rule_alerts_on_its_own(self, configure: Configure, drafted: Drafted) -> None:
        core = rule(id=9, name="core1-offline", severity=Severity.INFO, selector=Selector(names=("core1",)))
        configure(rules=[*SEEDED, core])
        fall(draft := drafted(0))
        fall(draft, device_id=3)
        assert told(draft) == [
            ("alert:new", "device-offline", "firing"),
            ("alert:new", "core1-offline", "firing"),
            ("alert:new", "device-offline", "firing"),
        ]
        assert [alert.key for alert in draft.commit().alerts] == [
            "device-offline:device:1",
            "core1-offline:device:1",
            "device-offline:device:3",
        ]
        fall(draft := drafted(1_000), up=True)
        assert {state for _, _, state in told(draft)} == {"resolved"}

    @pytest.mark.parametrize(
        ("rules", "reason"),
        [
            ([], "its rule was removed"),
            ([rule(enabled=False)], "its rule was disabled"),
            ([rule(selector=Selector(tags=("core",)))], "its rule does not apply to it any more"),
        ],
    )
    def test_an_alert_ends_with_its_rule_and_says_why(
        self, configure: Configure, drafted: Drafted, rules: list[Rule], reason: str
    ) -> None:
        fall(drafted(0))
        draft = configured(configure, drafted(1_000), rules=rules)
        assert told(draft) == [("alert:update", "device-offline", "resolved")]
        assert draft.events[-1].data["reason"] == reason
        assert told(configured(configure, drafted(2_000), rules=rules)) == []

    def test_a_rule_that_comes_alerts_on_what_is_offline_already_since_then(
        self, configure: Configure, drafted: Drafted
    ) -> None:
        configure(rules=[])
        fall(draft := drafted(0))
        assert told(draft) == []
        slow = rule(for_ms=60_000)
        draft = configured(configure, drafted(50_000), rules=[slow])
        (alert,) = draft.commit().alerts
        assert (alert.state, alert.started_ms) == (AlertState.PENDING, NOW_MS)
        # A pending one keeps its start whatever else is changed.
        configured(configure, drafted(55_000), rules=[replace(slow, severity=Severity.INFO)])
        observe_link(drafted(55_000), 1, connected=True, reason="test")
        observe_time(draft := drafted(60_000))
        assert told(draft) == [("alert:new", "device-offline", "firing")]
        assert draft.events[-1].data["severity"] == "info"

    def test_an_open_alert_follows_its_rule(self, configure: Configure, drafted: Drafted) -> None:
        fall(drafted(0))
        changed = rule(severity=Severity.WARNING, for_ms=600_000, trouble=None)
        draft = configured(configure, drafted(1_000), rules=[changed])
        (event,) = draft.events
        assert (event.name, event.data["severity"], event.data["state"]) == (
            EventName.ALERT_UPDATE,
            "warning",
            "firing",
        )
        assert "trouble" not in event.data
        assert configured(configure, drafted(2_000), rules=[changed]).events == []

    def test_a_rule_about_agents_comes_while_one_is_silent(
        self, configure: Configure, drafted: Drafted, world: World
    ) -> None:
        configure(rules=[])
        observe_time(drafted(61_000))
        draft = configured(configure, drafted(70_000), rules=SEEDED)
        assert ("alert:new", "agent-silent", "firing") in told(draft)
        assert next(alert.started_ms for _, alert in world.alerts.items()) == NOW_MS + 61_000


class TestSilences:
    def test_a_silenced_alert_comes_as_an_update_and_rings_once_when_the_silence_ends(
        self, configure: Configure, drafted: Drafted
    ) -> None:
        configure(silences=[silence(starts_ms=0, ends_ms=10_000, rules=("device-offline",))])
        fall(draft := drafted(0))
        assert told(draft) == [("alert:update", "device-offline", "firing")]
        assert draft.events[-1].data["silencedBy"] == {"id": 5, "comment": "new card"}
        observe_link(drafted(0), 1, connected=True, reason="test")
        observe_time(draft := drafted(9_999))
        assert told(draft) == []
        observe_time(draft := drafted(10_000))
        assert told(draft) == [("alert:new", "device-offline", "firing")]
        assert "silencedBy" not in draft.events[-1].data
        observe_time(draft := drafted(11_000))
        assert told(draft) == []

    def test_a_silence_that_begins_later_takes_what_fires(self, configure: Configure, drafted: Drafted) -> None:
        configure(silences=[silence(starts_ms=5_000, ends_ms=10_000, selector=Selector(device_ids=(1,)))])
        observe_link(drafted(0), 1, connected=True, reason="test")
        fall(draft := drafted(0))
        assert told(draft) == [("alert:new", "device-offline", "firing")]
        observe_time(draft := drafted(5_000))
        assert told(draft) == [("alert:update", "device-offline", "firing")]
        assert draft.events[-1].data["silencedBy"]["id"] == 5
        fall(draft := drafted(6_000), up=True)
        assert (told(draft), draft.ended_alerts[-1].silenced_by) == (
            [("alert:update", "device-offline", "resolved")],
            SilenceRef(5, "new card"),
        )

    def test_what_somebody_takes_care_of_does_not_ring_when_its_silence_ends(
        self, configure: Configure, drafted: Drafted, world: World
    ) -> None:
        configure(silences=[silence(starts_ms=0, ends_ms=10_000, severity=Severity.INFO)])
        fall(drafted(0))
        (alert,) = [alert for _, alert in world.alerts.items()]
        observe_acknowledgement(drafted(1_000), alert.id, ADA, note=None, until_ms=None)
        observe_time(draft := drafted(10_000))
        assert told(draft)[0] == ("alert:update", "device-offline", "firing")

    def test_a_decision_that_failed_judges_silences_again(
        self, configure: Configure, drafted: Drafted, world: World
    ) -> None:
        configure(silences=[silence(starts_ms=0, ends_ms=10_000, severity=Severity.INFO)])
        observe_link(drafted(0), 1, connected=True, reason="test")
        fall(drafted(0))
        drafted(0)
        observe_time(Draft(world, NOW_MS + 10_000))
        world.drop()
        observe_time(draft := Draft(world, NOW_MS + 10_500))
        assert told(draft) == [("alert:new", "device-offline", "firing")]


class TestAcknowledgement:
    def test_it_is_told_audited_and_leaves_the_condition(self, drafted: Drafted) -> None:
        fall(drafted(0))
        draft = drafted(1_000)
        alert = observe_acknowledgement(draft, 1, ADA, note="on my way", until_ms=None)
        assert (alert.state, alert.acknowledged_by, alert.acknowledged_ms, alert.note) == (
            AlertState.FIRING,
            "ada",
            NOW_MS,
            "on my way",
        )
        (event,) = draft.events
        assert (event.name, event.data["acknowledgedBy"]) == (EventName.ALERT_UPDATE, "ada")
        (entry,) = draft.commit().audited
        assert (entry.by, entry.kind, entry.object_id) == (ADA, "alert", 1)
        assert isinstance(entry.before, Alert)
        assert (entry.before.acknowledged_by, entry.after) == (None, alert)
        assert draft.commit().alerts == [alert]
        alert = observe_unacknowledgement(draft := drafted(2_000), 1, ADA)
        assert (alert.acknowledged_by, alert.note, told(draft)) == (
            None,
            None,
            [("alert:update", "device-offline", "firing")],
        )

    def test_it_lapses_when_its_time_has_passed_and_what_still_fires_rings(self, drafted: Drafted) -> None:
        observe_link(drafted(0), 1, connected=True, reason="test")
        fall(drafted(0))
        observe_acknowledgement(drafted(1_000), 1, ADA, note=None, until_ms=NOW_MS + 5_000)
        observe_time(draft := drafted(4_999))
        assert told(draft) == []
        observe_time(draft := drafted(5_000))
        assert told(draft) == [("alert:new", "device-offline", "firing")]
        assert "acknowledgedBy" not in draft.events[-1].data

    def test_what_is_not_open_is_refused(self, drafted: Drafted) -> None:
        fall(drafted(0))
        with pytest.raises(Refused) as refusal:
            observe_unacknowledgement(drafted(1_000), 1, ADA)
        assert refusal.value.field == "id"
        with pytest.raises(Refused) as refusal:
            observe_acknowledgement(drafted(1_000), 1, ADA, note=None, until_ms=NOW_MS + 1_000)
        assert refusal.value.field == "until"
        fall(drafted(2_000), up=True)
        with pytest.raises(Refused) as refusal:
            observe_acknowledgement(drafted(3_000), 1, ADA, note=None, until_ms=None)
        assert (refusal.value.code, refusal.value.field) == (ErrorCode.INVALID, "id")
        with pytest.raises(Refused) as refusal:
            observe_acknowledgement(drafted(3_000), 99, ADA, note=None, until_ms=None)
        assert refusal.value.code is ErrorCode.NOT_FOUND

    def test_a_pending_alert_is_acknowledged_without_a_word_and_does_not_ring(
        self, configure: Configure, drafted: Drafted
    ) -> None:
        configure(rules=[rule(for_ms=10_000)])
        observe_link(drafted(0), 1, connected=True, reason="test")
        fall(drafted(0))
        observe_acknowledgement(draft := drafted(1_000), 1, ADA, note=None, until_ms=None)
        assert told(draft) == []
        observe_time(draft := drafted(10_000))
        assert told(draft) == [("alert:update", "device-offline", "firing")]


reasons = st.sampled_from([None, "suspended"])
silencings = st.sampled_from([None, SilenceRef(1, "a"), SilenceRef(2, "b")])
STATES = st.sampled_from([AlertState.PENDING, AlertState.FIRING])


@given(
    state=STATES,
    before=st.tuples(reasons, silencings),
    after=st.tuples(reasons, silencings),
    acknowledged=st.sampled_from([None, "ada"]),
    event=st.sampled_from([None, EventName.ALERT_NEW, EventName.ALERT_UPDATE]),
)
def test_only_what_neither_axis_keeps_quiet_and_nobody_takes_care_of_rings(
    state: AlertState,
    before: tuple[str | None, SilenceRef | None],
    after: tuple[str | None, SilenceRef | None],
    acknowledged: str | None,
    event: EventName | None,
) -> None:
    alert = Alert(1, "k", "r", "t", Severity.INFO, state, "", 0, 0, None, 1, None, None, 1)
    alert = replace(alert, inhibited_by=before[0], silenced_by=before[1], acknowledged_by=acknowledged)
    change = quieten(alert, event, inhibited_by=after[0], silenced_by=after[1])
    quiet = after != (None, None) or acknowledged is not None
    if change.event is EventName.ALERT_NEW:
        assert not quiet
        assert event is EventName.ALERT_NEW or before != (None, None)
    if state is AlertState.FIRING and before != (None, None) and not quiet:
        assert change.event is EventName.ALERT_NEW
    if before == after:
        assert (change.event is None) is (event is None)

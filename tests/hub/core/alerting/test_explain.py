"""An alert explained in sentences, and why there is none: by tables."""

from dataclasses import replace
from typing import Any

import pytest
from noctule_hub.core.alerting.conditions import KINDS, HighLoss
from noctule_hub.core.alerting.evidence import Evidence, Sample
from noctule_hub.core.alerting.explain import MAX_SENTENCE_CHARS, Facts, Hop, explain
from noctule_hub.core.alerting.rules import SEEDED
from noctule_hub.core.alerting.selectors import Selector, Target
from noctule_hub.core.alerting.silences import Matchers, Silence
from noctule_hub.core.alerting.steps import Step, StepKind, Story, late_steps
from noctule_hub.core.alerting.told import Told
from noctule_hub.core.alerting.why import Outcome, Situation, why
from noctule_hub.core.alerting.words import ENDS, figure, lasting, spelled
from noctule_hub.core.notifying.deliveries import DeliveryKind, DeliveryState
from noctule_hub.core.records import Alert, Axes, DeviceState, Interface
from noctule_shared.alerts import Assignee
from noctule_shared.axes import IfStatus
from noctule_shared.events import AlertState, DeviceStatus, Severity
from noctule_shared.silences import SilenceRef

# 2026-11-26 16:00 UTC.
NOW_MS = 1_795_708_800_000
OFFLINE, PORT_DOWN = SEEDED[0], SEEDED[3]
MINUTE_MS = 60_000


def alert(**changes: Any) -> Alert:
    one = Alert(
        id=17,
        key="device-offline:device:1",
        rule="device-offline",
        title="core1 is offline",
        severity=Severity.CRITICAL,
        state=AlertState.FIRING,
        reason="does not answer ICMP",
        started_ms=NOW_MS - 12 * MINUTE_MS,
        fired_ms=NOW_MS - 12 * MINUTE_MS,
        resolved_ms=None,
        device_id=1,
        interface_id=None,
        agent_id=None,
        site_id=1,
    )
    return replace(one, **changes)


def facts(one: Alert | None = None, **more: Any) -> Facts:
    return replace(Facts(one or alert(), NOW_MS, rule_then=OFFLINE, rule_now=OFFLINE), **more)


def told(state: DeliveryState, kind: DeliveryKind = DeliveryKind.NEW, **more: Any) -> Told:
    return replace(Told(1, "noc", kind, state, 1, 0, None, None, NOW_MS), **more)


def test_a_firing_alert_is_told_from_what_it_is_to_what_ends_it() -> None:
    assert explain(facts()) == [
        "core1 is offline (critical): does not answer ICMP.",
        "It has been so since 2026-11-26 15:48:00 UTC, for 12 min.",
        "Rule device-offline, revision 1, fires on device-offline at once.",
        "It rings: nothing keeps it quiet.",
        "No channel was told of it.",
        "Nobody takes care of it.",
        "It ends when the device answers again.",
    ]


def acknowledgement(minutes_ago: int, by: str, note: str | None = None) -> Step:
    at_ms = NOW_MS - minutes_ago * MINUTE_MS
    return Step(kind=StepKind.ACKNOWLEDGED, at_ms=at_ms, text=f"{by} takes care of it", by=by, note=note)


def test_who_took_care_of_it_before_is_told_newest_first_whoever_does_now() -> None:
    steps = (acknowledgement(9, "ada", "card ordered"), acknowledgement(5, "bob"), acknowledgement(1, "cyd"))
    taken = alert(acknowledged_by="cyd", acknowledged_ms=NOW_MS - MINUTE_MS)
    before = ["2026-11-26 15:55:00 UTC on.", "2026-11-26 15:51:00 UTC on: card ordered."]
    words = [f"Before, {name} took care of it from {rest}" for name, rest in zip(("bob", "ada"), before, strict=True)]
    now = "cyd takes care of it since 2026-11-26 15:59:00 UTC."
    assert explain(facts(taken, story=Story(steps)))[-4:-1] == [now, *words]
    free = explain(facts(story=Story(steps)))
    assert free[-5:-2] == [
        "Nobody takes care of it.",
        words[0].replace("bob", "cyd").replace("15:55", "15:59"),
        words[0],
    ]
    many = explain(facts(story=Story(tuple(acknowledgement(one, "ada") for one in range(9, 0, -1)))))
    assert many[-2] == "And 4 times before that."


ONLINE = DeviceState(1, Axes(), DeviceStatus.ONLINE, "answers", 0)
SILENT = DeviceState(1, Axes(), DeviceStatus.UNKNOWN, "agent a is silent", 0)
CARD = Silence(3, Matchers(("device-offline",)), "new card", 0, NOW_MS + MINUTE_MS, "ada", 0)
PENDING = alert(state=AlertState.PENDING, rule="interface-down", started_ms=NOW_MS - 4_000, fired_ms=None)
OVER = alert(state=AlertState.RESOLVED, resolved_ms=NOW_MS - 7 * MINUTE_MS, reason="answers")
EVIDENCE = Evidence(quantity="rttS", threshold=0.25, clear=0.2, usual=0.021, samples=(Sample(0, 0.1), Sample(1, 0.312)))


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (
            facts(alert(evidence=EVIDENCE)),
            "Measured: rtt was 312 ms, usually it is 21 ms, the threshold is 250 ms, it is over past 200 ms.",
        ),
        (facts(alert(evidence=Evidence(score=3.25))), "Its flap score was 3.25."),
        (
            facts(alert(evidence=Evidence(quantity="flapScore", threshold=35.0, clear=8.0, score=38.5))),
            "Measured: flap score was 38.5, the threshold is 35, it is over past 8.",
        ),
        (facts(OVER),
         "It began at 2026-11-26 15:48:00 UTC and ended at 2026-11-26 15:53:00 UTC, after 5 min."),
        (facts(alert(silenced_by=SilenceRef(3, "new card")), silences=(CARD,)),
         "It rings nobody, because silence 3 (new card) holds until 2026-11-26 16:01:00 UTC."),
        (facts(alert(inhibited_by="behind core2")), "It rings nobody, because behind core2."),
        (facts(alert(acknowledged_by="ada")), "It does not ring any more, because somebody takes care of it."),
        (facts(alert(acknowledged_by="ada", acknowledged_ms=NOW_MS, note="on my way")),
         "ada takes care of it since 2026-11-26 16:00:00 UTC: on my way."),
        (facts(alert(assignee=Assignee(7, "bob"))), "It is assigned to bob."),
        (facts(PENDING, rule_then=PORT_DOWN, rule_now=PORT_DOWN),
         "It fires at 2026-11-26 16:00:06 UTC if that holds on."),
        (facts(PENDING, rule_then=PORT_DOWN, rule_now=PORT_DOWN, maintenance="splice"),
         "It does not fire, because its device is under maintenance (splice)."),
        (facts(maintenance="splice"),
         "Its device is under maintenance (splice), which does not end what fired before."),
        (facts(device=ONLINE), "Now its device is online: answers."),
        (facts(detail="traceroute to 192.0.2.1: no hop answers"),
         "Its agent found: traceroute to 192.0.2.1: no hop answers."),
        (facts(device=SILENT), "How its device is now is not known: agent a is silent."),
        (facts(PENDING, rule_then=PORT_DOWN, rule_now=PORT_DOWN, device=SILENT),
         "It does not fire as long as nobody knows how its device is: agent a is silent."),
        (facts(rule_then=None), "Rule device-offline decided it at its revision 1, of which no more is known."),
        (facts(rule_now=None), "The rule has been removed since."),
        (facts(rule_now=replace(OFFLINE, enabled=False, revision=2)), "The rule is disabled today."),
        (facts(rule_now=replace(OFFLINE, for_ms=90_000, severity=Severity.INFO, revision=3)),
         "The rule has been changed since (revision 3): it waits 1 min 30 s, its severity is info."),
        (facts(rule_now=replace(OFFLINE, policy_id=2, revision=2)),
         "The rule has been changed since (revision 2): another policy says who is told."),
        (facts(rule_now=replace(OFFLINE, trouble="is gone", revision=2)),
         "The rule has been changed since (revision 2): customers are told something else."),
        (facts(rule_then=PORT_DOWN, rule_now=replace(PORT_DOWN, condition=HighLoss(), revision=2)),
         "The rule has been changed since (revision 2): its figures are different."),
        (facts(path=(Hop(2, "edge1", DeviceStatus.OFFLINE, "", 1), Hop(3, "core", DeviceStatus.ONLINE, "", 2))),
         "Look at edge1 first: it is offline too, and before it."),
        (facts(told=(told(DeliveryState.DELIVERED),)),
         "Channel noc was to be told of it: delivered at 2026-11-26 16:00:00 UTC."),
        (facts(told=(told(DeliveryState.FAILED, attempts=3, outcome="timed out"),)),
         ("Channel noc was to be told of it: not delivered yet, and tried again at 2026-11-26 16:00:00 UTC"
          " (3 tries): timed out.")),
        (facts(OVER, told=(told(DeliveryState.QUEUED, DeliveryKind.RESOLVED, tried_ms=None),)),
         "Channel noc was to be told of its end: not sent yet."),
        (facts(OVER, story=Story(tuple(late_steps(OVER, began="silent", now_ms=NOW_MS)))),
         "It was found later, from the agent's backlog."),
        (facts(alert(state=AlertState.INACTIVE, fired_ms=None),
               story=Story((Step(kind=StepKind.FORGOTTEN, at_ms=NOW_MS, text="answers"),))),
         "It began at 2026-11-26 15:48:00 UTC and was over, after 12 min, before it fired."),
    ],
)  # fmt: skip
def test_what_is_known_is_said(given: Facts, sentence: str) -> None:
    assert sentence in explain(given)


def test_what_is_over_has_no_end_to_wait_for_and_nobody_is_missed() -> None:
    words = " ".join(explain(facts(OVER)))
    assert "It ends when" not in words
    assert "Nobody takes care" not in words


def test_texts_of_devices_and_people_stay_one_inert_line() -> None:
    sentences = explain(facts(alert(reason="a\x1b[31m\n\u202eb", acknowledged_by="ada", note="x" * 4_000)))
    assert sentences[0] == "core1 is offline (critical): a [31m b."
    assert max(map(len, sentences)) == MAX_SENTENCE_CHARS


def test_every_condition_says_what_ends_it() -> None:
    assert set(ENDS) == set(KINDS)


@pytest.mark.parametrize(
    ("span_ms", "words"),
    [(0, "0 s"), (-5, "0 s"), (999, "0 s"), (59_000, "59 s"), (60_000, "1 min"), (3_661_000, "1 h 1 min"),
     (3_601_000, "1 h"), (90_061_000, "1 d 1 h")],
)  # fmt: skip
def test_spans_are_told_by_their_two_largest_units(span_ms: int, words: str) -> None:
    assert lasting(span_ms) == words


@pytest.mark.parametrize(
    ("quantity", "value", "words"),
    [
        ("rttS", 0.0123, "12.3 ms"),
        ("skewS", 7.5, "7.5 s"),
        ("lossRatio", 0.2, "20 %"),
        ("inBps", 12.5e6, "12.5 Mbit/s"),
        ("inBps", 1457.0, "1.457 kbit/s"),
        ("inBps", 0.0, "0 bit/s"),
        ("inBps", 2.5e9, "2.5 Gbit/s"),
        ("rttS", None, "no answer"),
        (None, 3, "3"),
    ],
)
def test_figures_have_their_unit(quantity: str | None, value: float | None, words: str) -> None:
    assert figure(quantity, value) == words
    assert spelled("inUtilRatio") == "in util ratio"
    assert spelled("inBps") == "in"


TARGET = Target(name="core1", device_id=1, site_id=1, tags=("edge",))
PORT = Interface(
    5, 1, "ge-0/0/1", 1, 1, "ge-0/0/1", "", "to core2", 6, None, IfStatus.UP, IfStatus.DOWN, polled=True, state_ms=0
)


def situation(**changes: Any) -> Situation:
    return replace(Situation(NOW_MS, TARGET, ONLINE), **changes)


@pytest.mark.parametrize(
    ("rule", "given", "outcome", "words"),
    [
        (OFFLINE, situation(), Outcome.NOT_MET, "device-offline is not met: the device is online: answers"),
        (OFFLINE, situation(figures={"rtt": "12 ms"}), Outcome.NOT_MET, "measured last: rtt 12 ms"),
        (replace(OFFLINE, enabled=False), situation(), Outcome.DISABLED, "it is disabled"),
        (
            replace(OFFLINE, selector=Selector(site_ids=(1,), tags=("core",))),
            situation(),
            Outcome.NOT_ABOUT_IT,
            "it is about tags core alone; here: tags edge",
        ),
        (OFFLINE, situation(alerts=(alert(),)), Outcome.FIRING, "alert 17 fires: does not answer ICMP"),
        (
            OFFLINE,
            situation(alerts=(alert(silenced_by=SilenceRef(3, "card"), acknowledged_by="ada"),)),
            Outcome.FIRING,
            "it rings nobody: silence 3 (card), ada takes care of it",
        ),
        (
            replace(OFFLINE, for_ms=3_600_000),
            situation(alerts=(alert(state=AlertState.PENDING),)),
            Outcome.PENDING,
            "it fires in 48 min if that holds on",
        ),
        (OFFLINE, situation(state=None), Outcome.UNKNOWN, "nothing was heard of it yet"),
        (
            OFFLINE,
            situation(state=replace(ONLINE, status=DeviceStatus.UNKNOWN, reason="agent a is silent")),
            Outcome.UNKNOWN,
            "nobody can know: agent a is silent",
        ),
        (OFFLINE, situation(window="splice"), Outcome.MAINTENANCE, "under maintenance splice"),
        (
            OFFLINE,
            situation(state=replace(ONLINE, status=DeviceStatus.UNREACHABLE, reason="behind core2")),
            Outcome.UNREACHABLE,
            "behind core2",
        ),
        (
            OFFLINE,
            situation(forgotten=(alert(state=AlertState.INACTIVE, reason="answers"),)),
            Outcome.NOT_MET,
            "it was pending last since 2026-11-26 15:48:00 UTC and ended before it fired: answers",
        ),
        (PORT_DOWN, situation(interface=PORT), Outcome.NOT_MET, "it is down, but did not fall"),
    ],
)
def test_each_rule_says_why_there_is_no_alert(rule: Any, given: Situation, outcome: Outcome, words: str) -> None:
    (answer,) = why([rule], given)
    assert answer.outcome is outcome
    assert words in answer.text


def test_only_rules_that_could_be_about_it_are_asked() -> None:
    assert {one.rule.name for one in why(SEEDED, situation())}.isdisjoint({"interface-down", "agent-silent"})
    assert "interface-down" in {one.rule.name for one in why(SEEDED, situation(interface=PORT))}


def test_what_ended_an_alert_is_told_as_its_end() -> None:
    assert explain(facts(OVER))[0] == "“core1 is offline” (critical) is over: answers."

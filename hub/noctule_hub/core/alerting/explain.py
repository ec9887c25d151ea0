"""An alert explained: all that is known of it, told in sentences that somebody understands who was just woken up.

What is known is gathered by the API; the words of single figures and conditions are in `words`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from noctule_shared.events import AlertState, DeviceStatus

from noctule_hub.core.alerting.conditions import tag_of
from noctule_hub.core.alerting.evidence import Evidence
from noctule_hub.core.alerting.rules import Rule
from noctule_hub.core.alerting.silences import Silence
from noctule_hub.core.alerting.steps import Step, StepKind, Story
from noctule_hub.core.alerting.told import Told
from noctule_hub.core.alerting.words import ENDS, figure, lasting, moment, spelled
from noctule_hub.core.notifying.deliveries import DeliveryKind, DeliveryState
from noctule_hub.core.notifying.plain_text import inert
from noctule_hub.core.records import Alert, DeviceState

# Of the devices before a device so many are named; networks are not as deep.
MAX_PATH: Final = 20
# Notes of people are the longest.
MAX_SENTENCE_CHARS: Final = 1_000
_NAMED_CHANNELS: Final = 10
_NAMED_FORMER: Final = 5


@dataclass(frozen=True, slots=True)
class Hop:
    """A device through which another is reached, directly (`away` 1) or further up, as it is now."""

    device_id: int
    name: str
    status: DeviceStatus
    reason: str
    away: int


@dataclass(frozen=True, slots=True)
class Facts:
    """All that is known of an alert at `now_ms`.

    `rule_then` is the rule by which it was judged, `rule_now` the one of that name today; None: not known, or gone.
    `device` is how its device is now, None: it is about none, or about one that is gone or never was heard of.
    `maintenance` names the window that holds it now. `silences` match it now. `path` are the devices before
    its device, nearest first. `detail` is what the agent said beside the reason, such as the route; None: nothing.
    """

    alert: Alert
    now_ms: int
    story: Story = field(default_factory=Story)
    rule_then: Rule | None = None
    rule_now: Rule | None = None
    device: DeviceState | None = None
    path: tuple[Hop, ...] = ()
    maintenance: str | None = None
    silences: tuple[Silence, ...] = ()
    told: tuple[Told, ...] = ()
    detail: str | None = None


def explain(facts: Facts) -> list[str]:
    """Return an alert's explanation: what, since when, by what measure, whom it rings, who takes care, what ends it.

    Each sentence is one line; text of devices in it is inert.
    """
    sentences = [
        *_what(facts),
        *_measured(facts.alert.evidence),
        *_decided(facts),
        *_now(facts),
        *([] if facts.detail is None else [f"Its agent found: {facts.detail}."]),
        *_path(facts),
        *_rings(facts),
        *_notified(facts),
        *_care(facts),
        *_end(facts),
    ]
    return [inert(sentence, MAX_SENTENCE_CHARS) for sentence in sentences]


def found_late(steps: Sequence[Step]) -> bool:
    """Return whether an alert was over when it was found."""
    return any(step.kind is StepKind.FOUND_LATE for step in steps)


def _what(facts: Facts) -> list[str]:
    alert, now_ms = facts.alert, facts.now_ms
    # What ended it is no reason for what its title says.
    named = f"{alert.title} ({alert.severity})" if alert.is_open else f"“{alert.title}” ({alert.severity}) is over"
    title = f"{named}: {alert.reason}."
    since = moment(alert.started_ms)
    match alert.state:
        case AlertState.FIRING:
            when = f"It has been so since {since}, for {lasting(now_ms - alert.started_ms)}."
        case AlertState.PENDING:
            when = f"It has been so since {since}, for {lasting(now_ms - alert.started_ms)}; it does not fire yet."
        case AlertState.RESOLVED:
            ended_ms = alert.resolved_ms or now_ms
            when = f"It began at {since} and ended at {moment(ended_ms)}, after {lasting(ended_ms - alert.started_ms)}."
        case AlertState.INACTIVE:
            ended = next((step for step in facts.story.steps if step.kind is StepKind.FORGOTTEN), None)
            after = "" if ended is None else f", after {lasting(ended.at_ms - alert.started_ms)}"
            when = f"It began at {since} and was over{after}, before it fired."
    found = "It was found later, from the agent's backlog." if found_late(facts.story.steps) else None
    return [title, when, *([found] if found else [])]


def _measured(evidence: Evidence | None) -> list[str]:
    if evidence is None:
        return []
    sentences = []
    if evidence.quantity is not None:
        parts = []
        if evidence.samples:
            parts.append(f"was {figure(evidence.quantity, evidence.samples[-1].value)}")
        elif evidence.score is not None:
            parts.append(f"was {figure(evidence.quantity, evidence.score)}")
        if evidence.usual is not None:
            parts.append(f"usually it is {figure(evidence.quantity, evidence.usual)}")
        if evidence.threshold is not None:
            parts.append(f"the threshold is {figure(evidence.quantity, evidence.threshold)}")
        if evidence.clear is not None:
            parts.append(f"it is over past {figure(evidence.quantity, evidence.clear)}")
        if parts:
            sentences.append(f"Measured: {spelled(evidence.quantity)} {', '.join(parts)}.")
    elif evidence.score is not None:
        sentences.append(f"Its flap score was {evidence.score:.4g}.")
    return sentences


def _decided(facts: Facts) -> list[str]:
    alert, then, now = facts.alert, facts.rule_then, facts.rule_now
    if then is None:
        return [f"Rule {alert.rule} decided it at its revision {alert.rule_revision}, of which no more is known."]
    held = "at once" if then.for_ms == 0 else f"once that has held for {lasting(then.for_ms)}"
    decided = f"Rule {then.name}, revision {then.revision}, fires on {tag_of(then.condition)} {held}."
    if now is None:
        return [decided, "The rule has been removed since."]
    if not now.enabled:
        return [decided, "The rule is disabled today."]
    if now.revision == then.revision:
        return [decided]
    words = ", ".join(_changes(then, now)) or "in nothing that it decides by"
    return [decided, f"The rule has been changed since (revision {now.revision}): {words}."]


def _changes(then: Rule, now: Rule) -> list[str]:
    changed = []
    if now.for_ms != then.for_ms:
        changed.append(f"it waits {lasting(now.for_ms)}")
    if now.severity is not then.severity:
        changed.append(f"its severity is {now.severity}")
    if now.selector != then.selector:
        changed.append("it is about other things")
    if now.condition != then.condition:
        changed.append("its figures are different")
    if now.policy_id != then.policy_id:
        changed.append("another policy says who is told")
    if now.trouble != then.trouble:
        changed.append("customers are told something else")
    return changed


def _now(facts: Facts) -> list[str]:
    device = facts.device
    if device is None or not facts.alert.is_open:
        return []
    if device.status is DeviceStatus.UNKNOWN:
        return [f"How its device is now is not known: {device.reason}."]
    # The words of a maintenance are its window's name and the true status.
    return [f"Now its device is {device.status}: {device.reason}."]


def _path(facts: Facts) -> list[str]:
    if not facts.path:
        return []
    hops = ", ".join(f"{hop.name} ({hop.status})" for hop in facts.path)
    fallen = [hop.name for hop in facts.path if hop.status is DeviceStatus.OFFLINE]
    sentence = f"It is reached through {hops}."
    return [sentence, f"Look at {fallen[-1]} first: it is offline too, and before it."] if fallen else [sentence]


def _rings(facts: Facts) -> list[str]:
    alert = facts.alert
    match alert.state:
        case AlertState.PENDING:
            return _fires(facts)
        case AlertState.FIRING:
            held = f"Its device is under maintenance ({facts.maintenance}), which does not end what fired before."
            return [_loudness(facts), *([held] if facts.maintenance is not None else [])]
        case AlertState.RESOLVED | AlertState.INACTIVE:
            never = ["It never fired, so it rang nobody."] if alert.fired_ms is None else []
            return ["It rang nobody: it was over when the hub heard of it."] if found_late(facts.story.steps) else never


def _loudness(facts: Facts) -> str:
    quiet = _quiet_words(facts)
    if quiet:
        return f"It rings nobody, because {' and '.join(quiet)}."
    if facts.alert.acknowledged_by is not None:
        return "It does not ring any more, because somebody takes care of it."
    return "It rings: nothing keeps it quiet."


def _fires(facts: Facts) -> list[str]:
    if facts.maintenance is not None:
        return [f"It does not fire, because its device is under maintenance ({facts.maintenance})."]
    if facts.device is not None and facts.device.status is DeviceStatus.UNKNOWN:
        return [f"It does not fire as long as nobody knows how its device is: {facts.device.reason}."]
    if facts.rule_now is None:
        return []
    fires_ms = facts.alert.started_ms + facts.rule_now.for_ms
    if facts.rule_now.condition.measured and fires_ms <= facts.now_ms:
        return ["It fires with the next measurement that says the same."]
    return [f"It fires at {moment(max(fires_ms, facts.now_ms))} if that holds on."]


def _quiet_words(facts: Facts) -> list[str]:
    alert = facts.alert
    words = [] if alert.inhibited_by is None else [alert.inhibited_by]
    if alert.silenced_by is not None:
        ends = {silence.id: silence.ends_ms for silence in facts.silences}
        until = f" until {moment(ends[alert.silenced_by.id])}" if alert.silenced_by.id in ends else ""
        words.append(f"silence {alert.silenced_by.id} ({alert.silenced_by.comment}) holds{until}")
    return words


_OUTCOMES: Final = {
    DeliveryState.QUEUED: "not sent yet",
    DeliveryState.FAILED: "not delivered yet, and tried again",
    DeliveryState.DELIVERED: "delivered",
    DeliveryState.DEAD: "given up",
}


# Whatever else is a delivery tells of the problem.
_OCCASIONS: Final = {DeliveryKind.REMINDER: "reminded of it", DeliveryKind.RESOLVED: "told of its end"}


def _notified(facts: Facts) -> list[str]:
    sentences = []
    for told in facts.told[:_NAMED_CHANNELS]:
        what = _OCCASIONS.get(told.kind, "told of it")
        at = f" at {moment(told.tried_ms)}" if told.tried_ms is not None else ""
        tries = f" ({told.attempts} tries)" if told.attempts > 1 else ""
        why = "" if told.state is DeliveryState.DELIVERED or told.outcome is None else f": {told.outcome}"
        sentences.append(f"Channel {told.channel} was to be {what}: {_OUTCOMES[told.state]}{at}{tries}{why}.")
    more = len(facts.told) - len(sentences)
    if more > 0:
        sentences.append(f"And {more} more deliveries.")
    if not facts.told and facts.alert.fired_ms is not None:
        sentences.append("No channel was told of it.")
    return sentences


def _care(facts: Facts) -> list[str]:
    alert, sentences = facts.alert, []
    if alert.acknowledged_by is not None:
        since = "" if alert.acknowledged_ms is None else f" since {moment(alert.acknowledged_ms)}"
        until = "" if alert.acknowledged_until_ms is None else f" until {moment(alert.acknowledged_until_ms)}"
        note = "" if not alert.note else f": {alert.note}"
        sentences.append(f"{alert.acknowledged_by} takes care of it{since}{until}{note}.")
    if alert.assignee is not None:
        sentences.append(f"It is assigned to {alert.assignee.name}.")
    if not sentences and alert.is_open:
        sentences.append("Nobody takes care of it.")
    return [*sentences, *_former_care(facts)]


def _former_care(facts: Facts) -> list[str]:
    """Return who took care of it before, newest first: a newer acknowledgement takes the place of who and note."""
    steps = [step for step in facts.story.steps if step.kind is StepKind.ACKNOWLEDGED]
    former = steps if facts.alert.acknowledged_by is None else steps[:-1]
    sentences = [
        f"Before, {step.by} took care of it from {moment(step.at_ms)} on{f': {step.note}' if step.note else ''}."
        for step in reversed(former[-_NAMED_FORMER:])
    ]
    more = len(former) - len(sentences)
    return [*sentences, f"And {more} times before that."] if more > 0 else sentences


def _end(facts: Facts) -> list[str]:
    if not facts.alert.is_open:
        return []
    rule = facts.rule_now or facts.rule_then
    return [] if rule is None else [f"It ends when {ENDS[type(rule.condition)]}."]

"""Who is to be told what: of events of the log as they come, and of steps that fall due. Pure decisions.

The store makes them inside of its transaction, with the channels, policies and rules of that moment, and keeps what
comes of them with it.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

import msgspec
from noctule_shared.events import AlertEvent, AlertState, EventName

from noctule_hub.core.notifying.channels import Channel, wants
from noctule_hub.core.notifying.deliveries import DeliveryKind, Group, NewDelivery
from noctule_hub.core.notifying.escalation import Escalation, Taken, advance, is_held, seen_as
from noctule_hub.core.notifying.policies import DEFAULT_ID, Policy, Step, group_of, wait_ms
from noctule_hub.core.records import EventRow

ALERT_EVENTS: Final = frozenset({EventName.ALERT_NEW, EventName.ALERT_UPDATE})
TagsOf = Callable[[int], Collection[str]]


@dataclass(frozen=True, slots=True)
class Situation:
    """What decides: all channels, policies by id, the policy's id of each rule that names one, and what is followed.

    `escalations` are those of the alerts in question, by alert.
    """

    channels: Sequence[Channel]
    policies: Mapping[int, Policy]
    policy_ids: Mapping[str, int]
    escalations: Mapping[int, Escalation] = field(default_factory=dict)

    def policy_of(self, alert: AlertEvent) -> Policy:
        """Return the policy of an alert's rule, the default one when it names none."""
        return self.policies.get(self.policy_ids.get(alert.rule, DEFAULT_ID), self.policies[DEFAULT_ID])


@dataclass(frozen=True, slots=True)
class Decided:
    """What to queue, in this order, and how far the alerts in question have come, None: they are followed no more."""

    deliveries: list[NewDelivery]
    escalations: dict[int, Escalation | None]


def alerts_of(rows: Iterable[EventRow]) -> Iterator[tuple[EventRow, AlertEvent]]:
    """Yield the rows that are about an alert, with it; tests are nobody's news."""
    for row in rows:
        if row.name not in ALERT_EVENTS or row.data.get("test"):
            continue
        try:
            yield row, msgspec.convert(row.data, AlertEvent)
        except msgspec.ValidationError:
            # Of another version of the hub.
            continue


def route(rows: Sequence[EventRow], situation: Situation, tags_of: TagsOf, now_ms: int) -> Decided:
    """Return what follows from events of the log. Late ones ring nobody, but what has ended is followed no more.

    Of ends of alerts the store keeps those alone whose problem the channel was told of.
    """
    deliveries: list[NewDelivery] = []
    followed: dict[int, Escalation | None] = dict(situation.escalations)
    for row, alert in alerts_of(rows):
        if alert.state is not AlertState.FIRING:
            followed[alert.id] = None
            if row.name is EventName.ALERT_UPDATE and alert.state is AlertState.RESOLVED and not row.late:
                deliveries += _ends(row, alert, situation)
            continue
        old = followed.get(alert.id)
        new = _followed(old, row, alert)
        if new is None:
            continue
        taken = advance(new, situation.policy_of(alert).fields, now_ms)
        followed[alert.id] = taken.after
        deliveries += _told(taken, situation, tags_of, rang_seq=row.seq)
    return Decided(deliveries, followed)


def take_steps(situation: Situation, tags_of: TagsOf, now_ms: int) -> Decided:
    """Return what the time has made due of the alerts that are followed."""
    deliveries: list[NewDelivery] = []
    followed: dict[int, Escalation | None] = {}
    for alert_id, escalation in situation.escalations.items():
        if escalation.alert.state is not AlertState.FIRING:
            followed[alert_id] = None
            continue
        taken = advance(escalation, situation.policy_of(escalation.alert).fields, now_ms)
        followed[alert_id] = taken.after
        deliveries += _told(taken, situation, tags_of, rang_seq=None)
    return Decided(deliveries, followed)


def step_channels(step: Step, channels: Sequence[Channel], alert: AlertEvent, tags: Collection[str]) -> list[Channel]:
    """Return the channels that a step tells of an alert."""
    if step.channel_ids is None:
        return [channel for channel in channels if wants(channel.fields, alert, tags)]
    return [channel for channel in channels if channel.id in step.channel_ids and channel.fields.enabled]


def _followed(old: Escalation | None, row: EventRow, alert: AlertEvent) -> Escalation | None:
    """Return how an alert that fires is followed from now on, None: not at all.

    It is from when it rings, or from when it is seen to be held back, so that it rings when nothing does any more.
    """
    if old is None:
        rings = row.name is EventName.ALERT_NEW and not row.late and not is_held(alert)
        if not rings and not is_held(alert):
            return None
        return Escalation(alert, row.seq, row.committed_ms if rings else None)
    rings = old.rang_ms is None and not row.late and not is_held(alert)
    seen = seen_as(old, alert, row.committed_ms)
    return replace(seen, seq=row.seq, rang_ms=row.committed_ms if rings else old.rang_ms)


def _told(taken: Taken, situation: Situation, tags_of: TagsOf, *, rang_seq: int | None) -> Iterator[NewDelivery]:
    """Yield what the steps that are taken tell, each channel once; `rang_seq`: of the event they follow, if any."""
    after, told = taken.after, set[int]()
    alert = after.alert
    policy = situation.policy_of(alert)
    tags = () if alert.device_id is None else tags_of(alert.device_id)
    for step in taken.steps:
        first = step.after_s == 0 and not taken.repeats
        for channel in step_channels(step, situation.channels, alert, tags):
            # What happened before a channel was made or enabled is not told to it; later steps come afterwards.
            is_old = first and rang_seq is not None and rang_seq <= channel.since_seq
            if channel.id in told or is_old:
                continue
            told.add(channel.id)
            kind = DeliveryKind.NEW if first else DeliveryKind.REMINDER
            group = _group(policy, alert)
            yield NewDelivery(channel.id, after.seq, kind, alert, policy.id, after.occasions, group)


def _ends(row: EventRow, alert: AlertEvent, situation: Situation) -> Iterator[NewDelivery]:
    policy = situation.policy_of(alert)
    if not policy.fields.recovery:
        return
    for channel in situation.channels:
        if channel.fields.enabled and row.seq > channel.since_seq:
            group = _group(policy, alert)
            yield NewDelivery(channel.id, row.seq, DeliveryKind.RESOLVED, alert, policy.id, group=group)


def _group(policy: Policy, alert: AlertEvent) -> Group | None:
    key = group_of(policy.fields.group_by, alert)
    if key is None:
        return None
    waits_ms = [wait_ms(policy.fields, alert, follows=follows) for follows in (False, True)]
    return Group(f"{policy.id}:{key}", *waits_ms)

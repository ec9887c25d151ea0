"""What a policy would do with an alert: whom it tells when, whom not and why, in which words. Nothing is sent."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

from noctule_shared.events import AlertEvent, AlertState, Severity

from noctule_hub.core.languages.spoken import Language
from noctule_hub.core.notifying.channels import Channel, ChannelFields
from noctule_hub.core.notifying.deliveries import DeliveryKind, Gathering, Item, Parcel
from noctule_hub.core.notifying.messages import Message, message_of
from noctule_hub.core.notifying.policies import Grouping, PolicyFields, Step, wait_ms
from noctule_hub.core.notifying.routing import step_channels

EXAMPLE: Final = AlertEvent(
    timestamp="2026-01-01T00:00:00.000Z",
    id=1,
    rule="device-offline",
    title="core1 is offline",
    severity=Severity.CRITICAL,
    state=AlertState.FIRING,
    device_id=1,
    device_name="core1",
    site_id=1,
    started_at="2026-01-01T00:00:00.000Z",
    reason="no answer to 3 pings",
)


@dataclass(frozen=True, slots=True)
class Told:
    """A channel at a step; `reason` is why it would not be told, None: it would."""

    channel: Channel
    reason: str | None


@dataclass(frozen=True, slots=True)
class RehearsedStep:
    """A step: `at_ms` after the alert's ring its message would leave, unless another of its group is on its way."""

    step: Step
    at_ms: int
    channels: tuple[Told, ...]


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """All steps, and the message of a problem and of its end (None: the end is not told).

    Both are in the language of the channel that would be told first, else in English.
    """

    steps: tuple[RehearsedStep, ...]
    problem: Message
    end: Message | None


def rehearse(
    policy: PolicyFields, channels: Sequence[Channel], alert: AlertEvent, tags: Collection[str], *, url: str | None
) -> Rehearsal:
    """Return what a policy would do with an alert that begins to ring now, about something that bears `tags`."""
    waits_ms = wait_ms(policy, alert, follows=False)
    steps = tuple(
        RehearsedStep(step, step.after_s * 1000 + waits_ms, _told(step, channels, alert, tags)) for step in policy.steps
    )
    meant = (told.channel.fields.language for step in steps for told in step.channels if told.reason is None)
    language = next(meant, Language.ENGLISH)
    end = words(policy, alert, DeliveryKind.RESOLVED, url=url, language=language) if policy.recovery else None
    return Rehearsal(steps, words(policy, alert, DeliveryKind.NEW, url=url, language=language), end)


def words(
    policy: PolicyFields,
    alert: AlertEvent,
    kind: DeliveryKind,
    *,
    url: str | None,
    language: Language = Language.ENGLISH,
) -> Message:
    """Return the message that a policy makes of one alert, for channels of a language."""
    gathering = None if policy.group_by is Grouping.NONE else Gathering.GROUP
    item = Item(kind, alert)
    return message_of(Parcel(0, "", (item,), 1, gathering, 0, 0, 0, policy.template), url=url, language=language)


def _told(step: Step, channels: Sequence[Channel], alert: AlertEvent, tags: Collection[str]) -> tuple[Told, ...]:
    told = {channel.id for channel in step_channels(step, channels, alert, tags)}
    meant = [channel for channel in channels if step.channel_ids is None or channel.id in step.channel_ids]
    return tuple(Told(one, None if one.id in told else _reason(one.fields)) for one in meant)


def _reason(fields: ChannelFields) -> str:
    return "its filter leaves this alert out" if fields.enabled else "it is disabled"

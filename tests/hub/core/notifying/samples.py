"""Alerts, events, channels and policies for tests of decisions."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import msgspec
from noctule_hub.core.notifying.channels import Channel, ChannelFields, Webhook
from noctule_hub.core.notifying.escalation import Escalation
from noctule_hub.core.notifying.policies import DEFAULT_FIELDS, DEFAULT_ID, Policy, PolicyFields, Step
from noctule_hub.core.notifying.routing import Situation
from noctule_hub.core.records import EventRow
from noctule_shared.events import AlertEvent, AlertState, EventName, Severity

ALERT = AlertEvent(
    timestamp="2026-11-26T08:00:00.000Z",
    id=1,
    rule="device-offline",
    title="offline",
    severity=Severity.WARNING,
    state=AlertState.FIRING,
    device_id=5,
    device_name="core1",
    site_id=2,
    started_at="2026-11-26T08:00:00.000Z",
    reason="no answer",
)
RESOLVED = msgspec.structs.replace(ALERT, state=AlertState.RESOLVED)
ACKNOWLEDGED = msgspec.structs.replace(ALERT, acknowledged_by="ada")


def channel(channel_id: int = 1, *, since_seq: int = 0, **changes: object) -> Channel:
    values: dict[str, object] = {
        "name": f"noc{channel_id}",
        "enabled": True,
        "severity": Severity.WARNING,
        "site_ids": (),
        "tags": (),
        "target": Webhook("https://a.example", signed=True),
    }
    return Channel(channel_id, ChannelFields(**(values | changes)), since_seq, 0, 1)  # type: ignore[arg-type]


def fields(*steps: tuple[int, tuple[int, ...] | None], **changes: Any) -> PolicyFields:
    """Return the default policy with other steps (after how many seconds, which channels) and whatever is given."""
    made = tuple(Step(after_s, channel_ids) for after_s, channel_ids in steps)
    return replace(DEFAULT_FIELDS, steps=made or DEFAULT_FIELDS.steps, **changes)


def situation(channels: Sequence[Channel], policy: PolicyFields = DEFAULT_FIELDS, *followed: Escalation) -> Situation:
    policies = {DEFAULT_ID: Policy(DEFAULT_ID, policy, 0, 1)}
    return Situation(channels, policies, {}, {one.alert.id: one for one in followed})


def row(
    seq: int = 1, name: EventName = EventName.ALERT_NEW, *, at_ms: int = 0, late: bool = False, **changes: object
) -> EventRow:
    data = msgspec.to_builtins(msgspec.structs.replace(ALERT, **changes))
    return EventRow(seq, name, data, ("alerts",), at_ms, at_ms, 5, 2, late)

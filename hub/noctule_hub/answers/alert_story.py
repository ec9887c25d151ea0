"""What HTTP answers about one alert: its explanation, its steps, and why there is none."""

import msgspec
from noctule_shared.alerts import Assignee, IncidentRef
from noctule_shared.events import AlertEvent, DeviceStatus, Severity
from noctule_shared.silences import SilenceRef

from noctule_hub.answers.alerting import RuleView
from noctule_hub.core.alerting.evidence import Evidence
from noctule_hub.core.alerting.steps import StepKind
from noctule_hub.core.alerting.why import Outcome
from noctule_hub.core.notifying.deliveries import DeliveryKind, DeliveryState


class AssigneesView(msgspec.Struct, frozen=True, rename="camel"):
    """Whom an alert may be assigned to, by id."""

    items: list[Assignee]


class StepView(msgspec.Struct, frozen=True, rename="camel", kw_only=True, omit_defaults=True):
    """What became of an alert at `at`; `observed_at` is when that came about, absent: then.

    `by` is who did it, absent: it came by itself. What else is there is what was new.
    """

    kind: StepKind
    at: str
    text: str
    observed_at: str | None = None
    by: str | None = None
    severity: Severity | None = None
    note: str | None = None
    until: str | None = None
    silence: SilenceRef | None = None
    inhibited_by: str | None = None
    assignee: Assignee | None = None
    incident: IncidentRef | None = None
    evidence: Evidence | None = None
    rule_revision: int | None = None


class HopView(msgspec.Struct, frozen=True, rename="camel"):
    """A device through which the alert's device is reached: directly (`away` 1) or further up, as it is now."""

    device_id: int
    name: str
    status: DeviceStatus
    reason: str
    away: int


class MatchingSilenceView(msgspec.Struct, frozen=True, rename="camel"):
    """A silence that holds now and matches the alert."""

    id: int
    comment: str
    ends_at: str


class ToldView(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """A delivery of the alert to a channel; `outcome` in full is for administrators, null: none yet, or not for you."""

    channel_id: int
    channel: str
    kind: DeliveryKind
    state: DeliveryState
    attempts: int
    created_at: str
    tried_at: str | None
    next_at: str | None
    outcome: str | None


class ExplanationView(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """An alert with all that is known of it, told in `sentences`.

    `rule_then` is the rule by which it was judged last (null: it is not known any more), `rule_now` the one of that
    name today (null: it was removed). `late`: it was over when it was found. `steps_dropped` came after the first ten.
    """

    alert: AlertEvent
    sentences: list[str]
    fired_at: str | None
    late: bool
    evidence: Evidence | None
    rule_revision: int
    rule_then: RuleView | None
    rule_now: RuleView | None
    path: list[HopView]
    maintenance: str | None
    suspended: str | None
    silences: list[MatchingSilenceView]
    deliveries: list[ToldView]
    steps: list[StepView]
    steps_dropped: int


class RuleAnswerView(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """What a rule says of a device or an interface; `alert_id` is its alert, or the last that never fired."""

    rule_id: int
    rule: str
    condition: str
    severity: Severity
    for_s: int
    outcome: Outcome
    text: str
    alert_id: int | None


class WhyView(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """What each rule that could be about a device, or an interface of it, says of it now."""

    device_id: int
    interface_id: int | None
    name: str
    status: DeviceStatus
    reason: str
    maintenance: str | None
    items: list[RuleAnswerView]

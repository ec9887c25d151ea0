"""Why there is no alert: what each rule that could be about a device or an interface says of it now, and why."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from noctule_shared.axes import IfStatus
from noctule_shared.events import AlertState, DeviceStatus

from noctule_hub.core.alerting.conditions import About, InterfaceDown, tag_of
from noctule_hub.core.alerting.rules import Rule
from noctule_hub.core.alerting.selectors import Selector, Target
from noctule_hub.core.alerting.words import lasting, moment
from noctule_hub.core.notifying.plain_text import inert
from noctule_hub.core.records import Alert, DeviceState, Interface


class Outcome(StrEnum):
    """What a rule says of something, the first that applies."""

    DISABLED = "disabled"
    NOT_ABOUT_IT = "not-about-it"
    FIRING = "firing"
    PENDING = "pending"
    UNKNOWN = "unknown"
    MAINTENANCE = "maintenance"
    UNREACHABLE = "unreachable"
    NOT_MET = "not-met"


@dataclass(frozen=True, slots=True)
class Situation:
    """What is known of a device, or of an interface of it (None: of the device itself), at `now_ms`.

    `state` None: nothing. `window` names the maintenance that holds it. `alerts` are those open about it, `forgotten`
    those that never fired, newest first. `figures` is what was measured last, in words.
    """

    now_ms: int
    target: Target
    state: DeviceState | None
    interface: Interface | None = None
    window: str | None = None
    alerts: tuple[Alert, ...] = ()
    forgotten: tuple[Alert, ...] = ()
    figures: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a rule says, in words too. `alert_id` is the alert that it has, or had last and forgot; None: none."""

    rule: Rule
    outcome: Outcome
    text: str
    alert_id: int | None = None


def why(rules: Iterable[Rule], situation: Situation) -> list[Answer]:
    """Return what each rule says that could be about it, by id."""
    about = About.DEVICE if situation.interface is None else About.INTERFACE
    wanted = [rule for rule in rules if rule.condition.about is about]
    answers = [_answer(rule, situation) for rule in sorted(wanted, key=lambda rule: rule.id)]
    return [replace(answer, text=inert(answer.text)) for answer in answers]


def _answer(rule: Rule, situation: Situation) -> Answer:
    alert = next((one for one in situation.alerts if one.rule == rule.name), None)
    if alert is not None:
        return _open(rule, alert, situation)
    if not rule.enabled:
        return Answer(rule, Outcome.DISABLED, "it is disabled")
    if not rule.selector.matches(situation.target):
        return Answer(rule, Outcome.NOT_ABOUT_IT, _misfit(rule.selector, situation.target))
    blocked = _blocked(situation)
    if blocked is not None:
        return Answer(rule, *blocked)
    former = next((one for one in situation.forgotten if one.rule == rule.name), None)
    words = _not_met(rule, situation)
    if former is None:
        return Answer(rule, Outcome.NOT_MET, words)
    last = f"; it was pending last since {moment(former.started_ms)} and ended before it fired: {former.reason}"
    return Answer(rule, Outcome.NOT_MET, words + last, former.id)


def _open(rule: Rule, alert: Alert, situation: Situation) -> Answer:
    quiet = [] if alert.inhibited_by is None else [alert.inhibited_by]
    if alert.silenced_by is not None:
        quiet.append(f"silence {alert.silenced_by.id} ({alert.silenced_by.comment})")
    if alert.acknowledged_by is not None:
        quiet.append(f"{alert.acknowledged_by} takes care of it")
    if alert.state is AlertState.FIRING:
        rings = f"; it rings nobody: {', '.join(quiet)}" if quiet else ""
        return Answer(rule, Outcome.FIRING, f"alert {alert.id} fires: {alert.reason}{rings}", alert.id)
    left_ms = alert.started_ms + rule.for_ms - situation.now_ms
    left = f"it fires in {lasting(left_ms)} if that holds on" if left_ms > 0 else "it waits for news of the device"
    if situation.window is not None:
        left = f"it does not fire during maintenance {situation.window}"
    return Answer(rule, Outcome.PENDING, f"alert {alert.id} is pending: {alert.reason}; {left}", alert.id)


def _blocked(situation: Situation) -> tuple[Outcome, str] | None:
    state = situation.state
    if state is None or state.status is DeviceStatus.UNKNOWN:
        reason = "nothing was heard of it yet" if state is None else state.reason
        return Outcome.UNKNOWN, f"nobody can know: {reason}"
    if situation.window is not None:
        return Outcome.MAINTENANCE, f"its device is under maintenance {situation.window}: nothing new is alerted"
    if state.status is DeviceStatus.UNREACHABLE:
        return (
            Outcome.UNREACHABLE,
            f"its device is unreachable, {state.reason}: what keeps it away is alerted instead",
        )
    return None


def _not_met(rule: Rule, situation: Situation) -> str:
    state, port = situation.state, situation.interface
    known = "" if state is None else f"the device is {state.status}: {state.reason}"
    if port is not None:
        known = f"ifAdminStatus {port.if_admin_status}, ifOperStatus {port.if_oper_status}; {known}"
        fallen = port.if_admin_status is IfStatus.UP and port.if_oper_status is not IfStatus.UP
        if isinstance(rule.condition, InterfaceDown) and fallen:
            return f"it is down, but did not fall: only what was seen up is alerted ({known})"
    figures = ", ".join(f"{name} {value}" for name, value in situation.figures.items())
    measured = f"; measured last: {figures}" if figures else ""
    return f"{tag_of(rule.condition)} is not met: {known}{measured}"


def _misfit(selector: Selector, target: Target) -> str:
    """Return which member of a selector finds nothing of itself in a target."""
    for name, words in (
        ("site_ids", f"site {target.site_id}"),
        ("device_ids", f"device {target.device_id}"),
        ("roles", f"role {target.role or 'none'}"),
        ("tags", f"tags {', '.join(target.tags) or 'none'}"),
        ("names", f"name {target.name}"),
        ("if_types", f"ifType {target.if_type}"),
        ("interface_names", f"names {', '.join(one for one in target.interface_names if one) or 'none'}"),
    ):
        wanted = getattr(selector, name)
        if wanted and not Selector(**{name: wanted}).matches(target):
            chosen = ", ".join(map(str, wanted))
            return f"it is about {name.replace('_', ' ')} {chosen} alone; here: {words}"
    return "it is about something else"

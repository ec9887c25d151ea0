"""Alerts explained over HTTP: why one is as it is, and why there is none. Gathered here, told by `core.alerting`."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

import msgspec
from aiohttp import web
from noctule_shared.errors import invalid
from noctule_shared.events import DeviceStatus, EventName
from noctule_shared.times import iso_from_ms

from noctule_hub.answers.alert_story import (
    ExplanationView,
    HopView,
    MatchingSilenceView,
    RuleAnswerView,
    StepView,
    ToldView,
    WhyView,
)
from noctule_hub.api.alert_rules import rule_view
from noctule_hub.api.alerts import alert_view
from noctule_hub.api.bodies import Id, json_response, path_id, read_query
from noctule_hub.api.context import ApiContext, context_of, principal_of
from noctule_hub.api.endpoints import Contract, Endpoint
from noctule_hub.auth.permissions import Action, is_allowed
from noctule_hub.core.alerting.conditions import tag_of
from noctule_hub.core.alerting.explain import MAX_PATH, Facts, Hop, explain, found_late
from noctule_hub.core.alerting.filter import AlertFilter
from noctule_hub.core.alerting.selectors import target_for
from noctule_hub.core.alerting.silences import quiet_at
from noctule_hub.core.alerting.steps import Step
from noctule_hub.core.alerting.told import Told
from noctule_hub.core.alerting.why import Answer, Situation, why
from noctule_hub.core.alerting.words import figure, spelled
from noctule_hub.core.event_filter import EventFilter
from noctule_hub.core.log_classes import LogClass
from noctule_hub.core.maintenance import covers
from noctule_hub.core.records import Alert, Device, Interface

# Alerts that can be open about one device and its interfaces.
MAX_OPEN: Final = 10_000
# Of the newest changes of a device so many are looked at for what the agent said beside their reasons.
MAX_EVENTS: Final = 50


class WhyQuery(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """Query of `GET /api/v1/alerts/why`; without `interfaceId` it is about the device itself."""

    device_id: Id
    interface_id: Id | None = None


async def explain_alert(request: web.Request) -> web.Response:
    """`GET /api/v1/alerts/{id}/explanation`: all that is known of an alert, and what it comes to in plain words."""
    context = context_of(request)
    alert = await context.store.alert(path_id(request))
    facts = await _facts(context, alert, outcomes=is_allowed(principal_of(request).role, Action.MANAGE_CHANNELS))
    tenancy = context.live.tenancy
    suspended = None if alert.device_id is None else tenancy.suspension(alert.device_id, alert.interface_id)
    return json_response(
        ExplanationView(
            alert=alert_view(context, alert),
            sentences=explain(facts),
            fired_at=_iso(alert.fired_ms),
            late=found_late(facts.story.steps),
            evidence=alert.evidence,
            rule_revision=alert.rule_revision,
            rule_then=None if facts.rule_then is None else rule_view(facts.rule_then),
            rule_now=None if facts.rule_now is None else rule_view(facts.rule_now),
            path=[HopView(hop.device_id, hop.name, hop.status, hop.reason, hop.away) for hop in facts.path],
            maintenance=facts.maintenance,
            suspended=suspended,
            silences=[MatchingSilenceView(one.id, one.comment, iso_from_ms(one.ends_ms)) for one in facts.silences],
            deliveries=[_told_view(told) for told in facts.told],
            steps=[_step_view(step) for step in facts.story.steps],
            steps_dropped=facts.story.dropped,
        )
    )


async def explain_silence(request: web.Request) -> web.Response:
    """`GET /api/v1/alerts/why?deviceId=&interfaceId=`: what each rule says that could alert on it."""
    query = read_query(request, WhyQuery)
    context = context_of(request)
    device = await context.store.device(query.device_id)
    interface = None if query.interface_id is None else await _interface(context, device, query.interface_id)
    situation = await _situation(context, device, interface)
    state = situation.state
    return json_response(
        WhyView(
            device_id=device.id,
            interface_id=query.interface_id,
            name=device.name if interface is None else f"{device.name} {interface.identity}",
            status=DeviceStatus.UNKNOWN if state is None else state.status,
            reason="" if state is None else state.reason,
            maintenance=situation.window,
            items=[_answer_view(answer) for answer in why(await context.store.rules(), situation)],
        )
    )


async def _facts(context: ApiContext, alert: Alert, *, outcomes: bool) -> Facts:
    """Return all that is known of an alert; without `outcomes` not what became of deliveries in words."""
    store, live, now_ms = context.store, context.live, context.clock_ms()
    device = None if alert.device_id is None else live.device(alert.device_id)
    interface = None if alert.interface_id is None else live.interface(alert.interface_id)
    agent = next((one for one in await store.agents() if one.id == alert.agent_id), None)
    target = target_for(device, interface, agent, device_id=alert.device_id, site_id=alert.site_id)
    rule_now = next((rule for rule in await store.rules() if rule.name == alert.rule), None)
    decided_ms = alert.fired_ms or alert.started_ms
    rule_then = await store.rule_version(alert.rule, alert.rule_revision, at_ms=decided_ms)
    if rule_then is None and rule_now is not None and rule_now.revision == alert.rule_revision:
        rule_then = rule_now
    holding = quiet_at(await store.silences(), now_ms).silences
    told = await store.told_of_alert(alert.id)
    return Facts(
        detail=await _detail(context, alert),
        alert=alert,
        now_ms=now_ms,
        story=await store.alert_story(alert.id),
        rule_then=rule_then,
        rule_now=rule_now,
        device=None if device is None else live.device_state(device.id),
        path=() if device is None else tuple(_hops(context, device)),
        maintenance=None if device is None else await _window(context, device),
        silences=tuple(silence for silence in holding if silence.matches(alert, target)),
        told=tuple(told if outcomes else (replace(one, outcome=None) for one in told)),
    )


async def _detail(context: ApiContext, alert: Alert) -> str | None:
    """Return what the agent said last beside the reason, as long as the alert is about it; None: nothing is known."""
    if alert.device_id is None or alert.interface_id is not None:
        return None
    end_ms = context.clock_ms() + 1 if alert.resolved_ms is None else alert.resolved_ms
    wanted = EventFilter(
        names=frozenset({EventName.DEVICE_STATUS}),
        device_id=alert.device_id,
        from_ms=alert.started_ms,
        to_ms=max(end_ms, alert.started_ms + 1),
        visible={LogClass.EVENTS},
    )
    events, _ = await context.store.find_events(wanted, after=None, limit=MAX_EVENTS)
    details = [detail for event in events if (detail := event.data.get("detail"))]
    return str(details[-1]) if details else None


def _hops(context: ApiContext, device: Device) -> Iterator[Hop]:
    """Yield the devices before a device, nearest first, each once."""
    seen, away, level = {device.id}, 1, [device]
    while level and len(seen) <= MAX_PATH:
        parents = dict.fromkeys(parent for one in level for parent in one.parents if parent not in seen)
        level = [one for parent in parents if (one := context.live.device(parent)) is not None]
        for one in level[: MAX_PATH + 1 - len(seen)]:
            state = context.live.device_state(one.id)
            status, reason = (DeviceStatus.UNKNOWN, "") if state is None else (state.status, state.reason)
            yield Hop(one.id, one.name, state.underlying or status if state else status, reason, away)
            seen.add(one.id)
        away += 1


async def _window(context: ApiContext, device: Device) -> str | None:
    windows = await context.store.windows()
    return next((one.name for one in windows if covers(one, device, context.clock_ms())), None)


async def _interface(context: ApiContext, device: Device, interface_id: int) -> Interface:
    interface = context.live.interface(interface_id)
    if interface is None or interface.device_id != device.id:
        raise invalid("interfaceId", f"{device.name} has no interface {interface_id}")
    return interface


async def _situation(context: ApiContext, device: Device, interface: Interface | None) -> Situation:
    interface_id = None if interface is None else interface.id
    about = AlertFilter(open_only=True, device_id=device.id)
    alerts = await context.store.alerts(about, before_id=None, limit=MAX_OPEN)
    return Situation(
        now_ms=context.clock_ms(),
        target=target_for(device, interface),
        state=context.live.device_state(device.id),
        interface=interface,
        window=await _window(context, device),
        alerts=tuple(alert for alert in alerts if alert.interface_id == interface_id),
        forgotten=tuple(await context.store.forgotten_alerts(device.id, interface_id)),
        figures=dict(_figures(context, device.id, interface_id)),
    )


def _figures(context: ApiContext, device_id: int, interface_id: int | None) -> Iterator[tuple[str, str]]:
    """Yield what was measured last, each by its name, in words."""
    round_ = None if interface_id is not None else context.live.latency(device_id)
    if round_ is not None:
        yield spelled("rttS"), figure("rttS", round_.rtt_s)
        yield spelled("lossRatio"), figure("lossRatio", round_.loss_ratio)
    rates = None if interface_id is None else context.live.bandwidth(device_id, interface_id)
    if rates is not None:
        for quantity, value in (
            ("inBps", rates.in_bps),
            ("outBps", rates.out_bps),
            ("inUtilRatio", rates.in_util_ratio),
            ("outUtilRatio", rates.out_util_ratio),
        ):
            if value is not None:
                yield spelled(quantity), figure(quantity, value)


def _told_view(told: Told) -> ToldView:
    return ToldView(
        channel_id=told.channel_id,
        channel=told.channel,
        kind=told.kind,
        state=told.state,
        attempts=told.attempts,
        created_at=iso_from_ms(told.created_ms),
        tried_at=_iso(told.tried_ms),
        next_at=_iso(told.next_ms),
        outcome=told.outcome,
    )


def _step_view(step: Step) -> StepView:
    return StepView(
        kind=step.kind,
        at=iso_from_ms(step.at_ms),
        text=step.text,
        observed_at=_iso(step.observed_ms),
        by=step.by,
        severity=step.severity,
        note=step.note,
        until=_iso(step.until_ms),
        silence=step.silence,
        inhibited_by=step.inhibited_by,
        assignee=step.assignee,
        incident=step.incident,
        evidence=step.evidence,
        rule_revision=step.rule_revision,
    )


def _answer_view(answer: Answer) -> RuleAnswerView:
    rule = answer.rule
    return RuleAnswerView(
        rule_id=rule.id,
        rule=rule.name,
        condition=tag_of(rule.condition),
        severity=rule.severity,
        for_s=rule.for_ms // 1000,
        outcome=answer.outcome,
        text=answer.text,
        alert_id=answer.alert_id,
    )


def _iso(at_ms: int | None) -> str | None:
    return None if at_ms is None else iso_from_ms(at_ms)


ENDPOINTS: Final = (
    Endpoint(
        "GET",
        "/api/v1/alerts/why",
        Action.READ_NETWORK,
        explain_silence,
        Contract(query=WhyQuery, answer=WhyView),
    ),
    Endpoint(
        "GET",
        "/api/v1/alerts/{id}/explanation",
        Action.READ_NETWORK,
        explain_alert,
        Contract(answer=ExplanationView),
    ),
)

"""Notification policies over HTTP: administrators write them, whoever writes rules reads them."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

from aiohttp import web
from noctule_shared.events import AlertEvent
from noctule_shared.times import iso_from_ms

from noctule_hub.answers.notification_policies import (
    PolicyView,
    RehearsalView,
    RehearsedStepView,
    StepView,
    ToldView,
    WordsView,
)
from noctule_hub.answers.pages import page_of
from noctule_hub.api.bodies import PageQuery, json_response, page, page_response, path_id, read_body, read_query
from noctule_hub.api.context import ApiContext, authorship_of, context_of
from noctule_hub.api.endpoints import Contract, Endpoint
from noctule_hub.api.notification_policy_input import (
    NewPolicyInput,
    PolicyChange,
    PolicyTest,
    check_new_policy,
    check_policy_change,
)
from noctule_hub.auth.permissions import Action
from noctule_hub.core.announcements import alert_event
from noctule_hub.core.notifying.deliveries import DeliveryKind, Outcome
from noctule_hub.core.notifying.messages import Message
from noctule_hub.core.notifying.policies import Policy, Step
from noctule_hub.core.notifying.rehearsal import EXAMPLE, Rehearsal, Told, rehearse, words
from noctule_hub.store.protocol import Store


async def list_policies(request: web.Request) -> web.Response:
    """`GET /api/v1/notification-policies`: all policies by id, the default one first."""
    store = context_of(request).store
    policies, names = await store.policies(), await _names(store)
    chosen, next_cursor = page(read_query(request, PageQuery), policies, lambda policy: policy.id)
    return page_response([_view(policy, names) for policy in chosen], next_cursor)


async def add_policy(request: web.Request) -> web.Response:
    """`POST /api/v1/notification-policies`: 201 with the policy; rules name it by its id."""
    store = context_of(request).store
    fields = check_new_policy(await read_body(request, NewPolicyInput))
    policy = await store.add_policy(fields, by=authorship_of(request))
    return json_response(_view(policy, await _names(store)), status=HTTPStatus.CREATED)


async def show_policy(request: web.Request) -> web.Response:
    """`GET /api/v1/notification-policies/{id}`."""
    store = context_of(request).store
    return json_response(_view(await store.policy(path_id(request)), await _names(store)))


async def change_policy(request: web.Request) -> web.Response:
    """`PATCH /api/v1/notification-policies/{id}`: the policy afterwards, by which alerts that ring go on at once."""
    context = context_of(request)
    body = await read_body(request, PolicyChange)
    policy = await context.store.policy(path_id(request))
    fields = check_policy_change(policy.fields, body)
    by = authorship_of(request)
    changed = await context.store.update_policy(policy.id, fields, revision=body.revision, by=by)
    context.notifications.changed()
    return json_response(_view(changed, await _names(context.store)))


async def remove_policy(request: web.Request) -> web.Response:
    """`DELETE /api/v1/notification-policies/{id}`: refused for the default one, and while rules name it."""
    context = context_of(request)
    await context.store.remove_policy(path_id(request), by=authorship_of(request))
    return web.Response(status=HTTPStatus.NO_CONTENT)


async def test_policy(request: web.Request) -> web.Response:
    """`POST /api/v1/notification-policies/{id}/test`: whom it would tell, when and how; sent by `send`."""
    context = context_of(request)
    body = await read_body(request, PolicyTest)
    policy = await context.store.policy(path_id(request))
    alert, tags = await _alert(context, body.alert_id)
    url = context.config.settings.public_url
    rehearsal = rehearse(policy.fields, await context.store.channels(), alert, tags, url=url)
    outcomes: dict[int, Outcome] = {}
    if body.send:
        meant = {told.channel.id: told for step in rehearsal.steps for told in step.channels if told.reason is None}
        for channel_id, told in meant.items():
            language = told.channel.fields.language
            message = words(policy.fields, alert, DeliveryKind.NEW, url=url, language=language)
            outcomes[channel_id] = await context.notifications.try_words(told.channel, message)
    return json_response(_rehearsed(policy, rehearsal, outcomes))


async def _alert(context: ApiContext, alert_id: int | None) -> tuple[AlertEvent, tuple[str, ...]]:
    """Return an alert as channels are told of it, and the tags of its device."""
    if alert_id is None:
        return EXAMPLE, ()
    alert = await context.store.alert(alert_id)
    device = None if alert.device_id is None else context.live.device(alert.device_id)
    event = alert_event(alert, None if device is None else device.name, timestamp_ms=context.clock_ms())
    return event, () if device is None else tuple(device.tags)


async def _names(store: Store) -> dict[int, str]:
    return {channel.id: channel.fields.name for channel in await store.channels()}


def _view(policy: Policy, names: Mapping[int, str]) -> PolicyView:
    fields = policy.fields
    return PolicyView(
        id=policy.id,
        name=fields.name,
        default=policy.is_default,
        steps=[_step(step, names) for step in fields.steps],
        repeat_s=fields.repeat_s,
        recovery=fields.recovery,
        group_by=fields.group_by,
        group_wait_s=fields.group_wait_s,
        title=fields.template.title,
        text=fields.template.text,
        created_at=iso_from_ms(policy.created_ms),
        revision=policy.revision,
    )


def _step(step: Step, names: Mapping[int, str]) -> StepView:
    if step.channel_ids is None:
        return StepView(step.after_s, None, None)
    return StepView(step.after_s, list(step.channel_ids), [names.get(one, str(one)) for one in step.channel_ids])


def _rehearsed(policy: Policy, rehearsal: Rehearsal, outcomes: Mapping[int, Outcome]) -> RehearsalView:
    steps = [
        RehearsedStepView(one.step.after_s, one.at_ms / 1000, [_told(told, outcomes) for told in one.channels])
        for one in rehearsal.steps
    ]
    end = None if rehearsal.end is None else _words(rehearsal.end)
    return RehearsalView(steps, policy.fields.repeat_s, _words(rehearsal.problem), end)


def _told(told: Told, outcomes: Mapping[int, Outcome]) -> ToldView:
    outcome = outcomes.get(told.channel.id) if told.reason is None else None
    return ToldView(
        channel_id=told.channel.id,
        name=told.channel.fields.name,
        told=told.reason is None,
        reason=told.reason,
        delivered=None if outcome is None else outcome.delivered,
        outcome=None if outcome is None else outcome.text,
    )


def _words(message: Message) -> WordsView:
    return WordsView(message.title, message.text, message.fault)


_ALL: Final = "/api/v1/notification-policies"
_ONE: Final = "/api/v1/notification-policies/{id}"
# Who writes rules names policies in them.
_READ: Final = Action.WRITE_ALERTS
_MANAGE: Final = Action.MANAGE_CHANNELS
ENDPOINTS: Final = (
    Endpoint("GET", _ALL, _READ, list_policies, Contract(query=PageQuery, answer=page_of(PolicyView))),
    Endpoint(
        "POST",
        _ALL,
        _MANAGE,
        add_policy,
        Contract(body=NewPolicyInput, answer=PolicyView, status=HTTPStatus.CREATED),
    ),
    Endpoint("GET", _ONE, _READ, show_policy, Contract(answer=PolicyView)),
    Endpoint("PATCH", _ONE, _MANAGE, change_policy, Contract(body=PolicyChange, answer=PolicyView)),
    Endpoint("DELETE", _ONE, _MANAGE, remove_policy, Contract(status=HTTPStatus.NO_CONTENT)),
    Endpoint("POST", f"{_ONE}/test", _MANAGE, test_policy, Contract(body=PolicyTest, answer=RehearsalView)),
)

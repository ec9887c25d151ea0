"""Notification channels over HTTP, for administrators alone; secrets go in and never come out."""

from http import HTTPStatus
from typing import Final

import msgspec
from aiohttp import web
from noctule_shared.times import iso_from_ms

from noctule_hub.answers.channels import AppriseView, ChannelStateView, ChannelView, SmtpView, TrialView, WebhookView
from noctule_hub.answers.pages import page_of
from noctule_hub.api.bodies import PageQuery, json_response, page, page_response, path_id, read_body, read_query
from noctule_hub.api.channel_input import ChannelChange, NewChannel, check_change, check_new
from noctule_hub.api.context import ApiContext, authorship_of, context_of
from noctule_hub.api.endpoints import Contract, Endpoint
from noctule_hub.auth.keys import SecretKind
from noctule_hub.auth.permissions import Action
from noctule_hub.core.notifying.channels import Apprise, Channel, Secret, Smtp, Webhook
from noctule_hub.core.notifying.deliveries import ChannelState
from noctule_hub.store.channels import Seal


async def list_channels(request: web.Request) -> web.Response:
    """`GET /api/v1/channels`: all channels by id."""
    store = context_of(request).store
    channels, states = await store.channels(), await store.channel_states()
    chosen, next_cursor = page(read_query(request, PageQuery), channels, lambda channel: channel.id)
    return page_response([view(channel, states.get(channel.id)) for channel in chosen], next_cursor)


async def add_channel(request: web.Request) -> web.Response:
    """`POST /api/v1/channels`: 201 with the channel, which is told of what happens from now on."""
    context = context_of(request)
    fields, secret = check_new(await read_body(request, NewChannel))
    channel = await context.store.add_channel(fields, seal=_seal_of(context, secret), by=authorship_of(request))
    context.notifications.changed()
    return json_response(view(channel, None), status=HTTPStatus.CREATED)


async def show_channel(request: web.Request) -> web.Response:
    """`GET /api/v1/channels/{id}`."""
    store = context_of(request).store
    channel = await store.channel(path_id(request))
    return json_response(view(channel, (await store.channel_states()).get(channel.id)))


async def change_channel(request: web.Request) -> web.Response:
    """`PATCH /api/v1/channels/{id}`: the channel as it is afterwards; refused when `revision` is not the newest."""
    context = context_of(request)
    body = await read_body(request, ChannelChange)
    channel = await context.store.channel(path_id(request))
    fields, secret = check_change(channel, body)
    seal = None if secret is None else _seal_of(context, secret)
    by = authorship_of(request)
    changed = await context.store.update_channel(channel.id, fields, revision=body.revision, seal=seal, by=by)
    context.notifications.changed()
    return json_response(view(changed, (await context.store.channel_states()).get(channel.id)))


async def remove_channel(request: web.Request) -> web.Response:
    """`DELETE /api/v1/channels/{id}`: with its secret, and with what is still to be sent on it."""
    context = context_of(request)
    await context.store.remove_channel(path_id(request), by=authorship_of(request))
    context.notifications.changed()
    return web.Response(status=HTTPStatus.NO_CONTENT)


async def test_channel(request: web.Request) -> web.Response:
    """`POST /api/v1/channels/{id}/test`: sends a test message now, also on one that is disabled."""
    context = context_of(request)
    outcome = await context.notifications.try_out(await context.store.channel(path_id(request)))
    return json_response(TrialView(outcome.delivered, outcome.text))


def view(channel: Channel, state: ChannelState | None) -> ChannelView:
    """Return a channel as answers show it; `state` None: it is new."""
    fields, target = channel.fields, channel.fields.target
    smtp = None
    if isinstance(target, Smtp):
        smtp = SmtpView(
            host=target.host,
            port=target.port,
            security=target.security,
            username=target.username,
            password_set=target.username is not None,
            sender=target.sender,
            recipients=list(target.recipients),
        )
    return ChannelView(
        id=channel.id,
        name=fields.name,
        kind=channel.kind,
        enabled=fields.enabled,
        severity=fields.severity,
        site_ids=list(fields.site_ids),
        tags=list(fields.tags),
        language=fields.language,
        webhook=WebhookView(target.origin, target.signed) if isinstance(target, Webhook) else None,
        smtp=smtp,
        apprise=AppriseView(target.scheme) if isinstance(target, Apprise) else None,
        state=_state(state or ChannelState()),
        created_at=iso_from_ms(channel.created_ms),
        revision=channel.revision,
    )


def _state(state: ChannelState) -> ChannelStateView:
    return ChannelStateView(
        health=state.health,
        failing_since=None if state.failing_since_ms is None else iso_from_ms(state.failing_since_ms),
        last_at=None if state.last_ms is None else iso_from_ms(state.last_ms),
        last_outcome=state.last_outcome,
        queued=state.queued,
        dead=state.dead,
    )


def _seal_of(context: ApiContext, secret: Secret) -> Seal:
    plaintext = msgspec.json.encode(secret)
    return lambda row_id: context.keys.seal(row_id, plaintext, kind=SecretKind.CHANNEL)


_ALL: Final = "/api/v1/channels"
_ONE: Final = "/api/v1/channels/{id}"
_MANAGE: Final = Action.MANAGE_CHANNELS
ENDPOINTS: Final = (
    Endpoint("GET", _ALL, _MANAGE, list_channels, Contract(query=PageQuery, answer=page_of(ChannelView))),
    Endpoint(
        "POST",
        _ALL,
        _MANAGE,
        add_channel,
        Contract(body=NewChannel, answer=ChannelView, status=HTTPStatus.CREATED),
    ),
    Endpoint("GET", _ONE, _MANAGE, show_channel, Contract(answer=ChannelView)),
    Endpoint("PATCH", _ONE, _MANAGE, change_channel, Contract(body=ChannelChange, answer=ChannelView)),
    Endpoint("DELETE", _ONE, _MANAGE, remove_channel, Contract(status=HTTPStatus.NO_CONTENT)),
    Endpoint("POST", f"{_ONE}/test", _MANAGE, test_channel, Contract(answer=TrialView)),
)

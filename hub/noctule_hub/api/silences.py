"""Silences over HTTP."""

from http import HTTPStatus
from typing import Final

from aiohttp import web
from noctule_shared.times import iso_from_ms

from noctule_hub.answers.alerting import MatchersView, SilenceView
from noctule_hub.answers.pages import page_of
from noctule_hub.api.bodies import PageQuery, json_response, page, page_response, path_id, read_body, read_query
from noctule_hub.api.context import authorship_of, context_of
from noctule_hub.api.endpoints import Contract, Endpoint
from noctule_hub.api.silence_input import NewSilenceInput, SilenceChange, check_new_silence, check_silence_change
from noctule_hub.auth.permissions import Action
from noctule_hub.core.alerting.silences import Silence


async def list_silences(request: web.Request) -> web.Response:
    """`GET /api/v1/silences`: all silences by id, those that are over too."""
    context = context_of(request)
    silences = await context.store.silences()
    chosen, next_cursor = page(read_query(request, PageQuery), silences, lambda silence: silence.id)
    return page_response([_view(silence, context.clock_ms()) for silence in chosen], next_cursor)


async def add_silence(request: web.Request) -> web.Response:
    """`POST /api/v1/silences`: 201 with the silence, which holds from now on if its time has begun."""
    context = context_of(request)
    body = await read_body(request, NewSilenceInput)
    by = authorship_of(request)
    silence = await context.store.add_silence(check_new_silence(body, now_ms=by.at_ms), by=by)
    await context.configuration_changed()
    return json_response(_view(silence, by.at_ms), status=HTTPStatus.CREATED)


async def show_silence(request: web.Request) -> web.Response:
    """`GET /api/v1/silences/{id}`."""
    context = context_of(request)
    return json_response(_view(await context.store.silence(path_id(request)), context.clock_ms()))


async def change_silence(request: web.Request) -> web.Response:
    """`PATCH /api/v1/silences/{id}`: the silence afterwards; refused when `revision` is not the newest."""
    context = context_of(request)
    body = await read_body(request, SilenceChange)
    by = authorship_of(request)
    silence = await context.store.silence(path_id(request))
    new = check_silence_change(silence, body, now_ms=by.at_ms)
    changed = await context.store.update_silence(silence.id, new, revision=body.revision, by=by)
    await context.configuration_changed()
    return json_response(_view(changed, by.at_ms))


async def expire_silence(request: web.Request) -> web.Response:
    """`POST /api/v1/silences/{id}/expire`: it ends now, and what still fires rings."""
    context = context_of(request)
    by = authorship_of(request)
    silence = await context.store.expire_silence(path_id(request), by=by)
    await context.configuration_changed()
    return json_response(_view(silence, by.at_ms))


async def remove_silence(request: web.Request) -> web.Response:
    """`DELETE /api/v1/silences/{id}`: what it silenced and still fires rings."""
    context = context_of(request)
    await context.store.remove_silence(path_id(request), by=authorship_of(request))
    await context.configuration_changed()
    return web.Response(status=HTTPStatus.NO_CONTENT)


def _view(silence: Silence, now_ms: int) -> SilenceView:
    matchers, selector = silence.matchers, silence.matchers.selector
    return SilenceView(
        id=silence.id,
        matchers=MatchersView(
            rules=list(matchers.rules),
            severity=matchers.severity,
            site_ids=list(selector.site_ids),
            device_ids=list(selector.device_ids),
            roles=list(selector.roles),
            tags=list(selector.tags),
            names=list(selector.names),
        ),
        comment=silence.comment,
        starts_at=iso_from_ms(silence.starts_ms),
        ends_at=iso_from_ms(silence.ends_ms),
        active=silence.holds_at(now_ms),
        created_by=silence.created_by,
        created_at=iso_from_ms(silence.created_ms),
        revision=silence.revision,
    )


_ALL: Final = "/api/v1/silences"
_ONE: Final = "/api/v1/silences/{id}"
_READ: Final = Action.READ_NETWORK
_WRITE: Final = Action.WRITE_ALERTS
ENDPOINTS: Final = (
    Endpoint("GET", _ALL, _READ, list_silences, Contract(query=PageQuery, answer=page_of(SilenceView))),
    Endpoint(
        "POST",
        _ALL,
        _WRITE,
        add_silence,
        Contract(body=NewSilenceInput, answer=SilenceView, status=HTTPStatus.CREATED),
    ),
    Endpoint("GET", _ONE, _READ, show_silence, Contract(answer=SilenceView)),
    Endpoint("PATCH", _ONE, _WRITE, change_silence, Contract(body=SilenceChange, answer=SilenceView)),
    Endpoint("DELETE", _ONE, _WRITE, remove_silence, Contract(status=HTTPStatus.NO_CONTENT)),
    Endpoint("POST", f"{_ONE}/expire", _WRITE, expire_silence, Contract(answer=SilenceView)),
)

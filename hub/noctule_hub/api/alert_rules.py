"""Rules of alerts over HTTP."""

from http import HTTPStatus
from typing import Final

import msgspec
from aiohttp import web
from noctule_shared.times import iso_from_ms

from noctule_hub.answers.alerting import RuleView, SelectorView
from noctule_hub.answers.pages import page_of
from noctule_hub.api.alert_rule_input import NewRuleInput, RuleChange, check_new_rule, check_rule_change
from noctule_hub.api.bodies import PageQuery, json_response, page, page_response, path_id, read_body, read_query
from noctule_hub.api.context import authorship_of, context_of
from noctule_hub.api.endpoints import Contract, Endpoint
from noctule_hub.auth.permissions import Action
from noctule_hub.core.alerting.rules import Rule


async def list_rules(request: web.Request) -> web.Response:
    """`GET /api/v1/rules`: all rules by id, disabled ones too."""
    rules = await context_of(request).store.rules()
    chosen, next_cursor = page(read_query(request, PageQuery), rules, lambda rule: rule.id)
    return page_response([rule_view(rule) for rule in chosen], next_cursor)


async def add_rule(request: web.Request) -> web.Response:
    """`POST /api/v1/rules`: 201 with the rule, which alerts from now on, also on what is offline or silent already."""
    context = context_of(request)
    new = check_new_rule(await read_body(request, NewRuleInput))
    rule = await context.store.add_rule(new, by=authorship_of(request))
    await context.configuration_changed()
    return json_response(rule_view(rule), status=HTTPStatus.CREATED)


async def show_rule(request: web.Request) -> web.Response:
    """`GET /api/v1/rules/{id}`."""
    return json_response(rule_view(await context_of(request).store.rule(path_id(request))))


async def change_rule(request: web.Request) -> web.Response:
    """`PATCH /api/v1/rules/{id}`: the rule afterwards, which its open alerts follow at once, or end by."""
    context = context_of(request)
    body = await read_body(request, RuleChange)
    rule = await context.store.rule(path_id(request))
    new = check_rule_change(rule, body)
    changed = await context.store.update_rule(rule.id, new, revision=body.revision, by=authorship_of(request))
    context.notifications.changed()
    await context.configuration_changed()
    return json_response(rule_view(changed))


async def remove_rule(request: web.Request) -> web.Response:
    """`DELETE /api/v1/rules/{id}`: its open alerts end."""
    context = context_of(request)
    await context.store.remove_rule(path_id(request), by=authorship_of(request))
    await context.configuration_changed()
    return web.Response(status=HTTPStatus.NO_CONTENT)


def rule_view(rule: Rule) -> RuleView:
    """Return a rule as HTTP answers show it."""
    return RuleView(
        id=rule.id,
        name=rule.name,
        condition=rule.condition,
        severity=rule.severity,
        for_s=rule.for_ms // 1000,
        trouble=rule.trouble,
        selector=msgspec.convert(rule.selector, SelectorView, from_attributes=True),
        enabled=rule.enabled,
        policy_id=rule.policy_id,
        created_at=iso_from_ms(rule.created_ms),
        revision=rule.revision,
    )


_ALL: Final = "/api/v1/rules"
_ONE: Final = "/api/v1/rules/{id}"
_READ: Final = Action.READ_NETWORK
_WRITE: Final = Action.WRITE_ALERTS
ENDPOINTS: Final = (
    Endpoint("GET", _ALL, _READ, list_rules, Contract(query=PageQuery, answer=page_of(RuleView))),
    Endpoint("POST", _ALL, _WRITE, add_rule, Contract(body=NewRuleInput, answer=RuleView, status=HTTPStatus.CREATED)),
    Endpoint("GET", _ONE, _READ, show_rule, Contract(answer=RuleView)),
    Endpoint("PATCH", _ONE, _WRITE, change_rule, Contract(body=RuleChange, answer=RuleView)),
    Endpoint("DELETE", _ONE, _WRITE, remove_rule, Contract(status=HTTPStatus.NO_CONTENT)),
)

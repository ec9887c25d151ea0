"""A rule tried over what is stored: how often it would have fired, for how long, on what, beside the present rules."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Annotated, Final

import msgspec
from aiohttp import web
from noctule_shared.errors import invalid
from noctule_shared.times import iso_from_ms

from noctule_hub.answers.alerting import RuleTrial, RuleTrialItem, RuleTrialRival
from noctule_hub.api.alert_rule_input import NewRuleInput, check_new_rule
from noctule_hub.api.bodies import Cursor, json_response, read_body
from noctule_hub.api.context import ApiContext, context_of
from noctule_hub.api.endpoints import Contract, Costly, Endpoint
from noctule_hub.api.rule_history import RuleHistory, history_of
from noctule_hub.auth.permissions import Action
from noctule_hub.core.alerting.conditions import About, Condition
from noctule_hub.core.alerting.rules import NewRule, Rule
from noctule_hub.core.alerting.selectors import Target, target_for
from noctule_hub.core.alerting.trial import Tally, occasions, tally
from noctule_hub.core.resolution import DAY_MS

MAX_DAYS: Final = 400


class RuleTrialInput(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """Body of `POST /api/v1/rules/test`: a rule as it would be added, and how many days back it is tried.

    `cursor` is the `nextCursor` of the part before; absent: the first part.
    """

    rule: NewRuleInput
    days: Annotated[int, msgspec.Meta(ge=1, le=MAX_DAYS)] = 30
    cursor: Cursor | None = None


@dataclass(frozen=True, slots=True)
class Candidate:
    """An object that a condition can be about; `key` orders them."""

    key: int
    title: str
    target: Target
    device_id: int | None = None
    interface_id: int | None = None
    agent_id: int | None = None


@dataclass(slots=True)
class _Sum:
    times: int = 0
    seconds: float = 0.0
    objects: int = 0

    def add(self, found: Tally | None) -> None:
        if found is not None:
            self.times += found.times
            self.seconds += found.seconds
            self.objects += 1


@dataclass(slots=True)
class _Part:
    items: list[RuleTrialItem] = field(default_factory=list)
    rivals: dict[str, _Sum] = field(default_factory=dict)


async def try_rule(request: web.Request) -> web.Response:
    """`POST /api/v1/rules/test`: what a rule would have done; changes nothing. Ask on with `cursor`."""
    context = context_of(request)
    body = await read_body(request, RuleTrialInput)
    new = check_new_rule(body.rule)
    now_ms = context.clock_ms()
    from_ms = now_ms - body.days * DAY_MS
    rivals = [rule for rule in await context.store.rules() if rule.enabled and _alike(rule, new)]
    candidates = [
        one
        for one in await _candidates(context, new.condition)
        if new.selector.matches(one.target) or any(rule.selector.matches(one.target) for rule in rivals)
    ]
    history = await history_of(context, new.condition, from_ms=from_ms, to_ms=now_ms)
    if history is None:
        raise invalid("rule.condition.kind", "cannot be tried: what it goes by is not kept; see docs/alerts.md")
    after = [one for one in candidates if body.cursor is None or one.key > body.cursor]
    chosen = after[: history.objects_at_once]
    part = _Part(rivals={rule.name: _Sum() for rule in rivals})
    for one in chosen:
        await _judge(history, part, one, new, rivals)
    answer = RuleTrial(
        from_=iso_from_ms(from_ms),
        to=iso_from_ms(now_ms),
        resolution=history.resolution,
        objects=len(candidates),
        done=len(candidates) - len(after) + len(chosen),
        items=part.items,
        present=[
            RuleTrialRival(rule=name, times=found.times, seconds=found.seconds, objects=found.objects)
            for name, found in part.rivals.items()
        ],
        next_cursor=str(chosen[-1].key) if len(after) > len(chosen) else None,
    )
    return json_response(answer)


async def _judge(history: RuleHistory, part: _Part, one: Candidate, new: NewRule, rivals: Sequence[Rule]) -> None:
    """Add what the rule and those that the hub has would have found in one object."""
    rules: list[NewRule | Rule] = [new, *rivals]
    tried = [rule for rule in rules if rule.selector.matches(one.target)]
    tracks = await history.tracks(one.key, [rule.condition for rule in tried])
    for rule, track in zip(tried, tracks, strict=True):
        found = tally(occasions(track, for_ms=rule.for_ms, until_ms=history.to_ms), until_ms=history.to_ms)
        if rule is not new:
            part.rivals[rule.name].add(found)
        elif found is not None:
            part.items.append(_item(one, found))


def _item(one: Candidate, found: Tally) -> RuleTrialItem:
    return RuleTrialItem(
        title=one.title,
        device_id=one.device_id,
        interface_id=one.interface_id,
        agent_id=one.agent_id,
        times=found.times,
        seconds=found.seconds,
        longest_s=found.longest_s,
        last_at=iso_from_ms(found.last_ms),
    )


def _alike(rule: Rule, new: NewRule) -> bool:
    return type(rule.condition) is type(new.condition)


async def _candidates(context: ApiContext, condition: Condition) -> list[Candidate]:
    """Return what a condition can be about, as it is now, by rising key."""
    match condition.about:
        case About.DEVICE:
            found = [
                Candidate(
                    device.id,
                    device.name,
                    target_for(device),
                    device_id=device.id,
                )
                for device in context.live.devices()
            ]
        case About.INTERFACE:
            found = [
                Candidate(
                    port.id,
                    f"{device.name} {port.identity}" + (f" ({port.if_alias})" if port.if_alias else ""),
                    target_for(device, port),
                    device_id=device.id,
                    interface_id=port.id,
                )
                for device in context.live.devices()
                for port in context.live.interfaces(device.id)
            ]
        case About.AGENT:
            found = [
                Candidate(agent.id, agent.name, Target(agent.name, site_id=agent.site_id), agent_id=agent.id)
                for agent in await context.store.agents()
                if agent.revoked_ms is None
            ]
        case About.HUB:
            found = []
    return sorted(found, key=lambda one: one.key)


ENDPOINTS: Final = (
    Endpoint(
        "POST",
        "/api/v1/rules/test",
        Action.READ_NETWORK,
        try_rule,
        Contract(body=RuleTrialInput, answer=RuleTrial),
        costly=Costly.READ,
    ),
)

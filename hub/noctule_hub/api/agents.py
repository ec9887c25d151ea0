"""Agents over HTTP: enrolment (the hub proves itself first, then the join token counts), the list, revocation."""

import logging
import re
import secrets
from http import HTTPStatus
from typing import Annotated, Final

import msgspec
from aiohttp import web
from noctule_shared.enrolment import JoinAnswer, JoinRequest, ProveAnswer, ProveRequest, RotateRequest
from noctule_shared.errors import ErrorCode, Refused, invalid
from noctule_shared.join_token import JoinToken
from noctule_shared.link import HUB_PROOF_PREFIX
from noctule_shared.times import iso_from_ms

from noctule_hub.answers.agents import AgentView, GapPage, NewJoinTokenAnswer
from noctule_hub.answers.pages import page_of
from noctule_hub.api.bodies import (
    Id,
    PageQuery,
    RangeQuery,
    check_name,
    json_response,
    page,
    page_response,
    path_id,
    range_ms,
    read_body,
    read_query,
)
from noctule_hub.api.context import ApiContext, authorship_of, context_of
from noctule_hub.api.devices import resolve_site
from noctule_hub.api.endpoints import Contract, Endpoint
from noctule_hub.api.views import agent_view, gap_view
from noctule_hub.auth.agents import check_public_key, check_rotation
from noctule_hub.auth.permissions import Action
from noctule_hub.auth.sessions import secret_hash
from noctule_hub.core.audit import Authorship

_log = logging.getLogger(__name__)

MAX_USES: Final = 1000
MIN_EXPIRES_S: Final = 60
MAX_EXPIRES_S: Final = 30 * 86_400
# 24 bytes in hex: the alphabet of join tokens has no underscore, which separates their parts.
SECRET_BYTES: Final = 24
MAX_SECRET_CHARS: Final = 64
MAX_VERSION_CHARS: Final = 64
MAX_GAP_RANGE_MS: Final = 366 * 86_400_000
MAX_GAPS: Final = 1_000
_NONCE: Final = re.compile(r"[0-9a-f]{32}", re.ASCII)


class NewJoinToken(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """Body of `POST /api/v1/agents/tokens`; the site by name or id."""

    site: str | None = None
    site_id: Id | None = None
    uses: Annotated[int, msgspec.Meta(ge=1, le=MAX_USES)] = 1
    expires_in_s: Annotated[int, msgspec.Meta(ge=MIN_EXPIRES_S, le=MAX_EXPIRES_S)] = 86_400


class AgentChange(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """Body of `PATCH /api/v1/agents/{id}`."""

    name: str


async def list_agents(request: web.Request) -> web.Response:
    """`GET /api/v1/agents`: by id, revoked ones too."""
    context = context_of(request)
    chosen, next_cursor = page(read_query(request, PageQuery), await context.store.agents(), lambda agent: agent.id)
    names = {site.id: site.name for site in await context.store.sites()}
    views = [agent_view(agent, site_name=names.get(agent.site_id, ""), live=context.live) for agent in chosen]
    return page_response(views, next_cursor)


async def revoke_agent(request: web.Request) -> web.Response:
    """`DELETE /api/v1/agents/{id}`: revoked for good, its link cut; the row and its history stay."""
    context = context_of(request)
    agent = await context.store.revoke_agent(path_id(request), by=authorship_of(request))
    await context.agent_revoked(agent.id)
    await context.configuration_changed()
    return web.Response(status=204)


async def rename_agent(request: web.Request) -> web.Response:
    """`PATCH /api/v1/agents/{id}`: another name; everything else an agent says of itself."""
    context = context_of(request)
    body = await read_body(request, AgentChange)
    agent = await context.store.rename_agent(path_id(request), check_name("name", body.name), by=authorship_of(request))
    await context.configuration_changed()
    names = {site.id: site.name for site in await context.store.sites()}
    return json_response(agent_view(agent, site_name=names.get(agent.site_id, ""), live=context.live))


async def list_gaps(request: web.Request) -> web.Response:
    """`GET /api/v1/agents/{id}/gaps?from=&to=`: holes in what an agent delivered, newest first."""
    context = context_of(request)
    agent_id = path_id(request)
    from_ms, to_ms = range_ms(read_query(request, RangeQuery), now_ms=context.clock_ms(), max_range_ms=MAX_GAP_RANGE_MS)
    gaps = await context.store.gaps(agent_id, from_ms=from_ms, to_ms=to_ms, limit=MAX_GAPS)
    return json_response(GapPage([gap_view(gap) for gap in gaps], more=len(gaps) == MAX_GAPS))


async def rotate_keys(request: web.Request) -> web.Response:
    """`POST /api/v1/agents/keys`: 204; an agent announces the keys with which it will come from now on."""
    context = context_of(request)
    _limit(context, request)
    body = await read_body(request, RotateRequest)
    check_public_key("signingKey", body.signing_key)
    check_public_key("sealingKey", body.sealing_key)
    agent = next((agent for agent in await context.store.agents() if agent.id == body.agent_id), None)
    if agent is None:
        raise Refused(ErrorCode.UNAUTHORISED, "the keys are not signed by this agent")
    check_rotation(agent, body, hub_id=context.keys.fingerprint, now_ms=context.clock_ms())
    await context.store.announce_agent_keys(agent.id, signing_key=body.signing_key, sealing_key=body.sealing_key)
    _log.info("agent %d announced new keys from %s", agent.id, request.remote)
    return web.Response(status=204)


async def add_join_token(request: web.Request) -> web.Response:
    """`POST /api/v1/agents/tokens`: 201 with the token, which is kept hashed."""
    context = context_of(request)
    body = await read_body(request, NewJoinToken)
    secret = secrets.token_hex(SECRET_BYTES)
    expires_ms = context.clock_ms() + body.expires_in_s * 1000
    row = await context.store.add_join_token(
        site_id=await resolve_site(context, body.site, body.site_id),
        secret_hash=secret_hash(secret),
        uses=body.uses,
        expires_ms=expires_ms,
        by=authorship_of(request),
    )
    token = JoinToken(row.id, secret, context.keys.fingerprint)
    return json_response(NewJoinTokenAnswer(token.text(), iso_from_ms(expires_ms)), status=201)


async def prove(request: web.Request) -> web.Response:
    """`POST /api/v1/agents/prove`: sign an agent's nonce before it shows its join token."""
    context = context_of(request)
    _limit(context, request)
    body = await read_body(request, ProveRequest)
    if not _NONCE.fullmatch(body.nonce):
        raise invalid("nonce", "must be 32 lower-case hex digits")
    # Not enrolled yet counts as id 0, so a signature made here can never pass for a welcome, whose id is positive.
    signature = context.keys.sign(HUB_PROOF_PREFIX + body.nonce.encode() + b"0")
    return json_response(ProveAnswer(context.keys.public_hex, signature.hex()))


async def join(request: web.Request) -> web.Response:
    """`POST /api/v1/agents/join`: use up a join token and enrol the agent."""
    context = context_of(request)
    _limit(context, request)
    body = await read_body(request, JoinRequest)
    if not 0 < body.token_id < 2**63 or len(body.secret) > MAX_SECRET_CHARS:
        raise Refused(ErrorCode.UNAUTHORISED, "this join token is not valid")
    name = check_name("name", body.name)
    agent = await context.store.enrol_agent(
        token_id=body.token_id,
        secret_hash=secret_hash(body.secret),
        name=name,
        signing_key=check_public_key("signingKey", body.signing_key),
        sealing_key=check_public_key("sealingKey", body.sealing_key),
        version=check_name("version", body.version, max_chars=MAX_VERSION_CHARS),
        by=Authorship(f"join-token:{body.token_id}", name, request.remote, context.clock_ms()),
    )
    _log.info("agent %d joined from %s", agent.id, request.remote)
    await context.configuration_changed()
    sites = {site.id: site.name for site in await context.store.sites()}
    return json_response(JoinAnswer(agent.id, agent.name, sites.get(agent.site_id, ""), context.keys.fingerprint))


def _limit(context: ApiContext, request: web.Request) -> None:
    wait_s = context.enrol_limit.admit(request.remote or "", context.clock_ms())
    if wait_s is not None:
        raise Refused(ErrorCode.TOO_MANY, "too many requests from this address", retry_after_s=wait_s)


ENDPOINTS: Final = (
    Endpoint(
        "GET", "/api/v1/agents", Action.READ_NETWORK, list_agents, Contract(query=PageQuery, answer=page_of(AgentView))
    ),
    Endpoint(
        "DELETE", "/api/v1/agents/{id}", Action.REVOKE_AGENTS, revoke_agent, Contract(status=HTTPStatus.NO_CONTENT)
    ),
    Endpoint(
        "PATCH", "/api/v1/agents/{id}", Action.ENROL_AGENTS, rename_agent, Contract(body=AgentChange, answer=AgentView)
    ),
    Endpoint(
        "GET", "/api/v1/agents/{id}/gaps", Action.READ_NETWORK, list_gaps, Contract(query=RangeQuery, answer=GapPage)
    ),
    Endpoint(
        "POST",
        "/api/v1/agents/keys",
        Action.PUBLIC,
        rotate_keys,
        Contract(body=RotateRequest, status=HTTPStatus.NO_CONTENT),
    ),
    Endpoint(
        "POST",
        "/api/v1/agents/tokens",
        Action.ENROL_AGENTS,
        add_join_token,
        Contract(body=NewJoinToken, answer=NewJoinTokenAnswer, status=HTTPStatus.CREATED),
    ),
    Endpoint("POST", "/api/v1/agents/prove", Action.PUBLIC, prove, Contract(body=ProveRequest, answer=ProveAnswer)),
    Endpoint("POST", "/api/v1/agents/join", Action.PUBLIC, join, Contract(body=JoinRequest, answer=JoinAnswer)),
)

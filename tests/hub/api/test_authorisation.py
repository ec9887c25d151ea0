"""Every route declares who may use it, and nobody else gets through: one walk over the whole route table."""

import re

import pytest
from aiohttp import web
from noctule_hub.api.endpoints import BY_ROUTE
from noctule_hub.api.routes import ALL_ENDPOINTS
from noctule_hub.auth.permissions import ALLOWED, Action, is_allowed
from noctule_hub.core.principal import Role

from tests.hub.api.harness import Hub

WALKED = (Role.ADMIN, Role.OPERATOR, Role.VIEWER, Role.BILLING, Role.CUSTOMER, Role.METRICS, Role.ANONYMOUS)
REFUSED = {401, 403}


def test_every_action_says_which_roles_may() -> None:
    assert set(ALLOWED) == set(Action)
    assert Role.AGENT not in {role for action, roles in ALLOWED.items() if action != Action.PUBLIC for role in roles}


async def test_every_route_declares_one_action(hub: Hub) -> None:
    declared = hub.app[BY_ROUTE]
    routes = [
        (route.method, route.resource.canonical) for route in hub.app.router.routes() if route.resource is not None
    ]
    assert len(routes) > 30
    undeclared = [
        (method, path) for method, path in routes if ("GET" if method == "HEAD" else method, path) not in declared
    ]
    assert not undeclared
    assert len(declared) == len(ALL_ENDPOINTS)


async def test_public_routes_are_these_and_no_others(hub: Hub) -> None:
    public = {
        f"{method} {path}" for (method, path), found in hub.app[BY_ROUTE].items() if found.action is Action.PUBLIC
    }
    assert public == {
        "GET /",
        "GET /ws-test",
        "GET /assets/{name}",
        "GET /health",
        "GET /status",
        "GET /status.css",
        "GET /status.js",
        "GET /status/badge.svg",
        "GET /api/v1/status",
        "GET /api/v1/openapi.json",
        "GET /api/test/ws-status",
        "POST /api/v1/auth/login",
        "POST /api/v1/auth/refresh",
        "POST /api/v1/auth/logout",
        "POST /api/v1/agents/prove",
        "POST /api/v1/agents/join",
        "POST /api/v1/agents/keys",
    }


@pytest.mark.parametrize("role", WALKED)
async def test_each_role_passes_where_the_table_lets_it_and_nowhere_else(hub: Hub, role: Role) -> None:
    for endpoint in ALL_ENDPOINTS:
        if endpoint.action is Action.PUBLIC:
            continue
        # An id that nothing has: who is let in gets 404 or 400, and nothing is changed on the way.
        path = re.sub(r"\{[^}]*\}", "987654", endpoint.path)
        # From elsewhere: this machine itself may scrape without a sign-in.
        answer = await hub.ask(endpoint.method, path, role=role, headers={"X-Forwarded-For": "198.51.100.1"})
        if is_allowed(role, endpoint.action):
            assert answer.status not in REFUSED, f"{endpoint.method} {path} refused {role}: {answer.text}"
        else:
            expected = 401 if role is Role.ANONYMOUS else 403
            assert answer.status == expected, f"{endpoint.method} {path} let {role} in: {answer.text}"
            assert answer.json["code"] == ("unauthorised" if expected == 401 else "forbidden")


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer ", "Basic YWRtaW46eA==", "Bearer x.y.z", "Bearer \t"])
async def test_a_malformed_sign_in_is_refused_and_not_taken_for_anonymous(hub: Hub, header: str) -> None:
    answer = await hub.ask("GET", "/api/v1/devices", role=Role.ANONYMOUS, headers={"Authorization": header})
    assert answer.status == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"


async def test_a_stale_token_does_not_close_public_routes(hub: Hub) -> None:
    stale = hub.bearer(Role.VIEWER)
    hub.now_ms += 3_600_000
    assert (await hub.ask("GET", "/health", role=Role.ANONYMOUS, headers=stale)).status == 200
    answer = await hub.ask("GET", "/api/v1/me", role=Role.ANONYMOUS, headers=stale)
    assert (answer.status, answer.json["message"]) == (401, "token_expired: refresh it")


async def test_a_route_without_a_declared_action_is_refused(hub: Hub) -> None:
    async def forgotten(_: web.Request) -> web.Response:
        return web.Response(text="open")

    hub.app.router._frozen = False
    hub.app.router.add_get("/api/v1/forgotten", forgotten)
    answer = await hub.get("/api/v1/forgotten")
    assert answer.status == 403

"""An endpoint: a route with the one action its caller must be allowed. Resources list theirs, `routes` adds them."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final

import msgspec
from aiohttp import web

from noctule_hub.auth.permissions import Action

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Contract:
    """What goes in and comes out of an endpoint under `/api/v1`, for the OpenAPI document and the tests that hold it.

    `query` is read with `bodies.read_query`, `body` with `bodies.read_body`: what they decode is what the document
    promises. `answer` is the JSON of `status`; None: no body, or text of another `media_type`. `path` are the types
    of path parameters that are no ids, `headers` what must be sent beside them, with its description.
    """

    query: type[msgspec.Struct] | None = None
    body: type[msgspec.Struct] | None = None
    body_optional: bool = False
    answer: Any = None
    status: HTTPStatus = HTTPStatus.OK
    media_type: str = "application/json"
    path: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One route. `path` is aiohttp's pattern; `contract` None: it is no part of the documented API."""

    method: str
    path: str
    action: Action
    handler: Handler
    contract: Contract | None = None


# By method and canonical path, filled once by `routes.add_routes`.
BY_ROUTE: Final = web.AppKey("noctule_endpoints", Mapping[tuple[str, str], Endpoint])
# Socket.IO brings its own route and asks for its own credentials.
SELF_GUARDED_PREFIX: Final = "/socket.io/"

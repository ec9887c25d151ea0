"""An endpoint: a route with the one action its caller must be allowed. Resources list theirs, `routes` adds them."""

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from http import HTTPStatus
from typing import Any, Final

import msgspec
from aiohttp import web

from noctule_hub.auth.permissions import Action

_PARAMETER: Final = re.compile(r"\{([A-Za-z]+)\}")
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


# Ids are positive integers of one spelling; a path with anything else in their place names nothing.
ID_PATTERN: Final = "[1-9][0-9]{0,17}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Contract:
    """What goes in and comes out of an endpoint under `/api/v1`, for the OpenAPI document and the tests that hold it.

    `query` is read with `bodies.read_query`, `body` with `bodies.read_body`: what they decode is what the document
    promises. `answer` is the JSON of `status`; None: no body, or text of another `media_type`, or of one of
    `or_media_types` where the query chooses. `path` are the types of path parameters that are no ids, `headers` what
    must be sent beside them, with its description.
    """

    query: type[msgspec.Struct] | None = None
    body: type[msgspec.Struct] | None = None
    body_optional: bool = False
    answer: Any = None
    status: HTTPStatus = HTTPStatus.OK
    media_type: str = "application/json"
    or_media_types: tuple[str, ...] = ()
    path: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)


class Costly(StrEnum):
    """What reads so much that only a few of its kind are worked on at once, the others waiting for their turn.

    A read ends soon (`limits.costly_reads` at once), an export lasts as long as its client takes (`MAX_EXPORTS`).
    """

    READ = "reads"
    EXPORT = "exports"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One route. `path` is aiohttp's pattern, its plain parameters are ids unless the contract gives them a type.

    `contract` None: it is no part of the documented API. `costly`: it takes a turn among its like.
    """

    method: str
    path: str
    action: Action
    handler: Handler
    contract: Contract | None = None
    costly: Costly | None = None

    @property
    def pattern(self) -> str:
        """The path with a pattern for each id."""
        typed = () if self.contract is None else self.contract.path

        def with_pattern(match: re.Match[str]) -> str:
            return match[0] if match[1] in typed else f"{{{match[1]}:{ID_PATTERN}}}"

        return _PARAMETER.sub(with_pattern, self.path)


# By method and canonical path, filled once by `routes.add_routes`.
BY_ROUTE: Final = web.AppKey("noctule_endpoints", Mapping[tuple[str, str], Endpoint])
# Socket.IO brings its own route and asks for its own credentials.
SELF_GUARDED_PREFIX: Final = "/socket.io/"

"""An endpoint: a route with the one action its caller must be allowed. Resources list theirs, `routes` adds them."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Final

from aiohttp import web

from noctule_hub.auth.permissions import Action

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One route. `path` is aiohttp's pattern."""

    method: str
    path: str
    action: Action
    handler: Handler


# By method and canonical path, filled once by `routes.add_routes`.
ACTIONS: Final = web.AppKey("noctule_api_actions", Mapping[tuple[str, str], Action])
# Socket.IO brings its own route and asks for its own credentials.
SELF_GUARDED_PREFIX: Final = "/socket.io/"

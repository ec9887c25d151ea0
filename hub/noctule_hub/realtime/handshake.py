"""What a client says when it connects, validated once: who it is, which rooms, and where it left off.

Whether it may be in those rooms is left to `core.rooms`, catching it up to `catchup`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Protocol

from noctule_shared.errors import invalid
from noctule_shared.events import LogPosition

from noctule_hub.core.principal import ANONYMOUS, Principal
from noctule_hub.core.rooms import MAX_ROOM_NAME_CHARS, MAX_ROOMS

MAX_TOKEN_CHARS: Final = 8_192
MAX_TAB_CHARS: Final = 64
MAX_SEQ: Final = 2**63 - 1
_EPOCH: Final = re.compile(r"[0-9a-f]{16}", re.ASCII)


class Verifier(Protocol):
    """Tells who a token speaks for."""

    async def verify(self, token: str) -> Principal:
        """Return the principal. Raises `TokenRefused`."""
        ...


@dataclass(frozen=True, slots=True)
class Handshake:
    """A validated handshake. `token` and `tab` None: none given; `rooms` None: the role's own.

    `also`: rooms besides those, caught up together with them, so that one position in the log stands for all.
    """

    token: str | None
    tab: str | None
    rooms: tuple[str, ...] | None
    also: tuple[str, ...]
    since: LogPosition | None

    def wanted(self, own: tuple[str, ...]) -> tuple[str, ...]:
        """Return all rooms that are asked for, each once; `own` are the role's."""
        return tuple(dict.fromkeys((*(own if self.rooms is None else self.rooms), *self.also)))


def parse_handshake(auth: object) -> Handshake:
    """Return what a client sent as `auth`. Raises `Refused` (invalid) naming the field and the fix."""
    if auth is None:
        auth = {}
    if not isinstance(auth, Mapping):
        raise invalid("auth", "auth must be an object with token, tab, subscribe, also, since, each optional")
    token, tab = auth.get("token"), auth.get("tab")
    rooms, also = _rooms(auth.get("subscribe"), "subscribe"), _rooms(auth.get("also"), "also") or ()
    if len({*(rooms or ()), *also}) > MAX_ROOMS:
        raise invalid("also", f"subscribe and also must be at most {MAX_ROOMS} rooms together")
    return Handshake(
        token=None if token is None or token == "" else parse_token(token),
        tab=_text(tab, "tab", MAX_TAB_CHARS) if tab is not None else None,
        rooms=rooms,
        also=also,
        since=parse_since(auth.get("since")),
    )


def parse_token(token: object) -> str:
    """Return a token's text. Raises `Refused` (invalid, field token) without repeating it."""
    return _text(token, "token", MAX_TOKEN_CHARS)


def parse_room_name(room: object, *, field: str = "room") -> str:
    """Return a room's name as text of a sane length. Raises `Refused` (invalid, naming `field`)."""
    return _text(room, field, MAX_ROOM_NAME_CHARS)


def parse_since(since: object) -> LogPosition | None:
    """Return a log position, None for none. Raises `Refused` (invalid, field since)."""
    if since is None:
        return None
    if not isinstance(since, Mapping):
        raise invalid("since", "since must be {epoch, seq} as in position and replay:done")
    epoch, seq = since.get("epoch"), since.get("seq")
    if not isinstance(epoch, str) or _EPOCH.fullmatch(epoch) is None:
        raise invalid("since", "since.epoch must be 16 hex digits as in position and replay:done")
    if type(seq) is not int or not 0 <= seq <= MAX_SEQ:
        raise invalid("since", "since.seq must be a whole number, 0 or more")
    return LogPosition(epoch, seq)


async def identify(verifier: Verifier, token: str | None) -> Principal:
    """Return who a token speaks for; None: anonymous. Raises `TokenRefused`."""
    return ANONYMOUS if token is None else await verifier.verify(token)


def _rooms(names: object, field: str) -> tuple[str, ...] | None:
    if names is None:
        return None
    if not isinstance(names, list) or len(names) > MAX_ROOMS:
        raise invalid(field, f"{field} must be a list of at most {MAX_ROOMS} room names")
    return tuple(dict.fromkeys(parse_room_name(name, field=f"{field}[{n}]") for n, name in enumerate(names)))


def _text(value: object, field: str, max_chars: int) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= max_chars:
        raise invalid(field, f"{field} must be text of 1 to {max_chars} characters")
    return value

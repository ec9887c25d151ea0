"""Who may open a session and how much it may send: decided before anything is kept of it, and told by reason.

Times are the caller's clock. Tokens and users are `admission`'s; sessions that did other namespaces' handshakes
(agents) answer to those and are counted here alone.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from noctule_shared.errors import ErrorCode, Refused

from noctule_hub.auth.throttle import AddressLimit, address_key
from noctule_hub.config.sockets import SocketSettings

# Open sessions of one hub; a thousand more than clients (`admission.MAX_CONNECTIONS`), which are agents'.
MAX_SESSIONS: Final = 11_000
FULL_RETRY_S: Final = 30.0
ADDRESS_RETRY_S: Final = 30.0
MINUTE_MS: Final = 60_000
# What is not signed in gets this part of the messages.
ANONYMOUS_SHARE: Final = 0.25
# The largest message from outside: an agent's frame is <= 256 kB, and base64 over long-polling adds a third.
MAX_MESSAGE_BYTES: Final = 512 * 1024
# What is a little more than what a client has to say is refused with words.
MAX_CLIENT_MESSAGE_BYTES: Final = 128 * 1024
# Who is not signed in, or not yet, sends tokens and names of rooms: 8 kB and 200 x 64 at most.
MAX_ANONYMOUS_MESSAGE_BYTES: Final = 32 * 1024
# A session that did not CONNECT to any namespace is cut after this time; engineio itself keeps it for ever.
CONNECT_WITHIN_S: Final = 10.0


class Refusal(StrEnum):
    """Why a session was not let in, or cut for what it sent."""

    FULL = "full"
    HANDSHAKES_OF_ADDRESS = "handshakes-of-address"
    SESSIONS_OF_ADDRESS = "sessions-of-address"
    ANONYMOUS_OF_ADDRESS = "anonymous-of-address"
    SESSIONS_OF_USER = "sessions-of-user"
    NEVER_CONNECTED = "never-connected"
    MESSAGES = "messages"
    MESSAGE_SIZE = "message-size"
    BINARY = "binary"
    FRAME = "frame"
    POST = "post"


@dataclass(slots=True)
class Guest:
    """An open session. `tokens` are the messages that it may send now, None: not counted, as for agents."""

    address: str
    opened_s: float
    tokens: float | None
    filled_s: float
    joined: bool = False
    share: float = ANONYMOUS_SHARE


class Gate:
    """All open sessions by engine session id. `refused` counts by reason what did not come in or was cut for it."""

    def __init__(self, settings: Callable[[], SocketSettings]) -> None:
        self.refused: Counter[Refusal] = Counter(dict.fromkeys(Refusal, 0))
        self._settings = settings
        self._of_address: Counter[str] = Counter()
        self._guests: dict[str, Guest] = {}
        self._limited_by: SocketSettings | None = None
        self._handshakes: AddressLimit | None = None

    def __len__(self) -> int:
        return len(self._guests)

    def admit(self, address: str, now_ms: int) -> None:
        """Count one handshake. Raises `Refused` (busy, too-many) with the time until the next may succeed."""
        settings = self._settings()
        if len(self._guests) >= MAX_SESSIONS:
            self.refused[Refusal.FULL] += 1
            raise Refused(ErrorCode.BUSY, "the hub has as many sessions as it takes", retry_after_s=FULL_RETRY_S)
        if self._of_address[address_key(address)] >= settings.sessions_per_address:
            self.refused[Refusal.SESSIONS_OF_ADDRESS] += 1
            message = (
                f"{settings.sessions_per_address} sessions of your address are open; {_raise('sessions_per_address')}"
            )
            raise Refused(ErrorCode.TOO_MANY, message, retry_after_s=ADDRESS_RETRY_S)
        if settings != self._limited_by:
            self._limited_by, self._handshakes = settings, _buckets(settings)
        wait_s = None if self._handshakes is None else self._handshakes.admit(address, now_ms)
        if wait_s is not None:
            self.refused[Refusal.HANDSHAKES_OF_ADDRESS] += 1
            message = (
                f"more than {settings.handshakes_per_minute} handshakes a minute of your address; "
                f"{_raise('handshakes_per_minute')}"
            )
            raise Refused(ErrorCode.TOO_MANY, message, retry_after_s=wait_s)

    def opened(self, eio_sid: str, address: str, now_s: float) -> None:
        """Remember a session that was let in."""
        key = address_key(address)
        self._of_address[key] += 1
        burst = self._settings().message_burst * ANONYMOUS_SHARE
        self._guests[eio_sid] = Guest(key, now_s, burst, now_s)

    def closed(self, eio_sid: str) -> None:
        """Forget a session."""
        guest = self._guests.pop(eio_sid, None)
        if guest is not None:
            self._of_address[guest.address] -= 1
            if not self._of_address[guest.address]:
                del self._of_address[guest.address]

    def joined(self, eio_sid: str) -> None:
        """Note that a session is in the default namespace, so that it is not overdue."""
        guest = self._guests.get(eio_sid)
        if guest is not None:
            guest.joined = True

    def left(self, eio_sid: str, now_s: float) -> None:
        """Note that a session is in no namespace any more: it is as good as a new one."""
        guest = self._guests.get(eio_sid)
        if guest is not None:
            guest.joined, guest.opened_s, guest.share = False, now_s, ANONYMOUS_SHARE
            if guest.tokens is None:
                guest.tokens = 0.0

    def signed_in(self, eio_sid: str) -> None:
        """Let a client that showed a good token send as much as such clients may."""
        guest = self._guests.get(eio_sid)
        if guest is not None and guest.tokens is not None and guest.share < 1:
            guest.share = 1.0
            guest.tokens += self._settings().message_burst * (1 - ANONYMOUS_SHARE)

    def trusted(self, eio_sid: str) -> None:
        """Count the messages of a session no more: another namespace took it in and has limits of its own."""
        guest = self._guests.get(eio_sid)
        if guest is not None:
            guest.joined, guest.tokens = True, None

    def is_trusted(self, eio_sid: str) -> bool:
        """Return whether another namespace took the session in."""
        guest = self._guests.get(eio_sid)
        return guest is not None and guest.tokens is None

    def message_bytes(self, eio_sid: str) -> int:
        """Return how long a message, or a POST of several, a session may send now; unfinished ones are held so far."""
        guest = self._guests.get(eio_sid)
        if guest is None or (guest.tokens is not None and guest.share < 1):
            return MAX_ANONYMOUS_MESSAGE_BYTES
        return MAX_MESSAGE_BYTES if guest.tokens is None else MAX_CLIENT_MESSAGE_BYTES

    def may_send(self, eio_sid: str, now_s: float) -> bool:
        """Count one message of a session. False: it sends too many, and is to be cut."""
        guest = self._guests.get(eio_sid)
        if guest is None or guest.tokens is None:
            return guest is not None
        settings = self._settings()
        passed_s = max(0.0, now_s - guest.filled_s)
        guest.filled_s = now_s
        refilled = guest.tokens + passed_s * settings.messages_per_second * guest.share
        guest.tokens = min(refilled, settings.message_burst * guest.share) - 1
        return guest.tokens >= 0

    def overdue(self, now_s: float) -> list[str]:
        """Return the sessions that did not join a namespace in time."""
        return [
            eio_sid
            for eio_sid, guest in self._guests.items()
            if not guest.joined and now_s - guest.opened_s > CONNECT_WITHIN_S
        ]


def _raise(key: str) -> str:
    return f"wait, or raise sockets.{key} in hub.toml (behind a proxy: set trusted_proxies)"


def _buckets(settings: SocketSettings) -> AddressLimit | None:
    if settings.handshakes_per_minute == 0:
        return None
    return AddressLimit(burst=settings.handshake_burst, refill_ms=MINUTE_MS / settings.handshakes_per_minute)

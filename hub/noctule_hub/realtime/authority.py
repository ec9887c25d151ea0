"""Who clients are, also while that changes: tokens verified, and those already connected checked again.

What a token is good for is the verifier's; this makes sure that nobody slips in between a change and its re-check.
"""

import logging
from collections.abc import Callable
from typing import Final, Protocol

from noctule_shared.errors import ErrorCode, Refused

from noctule_hub.core.principal import Principal
from noctule_hub.realtime.connections import Connection, Connections

log = logging.getLogger(__name__)

MAX_ATTEMPTS: Final = 10
RETRY_AFTER_S: Final = 1.0


class TokenVerifier(Protocol):
    """Tells who a token speaks for, and later whether it still does."""

    async def verify(self, token: str) -> Principal:
        """Return the principal. Raises `TokenRefused`."""
        ...

    async def present(self, principal: Principal) -> Principal | None:
        """Return who the holder of a verified token is now; None: nobody whose token is still good."""
        ...


class Authority:
    """Verifies tokens and re-checks connections; `cut` ends one. `revoked` counts those it ended."""

    def __init__(self, verifier: TokenVerifier, connections: Connections, cut: Callable[[Connection], None]) -> None:
        self._verifier = verifier
        self._connections = connections
        self._cut = cut
        self._rechecks = 0
        self.revoked = 0

    async def verify(self, token: str) -> Principal:
        """Return the principal, as it is after the newest change. Raises `TokenRefused`, `Refused` (busy)."""
        for _ in range(MAX_ATTEMPTS):
            before = self._rechecks
            principal = await self._verifier.verify(token)
            if before == self._rechecks:
                return principal
        raise Refused(ErrorCode.BUSY, "rights are being changed; try again", retry_after_s=RETRY_AFTER_S)

    async def recheck(self, subject: str) -> None:
        """Cut the clients of `subject`, or of all `subject:…`, whose token is good no more or whose rights changed.

        They come back by themselves and get what they may have now. One that stays is held to its token's end of now.
        """
        self._rechecks += 1
        for connection in self._connections:
            held = connection.principal
            if held.subject != subject and not held.subject.startswith(subject + ":"):
                continue
            present = await self._verifier.present(held)
            if connection.principal is not held:
                # It signed in anew meanwhile, with a token that was verified after the change.
                continue
            if present is None or (present.role, present.customer_id) != (held.role, held.customer_id):
                self.revoked += 1
                log.info("the rights of client %s (%s) changed; it is cut", connection.sid, held.subject)
                self._cut(connection)
            else:
                self._connections.identify(connection, present)

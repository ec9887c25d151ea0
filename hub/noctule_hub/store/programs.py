"""The part of the store's interface that knows programs: long-lived tokens, and refused tokens of others' issuers."""

from collections.abc import Mapping
from typing import Protocol

from noctule_hub.core.accounts import ApiToken, Refusal, Use
from noctule_hub.core.audit import Authorship
from noctule_hub.core.principal import Role


class Programs(Protocol):
    """Long-lived tokens, and refusals of subjects whose tokens others issue."""

    async def add_api_token(self, *, name: str, role: Role, expires_ms: int, by: Authorship) -> ApiToken:
        """Keep a long-lived token. Raises `Refused` (invalid, field name) when one not revoked has the name."""
        ...

    async def api_token(self, token_id: int) -> ApiToken | None:
        """Return the long-lived token of that id, or None."""
        ...

    async def api_tokens(self) -> list[ApiToken]:
        """Return all long-lived tokens by id, revoked ones too."""
        ...

    async def rotate_api_token(
        self, token_id: int, *, expires_ms: int, former_until_ms: int, by: Authorship
    ) -> ApiToken:
        """Issue a token anew; the one before is good until `former_until_ms` or its own end, any older one no more.

        Raises `Refused`: not-found; invalid (field id) when it is revoked.
        """
        ...

    async def revoke_api_token(self, token_id: int, *, by: Authorship) -> None:
        """Revoke a long-lived token; the first time counts. Raises `Refused` (not-found)."""
        ...

    async def note_token_uses(self, uses: Mapping[int, Use]) -> None:
        """Keep the last uses of tokens by id; older ones than are kept change nothing, nor do those of no token."""
        ...

    async def add_refusal(self, *, subject: str, before_ms: int | None, reason: str, by: Authorship) -> Refusal:
        """Refuse a subject's tokens; one for the same subject is replaced.

        Raises `Refused` (too-many) at `MAX_REFUSALS`.
        """
        ...

    async def refusals(self) -> list[Refusal]:
        """Return all refusals by id."""
        ...

    async def refusals_of(self, subject: str) -> list[Refusal]:
        """Return the refusals of `ext:NAME:ID` and of its issuer, `ext:NAME`."""
        ...

    async def remove_refusal(self, refusal_id: int, *, by: Authorship) -> None:
        """Let a subject's tokens in again. Raises `Refused` (not-found)."""
        ...

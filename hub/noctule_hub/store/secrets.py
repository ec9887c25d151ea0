"""The part of the store's interface that knows which secrets are sealed, but not what opens them."""

from collections.abc import Callable
from typing import Protocol

from noctule_hub.auth.keys import SecretKind
from noctule_hub.core.audit import Authorship

# Gets a secret's kind, its row id and what is kept of it.
Reseal = Callable[[SecretKind, int, bytes], bytes]


class Secrets(Protocol):
    """All secrets that are sealed by the data key, of whatever kind."""

    async def sealed_secrets(self) -> list[tuple[SecretKind, int, bytes]]:
        """Return every sealed secret with its kind and row id."""
        ...

    async def reseal_secrets(self, reseal: Reseal, *, by: Authorship) -> int:
        """Replace every sealed secret by what `reseal` makes of it, all or none; returns how many there are.

        What `reseal` raises undoes the change and is raised.
        """
        ...

    async def forget_secrets(self, *, by: Authorship) -> int:
        """Forget every sealed secret, because nothing opens them any more; returns how many there were."""
        ...

    async def note_key_rotation(self, name: str, *, by: Authorship) -> None:
        """Tell the audit log that a key was replaced that seals nothing here."""
        ...

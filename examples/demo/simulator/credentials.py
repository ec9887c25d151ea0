"""What a reader of the simulated devices must know."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Credentials:
    """The community for v1 and v2c; user and secrets for v3 with SHA-256 and AES-128."""

    community: str
    user: str
    auth_secret: str
    priv_secret: str

    def __repr__(self) -> str:
        """Hide all of it."""
        return "Credentials(***)"


# A simulated network has no secrets; these are words as everyone's test network uses them.
CREDENTIALS: Final = Credentials("demo-public", "demo", "demo-auth-secret", "demo-priv-secret")

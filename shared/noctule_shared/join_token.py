"""The join token `nct_<id>_<secret>_<fingerprint>` that a person carries from the hub to a site server."""

import re
from typing import Final

import msgspec

from noctule_shared.errors import invalid

PREFIX: Final = "nct"
# 32 hex digits of SHA-256 over the hub's raw Ed25519 public key: 128 bits, enough to pin an identity.
FINGERPRINT_HEX_DIGITS: Final = 32
_FORM: Final = re.compile(r"nct_([1-9][0-9]{0,17})_([A-Za-z0-9-]{32,64})_([0-9a-f]{32})")


class JoinToken(msgspec.Struct, frozen=True):
    """The parts of a join token. `secret` is shown once and stored only hashed."""

    token_id: int
    secret: str
    fingerprint: str

    def __repr__(self) -> str:
        return f"JoinToken(token_id={self.token_id}, secret=***, fingerprint={self.fingerprint!r})"

    def text(self) -> str:
        """Return the token as a person pastes it."""
        return f"{PREFIX}_{self.token_id}_{self.secret}_{self.fingerprint}"


def parse_join_token(text: str) -> JoinToken:
    """Return the parts of a pasted token; blanks and line ends around it are ignored.

    Raises `Refused` (invalid, field `token`) that never repeats the token.
    """
    match = _FORM.fullmatch(text.strip())
    if match is None:
        raise invalid(
            "token",
            "this is not a join token (nct_<id>_<secret>_<fingerprint>); "
            "make one on the hub with: noctule agent token --site SITE",
        )
    return JoinToken(int(match[1]), match[2], match[3])

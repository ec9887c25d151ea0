"""Agents at the door: the short-lived EdDSA token of each connection, checked. What a link then may say is ingest's."""

from collections.abc import Callable
from typing import Final

import jwt
import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from noctule_shared.enrolment import RotateRequest, rotation_text
from noctule_shared.errors import ErrorCode, Refused
from noctule_shared.link import JWT_ALGORITHM, JWT_LIFETIME_S

from noctule_hub.core.audit import Authorship
from noctule_hub.core.records import Agent
from noctule_hub.store.protocol import Agents

MAX_TOKEN_CHARS: Final = 2048
# Site servers without NTP run off; a minute is forgiven, more is named so that somebody sets the clock.
LEEWAY_MS: Final = 60_000
MAX_REMEMBERED: Final = 20_000
MAX_JTI_CHARS: Final = 64
KEY_HEX_CHARS: Final = 64
ROTATION_WINDOW_MS: Final = 600_000
# The year 33658; beyond it, and for NaN, comparisons with the clock mean nothing.
MAX_TIME_S: Final = 1e12
REQUIRED_CLAIMS: Final = ["exp", "iat", "sub", "aud", "jti"]


class _Claims(msgspec.Struct, frozen=True):
    exp: float
    iat: float
    sub: str
    aud: str
    jti: str


class AgentRevoked(Refused):
    """A revoked agent signed properly: it may be told why, and must not come again."""


def _refused(message: str) -> Refused:
    return Refused(ErrorCode.UNAUTHORISED, message)


class AgentTokens:
    """Verifies agents' tokens; each is good for one connection.

    Spent `jti` are remembered until they have expired, at most `MAX_REMEMBERED`. Full: refused as busy and counted in
    `refused_full`, since forgetting one would let it in twice. Only properly signed tokens get that far.
    """

    def __init__(
        self, store: Agents, hub_id: str, clock_ms: Callable[[], int], *, max_remembered: int = MAX_REMEMBERED
    ) -> None:
        self._store = store
        self._hub_id = hub_id
        self._clock_ms = clock_ms
        self._max_remembered = max_remembered
        self._spent: dict[tuple[int, str], int] = {}
        self.refused_full = 0

    async def verify(self, token: str) -> Agent:
        """Return the agent that signed this token just now.

        Raises `Refused`: unauthorised (unknown, badly signed, expired or replayed; as `AgentRevoked`), busy.
        """
        if len(token) > MAX_TOKEN_CHARS:
            raise _refused("the agent's token is not valid")
        agent = await self._claimed_agent(token)
        used = agent.signing_key
        try:
            claims = self._signed_claims(token, used)
        except Refused:
            if agent.next_signing_key is None:
                raise
            # The first token signed with announced keys puts them in the place of the former ones.
            used = agent.next_signing_key
            claims = self._signed_claims(token, used)
        if agent.revoked_ms is not None:
            raise AgentRevoked(ErrorCode.UNAUTHORISED, "this agent is revoked; let it join again with a new token")
        now_ms = self._clock_ms()
        if (
            not (0 <= claims.iat < MAX_TIME_S and 0 <= claims.exp < MAX_TIME_S)
            or not 0 < len(claims.jti) <= MAX_JTI_CHARS
        ):
            raise _refused("the agent's token is not valid")
        if claims.exp - claims.iat > JWT_LIFETIME_S or not claims.iat <= claims.exp:
            raise _refused("the agent's token lives too long")
        if claims.exp * 1000 < now_ms - LEEWAY_MS or claims.iat * 1000 > now_ms + LEEWAY_MS:
            off_s = round(claims.iat - now_ms / 1000)
            raise _refused(f"the agent's token is from another time: its clock is {off_s:+d} s off; set it by NTP")
        self._spend(agent.id, claims, now_ms)
        if used == agent.signing_key:
            return agent
        itself = Authorship(f"agent:{agent.id}", agent.name, None, now_ms)
        return await self._store.adopt_agent_keys(agent.id, by=itself)

    async def _claimed_agent(self, token: str) -> Agent:
        try:
            # Only to find the key that must have signed it: nothing of this is believed.
            claimed = jwt.decode(token, options={"verify_signature": False}, algorithms=[JWT_ALGORITHM])
            subject = claimed.get("sub")
        except (jwt.PyJWTError, ValueError, RecursionError) as error:
            raise _refused("the agent's token is not valid") from error
        for agent in await self._store.agents():
            if subject == f"agent:{agent.id}":
                return agent
        raise _refused("the agent's token is not valid")

    def _signed_claims(self, token: str, signing_key: str) -> _Claims:
        try:
            if jwt.get_unverified_header(token).get("alg") != JWT_ALGORITHM:
                raise _refused("the agent's token is not valid")
            key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(signing_key))
            options: jwt.types.Options = {
                "require": REQUIRED_CLAIMS,
                "verify_exp": False,
                "verify_iat": False,
                "verify_nbf": False,
            }
            decoded = jwt.decode(token, key, algorithms=[JWT_ALGORITHM], audience=self._hub_id, options=options)
            return msgspec.convert(decoded, _Claims)
        except (jwt.PyJWTError, msgspec.ValidationError, ValueError, RecursionError) as error:
            raise _refused("the agent's token is not valid") from error

    def _spend(self, agent_id: int, claims: _Claims, now_ms: int) -> None:
        if len(self._spent) >= self._max_remembered:
            self._spent = {key: until_ms for key, until_ms in self._spent.items() if until_ms >= now_ms}
        if (agent_id, claims.jti) in self._spent:
            raise _refused("the agent's token was used before")
        if len(self._spent) >= self._max_remembered:
            self.refused_full += 1
            raise Refused(ErrorCode.BUSY, "too many agents connect at once", retry_after_s=10.0)
        self._spent[agent_id, claims.jti] = round(claims.exp * 1000) + LEEWAY_MS


def check_rotation(agent: Agent, request: RotateRequest, *, hub_id: str, now_ms: int) -> None:
    """Raise `Refused` (unauthorised) unless the present and the new signing key both signed this, just now.

    Repeated within its time it announces the same keys again: that changes nothing.
    """
    word = rotation_text(request, hub_id=hub_id)
    try:
        for key, signature in ((agent.signing_key, request.signature), (request.signing_key, request.proof)):
            Ed25519PublicKey.from_public_bytes(bytes.fromhex(key)).verify(bytes.fromhex(signature), word)
    except (InvalidSignature, ValueError) as error:
        raise _refused("the keys are not signed by this agent") from error
    if agent.revoked_ms is not None:
        raise AgentRevoked(ErrorCode.UNAUTHORISED, "this agent is revoked; let it join again with a new token")
    if abs(request.issued_ms - now_ms) > ROTATION_WINDOW_MS:
        raise _refused("the new keys were signed at another time; set the agent's clock by NTP")


def check_public_key(field: str, text: str) -> str:
    """Return a raw public key as 64 lower-case hex digits. Raises `Refused` (invalid, naming `field`)."""
    lowered = text.lower()
    if len(lowered) != KEY_HEX_CHARS or not all(digit in "0123456789abcdef" for digit in lowered):
        raise Refused(ErrorCode.INVALID, f"must be {KEY_HEX_CHARS} hex digits, a raw public key", field=field)
    return lowered

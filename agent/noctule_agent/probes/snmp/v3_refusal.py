"""Finds out why a device does not take an SNMPv3 user, by asking again with parts of the credentials.

Asks by pysnmp, which tells the device's reports apart. It is for `noctule-agent probe` alone, where a person asks:
each request is a failed authentication that a device may log.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, TypeVar

from msgspec.structs import replace
from noctule_shared.link import AuthProtocol, PrivProtocol, SnmpCredentials, SnmpVersion

from noctule_agent.probes.snmp.backend import Backend, open_session
from noctule_agent.probes.snmp.mib import SYS_UP_TIME
from noctule_agent.probes.snmp.session import CredentialsRefused, Refusal, SnmpFailure

# A device that answers reports at once; each protocol tried in vain against a silent one costs so much.
ATTEMPT_TIMEOUT_S: Final = 1.0
_P = TypeVar("_P", AuthProtocol, PrivProtocol)


@dataclass(frozen=True, slots=True)
class V3Refusal:
    """Why a v3 user is not taken. `fits`: the protocol with which the device does take this secret, None: none."""

    refusal: Refusal
    fits: AuthProtocol | PrivProtocol | None = None


async def v3_refusal(address: str, port: int, credentials: SnmpCredentials) -> V3Refusal | None:
    """Return what a device at a numeric address holds against a v3 user; None when it does not say or takes it.

    Devices drop what they cannot decipher without a word (RFC 3414 section 3.2): that privacy is wrong follows
    from the same user being known without it. Raises nothing for a device that is silent.
    """
    asked = _Device(address, port)
    answered, found = await asked.ask(credentials)
    if answered:
        return None  # It takes them now: it was starting, or packets were lost.
    if found is Refusal.WRONG_AUTH:
        return V3Refusal(found, await _fitting_auth(asked, credentials))
    if found is not None:
        return V3Refusal(found)
    if credentials.context and await asked.knows(replace(credentials, context="")):
        return V3Refusal(Refusal.UNKNOWN_CONTEXT)
    if credentials.priv_secret is not None and await asked.knows(_without_privacy(credentials)):
        return V3Refusal(Refusal.WRONG_PRIV, await _fitting_priv(asked, credentials))
    return None


@dataclass(frozen=True, slots=True)
class _Device:
    address: str
    port: int

    async def knows(self, credentials: SnmpCredentials) -> bool:
        """Return whether these keys are the device's, whatever they open there."""
        answered, refusal = await self.ask(credentials)
        return answered or refusal is Refusal.NO_ACCESS

    async def ask(self, credentials: SnmpCredentials) -> tuple[bool, Refusal | None]:
        """Return whether the device answers, and what it reports; (False, None): it is silent."""
        session = open_session(self.address, self.port, SnmpVersion.V3, credentials, backend=Backend.PYSNMP)
        try:
            await session.get([SYS_UP_TIME], timeout_s=ATTEMPT_TIMEOUT_S)
        except CredentialsRefused as refused:
            return False, refused.refusal
        except SnmpFailure:
            return False, None
        finally:
            await session.close()
        return True, None


async def _fitting_auth(asked: _Device, credentials: SnmpCredentials) -> AuthProtocol | None:
    for protocol in _others(AuthProtocol, credentials.auth_protocol):
        if await asked.knows(replace(_without_privacy(credentials), auth_protocol=protocol)):
            return protocol
    return None


async def _fitting_priv(asked: _Device, credentials: SnmpCredentials) -> PrivProtocol | None:
    for protocol in _others(PrivProtocol, credentials.priv_protocol):
        if await asked.knows(replace(credentials, priv_protocol=protocol)):
            return protocol
    return None


def _without_privacy(credentials: SnmpCredentials) -> SnmpCredentials:
    return replace(credentials, priv_protocol=None, priv_secret=None, context="")


def _others(kinds: type[_P], known: _P | None) -> Iterator[_P]:
    return (protocol for protocol in kinds if protocol is not known)

"""SNMP sessions by pysnmp: the reference backend, slower by a factor of fifty, with v3 contexts and reports."""

import contextlib
import warnings
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final

from noctule_shared.link import AuthProtocol, PrivProtocol, SnmpCredentials, SnmpVersion
from pyasn1.type import univ  # type: ignore[import-untyped]  # likewise
from pysnmp.entity import config  # type: ignore[import-untyped]  # pysnmp has no types
from pysnmp.error import PySnmpError  # type: ignore[import-untyped]  # pysnmp has no types
from pysnmp.hlapi.v3arch.asyncio import (  # type: ignore[import-untyped]  # likewise
    CommunityData,
    ContextData,
    ObjectIdentity,
    ObjectType,
    SnmpEngine,
    Udp6TransportTarget,
    UdpTransportTarget,
    UsmUserData,
    bulk_cmd,
    get_cmd,
    next_cmd,
)
from pysnmp.proto import errind, rfc1902, rfc1905  # type: ignore[import-untyped]  # pysnmp has no types

from noctule_agent.probes.snmp.port_probe import PortState, port_state
from noctule_agent.probes.snmp.session import (
    CredentialsRefused,
    ErrorStatus,
    Reason,
    Refusal,
    SnmpFailure,
    Value,
    failure_of_os,
)

# error-status of RFC 3416
_NO_SUCH_NAME: Final = 2
_REFUSED: Final = frozenset({6, 16})  # noAccess, authorizationError
AUTH_PROTOCOLS: Final = {
    AuthProtocol.MD5: config.USM_AUTH_HMAC96_MD5,
    AuthProtocol.SHA1: config.USM_AUTH_HMAC96_SHA,
    AuthProtocol.SHA224: config.USM_AUTH_HMAC128_SHA224,
    AuthProtocol.SHA256: config.USM_AUTH_HMAC192_SHA256,
    AuthProtocol.SHA384: config.USM_AUTH_HMAC256_SHA384,
    AuthProtocol.SHA512: config.USM_AUTH_HMAC384_SHA512,
}
PRIV_PROTOCOLS: Final = {
    PrivProtocol.DES: config.USM_PRIV_CBC56_DES,
    PrivProtocol.AES128: config.USM_PRIV_CFB128_AES,
    PrivProtocol.AES192: config.USM_PRIV_CFB192_AES_BLUMENTHAL,
    PrivProtocol.AES256: config.USM_PRIV_CFB256_AES_BLUMENTHAL,
}
_NO_OBJECT: Final = (rfc1905.NoSuchObject, rfc1905.NoSuchInstance, rfc1905.EndOfMibView, univ.Null)
_REFUSALS: Final = (
    (errind.UnknownUserName, Refusal.UNKNOWN_USER),
    (errind.UnknownSecurityName, Refusal.UNKNOWN_USER),
    (errind.UnsupportedSecurityLevel, Refusal.LEVEL_TOO_HIGH),
    (errind.DecryptionError, Refusal.WRONG_PRIV),
    (errind.NoSuchContext, Refusal.UNKNOWN_CONTEXT),
    (errind.WrongDigest, Refusal.WRONG_AUTH),
    (errind.AuthenticationError, Refusal.WRONG_AUTH),
    (errind.AuthenticationFailure, Refusal.WRONG_AUTH),
)


class PysnmpSession:
    """A session with one device at a numeric address. Has an engine of its own, closed by `close`."""

    remark = None

    def __init__(self, address: str, port: int, version: SnmpVersion, credentials: SnmpCredentials) -> None:
        self.version = version
        self._address = address
        self._port = port
        self._context = ContextData(contextName=credentials.context.encode())
        self._auth = _auth_data(version, credentials)
        self._engine: SnmpEngine | None = None

    async def get(self, oids: Sequence[str], *, timeout_s: float) -> dict[str, Value | None]:
        """See `SnmpSession.get`."""
        found = await self._ask(get_cmd, timeout_s, _names(oids))
        if found is None:
            return dict.fromkeys(oids)
        values = {str(name): read_value(value) for name, value in found}
        return {oid: values[oid] for oid in oids if oid in values}

    async def next(self, oid: str, *, repetitions: int, timeout_s: float) -> list[tuple[str, Value | None]]:
        """See `SnmpSession.next`."""
        if repetitions > 0 and self.version is not SnmpVersion.V1:
            found = await self._ask(
                lambda *head, **options: bulk_cmd(*head[:4], 0, repetitions, *head[4:], **options),
                timeout_s,
                _names([oid]),
            )
        else:
            found = await self._ask(next_cmd, timeout_s, _names([oid]))
        return [(str(name), read_value(value)) for name, value in found or () if not isinstance(value, _NO_OBJECT)]

    async def close(self) -> None:
        """See `SnmpSession.close`."""
        if self._engine is not None:
            self._engine.close_dispatcher()
            self._engine = None

    async def _ask(
        self,
        command: Callable[..., Awaitable[Any]],
        timeout_s: float,
        names: list[ObjectType],
    ) -> Sequence[tuple[Any, Any]] | None:
        """Return the variable bindings, None for SNMPv1's noSuchName to a single name."""
        target_class = Udp6TransportTarget if ":" in self._address else UdpTransportTarget
        try:
            if self._engine is None:
                self._engine = SnmpEngine()
            target = await target_class.create((self._address, self._port), timeout=timeout_s, retries=0)
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                indication, status, _, bindings = await command(
                    self._engine, self._auth, target, self._context, *names, lookupMib=False
                )
        except OSError as error:
            raise failure_of_os(error) from None
        except PySnmpError as error:
            raise SnmpFailure(Reason.BAD_RESPONSE, f"not an SNMP answer: {type(error).__name__}") from None
        if indication is not None:
            raise await self._failure(indication, timeout_s)
        if int(status) == _NO_SUCH_NAME and len(names) == 1:
            return None
        if int(status) in _REFUSED:
            message = f"the device refuses these credentials: {status.prettyPrint()}"
            raise CredentialsRefused(Refusal.NO_ACCESS, message)
        if int(status) != 0:
            raise ErrorStatus(f"error answer {status.prettyPrint()} to a request of {len(names)} names")
        return list(bindings)

    async def _failure(self, indication: errind.ErrorIndication, timeout_s: float) -> SnmpFailure:
        if isinstance(indication, errind.RequestTimedOut):
            if self.version is SnmpVersion.V3:
                # pysnmp would ask the engine it once discovered for ever, although another one may answer now.
                await self.close()
            if await port_state(self._address, self._port, timeout_s=0.2) is PortState.CLOSED:
                return SnmpFailure(Reason.PORT_CLOSED, f"UDP port {self._port} is closed")
            return SnmpFailure(Reason.TIMEOUT, f"no answer within {timeout_s:.1f} s")
        for kind, refusal in _REFUSALS:
            if isinstance(indication, kind):
                return CredentialsRefused(refusal, f"the device refuses the credentials: {indication}")
        return SnmpFailure(Reason.BAD_RESPONSE, f"the device reports: {indication}")


def _names(oids: Sequence[str]) -> list[ObjectType]:
    return [ObjectType(ObjectIdentity(oid)) for oid in oids]


def _auth_data(version: SnmpVersion, credentials: SnmpCredentials) -> CommunityData | UsmUserData:
    if version is not SnmpVersion.V3:
        return CommunityData(credentials.community or "", mpModel=0 if version is SnmpVersion.V1 else 1)
    secrets: dict[str, Any] = {}
    if credentials.auth_protocol is not None and credentials.auth_secret is not None:
        secrets |= {"authKey": credentials.auth_secret, "authProtocol": AUTH_PROTOCOLS[credentials.auth_protocol]}
        if credentials.priv_protocol is not None and credentials.priv_secret is not None:
            secrets |= {"privKey": credentials.priv_secret, "privProtocol": PRIV_PROTOCOLS[credentials.priv_protocol]}
    return UsmUserData(credentials.user or "", **secrets)  # noqa: S509  the level is the operator's choice


def read_value(found: Any) -> Value | None:  # noqa: ANN401  pysnmp has no types
    """Return a value as `session.Value`, None for the exceptions of RFC 3416 and for what has no value."""
    if isinstance(found, _NO_OBJECT):
        return None
    if isinstance(found, rfc1902.IpAddress):
        return str(found.prettyPrint())
    if isinstance(found, univ.ObjectIdentifier):
        return str(found)
    with contextlib.suppress(TypeError, ValueError):
        return bytes(found) if isinstance(found, rfc1902.OctetString) else int(found)
    return None

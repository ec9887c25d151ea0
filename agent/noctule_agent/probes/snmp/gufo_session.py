"""SNMP sessions by gufo_snmp: the fast backend, v1, v2c and v3 without contexts."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Final, TypeVar, cast

from gufo.snmp import (
    Aes128Key,
    Aes192Key,
    Aes256Key,
    DesKey,
    Md5Key,
    NoSuchInstance,
    Sha1Key,
    Sha224Key,
    Sha256Key,
    Sha384Key,
    Sha512Key,
    SnmpAuthError,
    SnmpError,
    User,
)
from gufo.snmp import SnmpVersion as GufoVersion

# GetIter, `_sock`, `_send` and `_recv` are gufo's own parts: its iterators hide a name outside the table, and
# with it an agent that jumps back. Pinned below 0.14; test_broken_walks fails loudly if they change.
from gufo.snmp._fast import GetIter
from gufo.snmp.typing import ValueType as GufoValue
from gufo.snmp.user import BaseAuthKey, BasePrivKey, KeyType
from noctule_shared.link import AuthProtocol, PrivProtocol, SnmpCredentials, SnmpVersion

from noctule_agent.probes.snmp.gufo_client import GufoClient
from noctule_agent.probes.snmp.memory import Memory
from noctule_agent.probes.snmp.port_probe import PortState, port_state
from noctule_agent.probes.snmp.session import ErrorStatus, Reason, SnmpFailure, Value, failure_of_os

# RFC 3414 rejects messages 150 s off; the engine's time is fetched again before that.
REFRESH_AFTER_S: Final = 140.0
# gufo's own timeout lies beyond ours, so that a TimeoutError before our deadline tells a refused connection.
CLOSED_PORT_WAIT_S: Final = 0.2
_GUFO_TIMEOUT_S: Final = 3600.0
_VERSIONS: Final = {SnmpVersion.V1: GufoVersion.v1, SnmpVersion.V2C: GufoVersion.v2c, SnmpVersion.V3: GufoVersion.v3}
_AUTH_KEYS: Final[dict[AuthProtocol, type[BaseAuthKey]]] = {
    AuthProtocol.MD5: Md5Key,
    AuthProtocol.SHA1: Sha1Key,
    AuthProtocol.SHA224: Sha224Key,
    AuthProtocol.SHA256: Sha256Key,
    AuthProtocol.SHA384: Sha384Key,
    AuthProtocol.SHA512: Sha512Key,
}
_PRIV_KEYS: Final[dict[PrivProtocol, type[BasePrivKey]]] = {
    PrivProtocol.DES: DesKey,
    PrivProtocol.AES128: Aes128Key,
    PrivProtocol.AES192: Aes192Key,
    PrivProtocol.AES256: Aes256Key,
}


_VALUE_TYPES: Final = frozenset({int, str, bytes})

T = TypeVar("T")


class GufoSession:
    """A session with one device at a numeric address. One descriptor; opened at the first request.

    A v3 device's engine id and its user's keys are kept in `memory` for the next session.
    """

    remark = None

    def __init__(
        self, address: str, port: int, version: SnmpVersion, credentials: SnmpCredentials, memory: Memory | None = None
    ) -> None:
        self.version = version
        self._address = address
        self._port = port
        self._credentials = credentials
        self._memory = memory or Memory()
        self._client: GufoClient | None = None
        self._used_s = 0.0

    async def get(self, oids: Sequence[str], *, timeout_s: float) -> dict[str, Value | None]:
        """See `SnmpSession.get`."""

        async def ask(client: GufoClient) -> dict[str, Value | None]:
            found = await client.get_many(oids)
            if found:
                return _values(found, oids)
            if len(oids) > 1:
                # gufo drops the error status.
                raise ErrorStatus(f"error answer to a request of {len(oids)} names")
            if self.version is SnmpVersion.V1 or await _is_missing(client.get(oids[0])):
                return {oids[0]: None}
            raise ErrorStatus(f"error answer to a request of {oids[0]}")

        return await self._attempt(ask, timeout_s)

    async def next(self, oid: str, *, repetitions: int, timeout_s: float) -> list[tuple[str, Value | None]]:
        """See `SnmpSession.next`."""
        bulk = repetitions > 0 and self.version is not SnmpVersion.V1

        async def ask(client: GufoClient) -> list[tuple[str, Value | None]]:
            sock = client._sock  # noqa: SLF001  see the import of GetIter
            request = GetIter(oid, repetitions) if bulk else GetIter(oid)
            send, receive = client._send, client._recv  # noqa: SLF001  likewise
            await send(partial(sock.send_get_bulk if bulk else sock.send_get_next, request))
            found = await receive(sock.recv_get_many)
            if not found and self.version is not SnmpVersion.V1:
                # The end of all objects or an error status, which gufo drops: only a GETNEXT tells them apart.
                await send(partial(sock.send_get_next, GetIter(oid)))
                if not await _is_missing(receive(sock.recv_get)):
                    raise ErrorStatus(f"error answer to a request of {repetitions} repetitions after {oid}")
            return [(name, _value(value)) for name, value in found.items()]

        return await self._attempt(ask, timeout_s)

    async def close(self) -> None:
        """See `SnmpSession.close`."""
        # The descriptor is closed with the object.
        self._client = None

    async def _attempt(self, ask: Callable[[GufoClient], Awaitable[T]], timeout_s: float) -> T:
        """Ask once; a v3 device that started again is asked a second time with its new engine time."""
        resynchronised = False
        while True:
            certain = self._client is None and self._memory.engines.get(self._endpoint) is None
            try:
                async with asyncio.timeout(timeout_s) as limit:
                    answer = await ask(await self._opened())
            except SnmpAuthError:
                self._forget_engine()
                if certain or resynchronised:
                    message = "the device refuses the v3 user, its secrets or its security level"
                    raise SnmpFailure(Reason.WRONG_CREDENTIALS, message) from None
                resynchronised = True
            except TimeoutError:
                # v3 devices stay silent on a stale engine time or id too: the next request fetches them again.
                if self.version is SnmpVersion.V3:
                    self._forget_engine()
                if not limit.expired() and await self._closed_port():
                    raise SnmpFailure(Reason.PORT_CLOSED, f"UDP port {self._port} is closed") from None
                raise SnmpFailure(Reason.TIMEOUT, f"no answer within {timeout_s:.1f} s") from None
            except SnmpError as error:
                raise SnmpFailure(Reason.BAD_RESPONSE, f"not an SNMP answer: {error}") from None
            except OSError as error:
                self._client = None
                raise failure_of_os(error) from None
            else:
                self._used_s = time.monotonic()
                return answer

    @property
    def _endpoint(self) -> tuple[str, int]:
        return self._address, self._port

    def _forget_engine(self) -> None:
        self._client = None
        self._memory.engines.forget(self._endpoint)

    async def _opened(self) -> GufoClient:
        if self._client is None:
            v3 = self.version is SnmpVersion.V3
            client = GufoClient(
                self._address,
                self._port,
                community=self._credentials.community or "",
                engine_id=self._memory.engines.get(self._endpoint) if v3 else None,
                user=_user(self._credentials, self._memory) if v3 else None,
                version=_VERSIONS[self.version],
                timeout=_GUFO_TIMEOUT_S,
            )
            await client.refresh()
            if v3:
                self._memory.engines.put(self._endpoint, client.get_engine_id())
            self._client = client
        elif self.version is SnmpVersion.V3 and time.monotonic() - self._used_s > REFRESH_AFTER_S:
            await self._client.refresh()
        return self._client

    async def _closed_port(self) -> bool:
        return await port_state(self._address, self._port, timeout_s=CLOSED_PORT_WAIT_S) is PortState.CLOSED


async def _is_missing(answer: Awaitable[GufoValue]) -> bool:
    """Return whether the device says that there is no such object, and not that something went wrong."""
    try:
        await answer
    except NoSuchInstance:
        return True
    return False


def _user(credentials: SnmpCredentials, memory: Memory) -> User:
    auth_key = priv_key = None
    protocol = credentials.auth_protocol
    if protocol is not None and credentials.auth_secret is not None:
        auth_key = _AUTH_KEYS[protocol](_master_key(protocol, credentials.auth_secret, memory), KeyType.Master)
        if credentials.priv_protocol is not None and credentials.priv_secret is not None:
            # The privacy key too is made by the authentication protocol (RFC 3414 section 2.6).
            master_key = _master_key(protocol, credentials.priv_secret, memory)
            priv_key = _PRIV_KEYS[credentials.priv_protocol](master_key, KeyType.Master)
    return User(credentials.user or "", auth_key=auth_key, priv_key=priv_key)


def _master_key(protocol: AuthProtocol, secret: str, memory: Memory) -> bytes:
    found = memory.master_keys.get((protocol.value, secret))
    if found is None:
        found = _AUTH_KEYS[protocol].get_master_key(secret.encode())
        memory.master_keys.put((protocol.value, secret), found)
    return found


def _values(found: dict[str, GufoValue], oids: Sequence[str]) -> dict[str, Value | None]:
    """Return the values of `oids` as far as they were answered."""
    complete = len(found) == len(oids) and all(map(found.__contains__, oids))
    if complete and _VALUE_TYPES.issuperset(map(type, found.values())):
        # Nearly always, and without a step of Python for each value.
        return cast("dict[str, Value | None]", found)
    return {oid: _value(found[oid]) for oid in oids if oid in found}


def _value(found: GufoValue) -> Value | None:
    # A float (opaque) is none of the objects that are read here.
    return found if isinstance(found, int | str | bytes) else None

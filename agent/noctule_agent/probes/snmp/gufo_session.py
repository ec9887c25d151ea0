"""SNMP sessions by gufo_snmp: the fast backend, v1, v2c and v3 without contexts."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Final, TypeVar

from gufo.snmp import (
    Aes128Key,
    Aes192Key,
    Aes256Key,
    DesKey,
    Md5Key,
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
from gufo.snmp.aio import SnmpSession as GufoClient
from gufo.snmp.typing import ValueType as GufoValue
from gufo.snmp.user import BaseAuthKey, BasePrivKey
from noctule_shared.link import AuthProtocol, PrivProtocol, SnmpCredentials, SnmpVersion

from noctule_agent.probes.snmp.port_probe import PortState, port_state
from noctule_agent.probes.snmp.session import ErrorStatus, Reason, SnmpFailure, Value, failure_of_os, oid_key

MAX_WALK_ROWS: Final = 100_000
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


T = TypeVar("T")


class GufoSession:
    """A session with one device at a numeric address. One descriptor; opened at the first request."""

    def __init__(self, address: str, port: int, version: SnmpVersion, credentials: SnmpCredentials) -> None:
        self._address = address
        self._port = port
        self._version = version
        self._credentials = credentials
        self._client: GufoClient | None = None
        self._used_s = 0.0

    async def get(self, oids: Sequence[str], *, timeout_s: float) -> dict[str, Value | None]:
        """See `SnmpSession.get`."""

        async def ask(client: GufoClient, _limit: asyncio.Timeout) -> dict[str, GufoValue]:
            return await client.get_many(oids)

        found = await self._attempt(ask, timeout_s)
        if not found and len(oids) > 1:
            # gufo drops the error status; with one name an empty answer means that it does not exist.
            raise ErrorStatus(f"error answer to a request of {len(oids)} names")
        return {oid: _value(found.get(oid)) for oid in oids}

    async def walk(self, oid: str, *, repetitions: int, timeout_s: float) -> list[tuple[str, Value]]:
        """See `SnmpSession.walk`."""

        async def ask(client: GufoClient, limit: asyncio.Timeout) -> list[tuple[str, Value]]:
            loop = asyncio.get_running_loop()
            rows: list[tuple[str, Value]] = []
            last: tuple[int, ...] = ()
            bulk = self._version is not SnmpVersion.V1
            async for name, found in client.getbulk(oid, repetitions) if bulk else client.getnext(oid):
                if not bulk or len(rows) % repetitions == 0:
                    limit.reschedule(loop.time() + timeout_s)
                key = oid_key(name)
                if key <= last:
                    raise SnmpFailure(Reason.BAD_RESPONSE, f"names under {oid} do not increase at {name}")
                last = key
                value = _value(found)
                if value is not None:
                    rows.append((name, value))
                if len(rows) > MAX_WALK_ROWS:
                    raise SnmpFailure(Reason.BAD_RESPONSE, f"more than {MAX_WALK_ROWS} rows under {oid}")
            return rows

        return await self._attempt(ask, timeout_s)

    async def close(self) -> None:
        """See `SnmpSession.close`."""
        # The descriptor is closed with the object.
        self._client = None

    async def _attempt(self, ask: Callable[[GufoClient, asyncio.Timeout], Awaitable[T]], timeout_s: float) -> T:
        """Ask once; a v3 device that started again is asked a second time with its new engine time."""
        resynchronised = False
        while True:
            fresh = self._client is None
            try:
                async with asyncio.timeout(timeout_s) as limit:
                    answer = await ask(await self._opened(), limit)
            except SnmpAuthError:
                self._client = None
                if fresh or resynchronised:
                    message = "the device refuses the v3 user, its secrets or its security level"
                    raise SnmpFailure(Reason.WRONG_CREDENTIALS, message) from None
                resynchronised = True
            except TimeoutError:
                # v3 devices stay silent on a stale engine time too: the next request fetches it again.
                if self._version is SnmpVersion.V3:
                    self._client = None
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

    async def _opened(self) -> GufoClient:
        if self._client is None:
            self._client = GufoClient(
                self._address,
                self._port,
                community=self._credentials.community or "",
                user=_user(self._credentials) if self._version is SnmpVersion.V3 else None,
                version=_VERSIONS[self._version],
                timeout=_GUFO_TIMEOUT_S,
            )
            await self._client.refresh()
        elif self._version is SnmpVersion.V3 and time.monotonic() - self._used_s > REFRESH_AFTER_S:
            await self._client.refresh()
        return self._client

    async def _closed_port(self) -> bool:
        return await port_state(self._address, self._port, timeout_s=CLOSED_PORT_WAIT_S) is PortState.CLOSED


def _user(credentials: SnmpCredentials) -> User:
    auth_key = priv_key = None
    if credentials.auth_protocol is not None and credentials.auth_secret is not None:
        auth_key = _AUTH_KEYS[credentials.auth_protocol](credentials.auth_secret.encode())
    if credentials.priv_protocol is not None and credentials.priv_secret is not None and auth_key is not None:
        priv_key = _PRIV_KEYS[credentials.priv_protocol](credentials.priv_secret.encode())
    return User(credentials.user or "", auth_key=auth_key, priv_key=priv_key)


def _value(found: GufoValue) -> Value | None:
    # A float (opaque) is none of the objects that are read here.
    return found if isinstance(found, int | str | bytes) else None

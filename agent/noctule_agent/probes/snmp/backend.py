"""Chooses the backend for a device and opens sessions; the backends are left to themselves."""

import asyncio
import ipaddress
import socket
from enum import StrEnum

from noctule_shared.link import SnmpCredentials, SnmpVersion

from noctule_agent.probes.snmp.auto_session import AutoSession, pysnmp_session
from noctule_agent.probes.snmp.gufo_session import GufoSession
from noctule_agent.probes.snmp.memory import Memory
from noctule_agent.probes.snmp.session import Reason, SnmpFailure, SnmpSession


class Backend(StrEnum):
    """Which library speaks SNMP; `auto` is gufo unless the device needs what only pysnmp can (`auto_session`)."""

    AUTO = "auto"
    GUFO = "gufo"
    PYSNMP = "pysnmp"


def open_session(
    address: str,
    port: int,
    version: SnmpVersion,
    credentials: SnmpCredentials,
    *,
    backend: Backend = Backend.AUTO,
    memory: Memory | None = None,
) -> SnmpSession:
    """Return a session with a device at a numeric address; nothing is sent yet.

    `memory`: what sessions before this one found out about devices; None: nothing. pysnmp serves v3 contexts,
    which gufo does not know.
    """
    if backend is Backend.PYSNMP or (backend is Backend.AUTO and credentials.context):
        return pysnmp_session(address, port, version, credentials)
    if backend is Backend.AUTO:
        return AutoSession(address, port, version, credentials, memory or Memory())
    if credentials.context:
        raise SnmpFailure(Reason.BAD_RESPONSE, "the gufo backend knows no v3 contexts; use --backend pysnmp")
    return GufoSession(address, port, version, credentials, memory)


async def resolve(address: str) -> str:
    """Return the numeric address of a device; a name is asked of the system's resolver.

    Raises `SnmpFailure` (`no-such-host`).
    """
    try:
        ipaddress.ip_address(address)
    except ValueError:
        loop = asyncio.get_running_loop()
        try:
            found = await loop.getaddrinfo(address, None, type=socket.SOCK_DGRAM)
        except OSError as error:
            message = f"the name {address[:255]!r} does not resolve ({error.strerror or error}): check it"
            raise SnmpFailure(Reason.NO_SUCH_HOST, message) from None
        return str(found[0][4][0])
    return address

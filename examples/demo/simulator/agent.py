"""A device's SNMP agent: pysnmp's engine in front of the device's objects, answering as slowly as a device does.

What the objects are worth is left to `mib` and `network`; which address it has, to `addresses`.
"""

import asyncio
import random
import socket
from collections.abc import Callable
from typing import Any, Final

from pysnmp.carrier.asyncio.dgram import udp  # type: ignore[import-untyped]
from pysnmp.entity import config  # type: ignore[import-untyped]
from pysnmp.entity.engine import SnmpEngine  # type: ignore[import-untyped]
from pysnmp.entity.rfc3413 import cmdrsp, context  # type: ignore[import-untyped]
from pysnmp.proto.rfc1902 import ObjectName, OctetString  # type: ignore[import-untyped]
from pysnmp.proto.rfc1905 import endOfMibView, noSuchInstance  # type: ignore[import-untyped]
from pysnmp.smi.instrum import AbstractMibInstrumController  # type: ignore[import-untyped]

from demo.simulator.credentials import Credentials
from demo.simulator.mib import Mib, Oid, Value
from demo.simulator.network import View
from demo.simulator.topology import Device

# pysnmp is not typed; a variable binding is a name and a value of its own types.
VarBind = tuple[Any, Value]
READER: Final = "reader"
# Engine ids begin with the enterprise number that RFC 5612 keeps for examples, with the first bit set; 4 says that
# text follows (RFC 3411, SnmpEngineID).
ENGINE_ID_PREFIX: Final = (0x8000_0000 + 32473).to_bytes(4, "big") + b"\x04"


class _Objects(AbstractMibInstrumController):  # type: ignore[misc]  # pysnmp is not typed
    """Answers pysnmp's reads. Every request gets one view: all its values are of the same instant."""

    def __init__(self, mib: Mib, look: Callable[[], View]) -> None:
        self._mib = mib
        self._look = look

    def read_variables(self, *var_binds: VarBind, **_context: object) -> list[VarBind]:
        view = self._look()
        return [(name, self._value(view, tuple(name))) for name, _ in var_binds]

    def read_next_variables(self, *var_binds: VarBind, **_context: object) -> list[VarBind]:
        view = self._look()
        following = [(name, self._mib.after(tuple(name))) for name, _ in var_binds]
        return [
            (name, endOfMibView) if oid is None else (ObjectName(oid), self._value(view, oid))
            for name, oid in following
        ]

    def _value(self, view: View, oid: Oid) -> Value:
        value = self._mib.value(view, oid)
        return noSuchInstance if value is None else value


class _SlowUdp(udp.UdpTransport):  # type: ignore[misc]  # pysnmp is not typed
    """UDP that answers after a device's response time, or not at all."""

    def __init__(self, answers: Callable[[], bool], response_s: Callable[[], float]) -> None:
        super().__init__(loop=asyncio.get_running_loop())
        self._answers = answers
        self._response_s = response_s

    def datagram_received(self, datagram: bytes, transport_address: object) -> None:
        if self._answers():
            super().datagram_received(datagram, transport_address)

    def send_message(self, message: bytes, transport_address: object) -> None:
        self.loop.call_later(self._response_s(), self._send_now, message, transport_address)

    def _send_now(self, message: bytes, transport_address: object) -> None:
        if self._answers() and self.transport is not None and not self.transport.is_closing():
            super().send_message(message, transport_address)


class Agent:
    """One running agent. Serves v3 alone where the device is planned so, else v1 and v2c."""

    def __init__(
        self,
        device: Device,
        credentials: Credentials,
        *,
        look: Callable[[], View],
        answers: Callable[[], bool],
        rng: random.Random,
    ) -> None:
        self._device = device
        self._engine = SnmpEngine(OctetString(ENGINE_ID_PREFIX + device.name.encode()))
        fastest_s, slowest_s = device.model.response_s
        self._transport = _SlowUdp(answers, lambda: rng.triangular(fastest_s, slowest_s, fastest_s * 1.3))
        self._admit(credentials)
        objects = context.SnmpContext(self._engine)
        objects.unregister_context_name(b"")
        objects.register_context_name(b"", _Objects(Mib(device), look))
        for responder in (cmdrsp.GetCommandResponder, cmdrsp.NextCommandResponder, cmdrsp.BulkCommandResponder):
            responder(self._engine, objects)

    def _admit(self, credentials: Credentials) -> None:
        if self._device.v3:
            config.add_v3_user(
                self._engine,
                credentials.user,
                config.USM_AUTH_HMAC192_SHA256,
                credentials.auth_secret,
                config.USM_PRIV_CFB128_AES,
                credentials.priv_secret,
            )
        else:
            config.add_v1_system(self._engine, READER, credentials.community)

    def serve(self, sock: socket.socket) -> None:
        """Begin to answer on a bound UDP socket, which is the agent's from now on."""
        config.add_transport(self._engine, udp.DOMAIN_NAME, self._transport.open_server_mode(sock=sock))

    def close(self) -> None:
        """Stop answering."""
        self._engine.close_dispatcher()

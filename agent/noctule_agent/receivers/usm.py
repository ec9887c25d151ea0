"""Reads SNMPv3 notifications by pysnmp: authenticated and decrypted with the users of the sender's own devices.

One engine serves all senders. A user is entered for the engine id that a message names, with the secrets that belong to
the sender's address; so two devices may have users of one name. Informs are for this agent's own engine id.
"""

import hashlib
from collections import OrderedDict
from collections.abc import Sequence
from typing import Any, Final

from noctule_shared.link import AuthProtocol, SnmpCredentials
from pyasn1.codec.ber import decoder  # type: ignore[import-untyped]  # pyasn1 has no types
from pysnmp.carrier.base import AbstractTransportDispatcher  # type: ignore[import-untyped]  # pysnmp has no types
from pysnmp.entity import config  # type: ignore[import-untyped]  # likewise
from pysnmp.entity.engine import SnmpEngine  # type: ignore[import-untyped]  # likewise
from pysnmp.proto import rfc3411  # type: ignore[import-untyped]  # likewise
from pysnmp.proto.api import v2c  # type: ignore[import-untyped]  # likewise
from pysnmp.proto.mpmod.rfc3412 import SNMPv3Message  # type: ignore[import-untyped]  # likewise
from pysnmp.proto.secmod.rfc3414.service import UsmSecurityParameters  # type: ignore[import-untyped]  # likewise

from noctule_agent.core.admission import Admission, Allowance, Verdict
from noctule_agent.core.traps import Notification, notification
from noctule_agent.probes.snmp.pysnmp_session import AUTH_PROTOCOLS, PRIV_PROTOCOLS
from noctule_agent.receivers.notifications import DECODING_ERRORS, Outcome, Refusal, bindings_of

# Users entered at once, one per sender; beyond it the one unused longest goes and is entered again when needed.
MAX_SEATS: Final = 4096
# Devices at one address whose users share a name but no secrets: so many are tried.
MAX_TRIED: Final = 4
# To enter a user takes 20 ms: forged engine ids must not keep the agent busy. A device has one, and so one of its own.
NEW_ENGINES_OF_SENDER: Final = Allowance(per_s=0.1, burst=8)
NEW_ENGINES: Final = Allowance(per_s=5, burst=50)
_DOMAIN: Final = config.SNMP_UDP_DOMAIN
_AUTH_FLAG: Final = 1
_PRIV_FLAG: Final = 2
_HASHES: Final = {
    AuthProtocol.MD5: "md5",
    AuthProtocol.SHA1: "sha1",
    AuthProtocol.SHA224: "sha224",
    AuthProtocol.SHA256: "sha256",
    AuthProtocol.SHA384: "sha384",
    AuthProtocol.SHA512: "sha512",
}
_EXPANDED_BYTES: Final = 2**20  # RFC 3414 appendix A.2
_REFUSED: Final = Outcome(refusal=Refusal.UNAUTHENTICATED)
_MALFORMED: Final = Outcome(refusal=Refusal.MALFORMED)


class _Mailbox(AbstractTransportDispatcher):  # type: ignore[misc]  # pysnmp has no types
    """Keeps what the engine would send, for whoever owns the socket."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: list[bytes] = []

    def send_message(self, outgoing: Any, domain: Any, address: Any) -> None:  # noqa: ANN401, ARG002  pysnmp's signature
        """Keep one message."""
        self.sent.append(bytes(outgoing))

    def take(self) -> list[bytes]:
        """Return and forget what was sent."""
        taken, self.sent = self.sent, []
        return taken


class UsmReader:
    """An SNMP engine that only receives. Building one takes half a second: not in the event loop's thread.

    `engine_id` (5 to 32 octets) is this agent's for informs and stays the same over restarts; `boots` must grow with
    each start (RFC 3414 section 2.2), or senders that remember this engine are not believed any more.
    """

    def __init__(self, engine_id: bytes, boots: int) -> None:
        self._mailbox = _Mailbox()
        self._engine = SnmpEngine()
        # Entered here rather than by SnmpEngine's own argument, which keeps the boots in a folder open to everyone.
        symbols = self._engine.get_mib_builder().import_symbols
        (own_id,) = symbols("__SNMP-FRAMEWORK-MIB", "snmpEngineID")
        (own_boots,) = symbols("__SNMP-FRAMEWORK-MIB", "snmpEngineBoots")
        own_id.syntax = own_id.syntax.clone(engine_id)
        own_boots.syntax = own_boots.syntax.clone(boots)
        self._engine.snmpEngineID = own_id.syntax
        self._engine.register_transport_dispatcher(self._mailbox)
        self._engine.message_dispatcher.register_context_engine_id(
            b"", (v2c.SNMPv2TrapPDU.tagSet, v2c.InformRequestPDU.tagSet), self._process_pdu
        )
        self._engine_id = engine_id
        self._seats: OrderedDict[tuple[bytes, str], SnmpCredentials] = OrderedDict()
        self._new_seats = Admission(NEW_ENGINES_OF_SENDER, NEW_ENGINES)
        self._found: list[Notification | None] = []
        self._reply: bytes | None = None

    def read(
        self, datagram: bytes, address: tuple[str, int], users: Sequence[SnmpCredentials], now_s: float
    ) -> Outcome:
        """Return what a v3 message from `address` brought, believed when one of `users` vouches for it.

        A message that is less protected than its user's secrets allow is refused. `now_s` is a monotonic clock's.
        """
        try:
            message, _ = decoder.decode(datagram, asn1Spec=SNMPv3Message())
            security, _ = decoder.decode(bytes(message["msgSecurityParameters"]), asn1Spec=UsmSecurityParameters())
            flags = bytes(message["msgGlobalData"]["msgFlags"])[0]
            engine_id = bytes(security["msgAuthoritativeEngineId"])
            name = bytes(security["msgUserName"]).decode()
        except DECODING_ERRORS:
            return _MALFORMED
        if not users:
            return _REFUSED
        if not engine_id or not name:
            # A sender of informs asks who we are; the answer is a report.
            answers = self._receive(datagram, address)
            return Outcome(answers=answers) if answers else _MALFORMED
        found = _REFUSED
        for user in [user for user in users if user.user == name and _protects(user, flags)][:MAX_TRIED]:
            if self._seats.get((engine_id, name)) != user and (
                self._new_seats.ask(address[0], now_s) is not Verdict.TAKEN
            ):
                return Outcome(refusal=Refusal.NEW_ENGINE_LIMIT)
            found = self._read_as(user, name, engine_id, datagram, address)
            if found.notification is not None:
                break
        return found

    def _read_as(
        self, user: SnmpCredentials, name: str, engine_id: bytes, datagram: bytes, address: tuple[str, int]
    ) -> Outcome:
        try:
            fresh = self._seat(user, name, engine_id)
            answers = self._receive(datagram, address)
        except DECODING_ERRORS:
            return _MALFORMED
        if self._found:
            sent = self._found[0]
            return _MALFORMED if sent is None else Outcome(sent, reply=self._reply)
        if fresh and engine_id != self._engine_id:
            # Nothing vouches for that engine id; kept, every forged one would push a true one out.
            self._unseat((engine_id, name))
        # Only with our own engine id the sender takes our word: that its clock is off, or that it is not believed.
        if engine_id == self._engine_id and answers:
            return Outcome(answers=answers, refusal=None if _synchronises(answers) else Refusal.UNAUTHENTICATED)
        return _REFUSED

    def _receive(self, datagram: bytes, address: tuple[str, int]) -> list[bytes]:
        """Have the engine process a message; what it found is in `_found` and `_reply`, what it reports is returned."""
        self._found, self._reply = [], None
        try:
            self._engine.message_dispatcher.receive_message(self._engine, _DOMAIN, address, datagram)
        finally:
            sent = self._mailbox.take()
        return sent

    def _seat(self, user: SnmpCredentials, name: str, engine_id: bytes) -> bool:
        """Enter a user for an engine id, unless it is there; return whether it was not."""
        seat = (engine_id, name)
        if self._seats.get(seat) == user:
            self._seats.move_to_end(seat)
            return False
        self._seats.pop(seat, None)
        if len(self._seats) >= MAX_SEATS:
            self._unseat(next(iter(self._seats)))
        secrets: dict[str, Any] = {}
        if user.auth_protocol is not None and user.auth_secret:
            secrets |= {"authProtocol": AUTH_PROTOCOLS[user.auth_protocol], "authKeyType": config.USM_KEY_TYPE_MASTER}
            secrets["authKey"] = _master_key(user.auth_protocol, user.auth_secret)
            if user.priv_protocol is not None and user.priv_secret:
                secrets |= {
                    "privProtocol": PRIV_PROTOCOLS[user.priv_protocol],
                    "privKeyType": config.USM_KEY_TYPE_MASTER,
                }
                secrets["privKey"] = _master_key(user.auth_protocol, user.priv_secret)
        config.add_v3_user(self._engine, name, securityEngineId=v2c.OctetString(engine_id), **secrets)
        self._seats[seat] = user
        return True

    def _unseat(self, seat: tuple[bytes, str]) -> None:
        self._seats.pop(seat, None)
        config.delete_v3_user(self._engine, seat[1], v2c.OctetString(seat[0]))

    def _process_pdu(  # noqa: PLR0917  pysnmp calls it by position
        self,
        engine: Any,  # noqa: ANN401  pysnmp has no types
        processing_model: Any,  # noqa: ANN401  likewise
        security_model: Any,  # noqa: ANN401  likewise
        security_name: Any,  # noqa: ANN401  likewise
        security_level: Any,  # noqa: ANN401  likewise
        context_engine_id: Any,  # noqa: ANN401  likewise
        context_name: Any,  # noqa: ANN401  likewise
        pdu_version: Any,  # noqa: ANN401  likewise
        pdu: Any,  # noqa: ANN401  likewise
        max_response_size: Any,  # noqa: ANN401  likewise
        state: Any,  # noqa: ANN401  likewise
    ) -> None:
        """Take a notification that the engine believes; an inform's reply is made now and sent when it is kept."""
        bindings = v2c.apiPDU.get_varbinds(pdu)
        if pdu.tagSet not in rfc3411.CONFIRMED_CLASS_PDUS:
            self._found.append(notification(bindings_of(bindings), request_id=None))
            return
        response = v2c.apiPDU.get_response(pdu)
        v2c.apiPDU.set_varbinds(response, bindings)
        engine.message_dispatcher.return_response_pdu(
            engine, processing_model, security_model, security_name, security_level, context_engine_id, context_name,
            pdu_version, response, max_response_size, state, {},
        )  # fmt: skip
        sent = self._mailbox.take()
        self._reply = sent[0] if sent else None
        self._found.append(notification(bindings_of(bindings), request_id=int(v2c.apiPDU.get_request_id(pdu))))


def _protects(user: SnmpCredentials, flags: int) -> bool:
    wanted = 0
    if user.auth_protocol is not None and user.auth_secret:
        wanted = _AUTH_FLAG
        if user.priv_protocol is not None and user.priv_secret:
            wanted |= _PRIV_FLAG
    return flags & wanted == wanted


def _synchronises(answers: Sequence[bytes]) -> bool:
    """Return whether a report only tells our clock: it is authenticated then, unlike a refusal."""
    try:
        message, _ = decoder.decode(answers[0], asn1Spec=SNMPv3Message())
        return bool(bytes(message["msgGlobalData"]["msgFlags"])[0] & _AUTH_FLAG)
    except DECODING_ERRORS:
        return False


def _master_key(protocol: AuthProtocol, secret: str) -> bytes:
    """Return the key of a pass phrase before it is localised: RFC 3414 appendix A.2, 2 ms where pysnmp takes 40."""
    octets = secret.encode()
    expanded = (octets * (_EXPANDED_BYTES // len(octets) + 1))[:_EXPANDED_BYTES]
    return hashlib.new(_HASHES[protocol], expanded, usedforsecurity=False).digest()

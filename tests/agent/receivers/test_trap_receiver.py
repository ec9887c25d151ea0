"""Traps and informs of net-snmp's own senders over real UDP, and of nobody's."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from noctule_agent.core.admission import Admission
from noctule_agent.core.traps import COLD_START, LINK_DOWN, SNMP_TRAP_OID, SYS_UP_TIME
from noctule_agent.receivers.intake import LogIntake
from noctule_agent.receivers.notifications import MAX_NOTIFICATION_BYTES
from noctule_agent.receivers.senders import Senders
from noctule_agent.receivers.trap_receiver import TrapReceiver
from noctule_agent.receivers.usm import NEW_ENGINES, NEW_ENGINES_OF_SENDER, UsmReader
from noctule_shared.observations import LogSource
from pyasn1.codec.ber import decoder, encoder  # type: ignore[import-untyped]  # pyasn1 has no types
from pysnmp.proto.api import v2c  # type: ignore[import-untyped]  # pysnmp has no types

from tests.agent.receivers.conftest import OPERATOR, Hints, Store, device, send

ENGINE_ID = bytes.fromhex("80004fb805") + b"noctule"
LINK = [LINK_DOWN, "1.3.6.1.2.1.2.2.1.1.3", "i", "3", "1.3.6.1.2.1.2.2.1.8.3", "i", "2"]
AUTH = ["-u", "operator", "-a", "SHA", "-A", "authsecret1"]
AUTH_PRIV = ["-v3", "-l", "authPriv", *AUTH, "-x", "AES", "-X", "privsecret1"]


@pytest.fixture(scope="module")
def usm() -> UsmReader:
    return UsmReader(ENGINE_ID, boots=1)


class Bench:
    """A receiver on a port of its own and what came of what it received."""

    def __init__(self, intake: LogIntake, store: Store, senders: Senders, usm: UsmReader, folder: Path) -> None:
        self.store = store
        self.senders = senders
        self.intake = intake
        self.hints = Hints()
        self.receiver = TrapReceiver(intake, store, self.hints, make_usm=lambda: usm)
        self.port = 0
        self._folder = folder

    async def send(self, program: str, *arguments: str, about: list[str] = LINK) -> int:
        return await send(program, [*arguments, f"127.0.0.1:{self.port}", "", *about], self._folder)

    def drops(self) -> dict[str, int]:
        return self.intake.drops()

    async def until_dropped(self, reason: str, count: int = 1) -> None:
        """Wait for a drop by sending, behind what is dropped, something that is not."""
        logs = len(self.store.logs())
        await self.send("snmptrap", "-v2c", "-c", "any")
        await self.store.until(lambda: len(self.store.logs()) > logs)
        assert self.drops().get(reason) == count


@pytest.fixture
async def bench(
    intake: LogIntake, store: Store, senders: Senders, usm: UsmReader, tmp_path: Path
) -> AsyncIterator[Bench]:
    # One engine serves all tests: to build it takes half a second.
    usm._new_seats = Admission(NEW_ENGINES_OF_SENDER, NEW_ENGINES)
    found = Bench(intake, store, senders, usm, tmp_path)
    listener = await found.receiver.open("127.0.0.1", 0)
    found.port = listener.port
    await found.receiver.prepare_v3()
    acknowledging = asyncio.create_task(found.receiver.acknowledge())
    yield found
    acknowledging.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await acknowledging
    listener.close()
    assert found.receiver.errors == 0


@pytest.fixture
async def client(bench: Bench) -> AsyncIterator[socket.socket]:
    """Give a socket that talks to the receiver without a program between."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.settimeout(0)
        sock.connect(("127.0.0.1", bench.port))
        yield sock


def v2c_message(pdu_type: type[Any], request_id: int, trap_oid: str = LINK_DOWN) -> bytes:
    pdu = pdu_type()
    v2c.apiPDU.set_defaults(pdu)
    v2c.apiPDU.set_request_id(pdu, request_id)
    v2c.apiPDU.set_varbinds(
        pdu,
        [
            (v2c.ObjectIdentifier(SYS_UP_TIME), v2c.TimeTicks(400_000)),
            (v2c.ObjectIdentifier(SNMP_TRAP_OID), v2c.ObjectIdentifier(trap_oid)),
            (v2c.ObjectIdentifier("1.3.6.1.2.1.2.2.1.1.3"), v2c.Integer32(3)),
        ],
    )
    message = v2c.Message()
    v2c.apiMessage.set_defaults(message)
    v2c.apiMessage.set_pdu(message, pdu)
    return bytes(encoder.encode(message))


def trap(trap_oid: str = LINK_DOWN) -> bytes:
    return v2c_message(v2c.SNMPv2TrapPDU, 1, trap_oid)


def inform(request_id: int) -> bytes:
    return v2c_message(v2c.InformRequestPDU, request_id)


async def test_v1_trap_is_told_as_what_rfc_3584_makes_of_it(bench: Bench, tmp_path: Path) -> None:
    head = ["-v1", "-c", "public", f"127.0.0.1:{bench.port}", "1.3.6.1.4.1.9", "10.0.0.1", "2", "0", "500000"]
    assert await send("snmptrap", [*head, *LINK[1:]], tmp_path) == 0
    await bench.store.until(bench.store.logs)
    (event,) = bench.store.logs()
    assert event.message == "linkDown: ifIndex 3, ifOperStatus.3 down"
    assert (event.device_id, event.address, event.source) == (1, "127.0.0.1", LogSource.TRAP)
    assert (event.severity, event.facility) == (4, None)
    assert bench.hints.links == [(1, 3)]


async def test_v1_trap_of_an_enterprise_keeps_its_number(bench: Bench, tmp_path: Path) -> None:
    head = ["-v1", "-c", "public", f"127.0.0.1:{bench.port}", "1.3.6.1.4.1.9", "10.0.0.1", "6", "17", "1"]
    await send("snmptrap", head, tmp_path)
    await bench.store.until(bench.store.logs)
    assert bench.store.logs()[0].message == "trap 1.3.6.1.4.1.9.0.17"


@pytest.mark.parametrize("arguments", [["-v2c", "-c", "whatever"], AUTH_PRIV], ids=["v2c", "v3 authPriv"])
async def test_trap_is_told_and_hints_at_its_row(bench: Bench, arguments: list[str]) -> None:
    assert await bench.send("snmptrap", *arguments) == 0
    await bench.store.until(bench.store.logs)
    assert [event.message for event in bench.store.logs()] == ["linkDown: ifIndex 3, ifOperStatus.3 down"]
    assert bench.drops() == {}


@pytest.mark.parametrize(
    "arguments",
    [
        ["-v3", "-l", "authPriv", "-u", "operator", "-a", "SHA", "-A", "wrongsecret", "-x", "AES", "-X", "privsecret1"],
        ["-v3", "-l", "authPriv", "-u", "stranger", "-a", "SHA", "-A", "authsecret1", "-x", "AES", "-X", "privsecret1"],
        ["-v3", "-l", "authPriv", *AUTH, "-x", "AES", "-X", "wrongsecret"],
        ["-v3", "-l", "authNoPriv", *AUTH],
        ["-v3", "-l", "noAuthNoPriv", "-u", "operator"],
    ],
    ids=["wrong secret", "unknown user", "wrong privacy", "not encrypted", "not authenticated"],
)
async def test_v3_trap_that_its_user_does_not_vouch_for_is_refused(bench: Bench, arguments: list[str]) -> None:
    assert await bench.send("snmptrap", *arguments) == 0
    await bench.until_dropped("trapUnauthenticated")
    assert len(bench.store.logs()) == 1


async def test_users_of_one_name_with_other_secrets_are_both_believed(bench: Bench) -> None:
    other = msgspec.structs.replace(OPERATOR, auth_secret="anothersecret")
    bench.senders.apply({1: device(1, credentials=other), 2: device(2, credentials=OPERATOR)})
    assert await bench.send("snmptrap", *AUTH_PRIV) == 0
    assert await bench.send("snmpinform", *AUTH_PRIV) == 0
    await bench.store.until(lambda: len(bench.store.logs()) == 2)


@pytest.mark.parametrize("arguments", [["-v2c", "-c", "any"], AUTH_PRIV], ids=["v2c", "v3 authPriv"])
async def test_inform_is_acknowledged_to_its_sender_and_told_once(bench: Bench, arguments: list[str]) -> None:
    assert await bench.send("snmpinform", *arguments) == 0
    assert len(bench.store.logs()) == 1


async def test_v3_inform_with_a_wrong_secret_is_refused_to_its_sender(bench: Bench) -> None:
    wrong = ["-v3", "-l", "authPriv", "-u", "operator", "-a", "SHA", "-A", "wrongsecret", "-x", "AES"]
    assert await bench.send("snmpinform", "-r", "0", *wrong, "-X", "privsecret1") == 1
    assert bench.drops() == {"trapUnauthenticated": 1}


async def test_inform_is_acknowledged_only_when_its_event_is_kept(bench: Bench, client: socket.socket) -> None:
    bench.store.gate.clear()
    client.send(inform(77))
    client.send(trap())
    await bench.store.until(lambda: len(bench.store.logs()) == 2)
    with pytest.raises(BlockingIOError):
        client.recv(2048)
    bench.store.gate.set()
    async with asyncio.timeout(10):
        reply = await asyncio.get_running_loop().sock_recv(client, 2048)
    message, _ = decoder.decode(reply, asn1Spec=v2c.Message())
    assert message["data"].getName() == "response"
    assert int(v2c.apiPDU.get_request_id(message["data"].getComponent())) == 77


async def test_repeated_inform_is_told_once_and_acknowledged_each_time(bench: Bench, client: socket.socket) -> None:
    loop = asyncio.get_running_loop()
    async with asyncio.timeout(10):
        for _ in range(3):
            client.send(inform(78))
            assert await loop.sock_recv(client, 2048)
        client.send(inform(79))
        assert await loop.sock_recv(client, 2048)
    assert len(bench.store.logs()) == 2
    assert bench.receiver.repeated == 2


async def test_inform_whose_event_was_lost_is_not_acknowledged_and_taken_anew(
    bench: Bench, client: socket.socket
) -> None:
    bench.store.loses = True
    client.send(inform(80))
    await bench.store.until(lambda: bench.store.stats.dropped_events)
    bench.store.loses = False
    with pytest.raises(BlockingIOError):
        client.recv(2048)
    client.send(inform(80))
    async with asyncio.timeout(10):
        assert await asyncio.get_running_loop().sock_recv(client, 2048)
    assert (len(bench.store.logs()), bench.receiver.repeated) == (2, 0)


async def test_cold_start_asks_the_device_itself(bench: Bench, client: socket.socket) -> None:
    client.send(trap(COLD_START))
    await bench.store.until(bench.store.logs)
    assert (bench.hints.starts, bench.hints.links) == ([1], [])


async def test_devices_that_share_an_address_are_all_hinted_and_the_first_is_named(
    bench: Bench, client: socket.socket
) -> None:
    bench.senders.apply({9: device(9), 4: device(4, credentials=OPERATOR), 5: device(5, address="127.0.0.2")})
    client.send(trap())
    await bench.store.until(bench.store.logs)
    assert [event.device_id for event in bench.store.logs()] == [4]
    assert bench.hints.links == [(4, 3), (9, 3)]


async def test_unknown_sender_is_dropped_counted_and_named(bench: Bench, client: socket.socket) -> None:
    bench.senders.apply({})
    client.send(trap())
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as known:
        known.bind(("127.0.0.2", 0))
        bench.senders.apply({2: device(2, address="127.0.0.2")})
        known.sendto(trap(), ("127.0.0.1", bench.port))
        await bench.store.until(bench.store.logs)
    assert [event.device_id for event in bench.store.logs()] == [2]
    assert bench.drops() == {"trapUnknownSender": 1}
    assert bench.intake.stats()["unknown sender 127.0.0.1"] == 1


@pytest.mark.parametrize(
    ("octets", "reason"),
    [
        (b"", "trapMalformed"),
        (b"hello", "trapMalformed"),
        (bytes.fromhex("300f02010104067075626c6963a7023000"), "trapMalformed"),
        (b"0" * (MAX_NOTIFICATION_BYTES + 1), "trapTooLarge"),
        (b"\x30\x80" * 2000, "trapMalformed"),
    ],
    ids=["empty", "text", "no bindings", "too large", "nested without end"],
)
async def test_what_is_no_notification_is_counted(
    bench: Bench, client: socket.socket, octets: bytes, reason: str
) -> None:
    client.send(octets)
    await bench.until_dropped(reason)


async def test_forged_engine_ids_cost_only_so_much(bench: Bench, usm: UsmReader) -> None:
    allowed = int(NEW_ENGINES_OF_SENDER.burst)
    seats = len(usm._seats)
    # However long the programs take, no time passes in which an allowance would grow again.
    bench.intake.clock_s = lambda: 0.0
    for number in range(allowed + 5):
        await bench.send("snmptrap", "-e", f"0x80000000{number:02x}ff", *AUTH_PRIV[:-1], "wrongsecret")
    await bench.until_dropped("trapNewEngineLimit", 5)
    assert len(usm._seats) == seats


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(data=st.data())
async def test_no_bytes_whatever_break_the_receiver(bench: Bench, data: st.DataObject) -> None:
    octets = data.draw(st.binary(max_size=200) | mutated(trap()) | mutated(inform(5)))
    bench.receiver._on_datagram(octets, "127.0.0.1", 9)
    assert bench.receiver.errors == 0


def mutated(octets: bytes) -> st.SearchStrategy[bytes]:
    def change(at: int, value: int, cut: int) -> bytes:
        return (octets[:at] + bytes([value]) + octets[at + 1 :])[:cut]

    return st.builds(change, st.integers(0, len(octets) - 1), st.integers(0, 255), st.integers(1, len(octets)))

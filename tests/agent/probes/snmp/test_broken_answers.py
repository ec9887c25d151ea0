"""Answers from elsewhere, to other questions, and none at all, over real UDP to both backends."""

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from noctule_agent.probes.snmp import mib
from noctule_agent.probes.snmp.backend import Backend, open_session
from noctule_agent.probes.snmp.memory import Memory
from noctule_agent.probes.snmp.mib import Column
from noctule_agent.probes.snmp.port_probe import answering_address, tlv
from noctule_agent.probes.snmp.session import Reason, SnmpFailure
from noctule_shared.link import SnmpVersion

from tests.agent.probes.snmp.quirky_agent import Quirks, Typed
from tests.agent.probes.snmp.quirky_device import (
    COMMUNITY,
    backends,
    device,
    octets,
    read_octets,
    values,
)

OTHER_ADDRESS = "127.0.0.9"


async def test_device_that_answers_from_another_address_is_asked_by_pysnmp_from_then_on() -> None:
    memory = Memory()
    async with device(Quirks(other_source=OTHER_ADDRESS), Backend.AUTO, rows=3, memory=memory) as (agent, client):
        assert await values(client, octets(3)) == read_octets(3)
        assert client.remark is not None
        assert OTHER_ADDRESS in client.remark
        agent.requests.clear()
        again = open_session("127.0.0.1", agent.port, SnmpVersion.V2C, COMMUNITY, memory=memory)
        assert await again.get([mib.SYS_NAME], timeout_s=20) == {mib.SYS_NAME: b"quirky"}
        assert len(agent.requests) == 1
        await again.close()


async def test_answer_from_elsewhere_to_another_question_is_no_answer() -> None:
    quirks = Quirks(other_source=OTHER_ADDRESS, other_source_guesses=True)
    async with device(quirks, Backend.AUTO) as (agent, client):
        where = ("127.0.0.1", agent.port, SnmpVersion.V2C, "public")
        assert await answering_address(*where, timeout_s=0.3) is None
        with pytest.raises(SnmpFailure) as failure:
            await client.response()
        assert failure.value.reason is Reason.TIMEOUT
        assert client.remark is None
        agent.quirks.other_source_guesses = False
        assert await answering_address(*where, timeout_s=20) == OTHER_ADDRESS


async def test_pysnmp_takes_no_answer_from_elsewhere_with_another_request_id() -> None:
    quirks = Quirks(other_source=OTHER_ADDRESS, other_source_guesses=True)
    async with device(quirks, Backend.PYSNMP) as (_, client):
        with pytest.raises(SnmpFailure) as failure:
            await client.response()
        assert failure.value.reason is Reason.TIMEOUT


def nested(answer: bytes) -> bytes:
    """A hundred sequences in each other, and the answer inside."""
    for _ in range(100):
        answer = tlv(0x30, answer)
    return answer


MANGLED: dict[str, Callable[[bytes], bytes]] = {
    "nothing": lambda _: b"",
    "garbage": lambda _: bytes(range(256)),
    "text": lambda _: b"HTTP/1.1 400 Bad Request\r\n\r\n",
    "cut": lambda answer: answer[:-5],
    "cut after the head": lambda answer: answer[:4],
    "length beyond its end": lambda answer: answer[:1] + b"\x84\xff\xff\xff\xff" + answer[2:],
    "no definite length": lambda answer: answer[:1] + b"\x80" + answer[2:],
    "other version": lambda answer: answer.replace(b"\x02\x01\x01", b"\x02\x01\x07", 1),
    "nested": nested,
}


@pytest.fixture
def complaints() -> Iterator[list[dict[str, Any]]]:
    """What the event loop has to complain of: exceptions that nobody caught."""
    found: list[dict[str, Any]] = []
    yield found
    assert found == []


@backends
@pytest.mark.parametrize("mangle", MANGLED.values(), ids=MANGLED.keys())
async def test_answer_that_is_none_is_asked_for_again_and_fails_with_a_reason_when_all_are(
    backend: Backend, mangle: Callable[[bytes], bytes], complaints: list[dict[str, Any]]
) -> None:
    asyncio.get_running_loop().set_exception_handler(lambda _, context: complaints.append(context))
    async with device(Quirks(mangle=mangle, mangles=1), backend, rows=3) as (agent, client):
        assert await values(client, octets(3)) == read_octets(3)
        agent.quirks.mangles = 1_000_000
        with pytest.raises(SnmpFailure) as failure:
            await client.walk(Column.ifDescr)
        assert failure.value.reason in {Reason.TIMEOUT, Reason.BAD_RESPONSE}
        assert str(failure.value)


@backends
@pytest.mark.parametrize(
    "quirks", [Quirks(wrong_request_id=True), Quirks(wrong_community=True)], ids=["id", "community"]
)
async def test_answer_to_another_question_is_none(backend: Backend, quirks: Quirks) -> None:
    async with device(quirks, backend) as (_, client):
        with pytest.raises(SnmpFailure) as failure:
            await client.response()
        assert failure.value.reason in {Reason.TIMEOUT, Reason.BAD_RESPONSE}


@backends
async def test_odd_values_are_read_or_none(backend: Backend) -> None:
    odd: dict[str, Any] = {
        mib.SYS_DESCR: b"x" * 2_000,
        mib.SYS_CONTACT: b"",
        Column.ifAlias.of(1): bytes(range(256)),
        Column.ifHCInOctets.of(1): Typed(0x46, 2**64 - 1),
        Column.ifInOctets.of(1): Typed(0x41, 2**32 - 1),
        Column.ifInErrors.of(1): -5,
    }
    async with device(Quirks(null_names={mib.SYS_LOCATION}), backend) as (agent, client):
        agent.instances |= odd
        for name, value in odd.items():
            wanted = value.number if isinstance(value, Typed) else value
            assert await values(client, [[name]]) == {name: wanted}
        assert await values(client, [[mib.SYS_NAME, mib.SYS_LOCATION]]) == {
            mib.SYS_NAME: b"quirky",
            mib.SYS_LOCATION: None,
        }


@backends
async def test_text_too_long_for_any_buffer_harms_no_other_value(backend: Backend) -> None:
    async with device(Quirks(), backend) as (agent, client):
        agent.instances[mib.SYS_DESCR] = b"x" * 60_000
        found = await values(client, [[mib.SYS_NAME, mib.SYS_DESCR, mib.SYS_OBJECT_ID]])
        assert found.pop(mib.SYS_DESCR) in {None, b"x" * 60_000}
        assert found == {mib.SYS_NAME: b"quirky", mib.SYS_OBJECT_ID: "1.3.6.1.4.1.99999.1"}

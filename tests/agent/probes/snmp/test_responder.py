"""The doctor's responder: it answers what a real client asks, and nothing else."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st
from noctule_agent.probes.snmp.backend import open_session
from noctule_agent.probes.snmp.client import SnmpClient
from noctule_agent.probes.snmp.port_probe import DISCOVERY
from noctule_agent.probes.snmp.responder import response
from noctule_shared.link import SnmpCredentials, SnmpVersion


class Answering(asyncio.DatagramProtocol):
    def connection_made(self, transport: Any) -> None:
        self.transport = transport

    def datagram_received(self, data: bytes, addr: Any) -> None:
        answer = response(data)
        assert answer is not None
        self.transport.sendto(answer, addr)


@asynccontextmanager
async def answering() -> AsyncIterator[int]:
    transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(Answering, local_addr=("127.0.0.1", 0))
    yield transport.get_extra_info("sockname")[1]
    transport.close()


async def test_a_real_client_gets_a_value_for_every_name_and_the_time() -> None:
    names = [f"1.3.6.1.2.1.31.1.1.1.6.{index}" for index in range(1, 46)]
    async with answering() as port:
        session = open_session("127.0.0.1", port, SnmpVersion.V2C, SnmpCredentials(community="doctor"))
        client = SnmpClient(session, interval_s=30.0)
        (answer,) = await client.get([names])
        await client.close()
    assert list(answer.values) == names
    assert all(isinstance(value, int) for value in answer.values.values())
    assert answer.uptime_ticks is not None


@given(st.binary(max_size=80))
@example(DISCOVERY)
@example(b"")
@example(bytes.fromhex("30820000"))
def test_anything_else_is_left_unanswered_without_an_error(octets: bytes) -> None:
    assert response(octets) is None

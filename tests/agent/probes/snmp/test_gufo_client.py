"""gufo's session with its descriptor watched throughout: answers that come late, and its end."""

import asyncio
import gc
import socket
from contextlib import closing

import pytest
from gufo.snmp import SnmpVersion
from noctule_agent.probes.snmp import mib
from noctule_agent.probes.snmp.gufo_client import GufoClient

from tests.agent.conftest import Snmpd

DEADLINE_S = 10.0


async def test_late_answer_neither_keeps_the_loop_awake_nor_answers_the_next_request(snmpd: Snmpd) -> None:
    with closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as between:
        between.bind(("127.0.0.1", 0))
        between.settimeout(DEADLINE_S)
        client = GufoClient("127.0.0.1", between.getsockname()[1], version=SnmpVersion.v2c)
        loop = asyncio.get_running_loop()

        def pass_on() -> tuple[bytes, tuple[str, int]]:
            question, asker = between.recvfrom(4096)
            between.sendto(question, ("127.0.0.1", snmpd.port))
            return between.recv(4096), asker

        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0):
                await client.get_many([mib.SYS_NAME])
        late, asker = await asyncio.to_thread(pass_on)
        between.sendto(late, asker)
        async with asyncio.timeout(DEADLINE_S):
            while client._loop is not None:  # noqa: ASYNC110  what it waits for has no event
                await asyncio.sleep(0)
        assert not loop.remove_reader(client._fd)

        request = asyncio.create_task(client.get_many([mib.SYS_LOCATION]))
        answer, asker = await asyncio.to_thread(pass_on)
        between.sendto(late, asker)
        between.sendto(answer, asker)
        async with asyncio.timeout(DEADLINE_S):
            assert await request == {mib.SYS_LOCATION: b"under test"}


async def test_client_that_nothing_refers_to_is_not_watched_any_more(snmpd: Snmpd) -> None:
    client = GufoClient("127.0.0.1", snmpd.port, version=SnmpVersion.v2c)
    await client.get_many([mib.SYS_NAME])
    descriptor = client._fd
    loop = asyncio.get_running_loop()
    del client
    gc.collect()
    assert not loop.remove_reader(descriptor)

"""A quirky agent with interfaces, and a client that asks it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from noctule_agent.core.sizing import LearntSizes
from noctule_agent.probes.snmp.backend import Backend, open_session
from noctule_agent.probes.snmp.client import SnmpClient
from noctule_agent.probes.snmp.memory import Memory
from noctule_agent.probes.snmp.mib import Column
from noctule_agent.probes.snmp.session import Value
from noctule_shared.link import SnmpCredentials, SnmpVersion

from tests.agent.probes.snmp.quirky_agent import Quirks, QuirkyAgent

COMMUNITY = SnmpCredentials(community="public")
# Attempts of 0.3, 0.6 and 1.1 s.
INTERVAL_S = 5.0
COLUMNS = (Column.ifIndex, Column.ifDescr, Column.ifType, Column.ifOperStatus)
backends = pytest.mark.parametrize("backend", [Backend.GUFO, Backend.PYSNMP])


@asynccontextmanager
async def device(
    quirks: Quirks,
    backend: Backend,
    *,
    rows: int = 0,
    version: SnmpVersion = SnmpVersion.V2C,
    sizes: LearntSizes | None = None,
    memory: Memory | None = None,
) -> AsyncIterator[tuple[QuirkyAgent, SnmpClient]]:
    async with QuirkyAgent(quirks) as agent:
        for index in range(1, rows + 1):
            agent.add_interface(index, f"port {index}")
        session = open_session("127.0.0.1", agent.port, version, COMMUNITY, backend=backend, memory=memory)
        client = SnmpClient(session, interval_s=INTERVAL_S, sizes=sizes)
        try:
            yield agent, client
        finally:
            await client.close()


async def values(client: SnmpClient, groups: list[list[str]]) -> dict[str, Value | None]:
    return {name: value for answer in await client.get(groups) for name, value in answer.values.items()}


def octets(rows: int) -> list[list[str]]:
    return [[Column.ifInOctets.of(index), Column.ifOutOctets.of(index)] for index in range(1, rows + 1)]


def read_octets(rows: int) -> dict[str, Value | None]:
    wanted: dict[str, Value | None] = {}
    for index in range(1, rows + 1):
        wanted |= {Column.ifInOctets.of(index): 100 * index, Column.ifOutOctets.of(index): 200 * index}
    return wanted

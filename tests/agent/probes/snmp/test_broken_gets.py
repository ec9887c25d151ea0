"""Devices that answer GETs in part, with errors or not at all, asked over real UDP by both backends."""

import pytest
from noctule_agent.core.sizing import RequestSize
from noctule_agent.probes.snmp.backend import Backend
from noctule_agent.probes.snmp.inventory import read_tables
from noctule_agent.probes.snmp.mib import COUNTER64, Column
from noctule_shared.link import SnmpVersion

from tests.agent.probes.snmp.quirky_agent import GET, GET_BULK, Quirks
from tests.agent.probes.snmp.quirky_device import backends, device, octets, read_octets, values


@backends
@pytest.mark.parametrize(
    "quirks",
    [Quirks(too_big_above_varbinds=7), Quirks(cut_above_varbinds=7), Quirks(silent_above_varbinds=7)],
    ids=["tooBig", "cut", "silent"],
)
async def test_requests_shrink_to_what_a_device_answers_and_nothing_is_lost(backend: Backend, quirks: Quirks) -> None:
    async with device(quirks, backend, rows=40) as (agent, client):
        assert await values(client, octets(40)) == read_octets(40)
        assert client.size.varbinds <= 7
        agent.requests.clear()
        answers = await client.get(octets(40))
        assert all(count <= 7 for _, count in agent.requests)
        # A row's values come from one PDU, with its sysUpTime.
        assert all(answer.uptime_ticks == 1_000_000 for answer in answers)
        assert all(len(answer.values) % 2 == 0 for answer in answers)


@backends
@pytest.mark.parametrize("version", [SnmpVersion.V1, SnmpVersion.V2C])
@pytest.mark.parametrize("silent", [False, True])
async def test_name_that_fails_is_missing_alone_and_not_asked_again_at_once(
    *, backend: Backend, version: SnmpVersion, silent: bool
) -> None:
    bad = Column.ifInOctets.of(7)
    quirks = Quirks(silent_names={bad}) if silent else Quirks(gen_err_names={bad})
    async with device(quirks, backend, rows=10, version=version) as (agent, client):
        wanted = read_octets(10) | {bad: None}
        assert await values(client, octets(10)) == wanted
        agent.asked.clear()
        agent.requests.clear()
        assert await values(client, octets(10)) == wanted
        assert bad not in agent.asked
        assert len(agent.requests) == 1


@backends
async def test_name_left_out_is_asked_again_once_a_walk_shows_it(backend: Backend) -> None:
    bad = Column.ifInOctets.of(2)
    async with device(Quirks(gen_err_names={bad}), backend, rows=3) as (agent, client):
        await client.get(octets(3))
        agent.quirks.gen_err_names.clear()
        await client.walk(Column.ifInOctets)
        assert await values(client, octets(3)) == read_octets(3)


@backends
async def test_missing_name_is_looked_for_twice_and_then_believed(backend: Backend) -> None:
    async with device(Quirks(), backend, rows=3) as (agent, client):
        gone = Column.ifInOctets.of(9)
        assert await values(client, [*octets(3), [gone]]) == read_octets(3) | {gone: None}
        assert client.size == RequestSize()
        agent.requests.clear()
        assert await values(client, [*octets(3), [gone]]) == read_octets(3) | {gone: None}
        assert agent.requests == [(GET, 8)]


@backends
async def test_v1_device_is_asked_for_no_counter64_and_lacks_only_what_it_lacks(backend: Backend) -> None:
    async with device(Quirks(v1_only=True), backend, rows=9, version=SnmpVersion.V1) as (agent, client):
        gone = Column.ifInOctets.of(99)
        assert await values(client, [*octets(9), [gone]]) == read_octets(9) | {gone: None}
        # One name at fault does not make requests smaller.
        assert client.size == RequestSize()
        tables = await read_tables(client)
        assert tables.if_indexes() == list(range(1, 10))
        assert not any(name.startswith(column.value) for column in COUNTER64 for name in agent.asked)
        assert GET_BULK not in {kind for kind, _ in agent.requests}

"""Devices whose walks break the rules as in the field, asked over real UDP by both backends."""

import pytest
from noctule_agent.core.sizing import LearntSizes
from noctule_agent.probes.snmp import mib
from noctule_agent.probes.snmp.backend import Backend, open_session
from noctule_agent.probes.snmp.client import SnmpClient
from noctule_agent.probes.snmp.inventory import read_system, read_tables
from noctule_agent.probes.snmp.mib import Column
from noctule_shared.link import SnmpVersion

from tests.agent.probes.snmp.quirky_agent import GET_BULK, Quirks
from tests.agent.probes.snmp.quirky_device import COLUMNS, COMMUNITY, INTERVAL_S, backends, device


@backends
async def test_walk_goes_on_with_fewer_repetitions_where_more_bring_no_answer(backend: Backend) -> None:
    sizes = LearntSizes()
    async with device(Quirks(silent_above_repetitions=20), backend, rows=60, sizes=sizes) as (agent, client):
        await read_system(client)
        tables = await read_tables(client, COLUMNS)
        assert tables.if_indexes() == list(range(1, 61))
        assert client.size.repetitions <= 20
        silent = [count for kind, count in agent.requests if kind == GET_BULK and count > 20]
        # It is asked for too much in one walk only, and what was learnt keeps.
        assert len(silent) <= 2
        sibling = SnmpClient(
            open_session("127.0.0.1", agent.port, SnmpVersion.V2C, COMMUNITY, backend=backend),
            interval_s=INTERVAL_S,
            sizes=sizes,
        )
        await read_system(sibling)
        assert sibling.size == client.size
        await sibling.close()


@backends
@pytest.mark.parametrize("learnt", [10, 50])
async def test_rows_that_are_skipped_in_large_answers_are_found(backend: Backend, learnt: int) -> None:
    async with device(Quirks(skips_rows_above_repetitions=12), backend, rows=40) as (agent, client):
        agent.instances[mib.IF_NUMBER] = 40
        while client.size.repetitions < learnt:
            client.size = client.size.after_walk_complete()
        tables = await read_tables(client, COLUMNS)
        for column in COLUMNS:
            assert sorted(tables.columns[column]) == list(range(1, 41)), column.name
        assert client.size.repetitions <= 12


@backends
async def test_columns_that_rightly_differ_are_not_walked_again(backend: Backend) -> None:
    async with device(Quirks(), backend, rows=30) as (agent, client):
        agent.instances[mib.IF_NUMBER] = 10_587
        for index in range(3, 20):
            del agent.instances[Column.ifType.of(index)]
        before = client.size.repetitions
        tables = await read_tables(client, COLUMNS)
        assert len(tables.columns[Column.ifType]) == 13
        assert client.size.repetitions > before


@backends
@pytest.mark.parametrize("to", [Column.ifDescr.of(2), Column.ifIndex.of(1)], ids=["same column", "column before"])
async def test_names_that_go_backwards_in_large_answers_are_asked_for_in_smaller_ones(
    backend: Backend, to: str
) -> None:
    quirks = Quirks(goes_back_after=Column.ifDescr.of(5), goes_back_to=to, goes_back_above_repetitions=4)
    async with device(quirks, backend, rows=30) as (agent, client):
        rows = await client.walk(Column.ifDescr)
        assert [value for _, value in rows] == [f"port {index}".encode() for index in range(1, 31)]
        assert len(agent.requests) < 40


@backends
@pytest.mark.parametrize("version", [SnmpVersion.V1, SnmpVersion.V2C])
async def test_walk_in_a_circle_ends_with_what_is_safe(backend: Backend, version: SnmpVersion) -> None:
    quirks = Quirks(goes_back_after=Column.ifDescr.of(5))
    async with device(quirks, backend, rows=8, version=version) as (agent, client):
        rows = await client.walk(Column.ifDescr)
        assert [value for _, value in rows] == [f"port {index}".encode() for index in range(1, 6)]
        assert len(agent.requests) < 15


@backends
async def test_rows_behind_a_circle_are_asked_for_by_the_names_of_other_columns(backend: Backend) -> None:
    async with device(Quirks(goes_back_after=Column.ifDescr.of(5)), backend, rows=12) as (_, client):
        tables = await read_tables(client, COLUMNS)
        assert tables.octets(Column.ifDescr, 12) == b"port 12"


@backends
async def test_error_in_the_middle_of_a_walk_ends_it_with_what_is_safe(backend: Backend) -> None:
    async with device(Quirks(gen_err_names={Column.ifDescr.of(6)}), backend, rows=12) as (_, client):
        rows = await client.walk(Column.ifDescr)
        assert [value for _, value in rows] == [f"port {index}".encode() for index in range(1, 6)]
        tables = await read_tables(client, COLUMNS)
        assert tables.octets(Column.ifDescr, 12) == b"port 12"
        assert tables.octets(Column.ifDescr, 6) is None

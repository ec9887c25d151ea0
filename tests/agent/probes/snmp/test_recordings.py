"""57 recorded devices, read as live agents and compared with what was derived from the recordings."""

import json
from functools import cache
from typing import Any

import pytest
from noctule_agent.core.interfaces import clean_text, inventory
from noctule_agent.probes.snmp.backend import Backend, open_session
from noctule_agent.probes.snmp.client import SnmpClient
from noctule_agent.probes.snmp.inventory import interface_rows, read_system, read_tables
from noctule_agent.probes.snmp.mib import Column
from noctule_shared.interface_filter import DEFAULT_SKIP_TYPES
from noctule_shared.link import SnmpCredentials, SnmpVersion
from noctule_shared.observations import InventoryInterface

from tests.agent.conftest import DEVICES

NAMES = sorted(folder.name for folder in DEVICES.iterdir() if (folder / "expected.json").exists())


@cache
def expected(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((DEVICES / name / "expected.json").read_text("utf-8"))
    return found


@pytest.mark.parametrize("name", NAMES)
async def test_device_is_read_as_recorded_by_gufo(name: str, recordings: dict[str, tuple[str, int]]) -> None:
    await compare(name, recordings[name], Backend.GUFO, SnmpVersion.V2C)


@pytest.mark.parametrize("name", NAMES)
async def test_device_is_read_as_recorded_by_pysnmp(name: str, recordings: dict[str, tuple[str, int]]) -> None:
    await compare(name, recordings[name], Backend.PYSNMP, SnmpVersion.V2C)


@pytest.mark.parametrize("name", ["ubiquiti-m5", "windows-2019"])
@pytest.mark.parametrize("backend", [Backend.GUFO, Backend.PYSNMP])
async def test_device_without_64_bit_counters_is_read_by_v1(
    name: str, backend: Backend, recordings: dict[str, tuple[str, int]]
) -> None:
    await compare(name, recordings[name], backend, SnmpVersion.V1)


async def compare(name: str, where: tuple[str, int], backend: Backend, version: SnmpVersion) -> None:
    want = expected(name)
    session = open_session(*where, version, SnmpCredentials(community="public"), backend=backend)
    client = SnmpClient(session, interval_s=60)
    try:
        system, answer = await read_system(client)
        tables = await read_tables(client)
    finally:
        await client.close()
    assert system.sys_object_id == want["system"]["sysObjectID"]
    if want["system"].get("sysUpTime_ticks") is not None:
        assert answer.uptime_ticks == want["system"]["sysUpTime_ticks"]
    found = inventory(interface_rows(tables))
    assert [row.if_index for row in found] == [row["ifIndex"] for row in want["interfaces"]]
    assert len({row.identity for row in found}) == len(found)
    for row, wanted in zip(found, want["interfaces"], strict=True):
        compare_attributes(row, wanted)
        for key, wide, narrow in (
            ("in_octets", Column.ifHCInOctets, Column.ifInOctets),
            ("out_octets", Column.ifHCOutOctets, Column.ifOutOctets),
        ):
            value = tables.number(wide if row.counter_bits == 64 else narrow, row.if_index)
            recorded = wanted[key] or {"value": None}
            assert value in recorded.get("acceptable", [recorded["value"]]), (row.identity, key)
        for key, column in (
            ("ifInErrors", Column.ifInErrors),
            ("ifOutErrors", Column.ifOutErrors),
            ("ifInDiscards", Column.ifInDiscards),
            ("ifOutDiscards", Column.ifOutDiscards),
        ):
            assert tables.number(column, row.if_index) == wanted[key], (row.identity, key)


def compare_attributes(row: InventoryInterface, wanted: dict[str, Any]) -> None:
    for key, text in (("ifName", row.if_name), ("ifDescr", row.if_descr), ("ifAlias", row.if_alias)):
        assert text in texts(wanted, key), (row.identity, key)
    assert row.speed_bps in wanted["speed"]["acceptable"], row.identity
    assert row.if_admin_status.value == (wanted["ifAdminStatus_name"] or "unknown")
    assert row.if_oper_status.value == (wanted["ifOperStatus_name"] or "unknown")
    octets = wanted["in_octets"]
    assert (row.counter_bits is None) == (octets is None or octets["value"] is None), row.identity
    assert row.polled == (row.counter_bits is not None and row.if_type not in DEFAULT_SKIP_TYPES), row.identity


def texts(wanted: dict[str, Any], key: str) -> set[str]:
    """What may be shown for a recorded text: itself, and its clean form."""
    recorded = wanted[key]
    if recorded is None:
        return {""}
    found = {recorded, clean_text(recorded.encode())}
    if f"{key}_clean" in wanted:
        found.add(wanted[f"{key}_clean"])
    return found

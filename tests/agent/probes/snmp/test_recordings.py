"""57 recorded devices, read as live agents and compared with what was derived from the recordings."""

import json
from functools import cache
from typing import Any

import pytest
from noctule_agent.core.interfaces import clean_text, inventory
from noctule_agent.core.neighbours import neighbours
from noctule_agent.probes.snmp.backend import Backend, open_session
from noctule_agent.probes.snmp.client import SnmpClient
from noctule_agent.probes.snmp.inventory import interface_rows, read_system, read_tables
from noctule_agent.probes.snmp.lldp import read_lldp
from noctule_agent.probes.snmp.mib import Column
from noctule_shared.interface_filter import DEFAULT_SKIP_TYPES
from noctule_shared.link import SnmpCredentials, SnmpVersion
from noctule_shared.observations import InventoryInterface

from tests.agent.conftest import DEVICES

NAMES = sorted(folder.name for folder in DEVICES.glob("*") if (folder / "expected.json").exists())


@cache
def expected(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((DEVICES / name / "expected.json").read_text("utf-8"))
    return found


@pytest.mark.parametrize("name", NAMES)
async def test_device_is_read_as_recorded_by_gufo(name: str, recordings: dict[str, tuple[str, int]]) -> None:
    await compare(name, recordings[name], Backend.GUFO, SnmpVersion.V2C)


# pysnmp takes 20 times as long: these few at every change, all of them in make check.
FEW = {"cisco-ios-c3750", "ubiquiti-m5"}


@pytest.mark.parametrize("name", [pytest.param(name, marks=() if name in FEW else pytest.mark.check) for name in NAMES])
async def test_device_is_read_as_recorded_by_pysnmp(name: str, recordings: dict[str, tuple[str, int]]) -> None:
    await compare(name, recordings[name], Backend.PYSNMP, SnmpVersion.V2C)


@pytest.mark.parametrize("name", ["ubiquiti-m5", "windows-2019"])
@pytest.mark.parametrize("backend", [Backend.GUFO, Backend.PYSNMP])
async def test_device_without_64_bit_counters_is_read_by_v1(
    name: str, backend: Backend, recordings: dict[str, tuple[str, int]]
) -> None:
    await compare(name, recordings[name], backend, SnmpVersion.V1)


LLDP_NAMES = sorted(name for name in NAMES if expected(name).get("lldp", {}).get("neighbours"))
# The port that LLDP names and the interface that it is, by hand from the recordings; one device for each way.
LOCAL_PORTS = {
    "cisco-sb-c1200": "gi8",  # ifName, though its lldpLocPortId is the recorder's mistake: by the number
    "dell-s4048": "fortyGigE 1/49",  # lldpLocPortId is ifDescr
    "eltex-mes2324fb": "gi1/0/1",  # lldpLocPortId is ifName
    "juniper-mx960-b": "ge-0/0/0",  # the number is ifIndex, and lldpLocPortId says so
    "ubiquiti-us8": "GigabitEthernet 1/1",  # dot1dBasePortIfIndex
}


@pytest.mark.parametrize("name", LLDP_NAMES)
async def test_neighbours_are_read_as_recorded(name: str, recordings: dict[str, tuple[str, int]]) -> None:
    session = open_session(*recordings[name], SnmpVersion.V2C, SnmpCredentials(community="public"))
    client = SnmpClient(session, interval_s=60)
    try:
        lldp = await read_lldp(client)
        found = neighbours(lldp, inventory(interface_rows(await read_tables(client))))
    finally:
        await client.close()
    recorded = {
        (row["localPortNum"], row["index"]): (
            row["localPortNum"],
            row["chassisIdSubtype"],
            row["chassisId_hex"],
            row["portIdSubtype"],
            row["portId_hex"],
        )
        for row in sorted(expected(name)["lldp"]["neighbours"], key=lambda row: int(row["timeMark"]))
    }
    assert sorted(
        (
            row.local_port,
            row.chassis_id_subtype,
            (row.chassis_id or b"").hex(),
            row.port_id_subtype,
            (row.port_id or b"").hex(),
        )
        for row in lldp.remotes
    ) == sorted(recorded.values())
    assert all(row.chassis_id.isprintable() and row.port_id.isprintable() for row in found)
    assert sum(row.local_if_index is None for row in found) <= len(found) // 10


@pytest.mark.parametrize("name", LOCAL_PORTS)
async def test_neighbour_is_found_at_the_interface_that_it_is_on(
    name: str, recordings: dict[str, tuple[str, int]]
) -> None:
    session = open_session(*recordings[name], SnmpVersion.V2C, SnmpCredentials(community="public"))
    client = SnmpClient(session, interval_s=60)
    try:
        interfaces = inventory(interface_rows(await read_tables(client)))
        found = neighbours(await read_lldp(client), interfaces)
    finally:
        await client.close()
    identities = {row.if_index: row.identity for row in interfaces}
    assert identities[found[0].local_if_index or 0] == LOCAL_PORTS[name]


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

"""Says of one address what answers and, where nothing does, why and what to try next.

Measures with the same probes as the monitor; the sentences are left to `advice`, printing to the command line.
"""

import asyncio

from noctule_shared.errors import Refused
from noctule_shared.link import SnmpVersion
from noctule_shared.observations import InventoryInterface, SystemGroup

from noctule_agent.advice import Finding, advice, examine
from noctule_agent.core.interfaces import inventory
from noctule_agent.probes.echo_round import EchoRound
from noctule_agent.probes.icmp import EchoEngine, NoPermission
from noctule_agent.probes.snmp.backend import open_session, resolve
from noctule_agent.probes.snmp.client import SnmpClient
from noctule_agent.probes.snmp.inventory import Tables, interface_rows, read_system, read_tables
from noctule_agent.probes.snmp.mib import Column
from noctule_agent.probes.snmp.port_probe import PortState
from noctule_agent.probes.snmp.session import Reason, SnmpFailure
from noctule_agent.reports import Diagnosis, IcmpReport, InterfaceReport, Question, RttReport, SnmpReport

# As if polled each 25 s: attempts of 1.5, 3 and 5 s, unscaled.
PROBE_INTERVAL_S = 25.0


async def diagnose(question: Question) -> Diagnosis:
    """Return what answers at an address. Raises nothing for a silent device; that is what it is asked about."""
    try:
        address = await resolve(question.address)
    except SnmpFailure as failure:
        nothing = _icmp_report(0, 0, None, failure.reason.value)
        snmp = SnmpReport(ok=False, reason=failure.reason, version=question.version, detail=str(failure))
        return Diagnosis(question.address, nothing, snmp, [], [f"{failure}; check the spelling or use the address"])
    async with asyncio.TaskGroup() as group:
        pinging = group.create_task(_ping(address, question.count))
        asking = group.create_task(_ask(address, question))
    icmp, (snmp, interfaces, found) = pinging.result(), asking.result()
    return Diagnosis(question.address, icmp, snmp, interfaces, advice(icmp, snmp, found, question))


async def _ping(address: str, count: int) -> IcmpReport:
    try:
        engine = EchoEngine.open()
    except NoPermission as refused:
        return _icmp_report(0, 0, None, str(refused))
    try:
        found = await engine.round(address, count)
    except Refused as refused:
        return _icmp_report(0, 0, None, refused.message)
    finally:
        engine.close()
    reason = None if found.received else found.send_error or "timeout"
    return _icmp_report(found.sent, found.received, found, reason)


def _icmp_report(sent: int, received: int, found: EchoRound | None, reason: str | None) -> IcmpReport:
    rtt = RttReport(None, None, None, None, None)
    if found is not None:
        rtt = RttReport(found.min_s, found.median_s, found.mean_s, found.max_s, found.mdev_s)
    return IcmpReport(sent, received, None if found is None else found.loss_ratio, rtt, reason)


async def _ask(address: str, question: Question) -> tuple[SnmpReport, list[InterfaceReport], Finding]:
    """Return the SNMP report, the interfaces, and what else was found out about the port."""
    try:
        session = open_session(address, question.port, question.version, question.credentials, backend=question.backend)
    except SnmpFailure as failure:
        return _failed(question, failure), [], Finding()
    client = SnmpClient(session, interval_s=PROBE_INTERVAL_S)
    try:
        system, _ = await read_system(client)
        tables = await read_tables(client)
    except SnmpFailure as failure:
        found = await examine(address, question, silent=failure.reason is Reason.TIMEOUT)
        if failure.reason is Reason.TIMEOUT and found.port is not None:
            failure = _judged_by_port(question, found.port, failure)
        return _failed(question, failure), [], found
    finally:
        await client.close()
    interfaces = [_interface(row, tables) for row in inventory(interface_rows(tables))]
    return _succeeded(question, system), interfaces, Finding(remark=client.remark)


def _judged_by_port(question: Question, port: PortState, failure: SnmpFailure) -> SnmpFailure:
    """Return what a timeout really is, where the port says more."""
    if port is PortState.CLOSED:
        return SnmpFailure(Reason.PORT_CLOSED, f"UDP port {question.port} is closed")
    if port is PortState.SPEAKS_V3 and question.version is SnmpVersion.V3:
        # It reports engine and users, but drops what it cannot decipher without a word (RFC 3414 section 3.2).
        message = "the device speaks SNMPv3 but drops these messages: privacy protocol or secret are wrong"
        return SnmpFailure(Reason.WRONG_CREDENTIALS, message)
    return failure


def _failed(question: Question, failure: SnmpFailure) -> SnmpReport:
    return SnmpReport(ok=False, reason=failure.reason, version=question.version, detail=str(failure))


def _succeeded(question: Question, system: SystemGroup) -> SnmpReport:
    return SnmpReport(
        ok=True,
        reason=None,
        version=question.version,
        sys_name=system.sys_name,
        sys_descr=system.sys_descr,
        sys_object_id=system.sys_object_id,
        sys_up_time_ticks=system.sys_up_time_ticks,
    )


def _interface(row: InventoryInterface, tables: Tables) -> InterfaceReport:
    index = row.if_index
    wide = row.counter_bits == 64  # noqa: PLR2004  Counter64
    return InterfaceReport(
        if_index=index,
        name=row.identity,
        if_name=row.if_name,
        if_descr=row.if_descr,
        if_alias=row.if_alias,
        if_type=row.if_type,
        speed_bps=row.speed_bps,
        if_admin_status=row.if_admin_status,
        if_oper_status=row.if_oper_status,
        counter_bits=row.counter_bits,
        in_octets=tables.number(Column.ifHCInOctets if wide else Column.ifInOctets, index),
        out_octets=tables.number(Column.ifHCOutOctets if wide else Column.ifOutOctets, index),
        in_errors=tables.number(Column.ifInErrors, index),
        out_errors=tables.number(Column.ifOutErrors, index),
        in_discards=tables.number(Column.ifInDiscards, index),
        out_discards=tables.number(Column.ifOutDiscards, index),
    )

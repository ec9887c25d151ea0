"""Says of one address what answers and, where nothing does, why and what to try next.

Measures with the same probes as the monitor; the sentences are left to `advice`, printing to the command line.
"""

import asyncio
from typing import Final

from noctule_shared.errors import Refused
from noctule_shared.link import SnmpVersion
from noctule_shared.observations import InventoryInterface, SystemGroup

from noctule_agent.advice import advice, of_unknown_name
from noctule_agent.core.interfaces import inventory
from noctule_agent.probes.echo_round import EchoRound
from noctule_agent.probes.icmp import EchoEngine, NoPermission
from noctule_agent.probes.snmp.backend import open_session, resolve
from noctule_agent.probes.snmp.client import SnmpClient
from noctule_agent.probes.snmp.inventory import Tables, interface_rows, read_system, read_tables
from noctule_agent.probes.snmp.mib import Column
from noctule_agent.probes.snmp.port_probe import PortState, answering_address, port_state
from noctule_agent.probes.snmp.session import Reason, SnmpFailure
from noctule_agent.probes.snmp.v3_refusal import V3Refusal, v3_refusal
from noctule_agent.reports import Diagnosis, Finding, IcmpReport, InterfaceReport, Question, RttReport, SnmpReport

# As if polled each 25 s: attempts of 1.5, 3 and 5 s, unscaled.
PROBE_INTERVAL_S = 25.0
# Linux gives a neighbour 3 s to answer ARP before it says that there is no way to it.
PORT_WAIT_S: Final = 3.5
_OTHER_VERSION: Final = {SnmpVersion.V1: SnmpVersion.V2C, SnmpVersion.V2C: SnmpVersion.V1}


NO_ICMP: Final = "ICMP is switched off or not permitted"


async def diagnose(question: Question) -> Diagnosis:
    """Return what answers at an address. Raises nothing for a silent device; that is what it is asked about."""
    try:
        engine = EchoEngine.open()
    except NoPermission as refused:
        return await diagnose_with(None, question, no_icmp=str(refused))
    try:
        return await diagnose_with(engine, question)
    finally:
        engine.close()


async def diagnose_with(engine: EchoEngine | None, question: Question, *, no_icmp: str = NO_ICMP) -> Diagnosis:
    """Return what answers at an address, pinged with an engine that stays open; None: not at all, for `no_icmp`."""
    try:
        address = await resolve(question.address)
    except SnmpFailure as failure:
        return unresolved(question.address, question.version, failure)
    async with asyncio.TaskGroup() as group:
        pinging = group.create_task(ping(engine, address, question.count, no_icmp=no_icmp))
        asking = group.create_task(_ask(address, question))
    icmp, (snmp, interfaces, found) = pinging.result(), asking.result()
    return Diagnosis(question.address, icmp, snmp, interfaces, advice(icmp, snmp, found, question))


def unresolved(name: str, version: SnmpVersion, failure: SnmpFailure) -> Diagnosis:
    """Return what is found at a name that does not resolve: nothing, and which resolver was asked."""
    snmp = SnmpReport(ok=False, reason=failure.reason, version=version, detail=str(failure))
    return Diagnosis(name, _icmp_report(0, 0, None, failure.reason.value), snmp, [], [of_unknown_name(name)])


async def ping(engine: EchoEngine | None, address: str, count: int, *, no_icmp: str = NO_ICMP) -> IcmpReport:
    """Return what echoes to a numeric address bring; `engine` None: nothing, for the reason `no_icmp`."""
    if engine is None:
        return _icmp_report(0, 0, None, no_icmp)
    try:
        found = await engine.round(address, count)
    except Refused as refused:
        return _icmp_report(0, 0, None, refused.message)
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
    watching = asyncio.create_task(port_state(address, question.port, timeout_s=PORT_WAIT_S))
    try:
        system, _ = await read_system(client)
        tables = await read_tables(client)
    except SnmpFailure as failure:
        found = await _examine(address, question, await watching, failure)
        return _failed(question, _judged_by_port(question, found.port, failure)), [], found
    finally:
        watching.cancel()
        await client.close()
    interfaces = [_interface(row, tables) for row in inventory(interface_rows(tables))]
    return _succeeded(question, system), interfaces, Finding(remark=client.remark)


async def _examine(address: str, question: Question, port: PortState, failure: SnmpFailure) -> Finding:
    """Find out more about a device that failed, by what its port does."""
    refusal = await _refusal(address, question, port, failure)
    silent = failure.reason is Reason.TIMEOUT and port in {PortState.SILENT, PortState.SPEAKS_V3}
    if refusal is not None or not silent:
        return Finding(port, refusal=refusal)
    community = question.credentials.community or ""
    source = await answering_address(address, question.port, question.version, community)
    if source is not None and source != address:
        return Finding(port, source=source)
    other = _OTHER_VERSION.get(question.version)
    answers = other is not None and await answering_address(address, question.port, other, community) is not None
    return Finding(port, answers_version=other if answers else None)


async def _refusal(address: str, question: Question, port: PortState, failure: SnmpFailure) -> V3Refusal | None:
    """Return why a v3 user is not taken, None where it is something else or the device does not say."""
    if question.version is not SnmpVersion.V3:
        return None
    dropped = failure.reason is Reason.TIMEOUT and port is PortState.SPEAKS_V3
    if failure.reason is not Reason.WRONG_CREDENTIALS and not dropped:
        return None
    return await v3_refusal(address, question.port, question.credentials)


def _judged_by_port(question: Question, port: PortState | None, failure: SnmpFailure) -> SnmpFailure:
    """Return what a timeout really is, where the port says more."""
    if failure.reason is not Reason.TIMEOUT:
        return failure
    match port:
        case PortState.CLOSED:
            return SnmpFailure(Reason.PORT_CLOSED, f"UDP port {question.port} is closed")
        case PortState.FORBIDDEN:
            return SnmpFailure(Reason.NO_PERMISSION, f"this machine may not send to UDP port {question.port} there")
        case PortState.SPEAKS_V3 if question.version is SnmpVersion.V3:
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

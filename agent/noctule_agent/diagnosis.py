"""Says of one address what answers and, where nothing does, why and what to try next.

Measures with the same probes as the monitor; printing is left to the command line.
"""

import asyncio
from dataclasses import dataclass

import msgspec
from noctule_shared.axes import IfStatus
from noctule_shared.errors import Refused
from noctule_shared.link import SnmpCredentials, SnmpVersion
from noctule_shared.observations import InventoryInterface, SystemGroup

from noctule_agent.core.interfaces import inventory
from noctule_agent.probes.echo_round import EchoRound
from noctule_agent.probes.icmp import EchoEngine, NoPermission
from noctule_agent.probes.snmp.backend import Backend, open_session, resolve
from noctule_agent.probes.snmp.client import SnmpClient
from noctule_agent.probes.snmp.inventory import Tables, interface_rows, read_system, read_tables
from noctule_agent.probes.snmp.mib import Column
from noctule_agent.probes.snmp.port_probe import PortState, port_state
from noctule_agent.probes.snmp.session import Reason, SnmpFailure

# As if polled each 25 s: attempts of 1.5, 3 and 5 s, unscaled.
PROBE_INTERVAL_S = 25.0


class RttReport(msgspec.Struct, frozen=True, rename="camel"):
    """Round-trip delays in seconds; all None when nothing came back."""

    min: float | None
    median: float | None
    mean: float | None
    max: float | None
    mdev: float | None


class IcmpReport(msgspec.Struct, frozen=True, rename="camel"):
    """What echoes brought. `reason` None when a reply came; `loss_ratio` None when none could be sent."""

    sent: int
    received: int
    loss_ratio: float | None
    rtt_s: RttReport
    reason: str | None = None


class SnmpReport(msgspec.Struct, frozen=True):
    """What SNMP brought, with the names of SNMPv2-MIB. None: the device did not say, or did not answer."""

    ok: bool
    reason: Reason | None
    version: SnmpVersion
    sys_name: str | None = msgspec.field(default=None, name="sysName")
    sys_descr: str | None = msgspec.field(default=None, name="sysDescr")
    sys_object_id: str | None = msgspec.field(default=None, name="sysObjectID")
    sys_up_time_ticks: int | None = msgspec.field(default=None, name="sysUpTimeTicks")
    detail: str | None = None


class InterfaceReport(msgspec.Struct, frozen=True, rename="camel"):
    """One row of ifTable and ifXTable. None: the device has no such instance."""

    if_index: int
    name: str
    if_name: str
    if_descr: str
    if_alias: str
    if_type: int
    speed_bps: int | None
    if_admin_status: IfStatus
    if_oper_status: IfStatus
    counter_bits: int | None
    in_octets: int | None
    out_octets: int | None
    in_errors: int | None
    out_errors: int | None
    in_discards: int | None
    out_discards: int | None


class Diagnosis(msgspec.Struct, frozen=True, rename="camel"):
    """Everything found about one address. `advice` are sentences for people: why, and what to try next."""

    address: str
    icmp: IcmpReport
    snmp: SnmpReport
    interfaces: list[InterfaceReport]
    advice: list[str]

    @property
    def answered(self) -> bool:
        """Return whether the device answered by ICMP or by SNMP."""
        return self.icmp.received > 0 or self.snmp.ok


@dataclass(frozen=True, slots=True)
class Question:
    """What to ask: an address or a name, and how."""

    address: str
    port: int
    version: SnmpVersion
    credentials: SnmpCredentials
    backend: Backend = Backend.AUTO
    count: int = 5


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
    icmp, (snmp, interfaces, port) = pinging.result(), asking.result()
    return Diagnosis(question.address, icmp, snmp, interfaces, _advice(icmp, snmp, port, question))


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


async def _ask(address: str, question: Question) -> tuple[SnmpReport, list[InterfaceReport], PortState | None]:
    """Return the SNMP report, the interfaces, and what the port does when it does not answer."""
    try:
        session = open_session(address, question.port, question.version, question.credentials, backend=question.backend)
    except SnmpFailure as failure:
        return _failed(question, failure), [], None
    client = SnmpClient(session, interval_s=PROBE_INTERVAL_S)
    try:
        system, _ = await read_system(client)
        tables = await read_tables(client)
    except SnmpFailure as failure:
        port = await port_state(address, question.port)
        if failure.reason is Reason.TIMEOUT:
            failure = _judged_by_port(question, port, failure)
        return _failed(question, failure), [], port
    finally:
        await client.close()
    interfaces = [_interface(row, tables) for row in inventory(interface_rows(tables))]
    return _succeeded(question, system), interfaces, None


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


def _advice(icmp: IcmpReport, snmp: SnmpReport, port: PortState | None, question: Question) -> list[str]:
    advice: list[str] = []
    if icmp.sent == 0 and icmp.reason:
        advice.append(icmp.reason)
    elif icmp.received == 0:
        advice.append(
            "No echo came back: the device is off, there is no route to it, or a firewall drops ICMP."
            if icmp.reason == "timeout"
            else f"This machine could not send echoes: {icmp.reason}. Check its routes."
        )
    if snmp.ok:
        return advice
    match snmp.reason:
        case Reason.PORT_CLOSED:
            advice.append(
                f"The host answers that UDP port {question.port} is closed: no SNMP agent listens there. "
                "Enable SNMP on the device, or name its port with --port."
            )
        case Reason.WRONG_CREDENTIALS:
            advice.append(
                f"{snmp.detail}. Check user, protocols and secrets on both sides; secrets have 8 characters or more."
            )
        case Reason.TIMEOUT:
            advice.append(_silence(icmp, port, question))
        case _:
            advice.append(f"SNMP: {snmp.detail}.")
    return advice


def _silence(icmp: IcmpReport, port: PortState | None, question: Question) -> str:
    if port is PortState.SPEAKS_V3:
        return (
            "An SNMP agent listens there but does not answer this request: the community is wrong, this version is "
            "switched off, or the device allows SNMP only from other addresses than this machine's."
        )
    if icmp.received == 0:
        return f"Nothing came back from UDP port {question.port} either. Check the address, power and routes first."
    return (
        f"The device is there, but UDP port {question.port} stays silent: devices do not answer a wrong community. "
        "Check community and version, the device's list of allowed SNMP managers, and firewalls on the way."
    )

"""What was found out, as the hub is told it: bounded, and without anything that opens a device."""

from typing import Final

import msgspec
from noctule_shared.commands import (
    DiscoverBody,
    FoundDevice,
    FoundSnmp,
    IcmpBody,
    ProbeBody,
    ProbedInterface,
    SnmpBody,
)

from noctule_agent.discovery_report import Discovery, FoundAddress
from noctule_agent.reports import Diagnosis, IcmpReport

# Of up to 1,024 addresses: a sweep's whole answer fits a result.
MAX_DESCR_CHARS: Final = 100
MAX_TEXT_CHARS: Final = 255


def probe_body(address: str, icmp: IcmpReport, found: Diagnosis | None, most_interfaces: int) -> ProbeBody:
    """Return a diagnosis as a body; `found` None: the device is not asked by SNMP."""
    if found is None:
        return ProbeBody(address, _icmp(icmp), None, 0, [], [])
    interfaces = [
        ProbedInterface(
            if_index=row.if_index,
            name=row.name[:MAX_TEXT_CHARS],
            if_alias=row.if_alias[:MAX_TEXT_CHARS],
            speed_bps=row.speed_bps,
            if_admin_status=row.if_admin_status,
            if_oper_status=row.if_oper_status,
            counter_bits=row.counter_bits,
        )
        for row in found.interfaces[:most_interfaces]
    ]
    snmp = msgspec.convert(msgspec.to_builtins(found.snmp), SnmpBody)
    return ProbeBody(address, _icmp(icmp), snmp, len(found.interfaces), interfaces, found.advice)


def discover_body(found: Discovery) -> DiscoverBody:
    """Return a sweep's findings as a body."""
    return DiscoverBody(
        network=found.network,
        addresses=found.addresses,
        swept=found.swept,
        complete=found.complete,
        icmp=found.icmp,
        send_error=found.send_error,
        duration_s=found.duration_s,
        found=[_found(one) for one in found.found],
    )


def _icmp(icmp: IcmpReport) -> IcmpBody:
    return msgspec.convert(msgspec.to_builtins(icmp), IcmpBody)


def _found(one: FoundAddress) -> FoundDevice:
    snmp = one.snmp
    if snmp is None:
        return FoundDevice(one.address, one.icmp, one.rtt_s, None)
    told = FoundSnmp(
        ok=snmp.ok,
        reason=snmp.reason,
        port=snmp.port,
        offered=snmp.offered,
        credential=snmp.credential,
        version=snmp.version,
        sys_name=_cut(snmp.sys_name),
        sys_descr=_cut(snmp.sys_descr),
        sys_object_id=snmp.sys_object_id,
    )
    return FoundDevice(one.address, one.icmp, one.rtt_s, told)


def _cut(text: str | None) -> str | None:
    return None if text is None else text[:MAX_DESCR_CHARS]

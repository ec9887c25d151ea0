"""What a diagnosis says, as programs read it from `noctule-agent probe --json`; found out by `diagnosis`."""

from dataclasses import dataclass

import msgspec
from noctule_shared.axes import IfStatus
from noctule_shared.link import SnmpCredentials, SnmpVersion

from noctule_agent.probes.snmp.backend import Backend
from noctule_agent.probes.snmp.port_probe import PortState
from noctule_agent.probes.snmp.session import Reason
from noctule_agent.probes.snmp.v3_refusal import V3Refusal


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


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found out beside the answers. None: nothing, or it was not looked for.

    `source`: the other address that answers come from; `answers_version`: the version that is answered instead;
    `refusal`: why a v3 user is not taken; `remark`: what is unusual about a device that does answer.
    """

    port: PortState | None = None
    source: str | None = None
    answers_version: SnmpVersion | None = None
    refusal: V3Refusal | None = None
    remark: str | None = None

"""What an agent observed besides measurements: the rows of an events frame, in types of bounded size."""

from enum import StrEnum
from typing import Annotated, Final

import msgspec

from noctule_shared.axes import Axis, Duplex, IfStatus

# Integers that every side can keep exactly (JavaScript's and SQLite's included), and text of bounded size.
Number = Annotated[int, msgspec.Meta(ge=0, le=2**53)]


Word = Annotated[str, msgspec.Meta(max_length=64)]


Text = Annotated[str, msgspec.Meta(max_length=1024)]


# Of one device. A bridge of LLDP frames, or a virtual switch, may hear hundreds on a port.
MAX_NEIGHBOURS: Final = 512


Detail = Annotated[str, msgspec.Meta(max_length=4096)]


# Every receiver of syslog takes at least 2,048 octets (RFC 5424 section 6.1).
MAX_LOG_CHARACTERS: Final = 2048
LogText = Annotated[str, msgspec.Meta(max_length=MAX_LOG_CHARACTERS)]


SyslogSeverity = Annotated[int, msgspec.Meta(ge=0, le=7)]


class AxisChanged(msgspec.Struct, frozen=True, tag="axis"):
    """A device went from one level of an axis to another, observed at `ts_ms`.

    For the canary axis `device_id` is 0. `detail` is text for people (a traceroute, an SNMP error), <= 4 kB.
    """

    device_id: Number
    axis: Axis
    old: Word
    new: Word
    reason: Text
    ts_ms: Number
    detail: Detail | None = None


class InterfaceChanged(msgspec.Struct, frozen=True, tag="interface"):
    """ifAdminStatus or ifOperStatus of an interface changed at `ts_ms`; `if_index` is read with the inventory."""

    device_id: Number
    if_index: Number
    inventory_rev: Number
    if_admin_status: IfStatus
    if_oper_status: IfStatus
    previous_admin_status: IfStatus
    previous_oper_status: IfStatus
    ts_ms: Number
    reason: Text


class InventoryInterface(msgspec.Struct, frozen=True, omit_defaults=True):
    """One interface of a device as discovered.

    `identity` is ifName when unique on the device, else ifDescr, else ifIndex; history follows it.
    `speed_bps` and `duplex` None: unknown. `counter_bits` is 64 or 32, None when there are no octet counters.
    """

    if_index: Number
    identity: Text
    if_name: Text
    if_descr: Text
    if_alias: Text
    if_type: Number
    speed_bps: Number | None
    if_admin_status: IfStatus
    if_oper_status: IfStatus
    counter_bits: Number | None
    polled: bool
    duplex: Duplex | None = None


class Neighbour(msgspec.Struct, frozen=True):
    """What a device heard by LLDP on one of its ports (lldpRemTable), in text that is safe to show.

    `local_if_index` None: the device does not say which interface; `local_port` is what LLDP calls it. The subtypes are
    those of LLDP-MIB, 0 unknown; ids are addresses in their usual form, text, or hex. "": the device did not say.
    """

    local_if_index: Number | None
    local_port: Text
    chassis_id_subtype: Number
    chassis_id: Text
    port_id_subtype: Number
    port_id: Text
    port_descr: Text
    sys_name: Text


class SystemGroup(msgspec.Struct, frozen=True):
    """The system group of SNMPv2-MIB. None: the device did not say."""

    sys_name: Text | None
    sys_descr: Text | None
    sys_object_id: Text | None
    sys_location: Text | None
    sys_contact: Text | None
    sys_up_time_ticks: Number | None


Neighbours = Annotated[list[Neighbour], msgspec.Meta(max_length=MAX_NEIGHBOURS)]


class Inventory(msgspec.Struct, frozen=True, tag="inventory"):
    """All interfaces of one device. Rows and events that name `revision` are read with this mapping.

    Sent whenever the mapping or an attribute changes and again after the outbox lost events; the revision
    counts up by one per change and is never reused for another mapping. `neighbours` None: not known.
    """

    device_id: Number
    revision: Number
    ts_ms: Number
    system: SystemGroup | None
    interfaces: list[InventoryInterface]
    neighbours: Neighbours | None = None


class Rebooted(msgspec.Struct, frozen=True, tag="rebooted"):
    """The device started again: sysUpTime went back without a 497-day wrap."""

    device_id: Number
    ts_ms: Number
    sys_up_time_ticks: Number


class LogSource(StrEnum):
    """How a network log came: as a syslog message, or as an SNMP trap or inform."""

    SYSLOG = "syslog"
    TRAP = "trap"


class NetworkLogged(msgspec.Struct, frozen=True, tag="log"):
    """One syslog message or SNMP notification that `address` sent, received at `ts_ms`.

    `device_id` None: no device of the agent has the address. `severity` is 0 emergency to 7 debug (RFC 5424).
    `facility` is the label of RFC 5427, None for a trap. `message` holds no control characters.
    """

    device_id: Number | None
    source: LogSource
    address: Word
    severity: SyslogSeverity
    facility: Word | None
    message: LogText
    ts_ms: Number


class Gap(msgspec.Struct, frozen=True, tag="gap"):
    """Frames `seq_from`..`seq_to` were evicted from a full outbox; stands alone in its frame, which is `seq_from`.

    Both 0: what is missing never had a seq, because it was dropped before it could be kept. `samples` None: nobody
    can know how many.
    """

    seq_from: Number
    seq_to: Number
    from_ms: Number
    to_ms: Number
    samples: Number | None
    reason: Text


AgentEvent = AxisChanged | InterfaceChanged | Inventory | Rebooted | NetworkLogged | Gap

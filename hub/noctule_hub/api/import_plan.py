"""What an import does with each of its rows, decided without the store: added, changed, left or refused, and why."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields

import msgspec
from msgspec import UNSET, UnsetType
from noctule_shared.axes import Reachability
from noctule_shared.errors import Refused, invalid
from noctule_shared.link import SnmpCredentials

from noctule_hub.answers.imports import RowOutcome
from noctule_hub.api.device_input import Checked, DeviceChange, NewDeviceInput, check_address, check_change, check_new
from noctule_hub.api.icmp_input import IcmpInput
from noctule_hub.api.import_faults import Faults, mended
from noctule_hub.api.import_parents import set_parents
from noctule_hub.api.import_rows import DeviceIndex, ImportRow, ImportSnmp, Step, index_of, refused
from noctule_hub.api.snmp_input import SnmpInput
from noctule_hub.core.records import Device, IcmpSettings, NewDevice, SnmpSettings


@dataclass(frozen=True, slots=True)
class Known:
    """What the hub has: devices, ids of sites and active agents by casefolded name, and a device's credentials.

    `opened` returns None for a device without credentials, or when they cannot be read.
    """

    devices: Sequence[Device]
    sites: Mapping[str, int]
    agents: Mapping[str, int]
    opened: Callable[[Device], SnmpCredentials | None]


def plan(rows: Sequence[ImportRow], known: Known, *, update: bool, faults: Sequence[Faults]) -> list[Step]:
    """Return a step for each row; a device that is there is changed only when `update`.

    `faults` are of each row what could not be read of it; the step tells all that is wrong with it.
    """
    index = index_of(known.devices)
    steps = _steps(rows, known, index, update=update, faults=faults)
    set_parents(rows, steps, known.sites, index)
    for step in steps:
        _leave_if_same(step, steps, known)
    return steps


def _steps(
    rows: Sequence[ImportRow], known: Known, index: DeviceIndex, *, update: bool, faults: Sequence[Faults]
) -> list[Step]:
    steps = [_step(row, known, index, update=update, faults=own) for row, own in zip(rows, faults, strict=True)]
    taken: set[int] = set()
    for position, step in enumerate(steps):
        if step.device is None:
            continue
        if step.device.id in taken:
            same = invalid("name", f"a row before it is the same device, {step.device.name}")
            steps[position] = refused(*step.refusals, same, device=step.device)
        taken.add(step.device.id)
    return steps


def _step(row: ImportRow, known: Known, index: DeviceIndex, *, update: bool, faults: Faults) -> Step:
    site_id = known.sites.get(row.site.strip().casefold())
    if site_id is None:
        faults.note(invalid("site", f"there is no site {row.site[:40]!r}; add it with: noctule site add NAME"))
    agent_id = None if row.agent is None else known.agents.get(row.agent.strip().casefold())
    if row.agent is not None and agent_id is None:
        faults.note(invalid("agent", f"there is no agent {row.agent[:40]!r}; see: noctule agent list"))
    device = None
    # By a name or an address that is not its own it would be another device.
    if site_id is not None and "name" not in faults and "address" not in faults:
        try:
            device = _find(row, site_id, index)
        except Refused as refusal:
            faults.note(refusal)
    if device is not None and not update and not faults:
        return Step(RowOutcome.SKIPPED, device=device, message=f"device {device.id}, {device.name}, is this one")
    checked = _checked(row, device, site_id or 0, agent_id, faults)
    if checked is None or faults:
        return refused(*faults.refusals, device=device)
    return Step(RowOutcome.ADDED if device is None else RowOutcome.CHANGED, device=device, checked=checked)


def _checked(
    row: ImportRow, device: Device | None, site_id: int, agent_id: int | None, faults: Faults
) -> Checked | None:
    """Return a row's device as it shall be, and note all that is wrong with it; None: nothing is left of it."""
    rest: ImportRow | None = row
    while rest is not None:
        try:
            if device is None:
                return check_new(_new(rest), site_id=site_id, agent_id=agent_id)
            # A site's device stays with its agent unless another one is named.
            agent_id = agent_id or device.agent_id
            return check_change(device, _change(rest, device), site_id=site_id, agent_id=agent_id)
        except Refused as refusal:
            faults.note(refusal)
            rest = mended(rest, refusal)
    return None


def _find(row: ImportRow, site_id: int, index: DeviceIndex) -> Device | None:
    """Return the device that a row is: of its site by name, else by address and SNMP port."""
    device = index.by_name.get((site_id, row.name.strip().casefold()))
    if device is not None:
        return device
    port = _port(row)
    for other in index.by_address.get((site_id, check_address(row.address)), ()):
        # Two ports of one address may be two devices behind it; without a port it is the address's device.
        if port is None or other.snmp is None or other.snmp.port == port:
            return other
    return None


def _port(row: ImportRow) -> int | None:
    if row.snmp is None:
        return None
    return SnmpInput().port if row.snmp.port is UNSET else row.snmp.port


def _new(row: ImportRow) -> NewDeviceInput:
    return NewDeviceInput(
        name=row.name,
        address=row.address,
        reachability=Reachability.ICMP if row.reachability is UNSET else row.reachability,
        icmp=UNSET if row.icmp_interval_s is UNSET else IcmpInput(interval_s=row.icmp_interval_s),
        snmp=None if row.snmp is None else _snmp(row.snmp, None),
        role="" if row.role is UNSET else row.role,
        tags=[] if row.tags is UNSET else row.tags,
        note="" if row.note is UNSET else row.note,
    )


def _change(row: ImportRow, device: Device) -> DeviceChange:
    return DeviceChange(
        revision=device.revision,
        name=row.name,
        address=row.address,
        reachability=row.reachability,
        icmp=_icmp(row, device.icmp),
        snmp=UNSET if row.snmp is None else _snmp(row.snmp, device.snmp),
        role=row.role,
        tags=row.tags,
        note=row.note,
    )


def _icmp(row: ImportRow, before: IcmpSettings | None) -> IcmpInput | UnsetType:
    if before is None:
        pinged = row.icmp_interval_s is not UNSET or row.reachability in {Reachability.ICMP, Reachability.BOTH}
        interval_s = IcmpInput().interval_s if row.icmp_interval_s is UNSET else row.icmp_interval_s
        return IcmpInput(interval_s=interval_s) if pinged else UNSET
    if row.icmp_interval_s is UNSET:
        return UNSET
    kept = msgspec.convert(before, IcmpInput, from_attributes=True)
    return msgspec.structs.replace(kept, interval_s=row.icmp_interval_s)


def _snmp(given: ImportSnmp, before: SnmpSettings | None) -> SnmpInput:
    """Return how to poll: what is given, the rest as before, or as of any device."""
    kept = before or SnmpInput()
    return SnmpInput(
        version=kept.version if given.version is UNSET else given.version,
        port=kept.port if given.port is UNSET else given.port,
        interval_s=kept.interval_s if given.interval_s is UNSET else given.interval_s,
        failed_polls=kept.failed_polls,
        max_requests_per_s=kept.max_requests_per_s,
        community=given.community,
        v3=given.v3,
    )


def _leave_if_same(step: Step, steps: Sequence[Step], known: Known) -> None:
    """Make a change that changes nothing into none, and say of the others what changes."""
    device, checked = step.device, step.checked
    if step.outcome is not RowOutcome.CHANGED or device is None or checked is None:
        return
    differing = [
        part.name for part in fields(NewDevice) if getattr(device, part.name) != getattr(checked.device, part.name)
    ]
    if any(steps[position].device is None for position in step.behind):
        differing.append("parents")
    if checked.credentials is not None and checked.credentials != known.opened(device):
        differing.append("credentials")
    if differing:
        step.message = f"changes {', '.join(dict.fromkeys(differing))}"
    else:
        step.outcome, step.checked = RowOutcome.UNCHANGED, None

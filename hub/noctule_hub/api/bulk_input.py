"""What a client may change of many devices at once, checked for each: pure, names the field in every refusal."""

from typing import Annotated, Any, Final

import msgspec
from msgspec import UNSET, UnsetType
from noctule_shared.errors import invalid
from noctule_shared.link import RequestsPerS
from noctule_shared.thresholds import (
    ClearLossRatio,
    DegradedLossRatio,
    FailedPolls,
    GoodRounds,
    Retries,
    WindowS,
)

from noctule_hub.api.bodies import Id
from noctule_hub.api.device_input import DeviceChange, Text, check_change, check_role, check_tags
from noctule_hub.api.icmp_input import Count, IcmpInput, IntervalS, SpacingS, TimeoutS
from noctule_hub.api.snmp_input import SnmpInput
from noctule_hub.core.records import Device, IcmpSettings, NewDevice, SnmpSettings

MAX_DEVICES: Final = 1_000

DeviceIds = Annotated[list[Id], msgspec.Meta(min_length=1, max_length=MAX_DEVICES)]


class BulkThresholds(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True, kw_only=True):
    """When a device is down, up and degraded; what is absent stays."""

    retries: Retries | UnsetType = UNSET
    good_rounds: GoodRounds | UnsetType = UNSET
    degraded_loss_ratio: DegradedLossRatio | UnsetType = UNSET
    degraded_window_s: WindowS | UnsetType = UNSET
    clear_loss_ratio: ClearLossRatio | UnsetType = UNSET
    clear_window_s: WindowS | UnsetType = UNSET


class BulkIcmp(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True, kw_only=True):
    """How to ping; what is absent stays. `spacing_s`, `timeout_s` null: as the interval allows."""

    interval_s: IntervalS | UnsetType = UNSET
    count: Count | UnsetType = UNSET
    spacing_s: SpacingS | UnsetType | None = UNSET
    timeout_s: TimeoutS | UnsetType | None = UNSET
    thresholds: BulkThresholds = BulkThresholds()


class BulkSnmp(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True, kw_only=True):
    """How to poll by SNMP; what is absent stays, and so do port, version and credentials."""

    interval_s: IntervalS | UnsetType = UNSET
    failed_polls: FailedPolls | UnsetType = UNSET
    max_requests_per_s: RequestsPerS | UnsetType | None = UNSET


class BulkChange(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True, kw_only=True):
    """What changes of each device; what is absent stays. Another site brings its own agent unless one is named.

    An empty `role` takes it away; tags in `remove_tags` are taken away before those in `add_tags` are put on.
    """

    role: Text | UnsetType = UNSET
    add_tags: list[Text] = []
    remove_tags: list[Text] = []
    site: Text | None = None
    site_id: Id | None = None
    agent: Text | None = None
    agent_id: Id | None = None
    icmp: BulkIcmp | None = None
    snmp: BulkSnmp | None = None


class BulkInput(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """Body of `POST /api/v1/devices/bulk`: one change for up to 1,000 devices."""

    ids: DeviceIds
    change: BulkChange


class BulkRemoval(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """Body of `POST /api/v1/devices/bulk-remove`. `count` is how many the person meant: as many as `ids`."""

    ids: DeviceIds
    count: int


def check_not_empty(change: BulkChange) -> None:
    """Raise `Refused` (invalid) when a change changes nothing of any device."""
    if change == BulkChange():
        raise invalid("change", "say what changes: role, addTags, removeTags, site, agent, icmp or snmp")
    check_tags(change.add_tags, field="change.addTags")
    if change.role is not UNSET:
        check_role(change.role, field="change.role")


def bulk_changed(device: Device, change: BulkChange, *, site_id: int | None, agent_id: int | None) -> NewDevice:
    """Return a device after the change; `site_id` None: its own, `agent_id` None: its own, or the new site's.

    Raises `Refused` (invalid) for what does not go with this device, naming the field.
    """
    site = device.site_id if site_id is None else site_id
    agent = device.agent_id if agent_id is None and site == device.site_id else agent_id
    body = DeviceChange(
        revision=device.revision,
        role=change.role,
        tags=_tags(device, change),
        icmp=UNSET if change.icmp is None else _icmp(device.icmp, change.icmp),
        snmp=UNSET if change.snmp is None else _snmp(device.snmp, change.snmp),
    )
    return check_change(device, body, site_id=site, agent_id=agent).device


def _tags(device: Device, change: BulkChange) -> list[str] | UnsetType:
    if not change.add_tags and not change.remove_tags:
        return UNSET
    gone = {tag.strip() for tag in change.remove_tags}
    return list(dict.fromkeys([*(tag for tag in device.tags if tag not in gone), *map(str.strip, change.add_tags)]))


def _icmp(before: IcmpSettings | None, change: BulkIcmp) -> IcmpInput:
    if before is None:
        raise invalid("icmp", "it is not pinged; edit this device alone to begin with that")
    kept = msgspec.convert(before, IcmpInput, from_attributes=True)
    thresholds = msgspec.structs.replace(kept.thresholds, **_given(change.thresholds))
    return msgspec.structs.replace(kept, **(_given(change) | {"thresholds": thresholds}))


def _snmp(before: SnmpSettings | None, change: BulkSnmp) -> SnmpInput:
    if before is None:
        raise invalid("snmp", "it is not polled by SNMP; edit this device alone to begin with that")
    kept = SnmpInput(
        version=before.version,
        port=before.port,
        interval_s=before.interval_s,
        failed_polls=before.failed_polls,
        max_requests_per_s=before.max_requests_per_s,
    )
    return msgspec.structs.replace(kept, **_given(change))


def _given(part: msgspec.Struct) -> dict[str, Any]:
    """Return what is said in a part of the body, by field."""
    values = {name: getattr(part, name) for name in part.__struct_fields__}
    return {name: value for name, value in values.items() if value is not UNSET}

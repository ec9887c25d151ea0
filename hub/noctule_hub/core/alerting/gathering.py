"""Firing alerts gathered into incidents, in the draft: opened, joined, merged, ended.

What belongs together is decided in `incidents`; here is looked up what may.
"""

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from noctule_shared.events import AgentLinkStatus, AlertState, DeviceStatus, EventName

from noctule_hub.core.alerting.conditions import AgentSilent, DeviceOffline, DeviceUnreachable
from noctule_hub.core.alerting.incidents import (
    Incident,
    Member,
    Relation,
    Weight,
    joined,
    merged,
    opened,
    relation,
    relation_to,
)
from noctule_hub.core.alerting.story import tell_steps
from noctule_hub.core.announcements import announce_alert
from noctule_hub.core.reach import true_status
from noctule_hub.core.records import Alert
from noctule_hub.core.world import Draft, World

# An incident that grows is told so often at most.
TELL_AFTER_MS: Final = 5_000


def gather(draft: Draft, alert: Alert) -> Alert:
    """Return a firing alert with the incident that it is part of, which is opened when there is none for it."""
    world = draft.world
    if alert.incident is not None:
        known = world.incidents.get(alert.incident.id)
        return alert if known is None else replace(alert, incident=known.ref)
    new = _member(world, alert)
    found = _related(world, alert, new)
    if not found:
        incident = opened(new, world.next_incident_id)
        world.next_incident_id += 1
        world.incidents.set(incident.id, incident)
        return replace(alert, incident=incident.ref)
    why, incident = min(found, key=lambda pair: (pair[0], pair[1].id))
    site = world.sites.get(alert.site_id or 0)
    after = joined(incident, _root(world, incident), new, why, site=str(alert.site_id) if site is None else site.name)
    for reason, other in found:
        if reason is Relation.CAUSE and other.id != incident.id:
            after, over = merged(after, other, now_ms=draft.now_ms)
            world.incidents.set(over.id, None)
            draft.ended_incidents.append(over)
            _name(draft, world.alerts.of_incident(over.id), after)
    world.incidents.set(after.id, after)
    return replace(alert, incident=after.ref)


def leave(draft: Draft, alert: Alert) -> Alert:
    """Return an alert that is over, and drafted so, with its incident, which ends with the last alert that fires."""
    world = draft.world
    incident = None if alert.incident is None else world.incidents.get(alert.incident.id)
    if incident is None:
        return alert
    if not world.alerts.has_incident(incident.id):
        world.incidents.set(incident.id, None)
        draft.ended_incidents.append(replace(incident, ended_ms=draft.now_ms))
    return replace(alert, incident=incident.ref)


def observe_incidents(draft: Draft) -> None:
    """Take that time has passed: what incidents are called and how many devices they cut off is told, bursts as one."""
    world = draft.world
    incidents = [incident for _, incident in world.incidents.items()]
    for incident in incidents:
        members = world.alerts.of_incident(incident.id)
        offline = {alert.device_id for alert in members if alert.device_id is not None}
        unreachable = incident.unreachable.union(*(world.cut_off(device_id) for device_id in offline))
        if unreachable != incident.unreachable:
            since_ms = draft.now_ms if incident.counted_ms is None else incident.counted_ms
            incident = replace(incident, unreachable=unreachable, counted_ms=since_ms)  # noqa: PLW2901  as it is now
            world.incidents.set(incident.id, incident)
        if incident.counted_ms is not None and draft.now_ms - incident.counted_ms >= TELL_AFTER_MS:
            incident = replace(incident, counted_ms=None)  # noqa: PLW2901  as it is now
            world.incidents.set(incident.id, incident)
        _name(draft, [alert for alert in members if _is_untold(alert, incident)], incident)


def _is_untold(alert: Alert, incident: Incident) -> bool:
    """Return whether an alert names its incident as it was; the count is told with its root cause alone."""
    told, now = alert.incident, incident.ref
    if told is None or (told.title, told.root_alert_id) != (now.title, now.root_alert_id):
        return True
    counted = alert.id == now.root_alert_id and incident.counted_ms is None
    return counted and told.unreachable != now.unreachable


def _name(draft: Draft, alerts: Iterable[Alert], incident: Incident) -> None:
    """Draft that alerts are part of an incident as it is now, and tell it."""
    for alert in alerts:
        named = replace(alert, incident=incident.ref)
        draft.world.alerts.set(named.key, named)
        tell_steps(draft, alert, named)
        announce_alert(draft, named, EventName.ALERT_UPDATE)


def _root(world: World, incident: Incident) -> Member | None:
    root = world.alerts.of_id(incident.root_alert_id)
    return None if root is None else _member(world, root)


def _related(world: World, alert: Alert, new: Member) -> list[tuple[Relation, Incident]]:
    """Return the incidents to which an alert may belong, each once with the surest reason."""
    found: dict[int, Relation] = {}
    if new.causes or new.weight is not Weight.OTHER:
        # Else no incident takes it in by itself, however many there are.
        for incident_id, incident in world.incidents.items():
            why = relation_to(incident, new)
            if why is not None:
                found[incident_id] = why
    for other in _near(world, new):
        if other.incident is None or other.id == alert.id or other.state is not AlertState.FIRING:
            continue
        why = relation(new, _member(world, other))
        if why is not None:
            found[other.incident.id] = min(why, found.get(other.incident.id, why))
    return [(why, one) for number, why in found.items() if (one := world.incidents.get(number)) is not None]


def _near(world: World, new: Member) -> list[Alert]:
    """Return the open alerts about what an alert's subject may have brought about, or been brought about by."""
    devices: dict[int, None] = {}
    agents: list[int] = []
    if new.device_id is not None:
        near = world.dependencies
        of_port = near.children.get(new.device_id, ()) if new.port_of is not None else ()
        devices = dict.fromkeys((new.device_id, *new.parents, *of_port))
    for cause in new.causes:
        kind, _, number = cause.partition(":")
        if kind == "device":
            devices[int(number)] = None
        else:
            agents.append(int(number))
    if new.own is not None:
        kind, _, number = new.own.partition(":")
        if kind == "device":
            devices |= dict.fromkeys(sorted(world.cut_off(int(number))))
        else:
            devices |= dict.fromkeys(one.id for one in world.devices.values() if one.agent_id == int(number))
    alerts = [alert for device_id in devices for alert in world.alerts.of_device(device_id)]
    return alerts + [alert for agent_id in agents for alert in world.alerts.of_agent(agent_id)]


def _member(world: World, alert: Alert) -> Member:
    rule = world.rules.by_name.get(alert.rule)
    condition = None if rule is None else rule.condition
    device = None if alert.device_id is None else world.devices.get(alert.device_id)
    fell = isinstance(condition, DeviceOffline | DeviceUnreachable)
    own, weight = None, Weight.OTHER
    if isinstance(condition, AgentSilent) and alert.agent_id is not None:
        own, weight = f"agent:{alert.agent_id}", Weight.AGENT
    elif fell and device is not None:
        own, weight = f"device:{device.id}", Weight.DEVICE
    causes: set[str] = set()
    parents: frozenset[int] = frozenset()
    if device is not None:
        link = None if device.agent_id is None else world.links.get(device.agent_id)
        if link is not None and link.status is AgentLinkStatus.SILENT:
            causes.add(f"agent:{device.agent_id}")
        causes.update(f"device:{one}" for one in world.causes(device.id))
        offline = true_status(world.states.get(device.id)) is DeviceStatus.OFFLINE
        if offline and not fell:
            causes.add(f"device:{device.id}")
        if offline and fell:
            parents = frozenset(world.dependencies.parents.get(device.id, ()))
    return Member(
        alert.id,
        alert.title,
        alert.started_ms,
        weight,
        own=own,
        causes=frozenset(causes),
        rank=0 if device is None else world.dependencies.ranks.get(device.id, 0),
        device_id=alert.device_id,
        site_id=alert.site_id,
        parents=parents,
        port_of=None if alert.interface_id is None else alert.device_id,
    )

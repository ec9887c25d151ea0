"""What fell together: which alerts belong to one incident, and which of them tells of its probable root cause.

Pure. Who is behind whom is known to the world; drafting incidents is left to `gathering`.
"""

from dataclasses import dataclass, replace
from enum import IntEnum
from typing import Final

from noctule_shared.alerts import IncidentRef

# What is found to be the cause explains what rang so long before it: a child may be reported, and ring, first.
EXPLAINS_MS: Final = 120_000
# Without a known cause, what falls at one place within so long fell together: a site's devices are found down within
# 15 s of each other, its agent is called silent after 30 s.
TOGETHER_MS: Final = 45_000


class Weight(IntEnum):
    """How much an alert explains, most first."""

    AGENT = 0
    DEVICE = 1
    OTHER = 2


class Relation(IntEnum):
    """Why an alert belongs to an incident, the surest first."""

    CONSEQUENCE = 0
    CAUSE = 1
    COMMON_CAUSE = 2
    LINK = 3
    SAME_DEVICE = 4
    SAME_SITE = 5


@dataclass(frozen=True, slots=True)
class Member:
    """A firing alert as it is gathered.

    `own` is what has failed by its word and `causes` what is known to have brought it about, as `device:7` or
    `agent:2`; None and empty: nothing. `rank` is lower for what others stand behind. `parents` are those of a device
    that is offline, `port_of` is the device of an interface; empty and None: it is about none such.
    """

    alert_id: int
    title: str
    started_ms: int
    weight: Weight
    own: str | None = None
    causes: frozenset[str] = frozenset()
    rank: int = 0
    device_id: int | None = None
    site_id: int | None = None
    parents: frozenset[int] = frozenset()
    port_of: int | None = None

    @property
    def importance(self) -> tuple[int, int, int, int]:
        """What orders members, the probable root cause first."""
        return (self.weight, self.rank, self.started_ms, self.alert_id)


@dataclass(frozen=True, slots=True)
class Incident:
    """What fell together. `ended_ms` None: something of it still fires.

    `cause` is what is taken for the root cause, as in `Member`; `site:3` where several devices there fell without one
    that is known. `root_alert_id` is the alert that tells of it, `site_id` its site. `alerts` counts those that were
    ever part of it and `unreachable` are the devices that could not be reached because of it. `merged_into` is the
    incident that took it over, None: none did. `counted_ms` is since when `unreachable` has grown untold, None: not.
    """

    id: int
    title: str
    cause: str | None
    root_alert_id: int
    site_id: int | None
    started_ms: int
    ended_ms: int | None = None
    alerts: int = 1
    unreachable: frozenset[int] = frozenset()
    merged_into: int | None = None
    counted_ms: int | None = None

    @property
    def ref(self) -> IncidentRef:
        """How alerts name it."""
        return IncidentRef(self.id, self.title, self.root_alert_id, self.alerts, len(self.unreachable))


def relation(new: Member, member: Member) -> Relation | None:
    """Return why an alert that fires now belongs together with one that fires already, None: it does not."""
    apart_ms = abs(new.started_ms - member.started_ms)
    if member.own is not None and (member.own in new.causes or member.own == new.own):
        return Relation.CONSEQUENCE
    if new.own is not None and new.own in member.causes and new.started_ms - member.started_ms <= EXPLAINS_MS:
        return Relation.CAUSE
    if new.causes & member.causes:
        return Relation.COMMON_CAUSE
    if apart_ms <= TOGETHER_MS:
        if new.port_of in member.parents or member.port_of in new.parents:
            return Relation.LINK
        if new.device_id is not None and new.device_id == member.device_id:
            return Relation.SAME_DEVICE
    return None


def relation_to(incident: Incident, new: Member) -> Relation | None:
    """Return why an alert belongs to an incident whatever its members are, None: it does not by this.

    Devices of one site, and its agent, fell together when that was within a short time of the incident's begin and no
    cause of the new one is known. Time alone joins nothing across sites.
    """
    if incident.cause is None:
        return None
    if incident.cause in new.causes:
        return Relation.COMMON_CAUSE
    same_site = new.site_id is not None and new.site_id == incident.site_id
    fell = new.weight is not Weight.OTHER and not new.causes
    if same_site and fell and abs(new.started_ms - incident.started_ms) <= TOGETHER_MS:
        return Relation.SAME_SITE
    return None


def opened(new: Member, incident_id: int) -> Incident:
    """Return the incident that begins with an alert."""
    return Incident(incident_id, new.title, new.own, new.alert_id, new.site_id, new.started_ms)


def joined(incident: Incident, root: Member | None, new: Member, why: Relation, *, site: str) -> Incident:
    """Return an incident with one more alert; `site` is the name of that alert's site.

    `root` is its root cause's alert, None when that is over: then only a cause that explains it takes its place.
    """
    taken = replace(incident, alerts=incident.alerts + 1, started_ms=min(incident.started_ms, new.started_ms))
    explains = why is Relation.CAUSE and (root is None or new.importance < root.importance)
    if root is not None and why is Relation.SAME_SITE:
        if Weight.AGENT in {new.weight, root.weight}:
            explains = new.importance < root.importance
        else:
            first = min(root, new, key=lambda one: one.importance)
            title = f"Several devices at {site} are offline"
            return replace(taken, title=title, cause=f"site:{new.site_id}", root_alert_id=first.alert_id)
    elif root is not None and root.weight is Weight.OTHER and new.weight is not Weight.OTHER:
        # A port, then the device behind it or the port's own.
        explains = True
    if not explains:
        return taken
    return replace(taken, title=new.title, cause=new.own, root_alert_id=new.alert_id, site_id=new.site_id)


def merged(incident: Incident, other: Incident, *, now_ms: int) -> tuple[Incident, Incident]:
    """Return an incident that takes over another one, and that other one, which ends with it."""
    both = replace(
        incident,
        alerts=incident.alerts + other.alerts,
        unreachable=incident.unreachable | other.unreachable,
        started_ms=min(incident.started_ms, other.started_ms),
    )
    return both, replace(other, ended_ms=now_ms, merged_into=incident.id)

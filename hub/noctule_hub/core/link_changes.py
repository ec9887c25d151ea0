"""Ports that come to run at another speed or duplex than before, and that run as before again.

What a port says while it is down tells nothing of its link: `inventory` keeps what it had when it was up.
"""

from noctule_shared.axes import Duplex, IfStatus

from noctule_hub.core.alerting.conditions import LinkChanged
from noctule_hub.core.alerting.evidence import Evidence, Sample
from noctule_hub.core.alerting.findings import alerts_about, find_by
from noctule_hub.core.alerting.holds import take_happening
from noctule_hub.core.alerting.machine import Finding
from noctule_hub.core.alerting.subjects import interface_subject, subject_of
from noctule_hub.core.announcements import LATE_AFTER_MS
from noctule_hub.core.quantities import bit_rate
from noctule_hub.core.records import Alert, Device, Interface
from noctule_hub.core.world import Draft


def observe_link_change(
    draft: Draft, device: Device, old: Interface, new: Interface, ts_ms: int, *, history: bool = False
) -> None:
    """Take a port of an inventory that was observed at `ts_ms`, and how the one before had it.

    A change of a backlog, one that is told late and one under maintenance alarms nobody; one back to what it was ends
    its alerts whenever it comes.
    """
    if new.if_oper_status is not IfStatus.UP:
        return
    late = history or draft.now_ms - ts_ms > LATE_AFTER_MS or device.id in draft.world.coverage(draft.now_ms).names
    differs = _differs(old, new) and not late
    for rule in draft.world.rules.of(LinkChanged):
        alert = draft.world.alerts.get(f"{rule.name}:interface:{new.id}")
        if alert is not None and _is_as_before(alert, new):
            reason = f"it runs as before: {_link(new.speed_bps, new.duplex)}"
            find_by(draft, rule, Finding(LinkChanged, subject_of(alert), holds=False, reason=reason, at_ms=ts_ms))
        elif differs:
            take_happening(draft, rule, _finding(device, _first(alert, old), new, ts_ms))


def observe_link_gone(draft: Draft, interface: Interface) -> None:
    """Take that an interface is gone."""
    for rule, alert in alerts_about(draft.world, LinkChanged, f"interface:{interface.id}"):
        reason = "the interface is gone"
        find_by(draft, rule, Finding(LinkChanged, subject_of(alert), holds=False, reason=reason, at_ms=draft.now_ms))


def _finding(device: Device, before: tuple[int | None, Duplex | None], new: Interface, ts_ms: int) -> Finding:
    speed_bps, duplex = before
    changed = f"from {_link(speed_bps, duplex)} to {_link(new.speed_bps, new.duplex)}"
    evidence = Evidence(
        quantity="speedBps",
        usual=speed_bps,
        before=None if duplex is None else duplex.value,
        samples=(Sample(ts_ms, new.speed_bps),),
    )
    subject = interface_subject(device, new, f"changed {changed}")
    return Finding(LinkChanged, subject, holds=True, reason=f"changed {changed}", at_ms=ts_ms, evidence=evidence)


def _first(alert: Alert | None, old: Interface) -> tuple[int | None, Duplex | None]:
    """Return speed and duplex before the first of the changes that an alert is about."""
    if alert is None or alert.evidence is None:
        return old.speed_bps, old.duplex
    usual, before = alert.evidence.usual, alert.evidence.before
    return (None if usual is None else int(usual)), (None if before is None else Duplex(before))


def _differs(old: Interface, new: Interface) -> bool:
    """Return whether a port runs otherwise; what either side does not know is no difference."""
    speeds, duplexes = (old.speed_bps, new.speed_bps), (old.duplex, new.duplex)
    return any(None not in pair and pair[0] != pair[1] for pair in (speeds, duplexes))


def _is_as_before(alert: Alert, new: Interface) -> bool:
    speed_bps, duplex = _first(alert, new)
    return new.speed_bps == speed_bps and (duplex is None or new.duplex in {None, duplex})


def _link(speed_bps: int | None, duplex: Duplex | None) -> str:
    speed = "an unknown speed" if speed_bps is None else bit_rate(speed_bps)
    return speed if duplex is None else f"{speed}, {duplex} duplex"

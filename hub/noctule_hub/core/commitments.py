"""Rates that customers agreed upon, against what their interfaces carry: the month's 95th percentile to date.

Reading the months is left to `noctule_hub.commitment_watch`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from noctule_hub.core.alerting.conditions import OverCommitted
from noctule_hub.core.alerting.evidence import Evidence, Sample
from noctule_hub.core.alerting.findings import alerts_about, find_by
from noctule_hub.core.alerting.machine import Finding
from noctule_hub.core.alerting.rules import Rule
from noctule_hub.core.alerting.subjects import interface_subject, subject_of
from noctule_hub.core.customers import Service
from noctule_hub.core.quantities import bit_rate
from noctule_hub.core.world import Draft, World

# A day of 5-minute bins: of less, one busy evening would be the percentile.
MIN_BINS: Final = 288


@dataclass(frozen=True, slots=True)
class CommittedMonth:
    """A month to date of one service that is an interface; it began for the customer at `from_ms`.

    `p95_bps` is of each bin's larger direction, None: no bin was used. `coverage` 0..1 is how much was measured.
    """

    service_id: int
    interface_id: int
    from_ms: int
    p95_bps: float | None
    bins_used: int
    coverage: float


def committed_services(world: World) -> dict[int, Service]:
    """Return the services that are interfaces with a committed rate, by the interface's id."""
    return {
        service.interface_id: service
        for service in world.tenancy.services()
        if service.interface_id is not None and service.committed_bps
    }


def observe_commitments(draft: Draft, months: Iterable[CommittedMonth]) -> None:
    """Take months that were read; what nothing is committed for any more alarms nobody."""
    world = draft.world
    services = committed_services(world)
    for month in months:
        service = services.get(month.interface_id)
        # It may have become somebody else's since it was read.
        if service is not None and service.id == month.service_id and service.committed_bps:
            for rule in world.rules.of(OverCommitted):
                _judge(draft, rule, month, service.committed_bps)
    for rule, alert in alerts_about(world, OverCommitted):
        if alert.interface_id not in services:
            _end(draft, rule, alert.interface_id, "no rate is committed any more")


def _judge(draft: Draft, rule: Rule, month: CommittedMonth, committed_bps: int) -> None:
    interface = draft.world.interfaces.get(month.interface_id)
    device = None if interface is None else draft.world.devices.get(interface.device_id)
    if interface is None or device is None or not isinstance(rule.condition, OverCommitted):
        return
    subject = interface_subject(device, interface, "carries more than is committed")
    open_alert = draft.world.alerts.get(f"{rule.name}:{subject.key}")
    if open_alert is not None and open_alert.started_ms < month.from_ms:
        _end(draft, rule, interface.id, "another month began")
    if month.p95_bps is None or month.bins_used < MIN_BINS:
        return
    times = month.p95_bps / committed_bps
    reason = (
        f"95th percentile {bit_rate(month.p95_bps)} of {bit_rate(committed_bps)} committed this month "
        f"(coverage {100 * month.coverage:.0f} %)"
    )
    condition = rule.condition
    evidence = Evidence(
        quantity="p95Bps",
        threshold=condition.times_committed * committed_bps,
        clear=condition.clear_times * committed_bps,
        samples=(Sample(draft.now_ms, month.p95_bps),),
    )
    holds = _holds(condition, times)
    find_by(draft, rule, Finding(OverCommitted, subject, holds, reason, draft.now_ms, evidence))


def _holds(condition: OverCommitted, times: float) -> bool | None:
    if times > condition.times_committed:
        return True
    return False if times <= condition.clear_times else None


def _end(draft: Draft, rule: Rule, interface_id: int | None, reason: str) -> None:
    alert = draft.world.alerts.get(f"{rule.name}:interface:{interface_id}")
    if alert is not None:
        find_by(draft, rule, Finding(OverCommitted, subject_of(alert), holds=False, reason=reason, at_ms=draft.now_ms))

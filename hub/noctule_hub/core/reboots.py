"""Devices that started again, as sysUpTime told the agent: in the network log, and alerts that are held a while."""

from typing import Final

from noctule_shared.observations import Rebooted as RebootSeen

from noctule_hub.core.alerting.conditions import Rebooted
from noctule_hub.core.alerting.evidence import Evidence, Sample
from noctule_hub.core.alerting.holds import observe_happening
from noctule_hub.core.alerting.machine import Finding
from noctule_hub.core.alerting.subjects import device_subject
from noctule_hub.core.alerting.words import lasting
from noctule_hub.core.announcements import LATE_AFTER_MS, announce_change
from noctule_hub.core.inventory_changes import Change, ChangeKind
from noctule_hub.core.world import Draft

TICKS_PER_S: Final = 100


def observe_reboot(draft: Draft, agent_id: int, event: RebootSeen, *, history: bool = False) -> bool:
    """Take that a device started again; returns False when it was not the agent's then.

    `history`: it is part of a backlog. Such a start, one that is told late, one of a device that has meanwhile been
    given to another agent and one under maintenance stand in the log alone.
    """
    world = draft.world
    device = world.devices.get(event.device_id)
    if device is None or not world.assignments.was(agent_id, device.id, event.ts_ms):
        return False
    uptime_s = event.sys_up_time_ticks / TICKS_PER_S
    reason = f"started again: sysUpTime is {lasting(int(uptime_s * 1000))} ({event.sys_up_time_ticks} ticks)"
    announce_change(draft, device, Change(ChangeKind.REBOOTED, None, reason), event.ts_ms)
    late = history or device.agent_id != agent_id or draft.now_ms - event.ts_ms > LATE_AFTER_MS
    if late or device.id in world.coverage(draft.now_ms).names:
        return True
    evidence = Evidence(quantity="uptimeS", samples=(Sample(event.ts_ms, uptime_s),))
    subject = device_subject(device, "started again")
    observe_happening(
        draft, Finding(Rebooted, subject, holds=True, reason=reason, at_ms=event.ts_ms, evidence=evidence)
    )
    return True

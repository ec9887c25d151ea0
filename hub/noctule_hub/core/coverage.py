"""Maintenance as time passes: whom a window takes and lets go, and what waited for its end.

When windows run is in `maintenance`, what a device is then in `status`.
"""

from noctule_shared.events import DeviceStatus

from noctule_hub.core.inventory import judge_past
from noctule_hub.core.judgement import rejudge
from noctule_hub.core.world import Draft

OVER = "maintenance is over"


def observe_maintenance(draft: Draft) -> None:
    """Take that time has passed the boundary of a maintenance window: whom it held or holds is judged anew.

    Ports that changed meanwhile are judged as they ended. Between boundaries this does nothing.
    """
    world = draft.world
    coverage = world.coverage(draft.now_ms)
    if coverage is world.judged_coverage:
        return
    for device in world.devices.values():
        covered = device.id in coverage.names
        if covered or world.status(device.id) is DeviceStatus.MAINTENANCE:
            rejudge(draft, device, world.axes(device.id), None if covered else OVER, draft.now_ms)
    waiting = {
        world.devices[row.device_id].agent_id
        for _, row in world.past_interfaces.items()
        if row.device_id in world.devices
    }
    for agent_id in waiting:
        if agent_id is not None and not world.is_behind(agent_id):
            judge_past(draft, agent_id)
    world.judged_coverage = coverage

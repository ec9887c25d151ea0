"""Maintenance as time passes: whom a window takes and lets go, and what waited for its end.

When windows run is in `maintenance`, what a device is then in `status`.
"""

from noctule_shared.events import DeviceStatus

from noctule_hub.core.alerting.findings import observe_outage
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
    # The ports before their devices, which keep them quiet so long: what is over must not ring when the window ends.
    changed = {row.device_id for _, row in world.past_interfaces.items()}
    let_go = {id_ for id_, row in world.states.items() if row.status is DeviceStatus.MAINTENANCE} - set(coverage.names)
    for agent_id in {world.devices[id_].agent_id for id_ in changed | let_go if id_ in world.devices}:
        if agent_id is not None and not world.is_behind(agent_id):
            judge_past(draft, agent_id)
    for device in world.parents_first():
        covered = device.id in coverage.names
        if covered or world.status(device.id) is DeviceStatus.MAINTENANCE:
            rejudge(draft, device, world.axes(device.id), None if covered else OVER, draft.now_ms)
            # Of two windows another may give the reason now.
            observe_outage(draft, device.id)
    world.judged_coverage = coverage

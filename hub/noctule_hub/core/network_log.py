"""Network logs: what devices say by themselves becomes `network:log`. They raise no alert and change no status."""

from noctule_shared.events import SEVERITY_NAMES, NetworkLogEvent
from noctule_shared.observations import NetworkLogged
from noctule_shared.times import iso_from_ms

from noctule_hub.core.announcements import announce_log
from noctule_hub.core.world import Draft


def observe_log(draft: Draft, agent_id: int, event: NetworkLogged) -> bool:
    """Take a trap or syslog message; returns False when it is booked to a device that is not the agent's."""
    device = None
    if event.device_id is not None:
        device = draft.world.device_of(agent_id, event.device_id)
        if device is None:
            return False
    log = NetworkLogEvent(
        timestamp=iso_from_ms(event.ts_ms),
        device_id=None if device is None else device.id,
        device_name=None if device is None else device.name,
        address=event.address,
        severity=event.severity,
        severity_name=SEVERITY_NAMES[event.severity],
        facility=event.facility,
        source=event.source,
        message=event.message,
    )
    announce_log(draft, log, device, event.ts_ms)
    return True

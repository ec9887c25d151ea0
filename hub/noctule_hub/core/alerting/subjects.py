"""What findings are about, by the names under which people know it."""

from noctule_hub.core.alerting.machine import Subject
from noctule_hub.core.records import Agent, Alert, Device, Interface


def device_subject(device: Device, what: str) -> Subject:
    """Return a device of which an alert says `what`, such as `is offline`."""
    return Subject(f"device:{device.id}", f"{device.name} {what}", device_id=device.id, site_id=device.site_id)


def interface_subject(device: Device, interface: Interface, what: str) -> Subject:
    """Return an interface of a device of which an alert says `what`."""
    return Subject(
        f"interface:{interface.id}",
        f"{device.name} {interface.label} {what}",
        device_id=device.id,
        interface_id=interface.id,
        site_id=device.site_id,
    )


def agent_subject(agent: Agent, what: str) -> Subject:
    """Return an agent of which an alert says `what`."""
    return Subject(f"agent:{agent.id}", f"Agent {agent.name} {what}", agent_id=agent.id, site_id=agent.site_id)


def hub_subject(title: str) -> Subject:
    """Return the hub itself."""
    return Subject("hub", title)


def subject_of(alert: Alert) -> Subject:
    """Return what an alert is about."""
    return Subject(
        alert.key.removeprefix(f"{alert.rule}:"),
        alert.title,
        device_id=alert.device_id,
        interface_id=alert.interface_id,
        agent_id=alert.agent_id,
        site_id=alert.site_id,
    )

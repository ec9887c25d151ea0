"""The alerts that are pending or firing, with a draft over them, found by what they are about."""

from collections.abc import Iterable

from noctule_hub.core.overlay import Overlay
from noctule_hub.core.records import Alert

_About = tuple[str, int]


class OpenAlerts(Overlay[str, Alert]):
    """Open alerts by key. Those of a device, an agent or an incident are found without looking at the others."""

    def __init__(self, alerts: Iterable[Alert]) -> None:
        rows = {alert.key: alert for alert in alerts if alert.is_open}
        super().__init__(rows)
        # Keys by what alerts are about, and the reverse. After a draft that was dropped some may be too many: what is
        # found is looked at before it is returned.
        self._keys: dict[_About, dict[str, None]] = {}
        self._abouts: dict[str, set[_About]] = {}
        # What is drafted to be over, so that it can be found again when the draft is dropped.
        self._over: dict[str, set[_About]] = {}
        for alert in rows.values():
            self._note(alert)

    def set(self, key: str, value: Alert | None) -> None:
        """Draft an alert, or with None that it is over."""
        super().set(key, value)
        if value is not None:
            self._note(value)
            return
        abouts = self._abouts.pop(key, set())
        self._over.setdefault(key, set()).update(abouts)
        for about in abouts:
            found = self._keys[about]
            del found[key]
            if not found:
                del self._keys[about]

    def settle(self) -> None:
        """Make the draft the table."""
        super().settle()
        self._over.clear()

    def drop(self) -> None:
        """Forget the draft."""
        super().drop()
        for key, abouts in self._over.items():
            for about in abouts:
                self._keys.setdefault(about, {})[key] = None
            self._abouts.setdefault(key, set()).update(abouts)
        self._over.clear()

    def of_id(self, alert_id: int) -> Alert | None:
        """Return an open alert by its id, as drafted."""
        return next((alert for alert in self._found(("alert", alert_id)) if alert.id == alert_id), None)

    def of_device(self, device_id: int) -> list[Alert]:
        """Return the alerts about a device and its interfaces, as drafted."""
        return [alert for alert in self._found(("device", device_id)) if alert.device_id == device_id]

    def of_agent(self, agent_id: int) -> list[Alert]:
        """Return the alerts about an agent itself, as drafted."""
        return [alert for alert in self._found(("agent", agent_id)) if alert.agent_id == agent_id]

    def of_incident(self, incident_id: int) -> list[Alert]:
        """Return the alerts of an incident, as drafted."""
        found = self._found(("incident", incident_id))
        return [alert for alert in found if alert.incident is not None and alert.incident.id == incident_id]

    def has_incident(self, incident_id: int) -> bool:
        """Return whether an alert of an incident is open, as drafted."""
        keys = self._keys.get(("incident", incident_id), ())
        found = (self.get(key) for key in keys)
        return any(alert and alert.incident and alert.incident.id == incident_id for alert in found)

    def _found(self, about: _About) -> list[Alert]:
        return [alert for key in self._keys.get(about, ()) if (alert := self.get(key)) is not None]

    def _note(self, alert: Alert) -> None:
        incident_id = None if alert.incident is None else alert.incident.id
        for kind, number in (
            ("alert", alert.id),
            ("device", alert.device_id),
            ("agent", alert.agent_id),
            ("incident", incident_id),
        ):
            if number is not None:
                self._keys.setdefault((kind, number), {})[alert.key] = None
                self._abouts.setdefault(alert.key, set()).add((kind, number))

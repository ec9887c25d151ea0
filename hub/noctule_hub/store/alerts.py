"""The parts of the store's interface that keep alerts as they were and are, their rules, and silences."""

from typing import Protocol

from noctule_hub.core.alerting.filter import AlertFilter
from noctule_hub.core.alerting.incidents import Incident
from noctule_hub.core.alerting.rules import NewRule, Rule
from noctule_hub.core.alerting.silences import NewSilence, Silence
from noctule_hub.core.alerting.steps import Story
from noctule_hub.core.alerting.told import Told
from noctule_hub.core.audit import Authorship
from noctule_hub.core.records import Alert


class Alerts(Protocol):
    """Alerts; they are written by the engine's commits alone."""

    async def alerts(self, wanted: AlertFilter, *, before_id: int | None, limit: int) -> list[Alert]:
        """Return up to `limit` alerts that meet a filter, newest first; with `before_id` those with a lower id."""
        ...

    async def alert(self, alert_id: int) -> Alert:
        """Return an alert. Raises `Refused` (not-found)."""
        ...


class AlertStories(Protocol):
    """What became of alerts; kept as long as they are, written by the engine's commits alone."""

    async def alert_story(self, alert_id: int) -> Story:
        """Return the steps of an alert, none for one that is not there."""
        ...

    async def told_of_alert(self, alert_id: int) -> list[Told]:
        """Return what channels that are still there were told of an alert, at most `MAX_TOLD`, oldest first."""
        ...

    async def rule_version(self, name: str, revision: int, *, at_ms: int) -> Rule | None:
        """Return a rule that was changed or removed since as it was at that revision, which it had at `at_ms`.

        None: that is not known, or it is the present one.
        """
        ...

    async def forgotten_alerts(self, device_id: int, interface_id: int | None) -> list[Alert]:
        """Return alerts about a device alone, or about one interface of it, that never fired.

        Newest first, at most 100; they are kept for a day.
        """
        ...


class Incidents(Protocol):
    """What fell together; written by the engine's commits alone, ids are never reused."""

    async def incidents(self, *, open_only: bool, before_id: int | None, limit: int) -> list[Incident]:
        """Return up to `limit` incidents, newest first; with `before_id` those with a lower id."""
        ...

    async def incident(self, incident_id: int) -> Incident:
        """Return an incident. Raises `Refused` (not-found)."""
        ...

    async def alerts_of_incident(self, incident_id: int, *, limit: int) -> list[Alert]:
        """Return up to `limit` alerts of an incident by id, resolved ones too; none when there is no such incident."""
        ...


class AlertRules(Protocol):
    """Rules, at most `MAX_RULES`; a new store has `SEEDED`."""

    async def rules(self) -> list[Rule]:
        """Return all rules by id."""
        ...

    async def rule(self, rule_id: int) -> Rule:
        """Return a rule. Raises `Refused` (not-found)."""
        ...

    async def add_rule(self, new: NewRule, *, by: Authorship) -> Rule:
        """Add a rule.

        Raises `Refused`: invalid, field name when it is taken, field selector.deviceIds, selector.siteIds or policyId
        for one that is not there; too-many.
        """
        ...

    async def update_rule(self, rule_id: int, new: NewRule, *, revision: int, by: Authorship) -> Rule:
        """Make a rule that still has `revision` as `new`, which has its name and condition.

        Devices and sites that are gone may stay in it. Raises `Refused`: not-found; invalid, field revision; else as
        `add_rule` does.
        """
        ...

    async def remove_rule(self, rule_id: int, *, by: Authorship) -> None:
        """Remove a rule; its id is never reused. Raises `Refused` (not-found)."""
        ...


class Silences(Protocol):
    """Silences, at most `MAX_SILENCES`."""

    async def silences(self) -> list[Silence]:
        """Return all silences by id, those that are over too."""
        ...

    async def silence(self, silence_id: int) -> Silence:
        """Return a silence. Raises `Refused` (not-found)."""
        ...

    async def add_silence(self, new: NewSilence, *, by: Authorship) -> Silence:
        """Add a silence.

        Raises `Refused`: invalid, field matchers.rules, matchers.deviceIds or matchers.siteIds for one that is not
        there; too-many.
        """
        ...

    async def update_silence(self, silence_id: int, new: NewSilence, *, revision: int, by: Authorship) -> Silence:
        """Make a silence that still has `revision` as `new`.

        What is gone may stay in it. Raises `Refused`: not-found; invalid, field revision; else as `add_silence` does.
        """
        ...

    async def expire_silence(self, silence_id: int, *, by: Authorship) -> Silence:
        """End a silence that holds at `by.at_ms`. Raises `Refused`: not-found; invalid, field id, when it does not."""
        ...

    async def remove_silence(self, silence_id: int, *, by: Authorship) -> None:
        """Remove a silence; its id is never reused. Raises `Refused` (not-found)."""
        ...

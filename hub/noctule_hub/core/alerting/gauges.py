"""What the hub remembers of measurements to judge the next ones: a part of the world, drafted and settled with it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from noctule_hub.core.alerting.conditions import HighLoss
from noctule_hub.core.alerting.evidence import MAX_SAMPLES, Sample
from noctule_hub.core.alerting.loss_windows import LossWindows
from noctule_hub.core.alerting.rules import Rules
from noctule_hub.core.alerting.usual import UsualDelays
from noctule_hub.core.drafted_columns import DraftedColumns
from noctule_hub.core.overlay import Overlay
from noctule_hub.core.records import Interface
from noctule_hub.core.series import Floats, Ints

_SHORTEST_S: Final = 60


class NewestTimes:
    """When the newest row of each object was measured: older ones are history."""

    def __init__(self) -> None:
        self._rows = DraftedColumns({"ts_ms": (np.int64, 0, ())})

    def take(self, object_ids: Ints, ts_ms: Ints) -> npt.NDArray[np.bool_]:
        """Take rows; returns which are newer than all before. Of one object there may be several."""
        self._rows.reach(int(object_ids.max(initial=0)))
        newer: npt.NDArray[np.bool_] = ts_ms > self._rows["ts_ms"][object_ids]
        self._rows.lift("ts_ms", object_ids, ts_ms)
        return newer

    def settle(self) -> None:
        """Make the draft the present."""
        self._rows.settle()

    def drop(self) -> None:
        """Undo the draft."""
        self._rows.drop()


class PortFacts:
    """What rows of interfaces are judged with, as columns by interface id; as of inventories that `known` names."""

    def __init__(self) -> None:
        # By device, the very object in the world: another one is another inventory.
        self.known: dict[int, object] = {}
        self._device_id = np.zeros(0, np.int64)
        self._speed_bps = np.zeros(0)

    def device_ids(self, interface_ids: Ints) -> Ints:
        """Return the devices of interfaces, 0: not known here."""
        self._reach(int(interface_ids.max(initial=0)))
        found: Ints = self._device_id[interface_ids]
        return found

    def speeds_bps(self, interface_ids: Ints) -> Floats:
        """Return the speeds of interfaces, NaN: unknown."""
        found: Floats = self._speed_bps[interface_ids]
        return found

    def learn(self, device_id: int, inventory: object, interfaces: Iterable[Interface]) -> None:
        """Take the interfaces of a device's inventory."""
        self.known[device_id] = inventory
        for interface in interfaces:
            self._reach(interface.id)
            self._device_id[interface.id] = device_id
            self._speed_bps[interface.id] = interface.speed_bps or np.nan

    def forget(self, devices: Mapping[int, object]) -> None:
        """Forget devices that are not among these."""
        for device_id in self.known.keys() - devices.keys():
            self.known.pop(device_id)

    def _reach(self, last_id: int) -> None:
        held = len(self._device_id)
        if last_id >= held:
            more = max(last_id + 1, held + held // 2) - held
            self._device_id = np.concatenate((self._device_id, np.zeros(more, np.int64)))
            self._speed_bps = np.concatenate((self._speed_bps, np.full(more, np.nan)))


class Exemptions:
    """By rule, to which objects it is known not to apply: found out once, when one of them first meets it."""

    def __init__(self) -> None:
        self._of: dict[int, npt.NDArray[np.bool_]] = {}

    def of(self, rule_id: int, object_ids: Ints) -> npt.NDArray[np.bool_]:
        """Return whether the rule is known not to apply to each."""
        exempt = self._of.get(rule_id)
        if exempt is None:
            return np.zeros(len(object_ids), np.bool_)
        beyond = object_ids >= len(exempt)
        return exempt[np.where(beyond, 0, object_ids)] & ~beyond

    def add(self, rule_id: int, object_id: int) -> None:
        """Note that the rule does not apply to an object."""
        exempt = self._of.get(rule_id, np.zeros(0, np.bool_))
        if object_id >= len(exempt):
            more = max(object_id + 1, len(exempt) * 3 // 2) - len(exempt)
            exempt = np.concatenate((exempt, np.zeros(more, np.bool_)))
        exempt[object_id] = True
        self._of[rule_id] = exempt

    def clear(self) -> None:
        """Forget all of it: rules, or what they apply to, have changed."""
        self._of.clear()


@dataclass(frozen=True, slots=True)
class LookedAt:
    """What was judged of an object since its alert began: the newest values, and when by this hub's clock."""

    samples: tuple[Sample, ...]
    at_ms: int


class Gauges:
    """The usual delays, the windows of loss, and what was judged of objects that have an alert."""

    def __init__(self) -> None:
        self.usual = UsualDelays()
        self.losses = LossWindows(_SHORTEST_S)
        self.rounds, self.polls = NewestTimes(), NewestTimes()
        self.ports = PortFacts()
        self.exempt = Exemptions()
        # By the key of an open alert.
        self.looked_at: Overlay[str, LookedAt] = Overlay({})
        self._rules: Rules | None = None

    def heed(self, rules: Rules, devices: Mapping[int, object]) -> None:
        """Take the configuration as it is: what was found out by another one is forgotten."""
        if rules is self._rules:
            return
        self._rules = rules
        self.exempt.clear()
        self.ports.forget(devices)
        windows = [rule.condition.window_s for rule in rules.of(HighLoss) if isinstance(rule.condition, HighLoss)]
        longest_s = max(windows, default=_SHORTEST_S)
        if longest_s > self.losses.longest_s:
            # Windows begin anew; until they are filled nothing is judged by them.
            self.losses = LossWindows(longest_s)

    def look_at(self, key: str, before: tuple[Sample, ...], sample: Sample, *, now_ms: int) -> tuple[Sample, ...]:
        """Return the newest samples of an alert with one more; `before`: those that were kept with it."""
        known = self.looked_at.get(key)
        samples = (*(before if known is None else known.samples), sample)[-MAX_SAMPLES:]
        self.looked_at.set(key, LookedAt(samples, now_ms))
        return samples

    def settle(self) -> None:
        """Make the draft the present, after its commit is durable."""
        for part in (self.usual, self.losses, self.rounds, self.polls, self.looked_at):
            part.settle()

    def drop(self) -> None:
        """Undo the draft, after its commit failed."""
        for part in (self.usual, self.losses, self.rounds, self.polls, self.looked_at):
            part.drop()

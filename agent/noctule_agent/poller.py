"""What measures, as the rest of the agent sees it: `monitor.Monitor`, or a fake in tests."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from noctule_shared.axes import CanaryLevel, DeviceLevels

from noctule_agent.commands.execution import Watching
from noctule_agent.core.budget import SnmpLimits
from noctule_agent.device_watch import PolledDevice
from noctule_agent.probes.icmp import EchoEngine
from noctule_agent.sink import Sink


class Poller(Watching, Protocol):
    """Polls devices and says how they are."""

    def apply(self, devices: Mapping[int, PolledDevice]) -> None:
        """Poll these devices from now on, by id, and no others."""
        ...

    def levels(self) -> list[DeviceLevels]:
        """Return the present levels of all devices."""
        ...

    async def run(self) -> None:
        """Poll until cancelled."""
        ...

    def stats(self) -> Mapping[str, float]:
        """Return counters by name, for status.json."""
        ...

    def slowest(self) -> Mapping[str, float]:
        """Return the devices whose last poll took longest by name, with seconds."""
        ...

    @property
    def canary(self) -> CanaryLevel:
        """Whether the agent's own way out works."""
        ...

    def link_changed(self, device_id: int, if_index: int) -> None:
        """Read that row of the device at once and again later: a trap named it."""
        ...

    def started(self, device_id: int) -> None:
        """See whether the device answers again: a trap said that it has started."""
        ...

    def resend_inventories(self) -> None:
        """Send every inventory again, for a hub that lost events."""
        ...


class MakePoller(Protocol):
    """Builds the poller; `monitor.Monitor` itself in earnest."""

    def __call__(self, engine: EchoEngine | None, sink: Sink, *, canaries: Sequence[str], limits: SnmpLimits) -> Poller:
        """Return a poller that is not running yet."""
        ...

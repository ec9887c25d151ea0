"""What the link asks of the rest of the agent: one interface between a session and the running agent."""

from typing import Protocol

from noctule_shared.axes import CanaryLevel, DeviceLevels
from noctule_shared.link import Command, Result

from noctule_agent.devices import DeviceList


class AgentSide(Protocol):
    """What a session asks of the rest of the agent."""

    @property
    def device_list(self) -> DeviceList:
        """The device list that is worked by now."""
        ...

    async def apply_devices(self, devices: DeviceList) -> None:
        """Keep a new device list on disk and work by it from now on."""
        ...

    async def obey(self, command: Command, *, skew_ms: int) -> Result:
        """Return the result of a command; `skew_ms` is the hub's clock minus ours."""
        ...

    def welcomed(self, *, hub_went_back: bool) -> None:
        """Take that a link stands; `hub_went_back`: the hub no longer has all that it acknowledged."""
        ...

    def levels(self) -> list[DeviceLevels]:
        """Return the present levels of all devices."""
        ...

    @property
    def canary(self) -> CanaryLevel:
        """Whether the agent's own way out works."""
        ...

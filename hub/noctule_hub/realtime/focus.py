"""The `focus` call: staff have a device measured each second for a while.

Who may look at how many is decided by `core.focus`.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from noctule_shared.commands import FocusArgs, FocusBody
from noctule_shared.errors import ErrorCode, Refused, invalid
from noctule_shared.link import CommandKind
from noctule_shared.times import iso_from_ms

from noctule_hub.core.agent_commands import AsksAgents
from noctule_hub.core.focus import FocusLedger
from noctule_hub.core.principal import Principal
from noctule_hub.core.records import Device

FOCUS_TIMEOUT_S: Final = 5.0


class Focus:
    """Devices in focus over all connections."""

    def __init__(
        self, commands: AsksAgents, device_of: Callable[[int], Device | None], clock_ms: Callable[[], int]
    ) -> None:
        self._commands = commands
        self._device_of = device_of
        self._clock_ms = clock_ms
        self._ledger = FocusLedger()

    async def call(self, principal: Principal, asked: object) -> dict[str, Any]:
        """Return `{ok, until, intervalS}`; `until` None: the caller let the device go.

        Raises `Refused`: forbidden but for staff, not-found, invalid, too-many, or what the agent says.
        """
        if not principal.is_staff:
            raise Refused(ErrorCode.FORBIDDEN, "only the NOC's staff may look closer at a device")
        device_id, on = _arguments(asked)
        device = self._device_of(device_id)
        if device is None:
            raise Refused(ErrorCode.NOT_FOUND, f"there is no device {device_id}", field="deviceId")
        if device.agent_id is None:
            raise invalid("deviceId", f"no agent polls {device.name}")
        if on:
            return await self._look(principal.subject, device_id, device.agent_id)
        if self._ledger.release(principal.subject, device_id, self._clock_ms()):
            await self._tell(device.agent_id, FocusArgs(device_id, on=False))
        return {"ok": True, "until": None, "intervalS": None}

    def rooms(self) -> list[str]:
        """Return the rooms of the devices that somebody looks at."""
        return [f"device:{device_id}" for device_id in self._ledger.devices(self._clock_ms())]

    async def _look(self, user: str, device_id: int, agent_id: int) -> dict[str, Any]:
        held = self._ledger.holds(user, device_id, self._clock_ms())
        until_ms = self._ledger.take(user, device_id, agent_id, self._clock_ms())
        try:
            body = await self._tell(agent_id, FocusArgs(device_id, on=True))
        except Refused:
            # What the agent never took is in nobody's focus.
            if not held:
                self._ledger.release(user, device_id, self._clock_ms())
            raise
        return {"ok": True, "until": iso_from_ms(until_ms), "intervalS": body.interval_s}

    async def _tell(self, agent_id: int, args: FocusArgs) -> FocusBody:
        return await self._commands.ask(agent_id, CommandKind.FOCUS, args, FocusBody, timeout_s=FOCUS_TIMEOUT_S)


def _arguments(asked: object) -> tuple[int, bool]:
    if not isinstance(asked, Mapping):
        raise invalid("deviceId", "call focus with {deviceId, on}")
    device_id, on = asked.get("deviceId"), asked.get("on", True)
    if type(device_id) is not int or device_id < 1:
        raise invalid("deviceId", "must be a device's id")
    if not isinstance(on, bool):
        raise invalid("on", "must be true or false")
    return device_id, on

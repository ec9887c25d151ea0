"""Follows a device's sysUpTime from answer to answer, and asks its other clocks when it went back.

What the clocks say is decided by `core.uptime`.
"""

from noctule_agent.core.uptime import DeviceClocks, UptimeStep, proves_wrap, uptime_step
from noctule_agent.probes.snmp import mib
from noctule_agent.probes.snmp.client import Answer, SnmpClient


class UptimeWatch:
    """One device's clocks. `wrapped_s` is when a wrap of sysUpTime was last proven (monotonic), None: never."""

    def __init__(self) -> None:
        self.wrapped_s: float | None = None
        self._last: tuple[int, float] | None = None
        self._clocks = DeviceClocks(None)

    async def started_again(self, client: SnmpClient, answer: Answer) -> bool:
        """Return whether the device started again since the answer before this one.

        Raises `SnmpFailure` when its other clocks cannot be read; the next answer is then compared with the same one.
        """
        ticks, before = answer.uptime_ticks, self._last
        if ticks is None:
            return False
        started = False
        if before is not None and uptime_step(before[0], ticks, answer.mono_s - before[1]) is UptimeStep.REBOOTED:
            started = ticks > before[0] or not await self._wrapped(client)
            if not started:
                self.wrapped_s = answer.mono_s
        self._last = (ticks, answer.mono_s)
        return started

    async def _wrapped(self, client: SnmpClient) -> bool:
        known = self._clocks
        await self.read(client)
        return proves_wrap(known, self._clocks)

    async def read(self, client: SnmpClient) -> None:
        """Read the other clocks, to compare with later. Raises `SnmpFailure`.

        One name a request: with SNMP v1 a name that does not exist spoils its whole request.
        """
        engine = (await client.get([[mib.SNMP_ENGINE_TIME]]))[0]
        host = (await client.get([[mib.HR_SYSTEM_UPTIME]]))[0]
        ticks = engine.uptime_ticks if engine.uptime_ticks is not None else host.uptime_ticks
        self._clocks = DeviceClocks(ticks, _count(engine, mib.SNMP_ENGINE_TIME), _count(host, mib.HR_SYSTEM_UPTIME))


def _count(answer: Answer, name: str) -> int | None:
    value = answer.values.get(name)
    return value if isinstance(value, int) and value >= 0 else None

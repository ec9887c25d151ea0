"""sysUpTime: how a device's own time went on between two answers, and whether the device started again.

Pure. A wrap after 497.1 days and a reboot both set it back; what tells them apart is here. What follows for
deltas is left to `rates`.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

UPTIME_MODULUS_TICKS: Final = 2**32  # sysUpTime is TimeTicks: 497.1 days
TICKS_PER_S: Final = 100
CLOCK_TOLERANCE_S: Final = 1.0
CLOCK_TOLERANCE_RATIO: Final = 0.02
# snmpEngineTime counts whole seconds: two of its readings may be a second off, on top of what clocks may.
ENGINE_TOLERANCE_S: Final = CLOCK_TOLERANCE_S + 1.0


class UptimeStep(StrEnum):
    """How sysUpTime went on between two readings."""

    CONTINUOUS = "continuous"
    WRAPPED = "wrapped"
    REBOOTED = "rebooted"
    DISAGREES = "disagrees"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class DeviceClocks:
    """A device's clocks as one PDU showed them; None: the device has no such clock.

    `engine_s` is snmpEngineTime (RFC 3411: seconds, does not wrap within 68 years), `host_ticks` hrSystemUptime
    (RFC 2790: of the host, which may have started long before its SNMP agent).
    """

    uptime_ticks: int | None
    engine_s: int | None = None
    host_ticks: int | None = None


def clocks_agree(one_s: float, other_s: float) -> bool:
    """Return whether two clocks measured the same interval, within max(1 s, 2 %)."""
    return abs(one_s - other_s) <= max(CLOCK_TOLERANCE_S, CLOCK_TOLERANCE_RATIO * other_s)


def uptime_step(old_ticks: int | None, new_ticks: int | None, mono_delta_s: float) -> UptimeStep:
    """Return how sysUpTime went on while the agent's monotonic clock advanced by `mono_delta_s`.

    A value that wrapped at 2^32 ticks agrees with the monotonic clock modulo 2^32 and is no reboot. A device
    that started again after the old reading has been up for less than `mono_delta_s`, whether or not its
    sysUpTime is lower than before. Anything else that disagrees is a clock that runs wrong or stands still.
    """
    if old_ticks is None or new_ticks is None:
        return UptimeStep.UNKNOWN
    delta_ticks = (new_ticks - old_ticks) % UPTIME_MODULUS_TICKS
    if clocks_agree(delta_ticks / TICKS_PER_S, mono_delta_s):
        return UptimeStep.CONTINUOUS if new_ticks >= old_ticks else UptimeStep.WRAPPED
    if new_ticks < old_ticks:
        # The wall stamps of two answers may be swapped by at most the tolerance; that is no reboot.
        back_s = (old_ticks - new_ticks) / TICKS_PER_S
        return UptimeStep.DISAGREES if back_s <= CLOCK_TOLERANCE_S else UptimeStep.REBOOTED
    if new_ticks != old_ticks and new_ticks / TICKS_PER_S <= mono_delta_s + CLOCK_TOLERANCE_S:
        return UptimeStep.REBOOTED
    return UptimeStep.DISAGREES


def proves_wrap(before: DeviceClocks, now: DeviceClocks) -> bool:
    """Return whether another clock of the device proves that its lower sysUpTime is a wrap and no reboot.

    Needed where the agent's own clock cannot tell, as after its machine was suspended or by a device whose clock
    runs wrong. The other clock must have advanced as far as sysUpTime did modulo 2^32 ticks: after a reboot it went
    back too, and after a start of the SNMP agent alone hrSystemUptime has advanced by far less. The other clocks
    acquit only: one that is derived from sysUpTime goes back with it and says nothing.
    """
    if before.uptime_ticks is None or now.uptime_ticks is None or now.uptime_ticks >= before.uptime_ticks:
        return False
    advance_s = ((now.uptime_ticks - before.uptime_ticks) % UPTIME_MODULUS_TICKS) / TICKS_PER_S
    tolerance_s = max(ENGINE_TOLERANCE_S, CLOCK_TOLERANCE_RATIO * advance_s)
    others = (
        (before.engine_s, now.engine_s, 1),
        (before.host_ticks, now.host_ticks, TICKS_PER_S),
    )
    return any(
        old is not None and new is not None and abs((new - old) / per_s - advance_s) <= tolerance_s
        for old, new, per_s in others
    )

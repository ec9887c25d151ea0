"""Figures, times and conditions of alerts in plain words."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

from noctule_hub.core.alerting.conditions import (
    AgentContested,
    AgentSilent,
    ClockSkew,
    ConditionKind,
    DeviceDegraded,
    DeviceFlapping,
    DeviceOffline,
    DeviceUnreachable,
    HighDiscards,
    HighErrors,
    HighLatency,
    HighLoss,
    HighUtilisation,
    InterfaceDown,
    InterfaceFlapping,
    LinkChanged,
    OverCommitted,
    Rebooted,
    StorageLow,
)

_UNITS: Final = ((86_400_000, "d"), (3_600_000, "h"), (60_000, "min"), (1_000, "s"))

# What ends each condition.
ENDS: Final[Mapping[ConditionKind, str]] = {
    DeviceOffline: "the device answers again",
    DeviceUnreachable: "the device answers again, or one of the devices before it does",
    DeviceDegraded: "the device loses no packets and answers by all that it is asked by",
    DeviceFlapping: "the device stays as it is for a while",
    Rebooted: "the time has passed for which the rule tells of a reboot",
    HighLatency: "the round-trip delay is down again",
    HighLoss: "fewer packets are lost",
    InterfaceDown: "the interface is up again, or is switched off (ifAdminStatus)",
    InterfaceFlapping: "the interface stays as it is for a while",
    LinkChanged: "speed and duplex are as before, or the time has passed for which the rule tells of it",
    HighUtilisation: "the interface carries less",
    HighErrors: "the interface has fewer errors",
    HighDiscards: "the interface discards less",
    OverCommitted: "the month's 95th percentile is below the committed rate, or a new month begins",
    AgentSilent: "the agent is heard of again, or is revoked",
    AgentContested: "no second agent with that identity comes for 20 minutes, or the agent is revoked",
    ClockSkew: "the agent's clock is right again",
    StorageLow: "the hub's disk has more space",
}


_RATES: Final = ((1e9, "Gbit/s"), (1e6, "Mbit/s"), (1e3, "kbit/s"))


def moment(at_ms: int) -> str:
    """Return a time as text, UTC to the second."""
    return f"{datetime.fromtimestamp(at_ms / 1000, UTC):%Y-%m-%d %H:%M:%S} UTC"


def lasting(span_ms: int) -> str:
    """Return how long a span is by its two largest units, such as `2 h 5 min`; less than a second is `0 s`."""
    left, counts = max(0, span_ms), []
    for unit_ms, name in _UNITS:
        count, left = divmod(left, unit_ms)
        counts.append((count, name))
    first = next((at for at, (count, _) in enumerate(counts) if count), len(counts) - 1)
    return " ".join(f"{count} {name}" for count, name in counts[first : first + 2] if count) or "0 s"


def figure(quantity: str | None, value: float | None) -> str:
    """Return a value of a quantity in its unit, which its name ends with; None: nothing was measured."""
    if value is None:
        return "no answer"
    name = quantity or ""
    if name.endswith("Ratio"):
        return f"{value * 100:.4g} %"
    if name.endswith("Bps"):
        factor, unit = next((step for step in _RATES if abs(value) >= step[0]), (1.0, "bit/s"))
        return f"{value / factor:.4g} {unit}"
    if name.endswith("S"):
        return f"{value * 1000:.4g} ms" if abs(value) < 1 else f"{value:.4g} s"
    return f"{value:.6g}"


def spelled(quantity: str) -> str:
    """Return what a quantity is called: `inUtilRatio` as `in util ratio`, without a unit that its figure bears."""
    words = "".join(f" {char.lower()}" if char.isupper() else char for char in quantity)
    return words.removesuffix(" s").removesuffix(" bps")

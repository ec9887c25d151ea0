"""What a rule can be about: each condition a struct of a union, kept as JSON, with what tells when it is met and over.

Where a condition has a threshold it has another for its end (hysteresis): between the two nothing changes. How each is
judged is left to `levels`, `judgement` and the other modules that observe.
"""

from enum import StrEnum
from typing import Annotated, ClassVar, Final, get_args

import msgspec
from noctule_shared.errors import invalid

Ratio = Annotated[float, msgspec.Meta(gt=0, le=1)]
Times = Annotated[float, msgspec.Meta(ge=1, le=1_000)]
Delay = Annotated[float, msgspec.Meta(gt=0, le=60)]
Span = Annotated[int, msgspec.Meta(ge=1, le=86_400)]


class About(StrEnum):
    """What a condition is about."""

    DEVICE = "device"
    INTERFACE = "interface"
    AGENT = "agent"
    HUB = "hub"


class _Condition(
    msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True, tag_field="kind"
):
    # What it is about.
    about: ClassVar[About]
    # Pairs of fields: that which it is met by, and that by which it is over, which lies below.
    hysteresis: ClassVar[tuple[tuple[str, str], ...]] = ()
    # Judged by measurements: only they say that it still holds, time that passes does not.
    measured: ClassVar[bool] = False


class DeviceOffline(_Condition, frozen=True, tag="device-offline"):
    """A device is offline."""

    about = About.DEVICE


class DeviceUnreachable(_Condition, frozen=True, tag="device-unreachable"):
    """A device does not answer and stands behind devices that are offline."""

    about = About.DEVICE


class DeviceDegraded(_Condition, frozen=True, tag="device-degraded"):
    """A device loses packets, or answers by one of ICMP and SNMP only."""

    about = About.DEVICE


class DeviceFlapping(_Condition, frozen=True, tag="device-flapping"):
    """A device changes between online and offline again and again."""

    about = About.DEVICE


class Rebooted(_Condition, frozen=True, tag="rebooted"):
    """A device started again within the last `hold_s` seconds."""

    about = About.DEVICE
    hold_s: Span = 900


class HighLatency(_Condition, frozen=True, tag="high-latency"):
    """A device's median round-trip delay is far above its usual one, or above a limit.

    Met by more than `times_usual` of the usual and `above_usual_s` above it, or by more than `limit_s` (None: no
    limit). Over when none of that holds with the `clear` figures.
    """

    about = About.DEVICE
    measured = True
    hysteresis = (
        ("times_usual", "clear_times_usual"),
        ("above_usual_s", "clear_above_usual_s"),
        ("limit_s", "clear_limit_s"),
    )
    times_usual: Times = 3.0
    clear_times_usual: Times = 2.0
    above_usual_s: Delay = 0.020
    clear_above_usual_s: Delay = 0.015
    limit_s: Delay | None = 0.250
    clear_limit_s: Delay | None = 0.200


class HighLoss(_Condition, frozen=True, tag="high-loss"):
    """Of a device's packets of the last `window_s` at least `loss_ratio` were lost; over below `clear_ratio`."""

    about = About.DEVICE
    measured = True
    hysteresis = (("loss_ratio", "clear_ratio"),)
    loss_ratio: Ratio = 0.20
    clear_ratio: Ratio = 0.05
    window_s: Annotated[int, msgspec.Meta(ge=10, le=900)] = 60


class InterfaceDown(_Condition, frozen=True, tag="interface-down"):
    """An interface that was up is down although its ifAdminStatus is up."""

    about = About.INTERFACE


class InterfaceFlapping(_Condition, frozen=True, tag="interface-flapping"):
    """An interface goes down and comes up again and again."""

    about = About.INTERFACE


class LinkChanged(_Condition, frozen=True, tag="link-changed"):
    """An interface that is up has another speed or duplex than it had, since less than `hold_s` seconds."""

    about = About.INTERFACE
    hold_s: Span = 3_600


class HighUtilisation(_Condition, frozen=True, tag="high-utilisation"):
    """An interface carries at least `util_ratio` of its speed in or out; over below `clear_ratio`."""

    about = About.INTERFACE
    measured = True
    hysteresis = (("util_ratio", "clear_ratio"),)
    util_ratio: Ratio = 0.90
    clear_ratio: Ratio = 0.80


class HighErrors(_Condition, frozen=True, tag="high-errors"):
    """Of an interface's packets in or out at least `error_ratio` had errors, and at least `least` in a poll."""

    about = About.INTERFACE
    measured = True
    hysteresis = (("error_ratio", "clear_ratio"),)
    error_ratio: Ratio = 0.01
    clear_ratio: Ratio = 0.001
    least: Annotated[int, msgspec.Meta(ge=1, le=1_000_000)] = 10


class HighDiscards(_Condition, frozen=True, tag="high-discards"):
    """Of an interface's packets in or out at least `discard_ratio` were discarded, and at least `least` in a poll."""

    about = About.INTERFACE
    measured = True
    hysteresis = (("discard_ratio", "clear_ratio"),)
    discard_ratio: Ratio = 0.01
    clear_ratio: Ratio = 0.001
    least: Annotated[int, msgspec.Meta(ge=1, le=1_000_000)] = 100


class OverCommitted(_Condition, frozen=True, tag="over-committed"):
    """The month's 95th percentile of a customer's interface is above `times_committed` of the committed rate."""

    about = About.INTERFACE
    hysteresis = (("times_committed", "clear_times"),)
    times_committed: Annotated[float, msgspec.Meta(gt=0, le=100)] = 1.0
    clear_times: Annotated[float, msgspec.Meta(gt=0, le=100)] = 0.98


class AgentSilent(_Condition, frozen=True, tag="agent-silent"):
    """An agent is not heard of."""

    about = About.AGENT


class AgentContested(_Condition, frozen=True, tag="agent-contested"):
    """Two agents use one identity."""

    about = About.AGENT


class ClockSkew(_Condition, frozen=True, tag="clock-skew"):
    """An agent's clock is at least `skew_s` seconds off the hub's; over below `clear_s`."""

    about = About.AGENT
    hysteresis = (("skew_s", "clear_s"),)
    skew_s: Annotated[float, msgspec.Meta(gt=0, le=86_400)] = 5.0
    clear_s: Annotated[float, msgspec.Meta(gt=0, le=86_400)] = 2.0


class StorageLow(_Condition, frozen=True, tag="storage-low"):
    """Of the hub's disk at most `free_ratio` is free; over above `clear_ratio`."""

    about = About.HUB
    # The other way round: it is met below.
    hysteresis = (("clear_ratio", "free_ratio"),)
    free_ratio: Ratio = 0.10
    clear_ratio: Ratio = 0.15


# Every one of `KINDS`; the same names as a type, for who reads and writes.
Condition = (
    DeviceOffline
    | DeviceUnreachable
    | DeviceDegraded
    | DeviceFlapping
    | Rebooted
    | HighLatency
    | HighLoss
    | InterfaceDown
    | InterfaceFlapping
    | LinkChanged
    | HighUtilisation
    | HighErrors
    | HighDiscards
    | OverCommitted
    | AgentSilent
    | AgentContested
    | ClockSkew
    | StorageLow
)
ConditionKind = type[Condition]
KINDS: Final[tuple[ConditionKind, ...]] = get_args(Condition)


def tag_of(condition: Condition | ConditionKind) -> str:
    """Return a condition's name, such as `device-offline`."""
    return str(condition.__struct_config__.tag)


def check_condition(condition: Condition) -> Condition:
    """Return a condition that can be met and be over. Raises `Refused` (invalid), naming the field."""
    for met, over in condition.hysteresis:
        above, below = getattr(condition, met), getattr(condition, over)
        if (above is None) is not (below is None):
            raise invalid(f"condition.{_camel(over)}", f"belongs together with {_camel(met)}: give both, or none")
        if above is not None and below > above:
            raise invalid(f"condition.{_camel(over)}", f"must not lie above {_camel(met)}")
    return condition


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)

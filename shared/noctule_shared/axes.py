"""The axes on which an agent judges a device, and the words for each level.

The agent reports axes; only the hub derives a device's status from them. One axis never clears another.
"""

from enum import IntFlag, StrEnum

import msgspec


class Axis(StrEnum):
    """What an agent measures separately."""

    ICMP = "icmp"
    SNMP = "snmp"
    CANARY = "canary"


class Reachability(StrEnum):
    """Which axis decides whether a device is offline."""

    ICMP = "icmp"
    SNMP = "snmp"
    BOTH = "both"


class IcmpLevel(StrEnum):
    """Reachability by ICMP echo. `none` means not measured."""

    UP = "up"
    DEGRADED = "degraded"
    DOWN = "down"
    NONE = "none"


class SnmpLevel(StrEnum):
    """Reachability by SNMP. `none` means not measured."""

    UP = "up"
    DOWN = "down"
    NONE = "none"


class CanaryLevel(StrEnum):
    """Whether the agent's own way out works: `lost` means that its other results say nothing."""

    OK = "ok"
    LOST = "lost"


class IfStatus(StrEnum):
    """ifAdminStatus and ifOperStatus with the names of RFC 2863; `unknown` also when there is no such number."""

    UP = "up"
    DOWN = "down"
    TESTING = "testing"
    UNKNOWN = "unknown"
    DORMANT = "dormant"
    NOT_PRESENT = "notPresent"
    LOWER_LAYER_DOWN = "lowerLayerDown"


class Duplex(StrEnum):
    """How both ways of a link are used, of dot3StatsDuplexStatus (RFC 3635): at once, or by turns."""

    HALF = "half"
    FULL = "full"


# Its 1 is `unknown`.
DUPLEX_BY_NUMBER: dict[int, Duplex] = {2: Duplex.HALF, 3: Duplex.FULL}


IF_STATUS_BY_NUMBER: dict[int, IfStatus] = dict(enumerate(IfStatus, start=1))


class LatencySource(StrEnum):
    """Where a round-trip delay comes from: an ICMP echo or the response time of an SNMP request."""

    ICMP = "icmp"
    SNMP = "snmp"


# The wire's numbers for LatencySource, in the `source` column of the latency table.
LATENCY_SOURCE_CODES: dict[LatencySource, int] = {LatencySource.ICMP: 0, LatencySource.SNMP: 1}


class Quality(IntFlag):
    """What is known about a rate. 0 is `ok`; several bits may be set."""

    OK = 0
    FIRST = 1
    WRAP = 2
    RESET = 4
    GAP = 8
    AMBIGUOUS = 16
    IMPLAUSIBLE = 32
    CLOCK = 64

    def words(self) -> list[str]:
        """Return the names in lower case, `["ok"]` for no flag."""
        return [flag.name.lower() for flag in Quality if flag in self and flag.name] or ["ok"]


class DeviceLevels(msgspec.Struct, frozen=True, rename="camel"):
    """The present level of one device on each axis, and since when (epoch milliseconds).

    `inventory_rev` is the revision of the interface inventory that the agent last sent, 0 for none.
    """

    device_id: int
    icmp: IcmpLevel = IcmpLevel.NONE
    icmp_since_ms: int = 0
    snmp: SnmpLevel = SnmpLevel.NONE
    snmp_since_ms: int = 0
    inventory_rev: int = 0

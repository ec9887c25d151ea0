"""Works out what measured rates mean: how many devices and interfaces a machine can poll.

Pure; measuring is left to `noctule_agent.headroom`. Half of what was measured is promised: rates, outbox and uplink
want their share, and a full machine measures badly.
"""

from collections.abc import Iterable
from typing import Final

import msgspec
from noctule_shared.link import DeviceConfig, IcmpConfig

from noctule_agent.core.sizing import MAX_VARBINDS

PROMISED_RATIO: Final = 0.5
# What the hub sends for a device that nobody has set otherwise.
PING: Final = IcmpConfig()
SNMP_INTERVAL_S: Final = 30.0


class Headroom(msgspec.Struct, frozen=True, rename="camel"):
    """What this machine did in a second. None: it could not be measured.

    `varbinds`: how many names a measured PDU had, sysUpTime.0 included; `names_per_interface`: how many a poll asks
    of one interface. `echoes_lost`: how many of the measured echoes the loopback did not bring back.
    """

    echoes_per_s: float | None
    echoes_lost: int
    pdus_per_s: float | None
    varbinds: int
    names_per_interface: int

    @property
    def devices(self) -> int | None:
        """Return how many devices can be pinged with 5 packets every 10 s; None: not measured."""
        if self.echoes_per_s is None:
            return None
        return int(self.echoes_per_s * PROMISED_RATIO * PING.interval_s / PING.count)

    @property
    def interfaces(self) -> int | None:
        """Return how many interfaces can be polled every 30 s; None: not measured."""
        if self.pdus_per_s is None:
            return None
        return int(self.pdus_per_s * PROMISED_RATIO * SNMP_INTERVAL_S * interfaces_per_pdu(self.names_per_interface))


def interfaces_per_pdu(names_per_interface: int) -> int:
    """Return how many interfaces fit one GET: whole ones, besides sysUpTime.0."""
    return max(1, (MAX_VARBINDS - 1) // names_per_interface)


def echoes_per_s(devices: Iterable[DeviceConfig]) -> float:
    """Return how many echoes a device list asks for a second, without retries."""
    return sum(device.icmp.count / device.icmp.interval_s for device in devices if device.icmp is not None)

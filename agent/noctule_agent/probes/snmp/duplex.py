"""Reads the duplex of a device's Ethernet ports, a column of one walk, wherever the device has it."""

import logging
import time
from collections.abc import Mapping
from typing import Final

from noctule_shared.axes import DUPLEX_BY_NUMBER, Duplex

from noctule_agent.probes.snmp.client import SnmpClient
from noctule_agent.probes.snmp.mib import DOT3_STATS_DUPLEX_STATUS
from noctule_agent.probes.snmp.session import Reason, SnmpFailure

# A device that walks its tables at every poll is not asked as often.
READ_AFTER_S: Final = 60.0
# One that has no such table, or refuses, should not lose its polls to it.
RETRY_AFTER_S: Final = 3600.0
_SILENT: Final = frozenset({Reason.TIMEOUT, Reason.PORT_CLOSED})

_log = logging.getLogger(__name__)


class DuplexWatch:
    """One device's ports. What was read last is kept until it is read again; nothing is known after a refusal."""

    def __init__(self, device_id: int) -> None:
        self.failures = 0
        self._device_id = device_id
        self._found: Mapping[int, Duplex] = {}
        self._due_s = 0.0

    def expire(self) -> None:
        """Read again at the next call: the device started again."""
        self._due_s = 0.0

    async def read(self, client: SnmpClient, *, expected: int | None = None) -> Mapping[int, Duplex]:
        """Return the duplex by ifIndex, of the ports that have one; `expected`: about so many rows.

        Raises `SnmpFailure` when the device does not answer at all.
        """
        now_s = time.monotonic()
        if now_s >= self._due_s:
            try:
                self._found = await read_duplex(client, expected=expected)
            except SnmpFailure as failure:
                if failure.reason in _SILENT:
                    raise
                self.failures += 1
                self._found = {}
                _log.warning(
                    "device %d: its ports' duplex cannot be read (%s); asked again in an hour", self._device_id, failure
                )
            self._due_s = now_s + (READ_AFTER_S if self._found else RETRY_AFTER_S)
        return self._found


async def read_duplex(client: SnmpClient, *, expected: int | None = None) -> dict[int, Duplex]:
    """Return what dot3StatsDuplexStatus says, by ifIndex. Raises `SnmpFailure`."""
    prefix = f"{DOT3_STATS_DUPLEX_STATUS}."
    found: dict[int, Duplex] = {}
    for name, value in await client.walk(DOT3_STATS_DUPLEX_STATUS, expected=expected):
        index = name.removeprefix(prefix)
        duplex = DUPLEX_BY_NUMBER.get(value) if isinstance(value, int) else None
        if index.isdecimal() and duplex is not None:
            found[int(index)] = duplex
    return found

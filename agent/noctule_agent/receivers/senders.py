"""Who sends: the agent's devices by their addresses, host names resolved. What is taken of whom is left to `intake`."""

import asyncio
import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from noctule_shared.link import SnmpCredentials, SnmpVersion

from noctule_agent.device_watch import PolledDevice
from noctule_agent.probes.snmp.backend import resolve
from noctule_agent.probes.snmp.session import SnmpFailure

# A host name's address may move.
RESOLVE_INTERVAL_S: Final = 600.0


@dataclass(frozen=True, slots=True)
class Sender:
    """An address and the devices that have it, by ascending id; `users` are their SNMPv3 credentials.

    `device_id` is the one that a log is booked to: the lowest id; None: no device has the address.
    """

    address: str
    device_ids: tuple[int, ...] = ()
    users: tuple[SnmpCredentials, ...] = ()

    @property
    def device_id(self) -> int | None:
        """The device that a message is booked to, None for no device."""
        return self.device_ids[0] if self.device_ids else None

    def __repr__(self) -> str:
        return f"Sender({self.address}, {self.device_ids})"


class Senders:
    """The known senders. `find` answers at once, for host names as they were last resolved."""

    def __init__(self) -> None:
        self._devices: dict[int, PolledDevice] = {}
        self._resolved: dict[str, str] = {}
        self._by_address: dict[str, Sender] = {}
        self._changed = asyncio.Event()

    def apply(self, devices: Mapping[int, PolledDevice]) -> None:
        """Know exactly these devices from now on."""
        self._devices = dict(devices)
        self._rebuild()
        self._changed.set()

    def find(self, address: str) -> Sender | None:
        """Return who has a numeric address (as `sockets.sender_address` writes it), None for nobody."""
        return self._by_address.get(address)

    @property
    def have_users(self) -> bool:
        """Whether any device is polled by SNMPv3."""
        return any(sender.users for sender in self._by_address.values())

    async def run(self) -> None:
        """Resolve host names whenever devices change, and every 10 min, until cancelled."""
        while True:
            self._changed.clear()
            for name in {device.config.address for device in self._devices.values()} - self._numeric():
                try:
                    self._resolved[name] = await resolve(name)
                except SnmpFailure:
                    # It keeps the address that it had; the polls tell that the name is gone.
                    continue
            self._rebuild()
            try:
                async with asyncio.timeout(RESOLVE_INTERVAL_S):
                    await self._changed.wait()
            except TimeoutError:
                continue

    def _numeric(self) -> set[str]:
        return {device.config.address for device in self._devices.values() if _is_numeric(device.config.address)}

    def _rebuild(self) -> None:
        found: dict[str, Sender] = {}
        for device_id in sorted(self._devices):
            device = self._devices[device_id]
            name = device.config.address
            address = name if _is_numeric(name) else self._resolved.get(name)
            if address is None:
                continue
            sender = found.get(address, Sender(address))
            sender = replace(sender, device_ids=(*sender.device_ids, device_id))
            snmp, credentials = device.config.snmp, device.credentials
            if snmp is not None and snmp.version is SnmpVersion.V3 and credentials is not None:
                known = credentials in sender.users
                sender = sender if known else replace(sender, users=(*sender.users, credentials))
            found[address] = sender
        self._by_address = found


def _is_numeric(address: str) -> bool:
    try:
        ipaddress.ip_address(address)
    except ValueError:
        return False
    return True

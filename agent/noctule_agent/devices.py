"""The device list from the hub: put together from pages, kept on disk still sealed, opened for the monitor."""

import contextlib
import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import msgspec
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from noctule_shared.link import ConfigPage, DeviceConfig, SnmpCredentials

from noctule_agent.errors import LinkLost, SealBroken
from noctule_agent.files import write_private
from noctule_agent.sealing import open_sealed

DEVICES_FILE: Final = "devices.json"
# An agent polls at most so many devices; a list beyond it is a mistake of the hub and is refused.
MAX_DEVICES: Final = 50_000

_log = logging.getLogger(__name__)


class DeviceList(msgspec.Struct, frozen=True):
    """All devices of this agent at one revision; 0: the hub has not sent any yet.

    `agent` and `site` are what the hub calls this agent and its site, "": it did not say.
    """

    revision: int = 0
    devices: dict[int, DeviceConfig] = {}
    agent: str = ""
    site: str = ""


class Pages:
    """Pages of one revision until the last one is there. Out of order they are refused, never half applied."""

    def __init__(self, current: DeviceList) -> None:
        self.current = current
        self._pending: list[ConfigPage] = []

    def take(self, page: ConfigPage) -> DeviceList | None:
        """Take the next page; return the new list with the last one, None before.

        Raises `LinkLost` when the page does not follow: the link starts over with revision 0 and gets all.
        """
        pending = self._pending
        if page.page == 1:
            pending.clear()
        first = pending[0] if pending else page
        follows = (page.revision, page.base, page.pages, page.page) == (
            first.revision, first.base, first.pages, len(pending) + 1,
        )  # fmt: skip
        if not follows or page.page > page.pages or page.base not in {0, self.current.revision}:
            pending.clear()
            raise LinkLost(f"device list: page {page.page}/{page.pages} of revision {page.revision} does not follow")
        pending.append(page)
        if page.page < page.pages:
            return None
        devices = dict(self.current.devices) if page.base else {}
        for part in pending:
            devices.update((device.device_id, device) for device in part.devices)
            for device_id in part.removed:
                devices.pop(device_id, None)
        pending.clear()
        if len(devices) > MAX_DEVICES:
            raise LinkLost(f"device list of {len(devices)} devices is over the limit of {MAX_DEVICES}")
        self.current = DeviceList(page.revision, devices, page.agent, page.site)
        return self.current


def save_devices(data_dir: Path, devices: DeviceList) -> None:
    """Keep the list (0600, secrets sealed as the hub sent them). Raises `DataDirError`."""
    write_private(data_dir / DEVICES_FILE, msgspec.json.encode(devices))


def load_devices(data_dir: Path) -> DeviceList:
    """Return the kept list; empty at revision 0 when there is none or it cannot be read (the hub sends it again)."""
    path = data_dir / DEVICES_FILE
    try:
        return msgspec.json.decode(path.read_bytes(), type=DeviceList)
    except FileNotFoundError:
        return DeviceList()
    except (OSError, msgspec.MsgspecError) as error:
        _log.warning("%s cannot be read (%s); waiting for the hub to send the device list again", path, error)
        return DeviceList()


def open_credentials(
    keys: Sequence[X25519PrivateKey], devices: Mapping[int, DeviceConfig]
) -> dict[int, SnmpCredentials | None]:
    """Return the credentials of each device, None where there are none or no key opens them (logged)."""
    opened: dict[int, SnmpCredentials | None] = {}
    for device_id, device in devices.items():
        opened[device_id] = None
        if device.snmp is not None:
            try:
                opened[device_id] = open_secret(keys, device.snmp.sealed, device_id)
            except SealBroken as error:
                _log.error("device %s is not polled by SNMP: %s", device.name, error)
    return opened


def open_secret(keys: Sequence[X25519PrivateKey], sealed: str, device_id: int) -> SnmpCredentials:
    """Return credentials sealed to any of `keys`. Raises `SealBroken`."""
    for key in keys[:-1]:
        with contextlib.suppress(SealBroken):
            return open_sealed(key, sealed, device_id)
    return open_sealed(keys[-1], sealed, device_id)

"""A store that keeps events in a list, and the programs that send traps and syslog."""

import asyncio
import os
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from noctule_agent.collector import CollectorStats
from noctule_agent.device_watch import PolledDevice
from noctule_agent.receivers.intake import LogIntake
from noctule_agent.receivers.senders import Senders
from noctule_shared.axes import Reachability
from noctule_shared.link import AuthProtocol, DeviceConfig, PrivProtocol, SnmpConfig, SnmpCredentials, SnmpVersion
from noctule_shared.observations import NetworkLogged

from tests.agent.test_monitor import ListSink

OPERATOR = SnmpCredentials(
    user="operator",
    auth_protocol=AuthProtocol.SHA1,
    auth_secret="authsecret1",
    priv_protocol=PrivProtocol.AES128,
    priv_secret="privsecret1",
)


class Store(ListSink):
    """Implements `EventStore`. `gate` unset: nothing can be kept; `loses`: events are taken and lost."""

    def __init__(self) -> None:
        super().__init__()
        self.stats = CollectorStats()
        self.gate = asyncio.Event()
        self.gate.set()
        self.loses = False

    async def keep_events(self) -> bool:
        await self.gate.wait()
        self.stats.dropped_events += self.loses
        self._changed.set()
        return True

    def logs(self) -> list[NetworkLogged]:
        return [event for event in self.events if isinstance(event, NetworkLogged)]


class Hints:
    """Implements `HintTaker`."""

    def __init__(self) -> None:
        self.links: list[tuple[int, int]] = []
        self.starts: list[int] = []

    def link_changed(self, device_id: int, if_index: int) -> None:
        self.links.append((device_id, if_index))

    def started(self, device_id: int) -> None:
        self.starts.append(device_id)


def device(device_id: int, *, address: str = "127.0.0.1", credentials: SnmpCredentials | None = None) -> PolledDevice:
    version = SnmpVersion.V3 if credentials is not None and credentials.user else SnmpVersion.V2C
    config = DeviceConfig(
        device_id=device_id,
        name=f"router {device_id}",
        address=address,
        reachability=Reachability.SNMP,
        icmp=None,
        snmp=SnmpConfig(version, 161, 30.0, "") if credentials is not None else None,
    )
    return PolledDevice(config, credentials)


@pytest.fixture
async def store() -> Store:
    return Store()


@pytest.fixture
async def senders() -> Senders:
    found = Senders()
    found.apply({1: device(1, credentials=OPERATOR)})
    return found


@pytest.fixture
async def intake(store: Store, senders: Senders) -> LogIntake:
    return LogIntake(store, senders, accept_unknown=False, has_room=lambda: True)


async def eventually(condition: Callable[[], object]) -> None:
    """Wait for what nothing tells: that a connection's end has arrived, that a name is resolved."""
    async with asyncio.timeout(30):
        while not condition():  # noqa: ASYNC110  see above
            await asyncio.sleep(0.005)


async def send(program: str, arguments: Sequence[str], folder: Path) -> int:
    """Run a program that sends something to us while we listen; return its exit status."""
    path = shutil.which(program)
    if path is None:
        pytest.skip(f"{program} is not installed")
    process = await asyncio.create_subprocess_exec(
        path,
        *arguments,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
        env={**os.environ, "SNMP_PERSISTENT_DIR": str(folder), "SNMPCONFPATH": str(folder)},
    )
    return await process.wait()

"""A whole agent: `noctule-agent run` with its outbox and a link to a hub, 1,000 simulated switches of 48 ports.

Each switch has an address of 127.0.0.0/8, is pinged and polled by SNMP every 10 s. The agent has one core to
itself as far as the machine's other load allows; what answers it and the hub run beside it.
"""

import asyncio
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path

from noctule_agent.devices import DeviceList, save_devices
from noctule_agent.enrolment import Enrolment, save_enrolment
from noctule_agent.errors import AgentError
from noctule_agent.keys import AgentKeys, generate_keys, save_keys
from noctule_agent.status import STATUS_INTERVAL_S, AgentStatus, read_status
from noctule_shared.axes import Reachability
from noctule_shared.link import DeviceConfig, IcmpConfig, SnmpConfig, SnmpCredentials, SnmpVersion

from tests.agent.fake_hub import AGENT_ID, FakeHub, seal
from tests.bench import responder
from tests.bench.echo import addresses
from tests.bench.figures import Figures, absent, goal, process_cpu_s, process_peak_bytes

DEVICES = 1_000
PORTS = 48
INTERVAL_S = 10.0
# Discovery of all devices, then the polls of one interval more.
WARM_UP_DEADLINE_S = 120.0
STOP_DEADLINE_S = 10.0
MIB = 1024 * 1024


def measure(seconds: float) -> Figures:
    """Run the agent for `seconds` after its warm-up."""
    with tempfile.TemporaryDirectory() as folder, responder.running(PORTS) as port:
        return asyncio.run(_watched(Path(folder), port, seconds))


async def _watched(folder: Path, port: int, seconds: float) -> Figures:
    async with _hub() as hub:
        keys = generate_keys()
        hub.signing_key = keys.signing_public_hex
        _enrol(folder, hub, keys, port)
        with _running(folder) as process:
            if not await _warmed_up(folder, process):
                return absent(f"the agent did not poll all devices in time: {(folder / 'log').read_text()[-500:]}")
            return await _figures(folder, process.pid, seconds)


@contextmanager
def _running(folder: Path) -> "Iterator[subprocess.Popen[str]]":
    """Yield an agent that runs on one core for the block."""
    words = [sys.executable, "-m", "noctule_agent.cli", "run", "--data-dir", str(folder)]
    with (folder / "log").open("w", encoding="utf-8") as log:
        process = subprocess.Popen(words, stdout=log, stderr=log, text=True)
    try:
        # Its threads, which come later, inherit this.
        os.sched_setaffinity(process.pid, {max(os.sched_getaffinity(0))})
        yield process
    finally:
        responder.stop(process)


@asynccontextmanager
async def _hub() -> AsyncIterator[FakeHub]:
    hub = FakeHub()
    await hub.start()
    try:
        yield hub
    finally:
        await hub.stop()


def _enrol(folder: Path, hub: FakeHub, keys: AgentKeys, port: int) -> None:
    """Put an enrolled agent with its devices into its data folder, as the hub would have sent them."""
    credentials = SnmpCredentials(community=responder.COMMUNITY)
    public = bytes.fromhex(keys.sealing_public_hex)
    devices = {
        number: DeviceConfig(
            device_id=number,
            name=f"switch {number}",
            address=address,
            reachability=Reachability.ICMP,
            icmp=IcmpConfig(interval_s=INTERVAL_S),
            snmp=SnmpConfig(SnmpVersion.V2C, port, INTERVAL_S, seal(credentials, number, public)),
        )
        for number, address in enumerate(addresses(DEVICES), 1)
    }
    save_keys(folder, keys)
    hub_key = hub.key.public_key().public_bytes_raw().hex()
    save_enrolment(folder, Enrolment(hub.url, "hub-1", hub_key, AGENT_ID, "bench", "north"))
    save_devices(folder, DeviceList(1, devices))


async def _warmed_up(folder: Path, process: "subprocess.Popen[str]") -> bool:
    """Return whether every device was discovered and polled twice again within the deadline."""
    deadline_s = time.monotonic() + WARM_UP_DEADLINE_S
    while time.monotonic() < deadline_s and process.poll() is None:
        with suppress(AgentError):
            pollers = read_status(folder).status.pollers
            if pollers["polls"] - pollers["failed_polls"] >= 3 * DEVICES:
                return True
        await asyncio.sleep(0.2)
    return False


async def _figures(folder: Path, pid: int, seconds: float) -> Figures:
    before, before_cpu_s = await _next_status(folder), process_cpu_s(pid)
    await asyncio.sleep(seconds - STATUS_INTERVAL_S)
    after, after_cpu_s = await _next_status(folder), process_cpu_s(pid)
    elapsed_s = (after.written_ms - before.written_ms) / 1000
    change = {name: after.pollers[name] - before.pollers[name] for name in before.pollers if name in after.pollers}
    due = DEVICES * elapsed_s / INTERVAL_S
    cpu_ratio = (after_cpu_s - before_cpu_s) / elapsed_s
    peak_mib = process_peak_bytes(pid) / MIB
    return {
        "devices": DEVICES,
        "interfaces": DEVICES * PORTS,
        "seconds": round(elapsed_s, 1),
        "cpuShareOfOneCore": round(cpu_ratio, 3),
        "cpuUsPerInterfacePoll": round(cpu_ratio * INTERVAL_S / (DEVICES * PORTS) * 1e6, 1),
        "peakMemoryMiB": round(peak_mib),
        "roundsToDue": round(change["rounds"] / due, 3),
        "pollsToDue": round(change["polls"] / due, 3),
        "failedPolls": change["failed_polls"],
        "errors": change["errors"],
        "overruns": change["overruns"],
        "rowsPerS": round((after.rows - before.rows) / elapsed_s),
        "framesWaiting": after.outbox.backlog_frames,
        "drops": sum(after.drops.values()),
        "goals": {
            "cpuShareOfOneCore": goal(round(cpu_ratio, 3), at_most=1.0),
            "overruns": goal(change["overruns"], at_most=0.0),
            "pollsToDue": goal(round(change["polls"] / due, 3), at_least=0.98),
            "peakMemoryMiB": goal(round(peak_mib), at_most=400.0),
        },
    }


async def _next_status(folder: Path) -> AgentStatus:
    """Return the agent's next status, fresh when it is returned."""
    last_ms = read_status(folder).status.written_ms
    while True:
        await asyncio.sleep(0.02)
        status = read_status(folder).status
        if status.written_ms != last_ms:
            return status

"""The simulator as its own process, read over real UDP by the client that the agent uses and by net-snmp."""

import asyncio
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from demo.simulator.credentials import CREDENTIALS
from gufo.snmp import Aes128Key, Sha256Key, SnmpVersion, User
from gufo.snmp.aio import SnmpSession

SIMULATOR = Path(__file__).resolve().parents[2] / "examples" / "demo" / "simulator"
DEADLINE_S = 20
SYS_NAME = "1.3.6.1.2.1.1.5.0"
SYS_UP_TIME = "1.3.6.1.2.1.1.3.0"
IF_HC_IN_OCTETS = "1.3.6.1.2.1.31.1.1.1.6"
IF_NAME = "1.3.6.1.2.1.31.1.1.1.1"
LLDP_REM_SYS_NAME = "1.0.8802.1.1.2.1.4.1.1.9"


class Simulator:
    """A running simulator and its map by device."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, str(SIMULATOR)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self.process.stdout is not None
        self.map = {device["name"]: device for device in json.loads(self.process.stdout.readline())}

    def say(self, line: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def session(self, name: str, timeout_s: float = 2.0) -> SnmpSession:
        device = self.map[name]
        return SnmpSession(
            addr=device["address"],
            port=device["port"],
            community=CREDENTIALS.community,
            version=SnmpVersion.v2c,
            timeout=timeout_s,
        )

    def close(self) -> int:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.close()
        self.process.stdout.close()
        return self.process.wait(DEADLINE_S)


@pytest.fixture(scope="module")
def simulator() -> Iterator[Simulator]:
    running = Simulator()
    yield running
    running.process.kill()
    running.close()


async def test_every_device_answers_with_its_name_on_its_own_address(simulator: Simulator) -> None:
    places = {(device["address"], device["port"]) for device in simulator.map.values()}
    assert len(places) == len(simulator.map) == 12
    for name, device in simulator.map.items():
        if device["version"] == "2c":
            async with simulator.session(name) as session:
                assert await session.get(SYS_NAME) == name.encode()


async def test_uptime_and_counters_move(simulator: Simulator) -> None:
    async with simulator.session("core1.north") as session, asyncio.timeout(DEADLINE_S):
        uptime_ticks, octets = await number(session, SYS_UP_TIME), await number(session, f"{IF_HC_IN_OCTETS}.1")
        while await number(session, SYS_UP_TIME) < uptime_ticks + 10:
            pass
        assert await number(session, f"{IF_HC_IN_OCTETS}.1") > octets


async def test_bulk_walk_lists_every_port_and_ends(simulator: Simulator) -> None:
    async with simulator.session("acc1.north") as session:
        names = [value async for _, value in session.getbulk(IF_NAME)]
    assert len(names) == simulator.map["acc1.north"]["interfaces"]
    assert b"Te1/1/1" in names


async def test_missing_object_is_missing_and_the_rest_is_answered(simulator: Simulator) -> None:
    async with simulator.session("acc1.north") as session:
        answer = await session.get_many([SYS_NAME, f"{IF_HC_IN_OCTETS}.99"])
    assert answer == {SYS_NAME: b"acc1.north"}


async def test_one_device_speaks_v3_with_sha_256_and_aes_128(simulator: Simulator) -> None:
    device = simulator.map["core1.south"]
    assert device["version"] == "3"
    user = User(
        CREDENTIALS.user,
        auth_key=Sha256Key(CREDENTIALS.auth_secret.encode()),
        priv_key=Aes128Key(CREDENTIALS.priv_secret.encode()),
    )
    async with SnmpSession(addr=device["address"], port=device["port"], user=user, timeout=2) as session:
        assert await session.get(SYS_NAME) == b"core1.south"


async def test_wrong_community_gets_no_answer(simulator: Simulator) -> None:
    device = simulator.map["acc2.north"]
    async with SnmpSession(addr=device["address"], port=device["port"], community="wrong", timeout=0.3) as session:
        with pytest.raises(TimeoutError):
            await session.get(SYS_NAME)


@pytest.mark.skipif(not shutil.which("snmpbulkwalk"), reason="net-snmp's snmpbulkwalk is not installed")
def test_net_snmp_walks_both_tables(simulator: Simulator) -> None:
    device = simulator.map["radio1.north"]
    walk = subprocess.run(
        [
            "snmpbulkwalk",
            "-v2c",
            "-c",
            CREDENTIALS.community,
            "-On",
            f"{device['address']}:{device['port']}",
            "1.3.6.1.2.1",
        ],
        capture_output=True,
        text=True,
        check=True,
        timeout=DEADLINE_S,
    )
    lines = [line for line in walk.stdout.splitlines() if line.startswith(".1.3.6.1.2.1.")]
    # Nine scalars and 25 columns of every port; the last line says that nothing follows.
    assert len(lines) - 1 == 9 + 25 * device["interfaces"]
    assert "No more variables left" in lines[-1]
    assert "Counter64: " in walk.stdout


async def test_after_begin_a_device_falls_silent() -> None:
    running = Simulator()
    try:
        running.say("begin 20")
        async with asyncio.timeout(DEADLINE_S), running.session("radio1.north", 0.5) as session:
            await silence(session)
    finally:
        running.process.kill()
        running.close()


async def test_who_is_silenced_falls_silent_and_comes_back() -> None:
    running = Simulator()
    try:
        running.say("silence core1.north agg1.north")
        async with asyncio.timeout(DEADLINE_S), running.session("agg1.north", 0.5) as session:
            await silence(session)
            running.say("silence core1.north")
            while await uptime_or_none(session) is None:
                pass
    finally:
        running.process.kill()
        running.close()


@pytest.mark.check
async def test_after_begin_a_device_reboots_and_its_uptime_starts_anew() -> None:
    running = Simulator()
    try:
        running.say("begin 20")
        async with asyncio.timeout(2 * DEADLINE_S), running.session("acc1.south", 0.5) as session:
            await silence(session)
            while (uptime_ticks := await uptime_or_none(session)) is None:
                pass
            assert uptime_ticks < 1000
    finally:
        running.process.kill()
        running.close()


async def number(session: SnmpSession, oid: str) -> int:
    value = await session.get(oid)
    assert isinstance(value, int)
    return value


async def uptime_or_none(session: SnmpSession) -> int | None:
    try:
        return await number(session, SYS_UP_TIME)
    except TimeoutError:
        return None


async def silence(session: SnmpSession) -> None:
    """Return when a device no longer answers. Each look takes the device's response time."""
    while await uptime_or_none(session) is not None:
        pass


def test_end_of_input_ends_the_simulator() -> None:
    assert Simulator().close() == 0


async def test_neighbours_are_heard_by_lldp(simulator: Simulator) -> None:
    async with simulator.session("acc1.north") as session:
        names = {str(oid): value async for oid, value in session.getnext(LLDP_REM_SYS_NAME)}
    assert names == {f"{LLDP_REM_SYS_NAME}.0.1.1": b"agg1.north"}

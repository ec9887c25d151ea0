"""The receivers in an agent's place: a real snmpd whose port falls, its trap, and what the monitor makes of it."""

import asyncio
import contextlib
import dataclasses
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from noctule_agent.config import AgentConfig
from noctule_agent.monitor import Monitor
from noctule_agent.receivers.service import Receivers
from noctule_shared.axes import IfStatus
from noctule_shared.observations import InterfaceChanged, Inventory, LogSource, NetworkLogged

from tests.agent.conftest import free_udp_port, start_snmpd, stop
from tests.agent.receivers.conftest import OPERATOR, Hints, Store, device, eventually, send
from tests.agent.test_monitor import device as polled
from tests.agent.test_monitor import running

# net-snmp's agent shows here what the test sets, whatever the machine's loopback does.
FLIPPED = "1.3.6.1.2.1.2.2.1.8.1"
FLIPPABLE = f"rwcommunity private 127.0.0.1\noverride -rw {FLIPPED} integer 1\n"
LINK_DOWN = ["1.3.6.1.6.3.1.1.5.3", "1.3.6.1.2.1.2.2.1.1.1", "i", "1"]
CONFIG = AgentConfig(logs_address="127.0.0.1")


def receivers(config: AgentConfig, store: Store, hints: Hints | Monitor) -> Receivers:
    return Receivers(config, store, hints, identity="hub/1", has_room=lambda: True)


@contextlib.asynccontextmanager
async def received(found: Receivers) -> AsyncIterator[None]:
    task = asyncio.create_task(found.run())
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def test_trap_of_a_fallen_port_brings_its_change_without_a_poll_being_due(store: Store, tmp_path: Path) -> None:
    snmpd = start_snmpd(tmp_path, free_udp_port(), more_conf=FLIPPABLE)
    config = dataclasses.replace(CONFIG, logs_trap_port=free_udp_port())
    # The ordinary poll is an hour away.
    monitor = Monitor(None, store)
    monitor.apply({1: polled(1, port=snmpd.port, interval_s=3600)})
    found = receivers(config, store, monitor)
    found.apply({1: polled(1, port=snmpd.port, interval_s=3600)})
    try:
        async with running(monitor), received(found):
            await store.until(lambda: store.rows or any(isinstance(event, Inventory) for event in store.events))
            await eventually(lambda: found.traps is not None and found.traps.listener is not None)
            polls = monitor.stats()["polls"]
            set_down = ["-v2c", "-c", "private", f"127.0.0.1:{snmpd.port}", FLIPPED, "i", "2"]
            assert await send("snmpset", set_down, tmp_path) == 0
            trap = ["-v2c", "-c", "x", f"127.0.0.1:{config.logs_trap_port}", "4000000", *LINK_DOWN]
            assert await send("snmptrap", trap, tmp_path) == 0
            await store.until(lambda: any(isinstance(event, InterfaceChanged) for event in store.events))
            assert monitor.stats()["polls"] == polls
    finally:
        stop(snmpd.process)
    told = [event for event in store.events if isinstance(event, NetworkLogged | InterfaceChanged)]
    assert [type(event) for event in told] == [NetworkLogged, InterfaceChanged]
    changed = told[1]
    assert isinstance(changed, InterfaceChanged)
    assert (changed.previous_oper_status, changed.if_oper_status) == (IfStatus.UP, IfStatus.DOWN)
    assert (changed.device_id, changed.if_index, changed.reason) == (1, 1, "named by a trap")


async def test_v3_traps_are_read_once_a_device_has_a_user(store: Store, tmp_path: Path) -> None:
    config = dataclasses.replace(CONFIG, logs_trap_port=free_udp_port())
    found = receivers(config, store, Hints())
    async with received(found):
        await eventually(lambda: found.traps is not None and found.traps.listener is not None)
        found.apply({1: device(1, credentials=OPERATOR)})
        await eventually(lambda: found.traps is not None and found.traps._usm is not None)
        user = ["-v3", "-l", "authPriv", "-u", "operator", "-a", "SHA", "-A", "authsecret1", "-x", "AES"]
        target = ["-X", "privsecret1", f"127.0.0.1:{config.logs_trap_port}", "", *LINK_DOWN]
        assert await send("snmpinform", [*user, *target], tmp_path) == 0
    assert [event.source for event in store.logs()] == [LogSource.TRAP]
    assert found.stats()["trap messages"] == 1


async def test_port_that_cannot_be_had_leaves_the_others_going(
    store: Store, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    taken, free = free_udp_port(), free_udp_port()
    loop = asyncio.get_running_loop()
    holder, _ = await loop.create_datagram_endpoint(asyncio.DatagramProtocol, local_addr=("127.0.0.1", taken))
    config = dataclasses.replace(CONFIG, logs_trap_port=taken, logs_syslog_udp_port=free, logs_syslog_tcp_port=free)
    found = receivers(config, store, Hints())
    found.apply({1: device(1)})
    async with received(found):
        await eventually(
            lambda: "SNMP traps on port" in caplog.text and found.syslog.datagrams and found.syslog.streams
        )
        assert await send("logger", ["-n", "127.0.0.1", "-P", str(free), "--udp", "one"], tmp_path) == 0
        assert await send("logger", ["-n", "127.0.0.1", "-P", str(free), "--tcp", "two"], tmp_path) == 0
        await store.until(lambda: len(store.logs()) == 2)
    holder.close()
    assert found.drops() == {"syslogKernel": 0}


async def test_nothing_is_listened_on_unless_a_port_is_set(store: Store) -> None:
    found = receivers(AgentConfig(), store, Hints())
    async with received(found):
        found.apply({1: device(1, credentials=OPERATOR)})
        await asyncio.sleep(0)
        assert (found.traps, found.syslog.datagrams, found.syslog.streams) == (None, None, None)
    assert (found.stats(), found.drops()) == ({}, {})

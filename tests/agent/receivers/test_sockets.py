"""Ports that are taken or forbidden."""

import asyncio
import contextlib
import errno
import logging
import socket

import pytest
from noctule_agent.receivers.sockets import DatagramListener, bound_socket, keep_listening


async def test_taken_port_is_told_once_and_had_when_it_is_free(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    arrived: asyncio.Queue[bytes] = asyncio.Queue()
    attempts = 0
    holder = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    holder.bind(("127.0.0.1", 0))
    port = int(holder.getsockname()[1])

    async def open_() -> DatagramListener:
        nonlocal attempts
        attempts += 1
        if attempts == 4:
            holder.close()
        return DatagramListener("127.0.0.1", port, lambda octets, *_: arrived.put_nowait(octets))

    task = asyncio.create_task(keep_listening("syslog by UDP", port, open_, retry_s=0.001))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.connect(("127.0.0.1", port))
        async with asyncio.timeout(20):
            while arrived.empty():
                with contextlib.suppress(OSError):
                    client.send(b"x")
                await asyncio.sleep(0.01)
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
    why = "Address already in use: another program listens there; trying again every 0 s"
    assert [record.getMessage() for record in caplog.records if "port" in record.getMessage()] == [
        f"no syslog by UDP on port {port}: {why}",
        f"receiving syslog by UDP on port {port}",
    ]


async def test_forbidden_port_says_what_it_needs(caplog: pytest.LogCaptureFixture) -> None:
    told = asyncio.Event()

    async def open_() -> DatagramListener:
        told.set()
        raise PermissionError(errno.EACCES, "Permission denied")

    task = asyncio.create_task(keep_listening("SNMP traps", 162, open_))
    await told.wait()
    await asyncio.sleep(0)
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
    assert "Permission denied: ports below 1024 need root or CAP_NET_BIND_SERVICE" in caplog.text


def test_a_socket_that_cannot_be_bound_is_closed() -> None:
    with pytest.raises(OSError, match="assign requested address"):
        bound_socket(socket.SOCK_DGRAM, "192.0.2.1", 0)

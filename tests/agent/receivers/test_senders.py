"""Devices by address."""

import asyncio
import contextlib

import pytest
from noctule_agent.receivers.senders import Senders
from noctule_agent.receivers.sockets import sender_address

from tests.agent.receivers.conftest import OPERATOR, device, eventually


@pytest.mark.parametrize(
    ("peer", "address"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:DB8:0::1", "2001:db8::1"),
        ("fe80::1%eth0", "fe80::1"),
    ],
)
def test_peer_is_written_as_devices_are(peer: str, address: str) -> None:
    assert sender_address(peer) == address


async def test_only_v3_credentials_are_users() -> None:
    senders = Senders()
    assert not senders.have_users
    senders.apply({1: device(1, credentials=OPERATOR), 2: device(2), 3: device(3, credentials=OPERATOR)})
    found = senders.find("127.0.0.1")
    assert found is not None
    assert (found.device_id, found.device_ids, found.users) == (1, (1, 2, 3), (OPERATOR,))
    assert senders.have_users


async def test_removed_device_is_no_sender_any_more() -> None:
    senders = Senders()
    senders.apply({1: device(1)})
    senders.apply({2: device(2, address="127.0.0.2")})
    assert senders.find("127.0.0.1") is None


async def test_device_with_a_host_name_is_known_once_the_name_is_resolved() -> None:
    senders = Senders()
    senders.apply({1: device(1, address="localhost"), 2: device(2, address="router.invalid")})
    assert senders.find("127.0.0.1") is None
    running = asyncio.create_task(senders.run())
    await eventually(lambda: senders.find("127.0.0.1") or senders.find("::1"))
    running.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await running

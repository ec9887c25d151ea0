"""The wire under a session: what it makes of a hub that goes away in the middle of a greeting."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from noctule_agent.enrolment import Enrolment
from noctule_agent.errors import HubUnreachable
from noctule_agent.keys import generate_keys
from noctule_agent.link_connection import NAMESPACE_TIMEOUT_S, LinkConnection, LinkIdentity

OPEN_PACKET = '0{"sid":"a","upgrades":[],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}'


@pytest.fixture
async def vanishing_hub() -> AsyncIterator[str]:
    """Give the address of a hub that opens a transport, hears who connects, and is gone."""

    async def greet(request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.send_str(OPEN_PACKET)
        await socket.receive()
        assert request.transport is not None
        request.transport.abort()
        return socket

    app = web.Application()
    app.router.add_get("/socket.io/", greet)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


async def test_link_that_is_cut_before_the_hub_answers_is_given_up_at_once(vanishing_hub: str) -> None:
    enrolment = Enrolment(vanishing_hub, "hub-1", "00" * 32, 7, "a1", "north")
    async with LinkConnection() as connection:
        with pytest.raises(HubUnreachable, match="cut before the hub answered"):
            async with asyncio.timeout(NAMESPACE_TIMEOUT_S / 2):
                await connection.connect(LinkIdentity(enrolment, generate_keys(), started_ms=1), skew_ms=0)

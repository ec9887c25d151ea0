"""A UDP relay before a real SNMP agent that holds answers back or loses requests, as a test says."""

import asyncio
from collections.abc import Callable
from typing import Any, Self


class UdpRelay(asyncio.DatagramProtocol):
    """Relays one client to an agent. `delay_s` gives each request's delay by its number, None to lose it."""

    def __init__(self, agent: tuple[str, int], delay_s: Callable[[int], float | None]) -> None:
        self.agent = agent
        self.delay_s = delay_s
        self.requests = 0
        self.port = 0
        self._transport: asyncio.DatagramTransport | None = None
        self._client: tuple[str, int] | None = None

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        await loop.create_datagram_endpoint(lambda: self, local_addr=("127.0.0.1", 0))
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._transport is not None:
            self._transport.close()
        await asyncio.sleep(0)

    def connection_made(self, transport: Any) -> None:
        self._transport = transport
        self.port = transport.get_extra_info("sockname")[1]

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        if addr == self.agent:
            if self._client is not None:
                self._send(data, self._client)
            return
        self._client = addr
        delay_s = self.delay_s(self.requests)
        self.requests += 1
        if delay_s is not None:
            asyncio.get_running_loop().call_later(delay_s, self._send, data, self.agent)

    def _send(self, data: bytes, where: tuple[str, int]) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.sendto(data, where)

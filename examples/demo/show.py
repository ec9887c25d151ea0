"""The order in which the demo happens. Each step is one of Noctule's own programs, as `programs` calls them."""

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from demo.concurrency import together
from demo.network import Device, SimulatedNetwork
from demo.programs import Programs
from demo.report import FORECAST, NO_ICMP, Console, Outcome, welcome
from demo.sockets import icmp_permitted
from demo.witness import Witness


class Show:
    """One performance. `outcome` tells at any time what it has come to.

    `seconds` None: it goes on until it is cancelled. `witnessed`: a Socket.IO client counts what arrives.
    """

    def __init__(self, programs: Programs, console: Console, *, seconds: int | None, witnessed: bool) -> None:
        self.outcome = Outcome()
        self._programs = programs
        self._console = console
        self._seconds = seconds
        self._witnessed = witnessed

    async def perform(self) -> None:
        """Set everything up and watch. Raises DemoError when a step fails."""
        programs = self._programs
        network = await SimulatedNetwork.start(programs.children)
        password = await programs.init_hub()
        await programs.run_hub()
        devices = self._permitted(await network.devices())
        self.outcome.url = programs.url
        self._console.say(welcome(programs.url, password, devices))
        await programs.login(password)
        await together(*(programs.add_site(site) for site in sorted({device.site for device in devices})))
        if not self._witnessed:
            await self._play(network, devices, None)
            return
        witness = Witness(programs.url, password)
        self.outcome.tally = witness.tally
        watching = asyncio.create_task(witness.watch())
        try:
            await self._play(network, devices, witness)
        finally:
            self.outcome.trouble = witness.trouble
            watching.cancel()
            await asyncio.gather(watching, return_exceptions=True)

    def _permitted(self, devices: list[Device]) -> list[Device]:
        """Have every device judged by SNMP where this user may not ping."""
        if icmp_permitted():
            return devices
        self._console.say(NO_ICMP)
        return [replace(device, reachability="snmp") for device in devices]

    async def _play(self, network: SimulatedNetwork, devices: list[Device], witness: Witness | None) -> None:
        """Register the devices, let things begin to go wrong, and watch until the time is up."""
        if witness is not None:
            await witness.connected()
        credentials = self._programs.credentials()
        ids = await together(*(self._programs.add_device(device, credentials) for device in devices))
        self.outcome.registered = len(ids)
        if witness is not None:
            await witness.subscribe(f"device:{ids[0]}")
        await network.begin(self._seconds)
        self._console.say(FORECAST)
        with self._timed():
            await asyncio.sleep(self._seconds) if self._seconds is not None else await asyncio.Event().wait()

    @contextmanager
    def _timed(self) -> Iterator[None]:
        """Note for how long things were watched, also when that is cut short."""
        started_s = time.monotonic()
        try:
            yield
        finally:
            self.outcome.seconds = time.monotonic() - started_s

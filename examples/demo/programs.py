"""Noctule's own programs with their arguments, as an operator would type them. Running them is left to `children`."""

import asyncio
import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import aiohttp

from demo.children import Child, Children
from demo.errors import DemoError
from demo.network import Device
from demo.simulator.credentials import CREDENTIALS
from demo.sockets import LOOPBACK
from demo.workplace import Workplace

NOCTULE: Final = (sys.executable, "-m", "noctule_hub.cli")
AGENT: Final = (sys.executable, "-m", "noctule_agent.cli")
# Shorter than anyone needs, so that a visitor sees the network move.
SNMP_INTERVAL_S: Final = 2
ICMP_INTERVAL_S: Final = 5
HEALTH_S: Final = 30.0
LOOK_S: Final = 0.05


@dataclass(frozen=True, slots=True)
class Programs:
    """The command lines, run in one demo's folder against one hub."""

    children: Children
    workplace: Workplace
    port: int

    @property
    def url(self) -> str:
        """Return the hub's address."""
        return f"http://{LOOPBACK}:{self.port}"

    @property
    def _data(self) -> Path:
        return self.workplace.folder / "hub"

    def agent_folder(self, site: str) -> Path:
        """Return where the agent of a site has its data and its `agent.toml`."""
        return self.workplace.folder / f"agent-{site}"

    async def noctule(self, *arguments: str | Path, stdin: str = "") -> str:
        """Run `noctule` and return what it printed. Raises DemoError."""
        said = " ".join(["noctule", *map(str, arguments)])
        return await self.children.call([*NOCTULE, *arguments], said=said, stdin=stdin)

    async def init_hub(self) -> str:
        """Create the hub's data folder and return the admin's password."""
        answer = json.loads(await self.noctule("hub", "init", "--data-dir", self._data, "--json"))
        return str(answer["adminPassword"])

    async def run_hub(self) -> Child:
        """Start the hub and wait until it answers. Raises DemoError when it does not."""
        arguments = ("hub", "run", "--data-dir", self._data, "--host", LOOPBACK, "--port", str(self.port))
        child = await self.children.start("noctule hub", [*NOCTULE, *arguments])
        try:
            async with asyncio.timeout(HEALTH_S), aiohttp.ClientSession() as http:
                while not await _healthy(http, self.url):  # noqa: ASYNC110  another program sends no event
                    await asyncio.sleep(LOOK_S)
        except TimeoutError:
            raise DemoError(f"the hub did not answer at {self.url}/health within {HEALTH_S:.0f} s") from None
        return child

    async def login(self, password: str) -> None:
        """Sign the command line in as admin."""
        await self.noctule("login", self.url, "--username", "admin", "--password-file", "-", stdin=password + "\n")

    async def add_site(self, site: str) -> None:
        """Add a site and let an agent of its own run there."""
        await self.noctule("site", "add", site)
        answer = json.loads(await self.noctule("agent", "token", "--site", site, "--json"))
        await self.run_agent(site, answer["token"])

    async def run_agent(self, site: str, join_token: str) -> None:
        """Let an agent join the hub and run at a site."""
        token = self.workplace.secret_file(f"join-token-{site}", join_token)
        data = self.agent_folder(site)
        join = ("join", self.url, "--token-file", token, "--data-dir", data, "--name", f"probe.{site}")
        await self.children.call([*AGENT, *join], said=f"noctule-agent join {self.url}")
        await self.children.start(f"noctule-agent {site}", [*AGENT, "run", "--data-dir", data])

    def credentials(self) -> dict[str, tuple[str, Path]]:
        """Write what the devices want to be told into files, and return the option for each SNMP version."""
        v3 = {
            "user": CREDENTIALS.user,
            "auth_protocol": "SHA-256",
            "auth_secret": CREDENTIALS.auth_secret,
            "priv_protocol": "AES",
            "priv_secret": CREDENTIALS.priv_secret,
        }
        toml = "".join(f"{key} = {json.dumps(value)}\n" for key, value in v3.items())
        return {
            "2c": ("--community-file", self.workplace.secret_file("community", CREDENTIALS.community)),
            "3": ("--v3-file", self.workplace.secret_file("v3.toml", toml)),
        }

    async def add_device(self, device: Device, credentials: dict[str, tuple[str, Path]]) -> int:
        """Register a device and return its id."""
        icmp = () if device.reachability == "snmp" else ("--icmp-interval", str(ICMP_INTERVAL_S))
        answer = await self.noctule(
            *("device", "add", device.name, device.address),
            *("--site", device.site),
            *("--reachability", device.reachability),
            *("--snmp-version", device.version),
            *("--snmp-port", str(device.port)),
            *("--interval", str(SNMP_INTERVAL_S)),
            *credentials[device.version],
            *icmp,
            "--json",
        )
        return int(json.loads(answer)["id"])


async def _healthy(http: aiohttp.ClientSession, url: str) -> bool:
    try:
        async with http.get(f"{url}/health") as answer:
            return answer.status == 200  # noqa: PLR2004  HTTP's OK
    except aiohttp.ClientError:
        return False

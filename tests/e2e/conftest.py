"""A whole installation as its users make it: real programs, a real snmpd, and what they said on the command line."""

import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Generic, TypeVar

import pytest

from tests.screens.pages import ONE_DOWN
from tests.screens.stage import DemoNetwork

DEADLINE_S: Final = 60.0
T = TypeVar("T")

COMMUNITY: Final = "e2e-community-7f3a"
SITE: Final = "lab"


def wait_until(condition: Callable[[], Any], what: str, *, deadline_s: float = DEADLINE_S) -> Any:
    """Return the first true value of `condition`; fails, saying `what`, when there is none in time."""
    ends = time.monotonic() + deadline_s
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > ends:
            pytest.fail(f"not in {deadline_s:.0f} s: {what}")
        time.sleep(0.1)


def free_udp_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Snmpd:
    """net-snmp's own agent, by default a router of 127.0.0.1; `lines` are its snmpd.conf."""

    folder: Path
    port: int
    address: str = "127.0.0.1"
    lines: Sequence[str] = (f"rocommunity {COMMUNITY} 127.0.0.1", "sysName snmpd.lab", "sysLocation rack 7")
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        config = self.folder / "snmpd.conf"
        config.write_text("\n".join((*self.lines, "")))
        with (self.folder / "snmpd.log").open("ab") as log:
            listening = f"udp:{self.address}:{self.port}"
            self.process = subprocess.Popen(
                ["snmpd", "-f", "-Lo", "-C", "-c", config, "-p", self.folder / "pid", listening],
                stdout=log,
                stderr=subprocess.STDOUT,
                env=os.environ | {"SNMP_PERSISTENT_DIR": str(self.folder)},
            )

    def stop(self) -> None:
        if self.process is not None:
            self.process.terminate()
            self.process.wait(10)
            self.process = None


@dataclass
class Installation:
    """A hub, an agent and their command lines, in one folder. The agent receives traps and syslog on UDP ports."""

    folder: Path
    url: str = ""
    password: str = field(default="", repr=False)
    log_port: int = field(default_factory=free_udp_port)
    syslog_port: int = field(default_factory=free_udp_port)
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def noctule(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        environment = os.environ | {"NOCTULE_CONFIG_DIR": str(self.folder / "config")}
        return self._call("noctule_hub.cli", arguments, environment, check=check)

    def agent(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        return self._call("noctule_agent.cli", arguments, dict(os.environ), check=check)

    def json(self, *arguments: str) -> Any:
        return json.loads(self.noctule(*arguments, "--json").stdout)

    def start(self, name: str, *command: str) -> None:
        with (self.folder / f"{name}.log").open("ab") as log:
            process = subprocess.Popen([sys.executable, "-m", *command], stdout=log, stderr=subprocess.STDOUT)
        self.running[name] = process

    def log(self, name: str) -> str:
        return (self.folder / f"{name}.log").read_text()

    def stop(self) -> None:
        for process in reversed(self.running.values()):
            process.terminate()
        for process in self.running.values():
            process.wait(15)

    def devices(self) -> dict[str, dict[str, Any]]:
        return {device["name"]: device for device in self.json("device", "list")["items"]}

    def _call(
        self, module: str, arguments: tuple[str, ...], environment: dict[str, str], *, check: bool
    ) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [sys.executable, "-m", module, *arguments],
            capture_output=True,
            text=True,
            timeout=DEADLINE_S,
            env=environment,
            check=False,
        )
        if check and done.returncode != 0:
            pytest.fail(f"{module} {' '.join(arguments)} exited {done.returncode}: {done.stderr}")
        return done


@pytest.fixture(scope="session")
def snmpd() -> Iterator[Snmpd]:
    if shutil.which("snmpd") is None:
        pytest.skip("net-snmp's snmpd is not installed (Debian: snmpd)")
    with tempfile.TemporaryDirectory() as folder:
        server = Snmpd(Path(folder), free_udp_port())
        server.start()
        yield server
        server.stop()


@contextlib.contextmanager
def installed(snmpd: Snmpd, *, networks: Sequence[str] = ()) -> Iterator[Installation]:
    """A hub on a free port, an enrolled agent that runs, and snmpd registered with it as `router`.

    `networks`: where the agent may search.
    """
    with tempfile.TemporaryDirectory() as temporary:
        made = Installation(Path(temporary))
        data, agent = str(made.folder / "hub"), str(made.folder / "agent")
        sign_in = json.loads(made.noctule("hub", "init", "--data-dir", data, "--json").stdout)
        made.password = sign_in["adminPassword"]
        made.start("hub", "noctule_hub.cli", "hub", "run", "--data-dir", data, "--port", "0")
        made.url = wait_until(lambda: _listening(made.log("hub")), "the hub says where it listens")
        secret = made.folder / "password"
        secret.write_text(made.password)
        made.noctule("login", made.url, "--username", "admin", "--password-file", str(secret))
        made.noctule("site", "add", SITE)
        token = made.folder / "token"
        token.write_text(made.json("agent", "token", "--site", SITE)["token"])
        made.agent("join", made.url, "--token-file", str(token), "--data-dir", agent, "--name", "lab-agent")
        settings = f"allowed_networks = {json.dumps(list(networks))}\n"
        settings += f'[logs]\naddress = "127.0.0.1"\ntrap_port = {made.log_port}\n'
        settings += f"syslog_udp_port = {made.syslog_port}\n"
        (made.folder / "agent" / "agent.toml").write_text(settings)
        made.start("agent", "noctule_agent.cli", "run", "--data-dir", agent)
        community = made.folder / "community"
        community.write_text(COMMUNITY)
        made.noctule(
            *("device", "add", "router", "127.0.0.1", "--site", SITE, "--reachability", "snmp"),
            *("--snmp-version", "2c", "--snmp-port", str(snmpd.port), "--community-file", str(community)),
            *("--interval", "1"),
        )
        try:
            yield made
        finally:
            made.stop()


class Shared(Generic[T]):
    """What the tests of several files share: made for the first that asks, ended when the next file does not."""

    def __init__(self, fixture: str) -> None:
        self.fixture = fixture
        self._stack = contextlib.ExitStack()
        self._made: list[T] = []

    def lend(self, context: Callable[[], contextlib.AbstractContextManager[T]]) -> T:
        if not self._made:
            self._made.append(self._stack.enter_context(context()))
        return self._made[0]

    def end(self) -> None:
        self._made.clear()
        self._stack.close()


_INSTALLATION: Final = Shared[Installation]("installation")
_STAGE: Final = Shared[DemoNetwork]("stage")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> Generator[None, None, None]:
    yield
    # What nobody asks for any more has to go: programs that measure each second slow all that comes after.
    if nextitem is None or nextitem.path != item.path:
        asked_for = getattr(nextitem, "fixturenames", ())
        for shared in (_INSTALLATION, _STAGE):
            if shared.fixture not in asked_for:
                shared.end()


@pytest.fixture(scope="module")
def installation(snmpd: Snmpd) -> Installation:
    """The installation of all tests that do not mind what others have left in it."""
    return _INSTALLATION.lend(lambda: installed(snmpd))


@pytest.fixture(scope="module")
def stage() -> DemoNetwork:
    """The demo's network with one device down. Who changes what is down leaves it as it was."""
    return _STAGE.lend(_one_down)


@contextlib.contextmanager
def _one_down() -> Iterator[DemoNetwork]:
    with DemoNetwork() as network:
        network.silence(*ONE_DOWN)
        yield network


def _listening(log: str) -> str:
    return next((line.rsplit(" ", 1)[-1] for line in log.splitlines() if "listens on" in line), "")

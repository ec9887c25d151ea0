"""One real hub on a free port for all tests of the command line, in a thread; commands run as a person runs them."""

import asyncio
import shutil
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import pytest
from click.testing import CliRunner, Result
from noctule_hub.app import running
from noctule_hub.cli import root
from noctule_hub.cli.folder import initialise
from noctule_hub.config import HubConfig, HubSettings
from noctule_hub.realtime.service import SocketService

DEADLINE_S = 30.0
ENVIRONMENT = (
    "NOCTULE_URL",
    "NOCTULE_TOKEN",
    "NOCTULE_PROFILE",
    "NOCTULE_PASSWORD",
    "NOCTULE_NEW_PASSWORD",
    "XDG_CONFIG_HOME",
)


@dataclass
class RunningHub:
    """A hub that answers at `url`; `log` appends a `network:log` to its log and returns the seq."""

    url: str
    data_dir: Path
    password: str
    log: Callable[[dict[str, Any]], int]


@pytest.fixture(scope="session")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningHub]:
    data_dir = tmp_path_factory.mktemp("cli") / "data"
    password = asyncio.run(initialise(data_dir, username="admin")).password
    started, urls, loops = threading.Event(), [], []
    services: list[SocketService] = []
    stops: list[asyncio.Event] = []

    async def serve() -> None:
        async with running(HubConfig(data_dir, HubSettings(port=0))) as hub:
            stops.append(asyncio.Event())
            loops.append(asyncio.get_running_loop())
            urls.append(hub.url)
            services.append(hub.service)
            started.set()
            await stops[0].wait()

    thread = threading.Thread(target=lambda: asyncio.run(serve()), name="hub")
    thread.start()
    assert started.wait(DEADLINE_S)

    def log(entry: dict[str, Any]) -> int:
        work = services[0].emit_network_log(entry)
        return asyncio.run_coroutine_threadsafe(work, loops[0]).result(DEADLINE_S)

    yield RunningHub(urls[0], data_dir, password, log)
    loops[0].call_soon_threadsafe(stops[0].set)
    thread.join(DEADLINE_S)
    assert not thread.is_alive()


Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run `noctule` with arguments and its own configuration folder, not signed in."""
    for name in ENVIRONMENT:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("NOCTULE_CONFIG_DIR", str(tmp_path / "config"))
    monkeypatch.setenv("TZ", "UTC")

    def noctule(*arguments: str, stdin: str | None = None) -> Result:
        return CliRunner().invoke(root, arguments, input=stdin, prog_name="noctule")

    return noctule


@pytest.fixture(scope="session")
def profile(hub: RunningHub, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Sign in once: the hub allows an address only so many sign-ins a minute."""
    folder = tmp_path_factory.mktemp("signed-in") / "config"
    login = ["login", hub.url, "--username", "admin", "--password-file", "-"]
    result = CliRunner(env={"NOCTULE_CONFIG_DIR": str(folder)}).invoke(root, login, input=hub.password)
    assert result.exit_code == 0, result.output
    return folder


@pytest.fixture
def signed_in(run: Run, profile: Path, tmp_path: Path) -> Run:
    """Run `noctule` signed in as the administrator."""
    shutil.copytree(profile, tmp_path / "config")
    return run


@pytest.fixture
def ask(signed_in: Run) -> Callable[..., Any]:
    """Run a signed-in command with --json and return its one document."""

    def asked(*arguments: str, stdin: str | None = None) -> Any:
        result = signed_in(*arguments, "--json", stdin=stdin)
        assert result.exit_code == 0, result.stderr
        assert result.stderr == ""
        return msgspec.json.decode(result.stdout)

    return asked

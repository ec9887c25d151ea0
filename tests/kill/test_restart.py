"""A hub that restarts has its whole crowd of agents back soon, spread out, and says nothing false meanwhile."""

import asyncio
import json
import signal
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from noctule_shared.events import EventName

from tests.kill.enrolled import enrol, make_hub
from tests.kill.export import export_of
from tests.kill.hub import HubProcess, until
from tests.kill.processes import Process

pytestmark = [pytest.mark.check, pytest.mark.timeout(300)]

AGENTS = 300
# They are back within seconds; where much else is tested, it may take longer.
COME_S = 120.0
WINDOW_S = 1.0


class Crowd:
    """The crowd's process and when each of its agents was welcomed."""

    def __init__(self, folders: list[Path], log: Path) -> None:
        self.welcomes: list[tuple[int, float]] = []
        crowd = Path(__file__).with_name("crowd.py")
        self.process = Process([sys.executable, crowd, *folders], log, talks=True)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        for line in self.process.output:
            welcome = json.loads(line)
            self.welcomes.append((welcome["agent"], welcome["atS"]))

    def back(self, since_s: float) -> dict[int, float]:
        """Return when each agent was welcomed by the hub that answers since then."""
        return {agent: at_s for agent, at_s in list(self.welcomes) if at_s > since_s - WINDOW_S}

    def end(self) -> None:
        """End it; its last line is read before its output is closed."""
        self.process.send(signal.SIGKILL)
        self._reader.join()
        self.process.gone()


@pytest.fixture
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="noctule-kill-") as name:
        yield Path(name)


def test_three_hundred_agents_come_back_spread_out_and_nothing_false_is_said(folder: Path) -> None:
    data = folder / "hub"
    password = asyncio.run(make_hub(data))
    hub = HubProcess(data, folder / "hub.log", password)
    names = [f"agent{number}" for number in range(AGENTS)]
    agents = asyncio.run(enrol(data, folder, names, url=f"http://127.0.0.1:{hub.port}", devices=1))
    hub.start()
    crowd = Crowd([agent.folder for agent in agents], folder / "crowd.log")
    try:
        until(lambda: online(hub) == AGENTS, f"all devices are online\n{hub.process.words()}", COME_S)
        head = hub.get("devices?limit=1")["position"]["seq"]
        hub.kill()
        hub.start()
        up_s = time.monotonic()
        until(lambda: connected(hub) == AGENTS == len(crowd.back(up_s)), "all agents are back", COME_S)
        assert online(hub) == AGENTS
        seconds = Counter(int((at_s - up_s) // WINDOW_S) for at_s in crowd.back(up_s).values())
        assert max(seconds.values()) < AGENTS * 2 // 3, f"they came back all at once: {dict(seconds)}"
    finally:
        crowd.end()
        if hub.alive:
            hub.stop()
    told = [row for row in asyncio.run(export_of(data)).events if row.seq > head]
    assert {row.name for row in told} == {EventName.AGENT_STATUS}
    assert {row.data["status"] for row in told} == {"connected"}


def online(hub: HubProcess) -> int:
    return list(hub.statuses().values()).count("online")


def connected(hub: HubProcess) -> int:
    answer = hub.get("agents?limit=1000")
    return [agent["link"] for agent in answer["items"]].count("connected")

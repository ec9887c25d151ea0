"""The stage of a kill test: a hub on its own disk, a relay before it, sources behind that; and the faults.

What must be true afterwards is `verdict`'s, which fault when `run`'s.
"""

import asyncio
import contextlib
import random
import time
import urllib.error
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tests.kill.enrolled import enrol, make_hub
from tests.kill.ground import Ground
from tests.kill.hub import HubProcess, until
from tests.kill.ledger import Run
from tests.kill.processes import wrapped
from tests.kill.relay import Relay
from tests.kill.sources import Source

DEVICES = 6
# About ten seconds of what a source measures: a longer absence of the hub costs it measurements.
SMALL_BYTES = 40_000
# No fault may leave anything but the truth on the screen for longer than this, once hub, relay and agents run.
PRESENT_S = 5.0
DRAIN_S = 90.0
STATUS_OF = {"up": "online", "down": "offline", "none": "unknown"}


class Stage:
    """Everything that runs. Used as a context; leaving it ends all of it."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.rng = random.Random(seed)  # noqa: S311  a plan
        self.folder = folder
        self.discarded: list[Run] = []
        self.settled_s: list[float] = []
        self._stack = ExitStack()
        self._twins = 0

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            self.ground = stack.enter_context(Ground(self.folder))
            made = self.folder / "made"
            password = asyncio.run(make_hub(made))
            self.hub = HubProcess(
                self.ground.inside, self.folder / "hub.log", password, spawn=wrapped(self.ground.words)
            )
            stack.callback(self.hub.end)
            self.relay = stack.enter_context(Relay(self.hub.port, self._draw()))
            names = ["plain", "forgetful", "small", "twin"]
            url = f"http://127.0.0.1:{self.relay.port}"
            enrolled = asyncio.run(enrol(made, self.folder, names, url=url, devices=DEVICES))
            self.ground.put(made)
            ledgers = self.folder / "ledgers"
            ledgers.mkdir()
            self.sources = {agent.name: Source(agent, agent.folder, ledgers, self._draw()) for agent in enrolled}
            self.sources["small"].max_bytes = SMALL_BYTES
            # Two that contradict each other about a port would make their own truth of it.
            self.sources["twin"].still_ports = True
            for source in self.sources.values():
                stack.callback(source.end)
            self.hub.start()
            for source in self.sources.values():
                source.start()
            self._stack = stack.pop_all()
        self.settle()
        # No copy is older than an agent's first word: of what came before, nobody could tell that it is missing.
        self.copy_hub()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def settle(self) -> None:
        """See the hub tell the present rightly within `PRESENT_S`, whatever else it still has to take in."""
        wanted = {
            int(device_id): STATUS_OF[level]
            for source in self.sources.values()
            for device_id, level in source.ask("quiet")["levels"].items()
        }
        seen: dict[int, str] = {}

        def right() -> bool:
            seen.clear()
            with contextlib.suppress(urllib.error.URLError, ConnectionError, TimeoutError):
                seen.update(self.hub.statuses())
            return seen == wanted

        try:
            self.settled_s.append(until(right, "the present is right", PRESENT_S))
        except AssertionError as error:
            wrong = {
                device: (seen.get(device), status) for device, status in wanted.items() if seen.get(device) != status
            }
            raise AssertionError(f"{error}: device: (hub's word, truth) {wrong}\n{self._links()}") from None
        for source in self.sources.values():
            source.ask("go")

    def drain(self) -> None:
        """Let nothing more happen and everything arrive; then end the sources and the hub in order."""
        for source in self.sources.values():
            source.stop()
            source.start()
            source.ask("halt")
        states: dict[str, dict[str, Any]] = {}

        def drained() -> bool:
            states.update({name: source.ask("state") for name, source in self.sources.items()})
            return not any(state["waiting"] for state in states.values())

        until(drained, f"all is delivered {states}", DRAIN_S)
        for source in self.sources.values():
            source.stop()
        self.hub.stop()

    def runs(self) -> list[Run]:
        return self.discarded + [run for source in self.sources.values() for run in source.runs]

    # --- the faults

    def cut_links(self) -> None:
        for _ in range(self.rng.randrange(1, 6)):
            self.relay.cut_soon()
            time.sleep(self.rng.uniform(0.1, 0.8))

    def lose_answers(self) -> None:
        self.relay.lose_answers()
        time.sleep(self.rng.uniform(0.2, 1.5))
        self.relay.cut_now()

    def kill_hub(self) -> None:
        self.hub.kill()
        self.hub.start()

    def kill_hub_while_starting(self) -> None:
        """Kill it in the middle of its start too."""
        self.hub.kill()
        self.hub.begin()
        time.sleep(self.rng.uniform(0.1, 1.5))
        self.hub.kill()
        self.hub.start()

    def keep_hub_away(self) -> None:
        self.hub.kill()
        time.sleep(self.rng.uniform(4.0, 12.0))
        self.hub.start()

    def freeze_hub(self) -> None:
        self.hub.freeze()
        time.sleep(self.rng.uniform(0.5, 6.0))
        self.hub.thaw()

    def kill_agent(self) -> None:
        source = self.rng.choice(list(self.sources.values()))
        source.kill()
        source.start()

    def fill_disk(self) -> None:
        self.ground.fill()
        time.sleep(self.rng.uniform(0.5, 4.0))
        if self.rng.random() < 0.3:  # sometimes it dies of it
            self.hub.kill()
        self.ground.relieve()
        if not self.hub.alive:
            self.hub.start()

    def restore_hub(self) -> None:
        """Bring an old copy back; a log that its clients have seen further must begin a new epoch."""
        before = self.hub.get("devices?limit=1")["position"]
        self.hub.kill()
        with_seq_high = self.rng.random() < 0.3  # mostly the file beside the database is left
        self.ground.restore_copy(with_seq_high=with_seq_high)
        for run in self.discarded:
            run.forgotten = run.forgotten or not run.copied
        self.hub.start()
        after = self.hub.get("devices?limit=1")["position"]
        assert with_seq_high or before["epoch"] != after["epoch"], "a log that went back has kept its epoch"

    def copy_hub(self) -> None:
        self.hub.kill()
        self.ground.keep_copy()
        for run in self.discarded:
            run.copied = True
        self.hub.start()

    def delete_outbox(self) -> None:
        source = self.sources["forgetful"]
        source.kill()
        source.forget_outbox()
        source.start()

    def double_agent(self) -> None:
        """Run a second agent with the same identity for some seconds."""
        self._twins += 1
        twin = self.sources["twin"].twin(self._twins)
        twin.start()
        try:
            time.sleep(self.rng.uniform(1.5, 4.0))
        finally:
            twin.kill()
            twin.runs[-1].discarded = True
            self.discarded += twin.runs
        # Both may have been shut out for ten minutes by now; a hub that starts anew knows of no quarrel, and an agent
        # that starts anew does not wait as long as one that was refused again and again.
        self.kill_hub()
        self.sources["twin"].kill()
        self.sources["twin"].start()

    def backdate(self) -> None:
        for source in self.sources.values():
            source.ask("backdate")

    def _draw(self) -> random.Random:
        """Return a sequence of its own for one part, so that each plan is the seed's whatever the others draw."""
        return random.Random(self.rng.random())  # noqa: S311  a plan

    def _links(self) -> dict[str, Any]:
        return {name: source.ask("state") for name, source in self.sources.items() if source.alive}

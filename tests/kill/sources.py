"""Sources as processes: each life of one is a `Run` with a ledger of its own."""

import contextlib
import json
import random
import shutil
import sys
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from noctule_agent.outbox_file import OUTBOX_FILES

from tests.kill.enrolled import EnrolledAgent
from tests.kill.ledger import Run
from tests.kill.processes import Process

SOURCE = Path(__file__).with_name("source.py")
UNBOUNDED_BYTES = 512 * 1024 * 1024


@dataclass
class Source:
    """One enrolled agent over many lives. `phase` keeps the times of two with one identity apart."""

    agent: EnrolledAgent
    folder: Path
    ledgers: Path
    rng: random.Random
    max_bytes: int = UNBOUNDED_BYTES
    phase: int = 0
    still_ports: bool = False
    still_axes: bool = False
    syslog_port: int = 0
    runs: list[Run] = field(default_factory=list)
    _process: Process | None = None

    @property
    def alive(self) -> bool:
        return self._process is not None and self._process.alive()

    @property
    def process(self) -> Process:
        assert self._process is not None, "never started"
        return self._process

    def start(self) -> None:
        run = Run(self.agent.agent_id, self.ledgers / f"{self.folder.name}-{len(self.runs)}.ledger")
        # A source that is killed at once has a ledger too, an empty one.
        run.path.touch()
        self.runs.append(run)
        self._process = Process(
            [
                *(sys.executable, SOURCE, self.folder, run.path, str(self.rng.randrange(2**32))),
                *("--max-bytes", str(self.max_bytes), "--phase", str(self.phase)),
                *(("--still-ports",) if self.still_ports else ()),
                *(("--still-axes",) if self.still_axes else ()),
                *("--syslog-port", str(self.syslog_port)),
            ],
            self.ledgers / f"{self.folder.name}.log",
            talks=True,
        )

    def ask(self, command: str) -> dict[str, Any]:
        """Return the answer to a command. Raises AssertionError when the source has died by itself."""
        process = self.process
        with contextlib.suppress(BrokenPipeError):
            process.input.write(f"{command}\n".encode())
            process.input.flush()
        line = process.output.readline()
        assert line, f"the source {self.folder.name} ended by itself\n{process.words()}"
        answer: dict[str, Any] = json.loads(line)
        return answer

    def kill(self) -> None:
        self.process.kill()
        self.runs[-1].killed = True

    def end(self) -> None:
        """Kill it if it still runs."""
        if self.alive:
            self.kill()

    def stop(self) -> None:
        status = self.process.stop()
        assert status == 0, f"the source {self.folder.name} ended with status {status}\n{self.process.words()}"

    def forget_outbox(self) -> None:
        """Throw the outbox of a dead source away."""
        for name in OUTBOX_FILES:
            (self.folder / name).unlink(missing_ok=True)
        for run in self.runs:
            run.discarded = True

    def twin(self, number: int) -> "Source":
        """Return a second source with the same identity and an outbox of its own."""
        folder = self.folder.with_name(f"{self.folder.name}-twin-{number}")
        shutil.copytree(self.folder, folder, ignore=shutil.ignore_patterns("outbox.db*", "lock", "status.json*"))
        return replace(self, folder=folder, phase=1, runs=[], _process=None)

"""Who listens in the replay test: clients of each kind, the processes they live in, and what they wrote down.

What each was due is `replay_verdict`'s.
"""

import contextlib
import json
import shutil
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from noctule_hub.core.principal import Principal

from tests.kill.processes import ROOT, Process

HERE = Path(__file__).parent
EXAMPLE = ROOT / "examples" / "python-client" / "client.py"


@dataclass(frozen=True)
class Line:
    """What a client wrote down: when (epoch ms; None: not told) what happened or came, and the data of it."""

    at_ms: int | None
    event: str
    data: Any


@dataclass
class Rights:
    """Who a client is, and from when on: the change was asked for at `asked_ms` and answered at `answered_ms`.

    `principal` None: nobody, its token is revoked.
    """

    principal: Principal | None
    asked_ms: int = 0
    answered_ms: int = 0


@dataclass
class Listener:
    """One client. `keeps`: when it keeps its place in the log, before or after it handles an event; None: never.

    `token` is the file that holds its token, None: nobody's.

    `begun` are two seqs: it may have heard what is above the first, and must have heard what is above the second.
    `lives` hold what it wrote down from one start of its process to the next; `killed_ms` when those ended.
    """

    name: str
    rights: list[Rights]
    token: Path | None
    also: tuple[str, ...] = ()
    keeps: str | None = None
    kind: str = "plain"
    transports: tuple[str, ...] = ("websocket",)
    begun: tuple[int, int] = (-1, -1)
    lives: list[list[Line]] = field(default_factory=list)
    killed_ms: list[int] = field(default_factory=list)

    @property
    def lines(self) -> list[Line]:
        return [line for life in self.lives for line in life]

    def place(self) -> int:
        """Return the seq that the hub named last to a client in JavaScript, -1 before it did."""
        stated = (line.data["seq"] for line in reversed(self.lines) if line.event in {"replay:done", "position"})
        return next(stated, -1)


class NodeProcess:
    """Clients in JavaScript that live and die together."""

    def __init__(self, folder: Path, name: str, url: str, listeners: list[Listener]) -> None:
        self.listeners = {one.name: one for one in listeners}
        self._folder, self._name, self._read_bytes = folder, name, 0
        self._out = folder / f"{name}.out"
        self._out.touch()
        clients = [
            {
                "name": one.name,
                "kind": one.kind,
                "token": None if one.token is None else str(one.token),
                "also": one.also,
                "keeps": one.keeps,
                "transports": one.transports,
                "cursor": str(folder / f"{one.name}.cursor") if one.keeps or one.kind == "ours" else None,
            }
            for one in listeners
        ]
        spec = {"url": url, "out": str(self._out), "clients": clients}
        (folder / f"{name}.json").write_text(json.dumps(spec), encoding="utf-8")
        shutil.copy(HERE / "replay_clients.mjs", folder)
        self.start()

    def start(self) -> None:
        words: list[str | Path] = ["node", self._folder / "replay_clients.mjs", self._folder / f"{self._name}.json"]
        self.process = Process(words, self._folder / f"{self._name}.log", talks=True)
        for one in self.listeners.values():
            one.lives.append([])

    def say(self, word: str, name: str, room: str = "") -> None:
        # It may just have died.
        with contextlib.suppress(BrokenPipeError):
            self.process.input.write(f"{word} {name} {room}\n".encode())
            self.process.input.flush()

    def read(self) -> None:
        """Take what was written since the last call; a line that is torn by its writer's death is none."""
        with self._out.open("rb") as file:
            file.seek(self._read_bytes)
            text = file.read()
        whole = text.rfind(b"\n") + 1
        self._read_bytes += whole
        for line in map(json.loads, text[:whole].splitlines()):
            self.listeners[line["c"]].lives[-1].append(Line(line["at"], line["e"], line.get("d")))

    def end(self) -> None:
        """Kill it if it still runs."""
        if self.process.alive():
            self.process.kill()

    def bury(self, at_ms: int) -> None:
        """Note that it died, now or at `at_ms`, and begin anew."""
        self.read()
        for one in self.listeners.values():
            one.killed_ms.append(at_ms)
        self.start()


class ExampleProcess:
    """examples/python-client as it is: what it prints is what it handled, in a file that outlives it."""

    def __init__(self, folder: Path, url: str, listener: Listener) -> None:
        assert listener.token is not None
        self.listener, self._token = listener, listener.token
        self._folder, self._url = folder, url
        self._out = folder / f"{listener.name}.out"
        self._cursor = folder / f"{listener.name}.cursor"
        self._read_bytes = 0
        self.start()

    def start(self) -> None:
        script = 'NOCTULE_TOKEN=$(cat "$1") && export NOCTULE_TOKEN && out=$2 && shift 2 && exec "$@" >>"$out"'
        words: list[str | Path] = ["sh", "-c", script, "sh", self._token, self._out, sys.executable, EXAMPLE, self._url]
        log = self._folder / f"{self.listener.name}.log"
        self.process = Process([*words, "--cursor", self._cursor], log)
        self.listener.lives.append([])

    def place(self) -> int:
        """Return the seq up to which it has handled everything, -1 when it knows none."""
        return int(json.loads(self._cursor.read_text("utf-8").split("\n")[0])["seq"]) if self._cursor.exists() else -1

    def read(self) -> None:
        if not self._out.exists():
            return
        with self._out.open("rb") as file:
            file.seek(self._read_bytes)
            text = file.read()
        whole = text.rfind(b"\n") + 1
        self._read_bytes += whole
        for line in map(json.loads, text[:whole].splitlines()):
            self.listener.lives[-1].append(Line(None, line["event"], line["data"]))

    def end(self) -> None:
        """Kill it if it still runs."""
        if self.process.alive():
            self.process.kill()

    def kill(self, at_ms: int) -> None:
        self.process.kill()
        self.read()
        self.listener.killed_ms.append(at_ms)
        self.start()

"""The way out: messages to many clients, beside python-socketio's own way and Node's socket.io; and what clients see.

Clients are cheap and in processes of their own (`fanout_load`); CPU is of the server's process, with what the kernel
does for it. First the same messages of 1.5 kB to 1,000 clients, by us and by Node in turn once both are warm: alone,
three in a turn as a tick has them, twenty as a burst of events has; ours also to clients that offer compression.
`bare` is what the kernel's `send` alone takes of it, called for one client after the other: what no server can save.
Then a hub at work (`fanout_hub`). Node's package is installed by npm into a temporary folder.
"""

import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from tests.bench import fanout_hub
from tests.bench.crowd import Crowd, Talk
from tests.bench.fanout_client import Setup
from tests.bench.fanout_load import Report
from tests.bench.fanout_server import Done, Order
from tests.bench.figures import Figures, absent, goal, quantile, ratio

CLIENTS = 1_000
SIZE_BYTES = 1_450
# How many messages are in a turn, how many such turns a second the readers keep up with, and how many are measured.
TURNS = {1: (20.0, 40), 3: (10.0, 20), 20: (1.0, 3)}
WARMING_TURNS = 10
NPM_S = 120.0
KIB = 1024


def measure(repeat: int, seconds: float) -> Figures:
    """Measure all of it."""
    with tempfile.TemporaryDirectory(prefix="noctule-bench-") as name:
        served = _bestartednode(Path(name), repeat)
    live = fanout_hub.live(seconds)
    storm, restart = fanout_hub.storm(), fanout_hub.restart()
    ours, compressed, times = served["ours"], served["oursCompressed"], served["cpuOfNodeToOurs"]
    single, octets = "usPerDelivery1InATurn", "bytesPerDelivery"
    return {
        "clients": CLIENTS,
        "messageBytes": SIZE_BYTES,
        **served,
        "live": live,
        "storm": storm,
        "restart": restart,
        "goals": {
            "cpuOfLibraryToOurs": goal(ratio(served["libraryUsPerDelivery"], ours[single]), at_least=4.0),
            "cpuOfCompressedToPlain": goal(ratio(compressed[single], ours[single]), at_most=1.2),
            "bytesOfCompressedToPlain": goal(ratio(compressed[octets], ours[octets]), at_most=0.5),
            "cpuOfNodeToOurs": goal(times.get(1), at_least=2.0),
            "cpuOfNodeToOursInATick": goal(times.get(3), at_least=2.0),
            "cpuOfNodeToOursInABurst": goal(times.get(20), at_least=2.0),
            # Below it the load's process, or another, had the machine: the figures that follow are of less work.
            "cpuShareOfLive": goal(_number(live["cpuShare"]), at_least=fanout_hub.CPU_SHARE - fanout_hub.NEAR),
            "statusP99MsAt60PercentCpu": goal(_p99(live, "device:status"), at_most=300.0),
            "alertP99MsAt60PercentCpu": goal(_p99(live, "alert:new"), at_most=300.0),
            "kiBPerClient": goal(_number(live["kiBPerClient"]), at_most=60.0),
            "stormTellsAllWithinS": goal(_number(storm["toldAfterS"]), at_most=5.0),
            "stormLostOrDoubled": goal(_number(storm["lostOrDoubled"]), at_most=0.0),
            "stormMiBKept": goal(_number(storm["keptMiB"]), at_most=32.0),
            "backWithinS": goal(_number(restart["backAfterS"]), at_most=30.0),
            "lostOrDoubled": goal(_number(restart["clientsWithOtherEvents"]), at_most=0.0),
        },
    }


class Side:
    """A server with its clients. Raises what its processes raise."""

    def __init__(self, words: Sequence[str | Path], log: Path, *, replay: bool, deflate: bool = False) -> None:
        self._server = Talk(words, log)
        self._clients: Crowd | None = None
        try:
            port = self._server.hear(dict[str, int])["port"]
            before = self._give(Order("emit", 0, 1, 1.0, 0))
            setup = Setup(port, CLIENTS, None, None, decode_every=100, replay=replay, deflate=deflate)
            self._clients = Crowd(setup, log.with_suffix(".clients"))
            after = self._give(Order("emit", 0, 1, 1.0, 0))
        except BaseException:
            self.end()
            raise
        self.ki_b_per_client = round((after.rss_bytes - before.rss_bytes) / CLIENTS / KIB, 1)

    def send(self, way: str, in_a_turn: int, *, turns: int | None = None) -> tuple[float, float, float]:
        """Return of a delivery the microseconds of CPU, the median age in ms when it was read, and the bytes."""
        assert self._clients is not None
        per_s, count = TURNS[in_a_turn]
        count = turns or count
        self._clients.ask(b"mark", dict[str, bool])
        done = self._give(Order(way, count, in_a_turn, per_s, SIZE_BYTES))
        deliveries = count * in_a_turn * CLIENTS
        report = _settled(self._clients, deliveries)
        return done.cpu_s / deliveries * 1e6, quantile(report.ages_ms["trial"], 50), report.bytes / deliveries

    def _give(self, order: Order) -> Done:
        return self._server.ask(msgspec.json.encode(order), Done)

    def end(self) -> None:
        """End both processes."""
        if self._clients is not None:
            self._clients.end()
        self._server.end()


def _bestartednode(folder: Path, repeat: int) -> dict[str, Any]:
    """Send by us and by Node in turn, `repeat` times each; then by python-socketio and by the kernel alone."""
    python = Path(__file__).with_name("fanout_server.py")
    ours = Side([sys.executable, python], folder / "ours.log", replay=True)
    compressed: Side | None = None
    node: Side | None = None
    try:
        compressed = Side([sys.executable, python], folder / "compressed.log", replay=True, deflate=True)
        place = _node(folder)
        if isinstance(place, Path):
            script = Path(__file__).with_name("fanout_node.mjs")
            node = Side([shutil.which("node") or "node", script, place], folder / "node.log", replay=False)
        sides = {
            "ours": (ours, "fanout"),
            "oursCompressed": (compressed, "fanout"),
            **({"node": (node, "emit")} if node is not None else {}),
        }
        found: dict[str, Any] = {name: {"kiBPerClient": side.ki_b_per_client} for name, (side, _) in sides.items()}
        for side, way in sides.values():
            side.send(way, 1, turns=WARMING_TURNS)
        times = {}
        for in_a_turn in TURNS:
            runs = [{name: side.send(way, in_a_turn) for name, (side, way) in sides.items()} for _ in range(repeat)]
            for name in sides:
                cpu_us, age_ms, octets = (statistics.median(run[name][at] for run in runs) for at in (0, 1, 2))
                found[name] |= {
                    f"usPerDelivery{in_a_turn}InATurn": round(cpu_us, 2),
                    f"p50Ms{in_a_turn}InATurn": age_ms,
                    "bytesPerDelivery": round(octets),
                }
            if node is not None:
                pairs = [run["node"][0] / run["ours"][0] for run in runs]
                times[in_a_turn] = float(f"{statistics.median(pairs):.3g}")
        bare = statistics.median(ours.send("bare", 1)[0] for _ in range(repeat))
        library = ours.send("emit", 1, turns=WARMING_TURNS)[0]
    finally:
        for started in (node, compressed, ours):
            if started is not None:
                started.end()
    if isinstance(place, Path):
        found["node"]["version"] = _version(place)
    else:
        found["node"] = place
    singles = {"bareUsPerDelivery": round(bare, 2), "libraryUsPerDelivery": round(library, 2)}
    return {**found, **singles, "cpuOfNodeToOurs": times}


def _settled(clients: Talk, messages: int) -> Report:
    """Wait until all messages were read. Raises RuntimeError when they are not within 30 s, or a client was lost."""
    deadline_s = time.monotonic() + 30
    while True:
        report = clients.ask(b"report", Report)
        if report.lost or time.monotonic() > deadline_s:
            raise RuntimeError(f"{report.messages} of {messages} messages came, {report.lost} clients were lost")
        if report.messages >= messages:
            return report
        time.sleep(0.2)


def _node(folder: Path) -> Path | Figures:
    """Return where Node's socket.io has been installed, or why it could not be."""
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        return absent("node and npm are not installed")
    place = folder / "node"
    place.mkdir()
    (place / "package.json").write_text("{}", "utf-8")
    words = [npm, "install", "--no-fund", "--no-audit", "--ignore-scripts", "socket.io@4"]
    try:
        subprocess.run(words, cwd=place, check=True, capture_output=True, timeout=NPM_S)
    except (subprocess.SubprocessError, OSError) as error:
        return absent(f"npm could not install socket.io: {type(error).__name__}")
    return place


def _version(place: Path) -> str:
    package: dict[str, Any] = msgspec.json.decode((place / "node_modules/socket.io/package.json").read_bytes())
    return str(package["version"])


def _p99(live: Figures, event: str) -> float | None:
    ages: Any = live["observedToClient"]
    return ages[event]["p99Ms"] if event in ages else None


def _number(value: object) -> float:
    assert isinstance(value, int | float)
    return value

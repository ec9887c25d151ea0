"""Network logs: what a line costs, whether a storm holds up commits of states, and how long a search takes.

One store in a temporary folder, in this process. A million lines in commits of 2,000 beside the copying into files;
searches of pages of 200; then 10,000 lines/s, while a state is committed every 50 ms and old lines are deleted.
"""

import asyncio
import random
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from noctule_hub.core.log_classes import LogClass
from noctule_hub.core.log_retention import LogLimits
from noctule_hub.core.log_search import LogFilter, parse_terms
from noctule_hub.core.records import NewEvent
from noctule_hub.store.sqlite import SqliteStore, open_store
from noctule_hub.store.sqlite.log_keeper import LogKeeper
from noctule_shared.events import SEVERITY_NAMES, EventName
from noctule_shared.times import iso_from_ms

from tests.bench.figures import Figures, goal, used

LINES = 1_000_000
COMMIT_LINES = 2_000
DEVICES = 1_000
STORM_PER_S = 10_000
STATE_EVERY_S = 0.05
PAGE = 200
_MESSAGES = (
    "%LINK-3-UPDOWN: Interface GigabitEthernet0/{a}, changed state to {way}",
    "bgpd[812]: %ADJCHANGE: neighbor 10.{a}.{b}.{c} {way} - hold timer expired",
    "sshd[{port}]: Failed password for invalid user {word} from 192.0.{a}.{b} port {port} ssh2",
    "%SYS-5-CONFIG_I: Configured from console by {word} on vty0 (10.{a}.{b}.{c})",
    "dhcpd: DHCPACK on 10.{a}.{b}.{c} to 00:1b:{a:02x}:{b:02x}:{c:02x}:aa via vlan{port}",
)
_SEVERITIES = (3, 4, 5, 5, 6, 6, 6, 7)
SEARCHES = {
    "wordAndDevice": LogFilter(device_id=7, terms=parse_terms("down")),
    "rareWordAndDevice": LogFilter(device_id=7, terms=parse_terms("word4711")),
    "phrase": LogFilter(terms=parse_terms('"hold timer expired"')),
    "twoWordsAndSeverity": LogFilter(max_severity=3, terms=parse_terms("neighbor down")),
    "device": LogFilter(device_id=7),
    "severe": LogFilter(max_severity=2),
    "prefix": LogFilter(terms=parse_terms("gigabit* up")),
    "nothing": LogFilter(terms=parse_terms("nowhere")),
    "newest": LogFilter(),
}


def measure(repeat: int, seconds: float) -> Figures:
    """Fill, storm and search; each search `repeat` times and more."""
    return asyncio.run(_measure(repeat, seconds))


async def _measure(repeat: int, seconds: float) -> Figures:
    with tempfile.TemporaryDirectory(prefix="noctule-bench-") as name:
        folder = Path(name)
        store = await open_store(folder, clock_ms=_now_ms)
        keeper = store.log_keeper()
        filled = await _fill(store, keeper, folder)
        searched = await _search(store, repeat)
        storm = await _storm(store, keeper, seconds)
        await store.close()
    commit = storm["stateCommit"]
    assert isinstance(commit, dict)
    return {
        "fill": filled,
        "search": searched,
        "storm": storm,
        "goals": {
            "wordAndDeviceP95Ms": goal(_number(searched["wordAndDevice"]["p95Ms"]), at_most=200.0),
            "stateCommitP95Ms": goal(_number(commit["p95Ms"]), at_most=250.0),
            "longestDeletionMs": goal(_number(storm["longestDeletionMs"]), at_most=50.0),
        },
    }


async def _fill(store: SqliteStore, keeper: LogKeeper, folder: Path) -> Figures:
    rng = random.Random(1)  # noqa: S311  the same lines every time, not secrets
    made_s, made_cpu_s, message_bytes, written = 0.0, 0.0, 0, _written_bytes()
    running = asyncio.create_task(keeper.run(LogLimits))
    started_s = time.perf_counter()
    with used() as usage:
        for _ in range(LINES // COMMIT_LINES):
            began_s, began_cpu_s = time.perf_counter(), time.thread_time()
            lines = [_line(rng, _now_ms()) for _ in range(COMMIT_LINES)]
            message_bytes += sum(len(line.data["message"]) for line in lines)
            made_s += time.perf_counter() - began_s
            made_cpu_s += time.thread_time() - began_cpu_s
            await store.append(lines, now_ms=_now_ms())
        inserted_s = time.perf_counter() - started_s
        while keeper.counters.copied < LINES:
            await keeper.copy_once(_now_ms(), at_rows=1)
    running.cancel()
    await asyncio.wait([running])
    await keeper.delete_once(_now_ms(), LogLimits())
    files = list((folder / "logs").glob("*.db"))
    return {
        "lines": LINES,
        "committedLinesPerS": round(LINES / (inserted_s - made_s)),
        "searchableLinesPerS": round(LINES / (usage.wall_s - made_s)),
        "cpuUsPerLine": round((usage.own_cpu_s - made_cpu_s) / LINES * 1e6, 1),
        "messageBytesPerLine": round(message_bytes / LINES),
        "fileBytesPerLine": round(sum(file.stat().st_size for file in files) / LINES),
        "files": len(files),
        "hubDbMiB": round((folder / "hub.db").stat().st_size / 2**20, 1),
        "writtenBytesPerLine": round((_written_bytes() - written) / LINES),
    }


async def _search(store: SqliteStore, repeat: int) -> dict[str, Figures]:
    found: dict[str, Figures] = {}
    for name, wanted in SEARCHES.items():
        times_ms: list[float] = []
        for _ in range(max(5, repeat * 3)):
            began_s = time.perf_counter()
            rows = await store.search_logs(wanted, cursor=None, limit=PAGE)
            times_ms.append((time.perf_counter() - began_s) * 1e3)
        found[name] = {"rows": len(rows), **_quantiles(times_ms)}
    return found


async def _storm(store: SqliteStore, keeper: LogKeeper, seconds: float) -> Figures:
    """Append states alone, then beside lines at `STORM_PER_S`; the keeper runs as in a hub."""
    rng, loop = random.Random(2), asyncio.get_running_loop()  # noqa: S311  as above
    events_floor = await store.floor(LogClass.EVENTS)
    lines, sent = [_line(rng, _now_ms()) for _ in range(COMMIT_LINES)], 0
    running = asyncio.create_task(keeper.run(LogLimits))
    quiet_ms = await _states(store, loop.time() + seconds / 2)
    ended = loop.time() + seconds

    async def logs() -> None:
        nonlocal sent
        due_s = loop.time()
        while loop.time() < ended:
            await store.append(lines, now_ms=_now_ms())
            sent += len(lines)
            due_s = max(due_s + COMMIT_LINES / STORM_PER_S, loop.time())
            await asyncio.sleep(due_s - loop.time())

    with used() as usage:
        waits_ms, _ = await asyncio.gather(_states(store, ended), logs())
    running.cancel()
    await asyncio.wait([running])
    return {
        "seconds": round(usage.wall_s, 1),
        "linesPerS": round(sent / usage.wall_s),
        "cpuShare": round(usage.own_cpu_s / usage.wall_s, 2),
        "states": len(waits_ms),
        "stateCommit": _quantiles(waits_ms),
        "stateCommitWithoutLines": _quantiles(quiet_ms),
        "longestDeletionMs": round(keeper.counters.longest_step_s * 1e3, 1),
        "linesInHubDb": await store.logs_after(0, limit=10**9),
        "statesPushedOut": await store.floor(LogClass.EVENTS) - events_floor,
    }


async def _states(store: SqliteStore, ended: float) -> list[float]:
    """Commit a state each `STATE_EVERY_S` and return how long each took, in milliseconds."""
    loop, waits_ms = asyncio.get_running_loop(), list[float]()
    due_s = loop.time()
    while loop.time() < ended:
        began_s = time.perf_counter()
        await store.append([_state(_now_ms())], now_ms=_now_ms())
        waits_ms.append((time.perf_counter() - began_s) * 1e3)
        due_s = max(due_s + STATE_EVERY_S, loop.time())
        await asyncio.sleep(due_s - loop.time())
    return waits_ms


def _line(rng: random.Random, now_ms: int) -> NewEvent:
    device_id, severity = rng.randrange(1, DEVICES + 1), rng.choice(_SEVERITIES)
    message = rng.choice(_MESSAGES).format(
        a=rng.randrange(250),
        b=rng.randrange(250),
        c=rng.randrange(250),
        port=rng.randrange(65_536),
        way=rng.choice(("up", "down")),
        word=f"word{rng.randrange(5_000)}",
    )
    data = {
        "timestamp": iso_from_ms(now_ms),
        "deviceId": device_id,
        "deviceName": f"core{device_id}",
        "address": f"192.0.2.{device_id % 250}",
        "severity": severity,
        "severityName": SEVERITY_NAMES[severity],
        "facility": f"local{device_id % 8}",
        "source": "syslog",
        "message": message,
    }
    rooms = ("logs", f"device:{device_id}")
    return NewEvent(EventName.NETWORK_LOG, data, rooms, now_ms, device_id=device_id, site_id=device_id % 50 + 1)


def _state(now_ms: int) -> NewEvent:
    data = {"timestamp": iso_from_ms(now_ms), "deviceId": 7, "siteId": 8, "status": "offline", "previous": "online"}
    return NewEvent(EventName.DEVICE_STATUS, data, ("devices", "device:7", "site:8"), now_ms, device_id=7, site_id=8)


def _quantiles(times_ms: Sequence[float]) -> Figures:
    p50, p95 = np.percentile(times_ms, [50, 95])
    return {"p50Ms": round(float(p50), 1), "p95Ms": round(float(p95), 1)}


def _written_bytes() -> int:
    lines = Path("/proc/self/io").read_text("utf-8").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("write_bytes"))


def _now_ms() -> int:
    return time.time_ns() // 1_000_000


def _number(value: object) -> float:
    assert isinstance(value, int | float)
    return value

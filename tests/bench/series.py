"""History: what a sample takes on the disk, and how fast a hub with a large data folder starts and answers.

What rows take is measured on the projector's own code with `PROJECTED_SERIES` series. The large folder has one day and
a half of each port's rows, one each 30 s: some of the series are written by the hub's code, the others are copies of
these by SQL, so that it is made in a minute or two. What was just written is in the page cache, as in a hub that runs.
"""

import asyncio
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from noctule_hub.core.commit import Commit
from noctule_hub.core.records import Interface
from noctule_hub.core.resolution import DAY_MS, HOUR_MS
from noctule_hub.core.rollups import ROLLUP_COLUMNS
from noctule_hub.store.sqlite import open_store
from noctule_hub.store.sqlite.chunks import DayRows
from noctule_hub.store.sqlite.columns import KINDS
from noctule_hub.store.sqlite.connection import open_reader
from noctule_hub.store.sqlite.days import DayFiles
from noctule_hub.store.sqlite.metric_files import day_of
from noctule_shared.axes import IfStatus
from noctule_shared.frames import TableName
from noctule_shared.times import iso_from_ms

from tests.bench.figures import Figures, goal, process_cpu_s, process_peak_bytes, used
from tests.bench.traffic import PORTS, Traffic
from tests.kill.enrolled import enrol, make_hub
from tests.kill.hub import HubProcess

SERIES = 48_000
# Written by the hub's own code; the other series are copies of these.
ORIGINALS = 96
POLL_MS = 30_000
PASS_MS = 30 * 60_000
HOURS = 36
READS = 400
POINTS = 800
PROJECTED_SERIES = 4_000
PROJECTED_POLL_MS = 10_000
PROJECTED_PASSES = 3
# Columns of a day file in their order.
COLUMNS = ("in_octets", "out_octets", "in_packets", "out_packets", "in_errors", "out_errors")
RARE = ("in_discards", "out_discards")
KIND = KINDS[TableName.INTERFACE]
MIB = 1024 * 1024


def measure(series: int) -> Figures:
    """Project for size and cost, then read from a folder with so many series."""
    with tempfile.TemporaryDirectory(prefix="noctule-bench-") as folder:
        projection = _project(Path(folder))
    with tempfile.TemporaryDirectory(prefix="noctule-bench-") as folder:
        history = _history(Path(folder), max(ORIGINALS, series // ORIGINALS * ORIGINALS))
    day, start = history["day"], history["start"]
    assert isinstance(day, dict)
    assert isinstance(start, dict)
    return {
        "projection": projection,
        **history,
        "goals": {
            "rawBytesPerSample": goal(_number(projection["rawBytesPerSample"]), at_most=30.0),
            "dayP95Ms": goal(_number(day["p95Ms"]), at_most=20.0),
        },
    }


def _rows(traffic: Traffic, series_ids: np.ndarray, times_ms: Sequence[int], poll_ms: int) -> DayRows:
    """Return rows of series at each of the times, as the projector hands them to a day file."""
    devices = -(-len(series_ids) // PORTS)
    polls = [traffic.rows(list(range(devices)), at) for at in times_ms]
    count = len(series_ids)

    def column(name: str) -> np.ndarray:
        return np.stack([np.asarray(poll[name], np.float64)[:count] for poll in polls], axis=1).ravel()

    # Traffic is made for its own interval: octets of another one differ in size alone.
    interval_us = np.rint(column("interval_s") * 1e6 / 10 * poll_ms / 1000)
    values = [interval_us, *(column(name) for name in (*COLUMNS, *RARE)), column("quality")]
    times = column("ts_ms").astype(np.int64)
    ids = np.repeat(series_ids, len(times_ms))
    order = np.lexsort((times, ids))
    return DayRows(ids[order], times[order], [value[order] for value in values])


def _project(folder: Path) -> Figures:
    """Write passes of half an hour as the projector does, one row each 10 s."""
    days, traffic = DayFiles(folder / "metrics"), Traffic(1)
    days.prepare()
    start_ms = _now_ms() // DAY_MS * DAY_MS - DAY_MS
    ids, rows, cpu_s, written = np.arange(1, PROJECTED_SERIES + 1), 0, 0.0, 0
    for number in range(PROJECTED_PASSES):
        first_ms = start_ms + number * PASS_MS + 1_000
        made = _rows(traffic, ids, range(first_ms, first_ms + PASS_MS, PROJECTED_POLL_MS), PROJECTED_POLL_MS)
        before = _written_bytes()
        with used() as usage:
            days.write(day_of(start_ms), {TableName.INTERFACE: made})
        rows, cpu_s, written = rows + len(made.ts_ms), cpu_s + usage.own_cpu_s, written + _written_bytes() - before
    with used() as derivation:
        days.rollups.derive(day_of(start_ms))
    return {
        "series": PROJECTED_SERIES,
        "rows": rows,
        "cpuUsPerSample": round(cpu_s / rows * 1e6, 2),
        "writtenBytesPerSample": round(written / rows, 1),
        "rawBytesPerSample": round(days.size_bytes(day_of(start_ms)) / rows, 1),
        "rollupBytesPerSample": round(days.rollups.size_bytes() / rows, 1),
        "derivationUsPerSeries": round(derivation.own_cpu_s / PROJECTED_SERIES * 1e6, 1),
    }


def _history(folder: Path, series: int) -> Figures:
    data, now_ms = folder / "data", _now_ms()
    password = asyncio.run(_configure(data, folder, series))
    with used() as making:
        write_originals(data, now_ms)
        for day in DayFiles(data / "metrics").days():
            _multiply(data / "metrics", day, series)
    hub = HubProcess(data, folder / "hub.log", password)
    try:
        started_s = hub.start()
        peak = process_peak_bytes(hub.process.pid)
        ids = np.random.default_rng(1).integers(1, series + 1, READS).tolist()
        span = f"from={iso_from_ms(now_ms - DAY_MS)}&to={iso_from_ms(now_ms)}"
        month = iso_from_ms(now_ms - HOURS * HOUR_MS // 2)[:7]
        kinds = {
            "day": lambda port: hub.get(f"interfaces/{port}/bandwidth?{span}&points={POINTS}"),
            "dayOfRawRows": lambda port: hub.get(f"interfaces/{port}/bandwidth?{span}&points={POINTS}&resolution=raw"),
            "dayOfSteps": lambda port: hub.get(f"interfaces/{port}/bandwidth?{span}&points={POINTS}&resolution=5m"),
            "hourOfRawRows": lambda port: hub.get(f"interfaces/{port}/bandwidth?points={POINTS}"),
            "month": lambda port: hub.get(f"interfaces/{port}/months/{month}"),
        }
        figures: Figures = {name: _timed(read, ids, hub.process.pid) for name, read in kinds.items()}
        hub.stop()
    finally:
        hub.end()
    size = sum(path.stat().st_size for path in data.rglob("*.db"))
    return {
        "series": series,
        "dataMiB": size // MIB,
        "madeInS": round(making.wall_s, 1),
        "start": {"seconds": round(started_s, 2), "peakMiB": peak // MIB},
        **figures,
    }


async def _configure(data: Path, folder: Path, series: int) -> str:
    """Make a hub with ports for so many series, with the ids from 1 on; return its admin's password."""
    password = await make_hub(data)
    agents = await enrol(data, folder, ["bench"], url="http://127.0.0.1:1", devices=-(-series // PORTS))
    await add_ports(data, agents[0].device_ids, series)
    return password


async def add_ports(data: Path, device_ids: Sequence[int], ports: int) -> None:
    """Give the devices of a hub that does not run so many ports in all, `PORTS` each, with the ids from 1 on."""
    store = await open_store(data, clock_ms=_now_ms)
    places = [(device_id, port) for device_id in device_ids for port in range(1, PORTS + 1)][:ports]
    interfaces = [_interface(number, *place) for number, place in enumerate(places, start=1)]
    await store.commit(Commit(now_ms=_now_ms(), interfaces=interfaces))
    await store.close()


def _interface(number: int, device_id: int, port: int) -> Interface:
    name = f"ge-0/0/{port}"
    return Interface(
        id=number,
        device_id=device_id,
        identity=name,
        if_index=port,
        inventory_rev=1,
        if_name=name,
        if_descr=name,
        if_alias="",
        if_type=6,
        speed_bps=10**9,
        if_admin_status=IfStatus.UP,
        if_oper_status=IfStatus.UP,
        polled=True,
        state_ms=_now_ms(),
    )


def write_originals(data: Path, now_ms: int) -> None:
    """Write the history of the first ports, pass by pass."""
    connection = open_reader(data / "hub.db")
    query = "SELECT min(id) FROM series WHERE kind = ?"
    first: int = connection.execute(query, (KIND,)).fetchone()[0]
    connection.close()
    days, traffic = DayFiles(data / "metrics"), Traffic(2)
    days.prepare()
    ids = np.arange(first, first + ORIGINALS)
    for start_ms in range(now_ms - HOURS * HOUR_MS, now_ms, PASS_MS):
        rows = _rows(traffic, ids, range(start_ms + 1_000, start_ms + PASS_MS, POLL_MS), POLL_MS)
        for day in np.unique(rows.ts_ms // DAY_MS).tolist():
            part = rows.where(rows.ts_ms // DAY_MS == day)
            days.write(day_of(day * DAY_MS), {TableName.INTERFACE: part})


def _multiply(metrics: Path, day: str, series: int) -> None:
    """Give all other series copies of what the first ones have in a day, in the order in which the hub writes."""
    steps = ", ".join(column.name for column in ROLLUP_COLUMNS[TableName.INTERFACE])
    each = "FROM copies CROSS JOIN original WHERE slot = ? ORDER BY copy, {}"
    # Ids of chunks begin with the five minutes, then comes the series: see `store.sqlite.chunks`.
    chunks = f"SELECT id + ((copy * {ORIGINALS}) << 16), rows, packed {each.format('id')}"
    rollups = f"SELECT bucket, series_id + copy * {ORIGINALS}, {steps} {each.format('series_id')}"
    for path, slot, copying in (
        (metrics / f"{day}.db", "id >> 54", chunks),
        (metrics / "5m" / f"{day}.db", "bucket", rollups),
    ):
        connection = sqlite3.connect(path, isolation_level=None)
        for setting in ("synchronous", "journal_mode"):
            connection.execute(f"PRAGMA {setting} = OFF")
        connection.execute(f"CREATE TEMP TABLE original AS SELECT {slot} AS slot, * FROM main.{KIND}")  # noqa: S608  constants
        connection.execute("CREATE INDEX temp.original_slot ON original(slot)")
        connection.execute("CREATE TEMP TABLE copies (copy INTEGER PRIMARY KEY)")
        connection.executemany("INSERT INTO copies VALUES (?)", [(copy,) for copy in range(series // ORIGINALS)])
        connection.execute("BEGIN")
        connection.execute(f"DELETE FROM main.{KIND}")  # noqa: S608  a constant
        for (number,) in connection.execute("SELECT DISTINCT slot FROM original ORDER BY slot").fetchall():
            connection.execute(f"INSERT INTO main.{KIND} {copying}", (number,))
        connection.execute("COMMIT")
        connection.close()


def _timed(read: Callable[[int], object], ids: Sequence[int], pid: int) -> Figures:
    read(ids[0])
    times_ms, cpu_s = [], process_cpu_s(pid)
    for port in ids:
        began = time.perf_counter()
        read(port)
        times_ms.append((time.perf_counter() - began) * 1000)
    cuts = statistics.quantiles(times_ms, n=100)
    return {
        "reads": len(ids),
        "p50Ms": round(cuts[49], 1),
        "p95Ms": round(cuts[94], 1),
        "p99Ms": round(cuts[98], 1),
        "cpuMsPerRead": round((process_cpu_s(pid) - cpu_s) * 1000 / len(ids), 1),
    }


def _written_bytes() -> int:
    lines = Path("/proc/self/io").read_text("ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("write_bytes"))


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) else None


def _now_ms() -> int:
    return time.time_ns() // 1_000_000

"""What clients see of a hub at work: at 60 % of a core, in a storm, and after a restart.

50 agents measure while 1,000 clients look on, half of them in the rooms of 50 sites and half in those that hear of all
devices and all alerts; every ninth is timed, from what was observed and from its commit. What agents send is raised in
steps, each of them told, until the hub's process has 60 % of a core. Then 5,000 devices of 10 agents fall at once while
200 clients hear of all. At last a hub is killed that 2,000 clients are connected to, while events go on.
"""

import os
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.bench.crowd import Crowd
from tests.bench.fanout_client import Setup
from tests.bench.fanout_load import Report, Statuses
from tests.bench.figures import Figures, process_cpu_s, process_peak_bytes, quantile
from tests.bench.ingest import AGENTS, PACED_PER_S, Load, Taken, loaded, samples_per_s
from tests.bench.ingest_load import Order
from tests.kill.enrolled import EnrolledAgent
from tests.kill.hub import HubProcess

CLIENTS = 1_000
TIMED_EVERY = 9
EVENTS_PER_S = 25.0
CPU_SHARE = 0.6
# What a load is judged by before it is raised, how near is enough, and how far it may be: the load's own process needs
# a core as well, and falls behind past what it can make.
TRIAL_S = 4.0
NEAR = 0.06
MAX_STEPS = 6
MAX_TIMES = 16.0
MAX_STEP_TIMES = 4.0
BEHIND = 1.5
BUSY_S = 15.0
STORM_CLIENTS = 200
STORM_DEVICES = 5_000
STORM_AGENTS = 10
STORM_WITHIN_S = 60.0
RETURNING = 2_000
AWAY_S = 3.0
# What is freed and given back to the system is so within this time.
REST_S = 5.0
LOOK_S = 0.25
KIB, MIB = 1024, 1024 * 1024
SOCKETS = """
[sockets]
handshake_burst = 100000
sessions_per_user = 100000
"""


def live(seconds: float) -> Figures:
    """Raise the load to 60 % of a core, and time what clients get for `seconds`, at most 15."""
    with loaded(AGENTS, prepare=_raise_limits) as (hub, load, data):
        before = rss_bytes(hub.process.pid)
        wide = ("devices", "alerts")
        rooms = [room for at, site in enumerate(_rooms(hub)) for room in (site, wide[at % 2])]
        setup = Setup(hub.port, CLIENTS, hub.token(), rooms, decode_every=TIMED_EVERY, replay=True)
        clients = Crowd(setup, data.parent / "clients.log")
        try:
            connected = rss_bytes(hub.process.pid)
            times, steps = _raised(load)
            clients.ask(b"mark", dict[str, bool])
            taken = _work(load, times, min(seconds, BUSY_S))
            report = clients.ask(b"report", Report)
        finally:
            clients.end()
    return {
        "kiBPerClient": round((connected - before) / CLIENTS / KIB, 1),
        "samplesPerS": round(taken.report.rows / taken.report.wall_s),
        "eventsPerS": round(len(taken.report.event_ages_ms) / taken.report.wall_s),
        "deliveriesPerS": round(report.messages / taken.report.wall_s),
        "cpuShare": round(_share(taken), 2),
        "steps": steps,
        "lost": report.lost,
        "observedToClient": {name: _ages(ages) for name, ages in report.ages_ms.items()},
        "committedToClient": {name: _ages(ages) for name, ages in report.commit_ages_ms.items()},
    }


def storm() -> Figures:
    """Let 5,000 devices fall at once under 200 clients; see who was told how often, and what the hub keeps of it."""
    with loaded(STORM_AGENTS, devices=STORM_DEVICES, ports=1, prepare=_raise_limits) as (hub, load, data):
        setup = Setup(hub.port, STORM_CLIENTS, hub.token(), ["devices"], decode_every=0, replay=True)
        clients = Crowd(setup, data.parent / "clients.log")
        try:
            pid = hub.process.pid
            before_bytes = rss_bytes(pid)
            clients.ask(b"mark", dict[str, bool])
            began_s, cpu_s = time.monotonic(), process_cpu_s(pid)
            taken = load.give(Order(fall=True))
            told = _until_all_told(clients)
            cpu_s = process_cpu_s(pid) - cpu_s
            peak_bytes = process_peak_bytes(pid)
            time.sleep(REST_S)
            after_bytes = rss_bytes(pid)
            lost = clients.ask(b"tally", Report).lost
        finally:
            clients.end()
    return {
        "devices": STORM_DEVICES,
        "clients": STORM_CLIENTS,
        "acknowledgedAfterS": round(taken.report.wall_s, 2),
        "toldAfterS": round(told.last_s - began_s, 2),
        "cpuS": round(cpu_s, 2),
        "connectionsLost": lost,
        "lostOrDoubled": max(STORM_DEVICES - told.fewest, told.most - STORM_DEVICES, told.out_of_order, lost),
        "beforeMiB": round(before_bytes / MIB),
        "peakMiB": round(peak_bytes / MIB),
        "afterMiB": round(after_bytes / MIB),
        "keptMiB": round((after_bytes - before_bytes) / MIB),
    }


def restart() -> Figures:
    """Kill a hub under 2,000 clients while events go on, start it, and see who got what."""
    with loaded(AGENTS, prepare=_raise_limits) as (hub, load, data), ThreadPoolExecutor(1) as thread:
        setup = Setup(hub.port, RETURNING, hub.token(), _rooms(hub), decode_every=1, replay=True)
        clients = Crowd(setup, data.parent / "clients.log")
        try:
            clients.ask(b"mark", dict[str, bool])
            given = thread.submit(load.carry_out, Order(seconds=AWAY_S * 3, events_per_s=EVENTS_PER_S))
            time.sleep(AWAY_S)
            hub.kill()
            started_s = hub.start()
            began_s = time.monotonic()
            clients.ask(b"back", dict[str, int])
            back_s = time.monotonic() - began_s
            given.result()
            report = _until_quiet(clients)
        finally:
            clients.end()
    return {
        "clients": RETURNING,
        "startS": round(started_s, 2),
        "backAfterS": round(started_s + back_s, 2),
        "connectionsLost": report.lost,
        "events": report.seqs,
        "notRecovered": report.unrecovered,
        "clientsWithOtherEvents": report.odd,
    }


def rss_bytes(pid: int) -> int:
    """Return what a running process has resident."""
    return int(Path(f"/proc/{pid}/statm").read_text("ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")


def _work(load: Load, times: float, seconds: float) -> Taken:
    return load.give(Order(seconds=seconds, rows_per_s=times * PACED_PER_S, events_per_s=times * EVENTS_PER_S))


def _raised(load: Load) -> tuple[float, list[Figures]]:
    """Return how often the least load takes the hub to `CPU_SHARE`, and the steps by which that was found.

    Where the machine cannot carry so much, the last that it carried.
    """
    steps: list[Figures] = []
    times, tried = 1.0, [(0.0, 0.0)]
    while True:
        taken = _work(load, times, TRIAL_S)
        share = _share(taken)
        steps.append({"samplesPerS": samples_per_s(taken), "cpuShare": round(share, 2)})
        if share < CPU_SHARE and taken.report.wall_s > TRIAL_S * BEHIND:
            return max(1.0, tried[-1][0]), steps
        is_limit = times >= MAX_TIMES and share < CPU_SHARE
        if abs(share - CPU_SHARE) <= NEAR or is_limit or len(steps) == MAX_STEPS:
            return times, steps
        tried.append((times, share))
        times = _next(*tried[-2:])


def _next(before: tuple[float, float], last: tuple[float, float]) -> float:
    """Return the load at which a line through two steps (load, share) reaches `CPU_SHARE`, within a sane step.

    Not all of the share is the load's: clients hear of the same number of rooms each second whatever is measured.
    """
    (times_before, share_before), (times, share) = before, last
    slope = (share - share_before) / (times - times_before) if times != times_before else 0.0
    wanted = times + (CPU_SHARE - share) / slope if slope > 0 else times * MAX_STEP_TIMES
    return min(MAX_TIMES, times * MAX_STEP_TIMES, max(wanted, times / MAX_STEP_TIMES))


def _share(taken: Taken) -> float:
    return taken.cpu_s / taken.report.wall_s


def _until_all_told(clients: Crowd) -> Statuses:
    """Return the counts once every client has been told of each device, or after a minute."""
    deadline_s = time.monotonic() + STORM_WITHIN_S
    while True:
        told = clients.ask(b"statuses", Statuses)
        if told.fewest >= STORM_DEVICES or time.monotonic() > deadline_s:
            return told
        time.sleep(LOOK_S)


def _until_quiet(clients: Crowd) -> Report:
    """Return the report once no client has got anything more for a second."""
    report = clients.ask(b"report", Report)
    while True:
        time.sleep(1)
        later = clients.ask(b"report", Report)
        if later.seqs == report.seqs and not later.odd:
            return later
        if later.messages == report.messages:
            return later
        report = later


def _rooms(hub: HubProcess) -> list[str]:
    return [f"site:{site['id']}" for site in hub.get("sites")["items"]]


def _raise_limits(data: Path, _agents: Sequence[EnrolledAgent]) -> None:
    """Let all clients be one user's."""
    with (data / "hub.toml").open("a", encoding="utf-8") as file:
        file.write(SOCKETS)


def _ages(ages_ms: list[float]) -> Figures:
    return {"count": len(ages_ms), "p50Ms": quantile(ages_ms, 50), "p99Ms": quantile(ages_ms, 99)}

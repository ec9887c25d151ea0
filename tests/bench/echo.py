"""Echoes: the engine against fping and icmplib, over addresses of 127.0.0.0/8, which the kernel all answers.

Sent as fast as each can. The true delay there is 1 to 2 us, and nothing is lost: what is reported lost is false.
"""

import asyncio
import shutil
import statistics
import subprocess
from collections.abc import Sequence

import icmplib  # type: ignore[import-untyped]  # the library has no types
from noctule_agent.probes.icmp import EchoEngine, NoPermission

from tests.bench.figures import Figures, absent, goal, medians, ratio, used

# Targets -> packets to each. fping has 65,536 numbers for all packets of 10 s.
PACKETS = {2_000: 20, 10_000: 5}
# As a monitor would use it: a round of 3 packets, half a second apart by its default, to 200 targets at a time.
ICMPLIB_TARGETS = 2_000
ICMPLIB_PACKETS = 3
ICMPLIB_TASKS = 200
TIMEOUT_S = 1.0


def measure(repeat: int) -> Figures:
    """Measure all three and set the engine beside the others."""
    try:
        EchoEngine.open().close()
    except NoPermission as error:
        return absent(str(error))
    found: Figures = {}
    engines: dict[int, Figures] = {}
    fpings: dict[int, Figures] = {}
    for count, packets in PACKETS.items():
        targets = addresses(count)
        # In turns, so that other load on the machine meets both.
        turns = [(engine(targets, packets), fping(targets, packets)) for _ in range(repeat)]
        engines[count], fpings[count] = medians([one for one, _ in turns]), medians([one for _, one in turns])
        found[f"engine{count}"], found[f"fping{count}"] = engines[count], fpings[count]
    rival = icmplib_pings(addresses(ICMPLIB_TARGETS))
    found[f"icmplib{ICMPLIB_TARGETS}"] = rival
    found["goals"] = {
        **{
            f"repliesToFping{count}": goal(
                ratio(engines[count]["repliesPerS"], fpings[count].get("repliesPerS")), at_least=0.5
            )
            for count in PACKETS
        },
        "repliesToIcmplib": goal(ratio(engines[ICMPLIB_TARGETS]["repliesPerS"], rival["repliesPerS"]), at_least=200),
        **{f"falseLoss{count}": goal(_number(engines[count]["falseLossRatio"]), at_most=0.0) for count in PACKETS},
        **{
            f"medianRttOffFpingUs{count}": goal(
                _difference(engines[count]["medianRttUs"], fpings[count].get("medianRttUs")), at_most=5.0
            )
            for count in PACKETS
        },
    }
    return found


def addresses(count: int) -> list[str]:
    """Return so many addresses that this machine answers for."""
    return [f"127.{100 + number // 62_500}.{number // 250 % 250}.{number % 250 + 1}" for number in range(count)]


def engine(targets: Sequence[str], packets: int) -> Figures:
    """Ping every target at once with our engine."""

    async def rounds() -> list[tuple[float, ...]]:
        echo = EchoEngine.open()
        try:
            found = await asyncio.gather(
                *(echo.round(address, packets, spacing_s=0.0, timeout_s=TIMEOUT_S) for address in targets)
            )
        finally:
            echo.close()
        return [one.rtt_s for one in found]

    with used() as usage:
        found = asyncio.run(rounds())
    return _figures([rtt for rtts in found for rtt in rtts], len(targets) * packets, usage.wall_s, usage.own_cpu_s)


def fping(targets: Sequence[str], packets: int) -> Figures:
    """Ping every target with fping; its period lets it send without a pause."""
    program = shutil.which("fping")
    if program is None:
        return absent("fping is not installed")
    options = ["-q", "-i", "0", "-p", "1", "-C", str(packets), "-t", str(int(TIMEOUT_S * 1000))]
    with used() as usage:
        answer = subprocess.run(
            [program, *options], input="\n".join(targets), capture_output=True, text=True, check=False, timeout=60
        )
    values = [value for line in answer.stderr.splitlines() for value in line.partition(" : ")[2].split()]
    rtts_s = [float(value) / 1000 for value in values if value != "-"]
    if not rtts_s:
        return absent(f"fping failed: {answer.stderr[:200]}")
    return _figures(rtts_s, len(targets) * packets, usage.wall_s, usage.children_cpu_s)


def icmplib_pings(targets: Sequence[str]) -> Figures:
    """Ping every target with icmplib's own way for many; it waits between packets, and loses to its own sockets."""
    with used() as usage:
        hosts = asyncio.run(
            icmplib.async_multiping(
                list(targets), count=ICMPLIB_PACKETS, timeout=TIMEOUT_S, concurrent_tasks=ICMPLIB_TASKS
            )
        )
    rtts_s = [rtt / 1000 for host in hosts for rtt in host.rtts]
    return _figures(rtts_s, len(targets) * ICMPLIB_PACKETS, usage.wall_s, usage.own_cpu_s)


def _figures(rtts_s: Sequence[float], sent: int, wall_s: float, cpu_s: float) -> Figures:
    return {
        "repliesPerS": round(len(rtts_s) / wall_s),
        "cpuUsPerProbe": round(cpu_s / sent * 1e6, 2),
        "medianRttUs": round(statistics.median(rtts_s) * 1e6, 2) if rtts_s else None,
        "falseLossRatio": (sent - len(rtts_s)) / sent,
    }


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) else None


def _difference(one: object, other: object) -> float | None:
    first, second = _number(one), _number(other)
    return None if first is None or second is None else round(abs(first - second), 2)

"""The echo engine through real routers: delays, losses, doubled, overtaken and late packets, each told apart.

    agent --- r1 === forwarder === r2 --- far
             (loss)   (delay, order)

What the engine reports is compared with what the forwarder's log and the router's counters say.
"""

import json
import statistics
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

import msgspec
import pytest
from noctule_agent.probes.echo_ledger import EchoStats
from noctule_agent.probes.echo_round import EchoRound

from tests.lab.conftest import join_by_forwarder
from tests.lab.driver import RoundOrder
from tests.lab.forwarder import Passage, Treatment
from tests.lab.network import Address, Lab, Namespace, add_address, counter_packets, nftables, wait_until_reached
from tests.lab.program import Programs

pytestmark = [pytest.mark.check, pytest.mark.timeout(120), pytest.mark.xdist_group("lab-echoes")]

DEADLINE_S: Final = 60.0
SEED: Final = "noctule"
DELAY: Final = Treatment(delay_s=0.020, jitter_s=0.002)
DOUBLED: Final = Treatment(delay_s=0.005, doubled_ratio=0.25, first=300)
OVERTAKEN: Final = Treatment(delay_s=0.005, held_ratio=0.2, held_s=0.035, first=300)
LATE: Final = Treatment(delay_s=0.002, held_ratio=0.15, held_s=0.7, doubled_ratio=0.1, first=200)
LATE_TIMEOUT_S: Final = 0.4


class Report(msgspec.Struct, frozen=True):
    """What `driver.py echo` prints."""

    stages: list[list[EchoRound]]
    stats: EchoStats


@dataclass(frozen=True, slots=True)
class Observed:
    """One run: the rounds by what they went through, what the forwarder logged, what others measured."""

    rounds: dict[str, EchoRound]
    # The plain rounds after all was over: they bring what came after the first ones had ended.
    afterwards: dict[str, EchoRound]
    stats: EchoStats
    passages: dict[str, list[Passage]]
    dropped: dict[str, int]
    fping_s: list[float | None]
    probe: dict[str, Any]


@pytest.fixture(scope="module")
def observed(lab: Lab, programs: Programs) -> Observed:
    agent, r1, r2, far = lab.host("agent"), lab.router("r1"), lab.router("r2"), lab.host("far")
    near = lab.join(agent, r1)
    behind = lab.join(r2, far)
    names = ("delayed", "doubled", "overtaken", "late", "lossy", "lossy6", "probed", "plain")
    targets = {name: add_address(behind.right, behind.subnet.address(10 + n)) for n, name in enumerate(names)}
    plan = {
        targets["delayed"].v4: DELAY,
        targets["doubled"].v4: DOUBLED,
        targets["overtaken"].v6: OVERTAKEN,
        targets["late"].v4: LATE,
    }
    middle, forwarder = join_by_forwarder(lab, programs, r1, r2, plan, seed=SEED)
    agent.route(middle.subnet, near.right.address)
    agent.route(behind.subnet, near.right.address)
    r1.route(behind.subnet, middle.right.address)
    r2.route(near.subnet, middle.left.address)
    far.route(near.subnet, behind.left.address)
    wait_until_reached(agent, behind.right.address)
    _drop(r1, targets)

    fping = programs.start(agent, "fping", "-q", "-C", "200", "-p", "20", "-t", "1000", targets["delayed"].v4)
    probe = programs.module(agent, "noctule_agent.cli", "probe", targets["probed"].v4, "--count", "50", "--json")
    report = _run_engine(programs, agent, targets)
    measured = dict(zip(("delayed", "doubled", "overtaken", "late", "lossy", "lossy6"), report.stages[0], strict=True))
    afterwards = dict(zip(("doubled", "overtaken", "late", "delayed"), report.stages[2], strict=True))
    afterwards["plain"] = report.stages[1][0]
    fping.wait_to_end(DEADLINE_S)
    probe.wait_to_end(DEADLINE_S)
    passages = [msgspec.json.decode(line, type=Passage) for line in forwarder.stop()[1:]]
    return Observed(
        rounds=measured,
        afterwards=afterwards,
        stats=report.stats,
        passages={
            name: sorted((one for one in passages if one.destination in {address.v4, address.v6}), key=_number)
            for name, address in targets.items()
        },
        dropped={name: counter_packets(r1, name) for name in ("lossy", "lossy6", "probed")},
        fping_s=_fping_delays(fping.errors()),
        probe=json.loads(probe.lines[0]),
    )


def _number(passage: Passage) -> int:
    return passage.number


def _drop(router: Namespace, targets: dict[str, Address]) -> None:
    v4, v6 = "icmp type echo-request", "icmpv6 type echo-request"
    rules = [
        f"ip daddr {targets['lossy'].v4} {v4} numgen random mod 100 < 20 counter name lossy drop",
        f"ip6 daddr {targets['lossy6'].v6} {v6} numgen inc mod 5 == 3 counter name lossy6 drop",
        f"ip daddr {targets['probed'].v4} {v4} numgen random mod 100 < 30 counter name probed drop",
    ]
    nftables(router, "forward", rules, ("lossy", "lossy6", "probed"))


def _run_engine(programs: Programs, agent: Namespace, targets: dict[str, Address]) -> Report:
    rounds = [
        RoundOrder(targets["delayed"].v4, 200, 0.02, 1.0),
        RoundOrder(targets["doubled"].v4, 300, 0.01, 1.0),
        RoundOrder(targets["overtaken"].v6, 300, 0.01, 1.0),
        RoundOrder(targets["late"].v4, 200, 0.02, LATE_TIMEOUT_S),
        RoundOrder(targets["lossy"].v4, 500, 0.01, 1.0),
        RoundOrder(targets["lossy6"].v6, 500, 0.01, 1.0),
    ]
    # Longer than any packet is held: what comes late has come when it ends.
    meanwhile = [RoundOrder(targets["plain"].v4, 10, 0.2, 1.0)]
    afterwards = [
        RoundOrder(address, 1, 0.0, 3.0)
        for address in (
            targets["doubled"].v4,
            targets["overtaken"].v6,
            targets["late"].v4,
            targets["delayed"].v4,
        )
    ]
    given = msgspec.json.encode([rounds, meanwhile, afterwards]).decode()
    lines = programs.script(agent, "driver.py", "echo", given=given).finish(DEADLINE_S)
    return msgspec.json.decode(lines[0], type=Report)


def _fping_delays(text: str) -> list[float | None]:
    _, _, delays = text.strip().splitlines()[-1].partition(" : ")
    return [None if delay == "-" else float(delay) / 1000 for delay in delays.split()]


def test_no_reply_comes_before_the_programmed_delay(observed: Observed) -> None:
    found = observed.rounds["delayed"]
    log = _of_engine(observed, "delayed", found.sent)
    assert found.received == found.sent == 200
    assert found.min_s is not None
    assert found.min_s >= DELAY.delay_s
    pairs = zip(found.rtt_in_order_s, log, strict=True)
    over_s = [rtt_s - passage.delay_s for rtt_s, passage in pairs if rtt_s is not None]
    # Not one reply is booked to another packet than its own.
    assert min(over_s) >= 0
    assert statistics.median(over_s) < 0.005


def test_median_delay_is_that_of_fping(observed: Observed) -> None:
    theirs_s = [delay_s for delay_s in observed.fping_s if delay_s is not None]
    assert len(theirs_s) == 200
    assert observed.rounds["delayed"].median_s == pytest.approx(statistics.median(theirs_s), abs=0.001)


@pytest.mark.parametrize("name", ["lossy", "lossy6"])
def test_loss_reported_is_the_routers_counter_exactly(observed: Observed, name: str) -> None:
    found = observed.rounds[name]
    assert found.sent == 500
    assert found.kernel_drops == 0
    assert found.send_error is None
    assert 50 <= observed.dropped[name] <= 150
    assert found.sent - found.received == observed.dropped[name]
    assert found.loss_ratio == pytest.approx(observed.dropped[name] / 500)
    assert found.rtt_in_order_s.count(None) == observed.dropped[name]


def test_every_fifth_packet_lost_is_every_fifth_without_a_delay(observed: Observed) -> None:
    lost = [number for number, rtt_s in enumerate(observed.rounds["lossy6"].rtt_in_order_s) if rtt_s is None]
    assert lost == list(range(3, 500, 5))


def test_probe_command_reports_the_loss_of_the_routers_counter(observed: Observed) -> None:
    icmp = observed.probe["icmp"]
    assert icmp["sent"] == 50
    assert icmp["sent"] - icmp["received"] == observed.dropped["probed"] > 0
    assert icmp["lossRatio"] == pytest.approx(observed.dropped["probed"] / 50)


def test_doubled_packets_are_counted_and_not_received_twice(observed: Observed) -> None:
    found, later = observed.rounds["doubled"], observed.afterwards["doubled"]
    log = _of_engine(observed, "doubled", found.sent)
    doubled = sum(len(passage.sent_s) == 2 for passage in log)
    assert 40 <= doubled <= 110
    assert found.received == found.sent == 300
    assert (found.late, later.late) == (0, 0)
    assert found.duplicates + later.duplicates == doubled


def test_overtaken_packets_keep_their_own_delay(observed: Observed) -> None:
    found, later = observed.rounds["overtaken"], observed.afterwards["overtaken"]
    log = _of_engine(observed, "overtaken", found.sent)
    overtaken = sum(first.sent_s[0] > second.sent_s[0] for first, second in pairwise(log))
    assert overtaken >= 20
    assert found.received == found.sent == 300
    assert (found.late, found.duplicates, later.late, later.duplicates) == (0, 0, 0, 0)
    over_s = [
        rtt_s - passage.delay_s for rtt_s, passage in zip(found.rtt_in_order_s, log, strict=True) if rtt_s is not None
    ]
    assert min(over_s) >= 0
    assert statistics.median(over_s) < 0.005
    # A packet that was held and its successor that was not differ by the holding (RFC 3393), here with its sign.
    held_s = [second.delay_s - first.delay_s for first, second in pairwise(log)]
    assert max(held_s) > OVERTAKEN.held_s / 2 > -OVERTAKEN.held_s / 2 > min(held_s)
    assert found.ipdv_s == pytest.approx(statistics.fmean(map(abs, held_s)), abs=0.005)


def test_late_replies_are_lost_and_told_apart_from_doubled_ones(observed: Observed) -> None:
    found, later = observed.rounds["late"], observed.afterwards["late"]
    log = _of_engine(observed, "late", found.sent)
    held = [passage.held for passage in log]
    assert 15 <= sum(held) <= 50
    assert [rtt_s is None for rtt_s in found.rtt_in_order_s] == held
    assert found.received == found.sent - sum(held)
    assert found.late + later.late == sum(held)
    assert found.duplicates + later.duplicates == sum(len(passage.sent_s) == 2 for passage in log)
    assert all(rtt_s <= LATE_TIMEOUT_S for rtt_s in found.rtt_s)


def test_targets_that_nothing_happened_to_have_nothing_counted(observed: Observed) -> None:
    for found in (observed.afterwards["plain"], observed.afterwards["delayed"]):
        assert found.received == found.sent
        assert (found.late, found.duplicates, found.kernel_drops) == (0, 0, 0)


def test_engines_counters_are_the_sums_of_all_that_happened(observed: Observed) -> None:
    stats = observed.stats
    held = sum(passage.held for passage in _of_engine(observed, "late", 200))
    doubled = sum(
        len(passage.sent_s) == 2
        for name, sent in (("doubled", 300), ("late", 200))
        for passage in _of_engine(observed, name, sent)
    )
    lost = observed.dropped["lossy"] + observed.dropped["lossy6"]
    assert stats.sent == 200 + 300 + 300 + 200 + 500 + 500 + 10 + 4
    assert (stats.timeouts, stats.late, stats.duplicates) == (lost + held, held, doubled)
    assert stats.received == stats.sent - lost - held
    assert (stats.foreign, stats.send_errors, stats.kernel_drops) == (0, 0, 0)


def _of_engine(observed: Observed, name: str, sent: int) -> list[Passage]:
    """Return what was done to the engine's first packets in order of sending; fping asked only for the delayed."""
    engine = {observed.passages[alone][0].identifier for alone in ("doubled", "overtaken")}
    found = [passage for passage in observed.passages[name] if passage.identifier in engine]
    assert len(found) >= sent
    return found[:sent]

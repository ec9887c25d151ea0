"""What a ping watch makes of its rounds: a row each, in which nothing is lost that may have been dropped here."""

import pytest
from noctule_agent.core.reachability import Transition
from noctule_agent.core.stamps import Stamps
from noctule_agent.probes.echo_round import EchoRound, echo_round
from noctule_agent.probes.icmp import EchoEngine
from noctule_agent.probes.ping_watch import PingWatch
from noctule_agent.probes.trace import Tracer
from noctule_shared.axes import Reachability
from noctule_shared.link import DeviceConfig, IcmpConfig
from noctule_shared.thresholds import IcmpThresholds

from tests.agent.test_monitor import ListSink


class ScriptedEngine(EchoEngine):
    """Answers with one round, whatever is asked."""

    def __init__(self, found: EchoRound) -> None:
        self._found = found

    async def round(self, address: str, count: int = 5, spacing_s: float = 0.2, timeout_s: float = 1.0) -> EchoRound:
        del address, count, spacing_s, timeout_s
        return self._found


def ping_watch(device: DeviceConfig, found: EchoRound, sink: ListSink, transitions: list[Transition]) -> PingWatch:
    return PingWatch(
        device,
        device.icmp or IcmpConfig(),
        ScriptedEngine(found),
        sink,
        Tracer(allowed=False),
        report=lambda _axis, transition, _detail: transitions.append(transition),
        stamps=Stamps(),
        on_good_round=lambda: None,
        on_suspicion=lambda: None,
    )


@pytest.mark.parametrize(("kernel_drops", "sent"), [(0, 5), (2, 3)])
async def test_replies_that_may_have_been_dropped_by_this_machine_are_no_loss(kernel_drops: int, sent: int) -> None:
    found = echo_round("192.0.2.1", (0.001, None, 0.002, None, 0.003), kernel_drops=kernel_drops)
    sink = ListSink()
    watch = ping_watch(DeviceConfig(1, "d1", "192.0.2.1", Reachability.ICMP, IcmpConfig(), None), found, sink, [])
    assert await watch.measure()
    (row,) = sink.latencies
    assert (row.sent, row.received) == (sent, 3)


async def test_a_name_that_does_not_resolve_is_named_as_the_reason() -> None:
    transitions: list[Transition] = []
    icmp = IcmpConfig(count=1, timeout_s=0.01, thresholds=IcmpThresholds(retries=1))
    device = DeviceConfig(1, "d1", "no-such-name.invalid", Reachability.ICMP, icmp, None)
    watch = ping_watch(device, echo_round("192.0.2.1", (0.001,)), ListSink(), transitions)
    await watch.measure()
    assert [change.reason for change in transitions] == ["1 fast retry lost: no-such-host"]


async def test_why_nothing_could_be_sent_is_named_as_the_reason_where_nothing_came_back() -> None:
    transitions: list[Transition] = []
    icmp = IcmpConfig(count=1, timeout_s=0.01, thresholds=IcmpThresholds(retries=1))
    device = DeviceConfig(1, "d1", "192.0.2.1", Reachability.ICMP, icmp, None)
    found = echo_round("192.0.2.1", (None,), send_error="No route to host")
    await ping_watch(device, found, ListSink(), transitions).measure()
    assert [change.reason for change in transitions] == ["1 fast retry lost: No route to host"]

"""`noctule device test`: what is printed, what is refused, and the exit status."""

from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from click.testing import Result
from noctule_hub.answers.devices import DeviceView, IcmpView
from noctule_hub.cli import device_test
from noctule_shared.axes import IfStatus
from noctule_shared.commands import IcmpBody, ProbeBody, ProbedInterface, RttBody, SnmpBody
from noctule_shared.interface_filter import DEFAULT_FILTER
from noctule_shared.link import SnmpVersion

from tests.hub.cli.test_device_tables import device

Run = Callable[..., Result]
Ask = Callable[..., Any]

NO_RTT = RttBody(None, None, None, None, None)
SILENT = ProbeBody(
    "192.0.2.1",
    IcmpBody(5, 0, 1.0, NO_RTT, "timeout"),
    SnmpBody(ok=False, reason="timeout", version=SnmpVersion.V2C),
    0,
    [],
    ["The community is wrong,\x1b[2J or the device is filtered."],
)
ANSWERS = ProbeBody(
    "192.0.2.1",
    IcmpBody(5, 5, 0.0, RttBody(0.001, 0.002, 0.002, 0.003, 0.001)),
    SnmpBody(ok=True, reason=None, version=SnmpVersion.V2C, sys_name="core1", sys_descr="a router"),
    21,
    [ProbedInterface(n, f"Gi0/{n}", "", 10**9, IfStatus.UP, IfStatus.UP, 64) for n in range(1, 22)],
    [],
)


BY_SNMP = device(DEFAULT_FILTER)
BY_BOTH = msgspec.structs.replace(BY_SNMP, icmp=IcmpView(10.0, 5))
BY_ICMP = msgspec.structs.replace(BY_BOTH, snmp=None)
ICMP_ALONE = msgspec.structs.replace(ANSWERS, snmp=SILENT.snmp)
SNMP_ALONE = msgspec.structs.replace(ANSWERS, icmp=SILENT.icmp)
NO_SNMP = msgspec.structs.replace(ANSWERS, snmp=None)


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    def answer(found: ProbeBody, registered: DeviceView = BY_BOTH) -> None:
        monkeypatch.setattr(device_test, "call", lambda _work: (registered, found))

    return answer


def test_device_that_no_agent_can_ask_now_says_why(ask: Ask, signed_in: Run) -> None:
    ask("site", "add", "testing")
    ask("device", "add", "alone", "192.0.2.9", "--site", "testing")
    result = signed_in("device", "test", "alone")
    assert result.exit_code == 1
    assert "no agent polls alone" in result.stderr
    assert result.stdout == ""


def test_answers_are_told_and_exit_0(run: Run, answers: Callable[..., None]) -> None:
    answers(ANSWERS)
    result = run("device", "test", "core1")
    assert result.exit_code == 0
    assert "5 of 5 echoes came back, rtt median 2.000 ms" in result.stdout
    assert "version 2c, core1, a router" in result.stdout
    assert "21 interfaces, the first 20" in result.stdout
    assert "Gi0/20" in result.stdout
    assert "Gi0/21" not in result.stdout


def test_silence_is_explained_inert_and_exit_1(run: Run, answers: Callable[..., None]) -> None:
    answers(SILENT)
    result = run("device", "test", "core1")
    assert result.exit_code == 1
    assert "no answer with version 2c: timeout" in result.stdout
    assert "-> The community is wrong,[2J or the device is filtered." in result.stdout


def test_document_is_the_hub_s_answer(run: Run, answers: Callable[..., None]) -> None:
    answers(SILENT)
    result = run("device", "test", "core1", "--json")
    assert result.exit_code == 1
    assert '"lossRatio": 1.0' in result.stdout


@pytest.mark.parametrize(
    ("registered", "found", "status"),
    [
        (BY_BOTH, ANSWERS, 0),
        (BY_BOTH, ICMP_ALONE, 1),
        (BY_BOTH, SNMP_ALONE, 1),
        (BY_SNMP, SNMP_ALONE, 0),
        (BY_SNMP, ICMP_ALONE, 1),
        (BY_ICMP, NO_SNMP, 0),
        (BY_ICMP, msgspec.structs.replace(SILENT, snmp=None), 1),
    ],
)
def test_exit_status_says_whether_all_works_that_is_registered(
    run: Run, answers: Callable[..., None], registered: DeviceView, found: ProbeBody, status: int
) -> None:
    answers(found, registered)
    result = run("device", "test", "core1")
    assert result.exit_code == status
    assert ("(it is not monitored by ICMP)" in result.stdout) is (registered is BY_SNMP)

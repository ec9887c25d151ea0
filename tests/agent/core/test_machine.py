"""What is said of a machine, and what to do about it."""

import pytest
from noctule_agent.core.headroom import Headroom
from noctule_agent.core.machine import (
    Finding,
    Verdict,
    judge_buffer,
    judge_clock,
    judge_descriptors,
    judge_headroom,
    judge_icmp,
)

MIB = 1024 * 1024


def test_a_small_receive_buffer_is_a_warning_with_the_line_that_mends_it() -> None:
    found = judge_buffer(212_992, wanted_bytes=4 * MIB, rmem_max=212_992)
    assert found.verdict is Verdict.WARNING
    assert found.message.startswith("208 of 4096 KiB for replies granted; net.core.rmem_max is 208 KiB")
    assert found.fix is not None
    assert found.fix.startswith("sysctl -w net.core.rmem_max=4194304")


def test_a_buffer_that_was_granted_is_fine_whatever_rmem_max_says() -> None:
    for rmem_max in (None, 212_992, 8 * MIB):
        assert judge_buffer(4 * MIB, wanted_bytes=4 * MIB, rmem_max=rmem_max).verdict is Verdict.OK


@pytest.mark.parametrize(
    ("hard", "devices", "verdict", "fix"),
    [
        (None, 50_000, Verdict.OK, None),
        (4096, 10, Verdict.OK, None),
        (1024, 10, Verdict.WARNING, "4096"),
        (1024, 960, Verdict.WARNING, "4096"),
        (1024, 961, Verdict.FAILED, "4096"),
        (4096, 5000, Verdict.FAILED, "10000"),
    ],
)
def test_open_files_are_judged_by_the_devices_that_need_them(
    hard: int | None, devices: int, verdict: Verdict, fix: str | None
) -> None:
    found = judge_descriptors(256, hard, snmp_devices=devices)
    assert found.verdict is verdict
    assert fix is None if found.fix is None else fix is not None and f"raise the limit to {fix} " in found.fix


@pytest.mark.parametrize(
    ("synchronised", "resolution_s", "skew_ms", "verdict", "words"),
    [
        (True, 1e-9, None, Verdict.OK, "kept in step to 0.012 s, resolution 1 ns"),
        (True, 1e-9, 999, Verdict.OK, "-0.999 s off the hub's"),
        (True, 1e-9, -1001, Verdict.WARNING, "+1.001 s off the hub's"),
        (True, 0.004, None, Verdict.WARNING, "resolution 4000000 ns"),
        (False, 1e-9, None, Verdict.WARNING, "not kept in step"),
        (None, 1e-9, None, Verdict.WARNING, "cannot be asked"),
    ],
)
def test_clock_is_judged_by_kernel_hub_and_resolution(
    synchronised: bool | None,  # noqa: FBT001  a table's column
    resolution_s: float,
    skew_ms: int | None,
    verdict: Verdict,
    words: str,
) -> None:
    found = judge_clock(
        synchronised, max_error_s=0.012 if synchronised else None, resolution_s=resolution_s, skew_ms=skew_ms
    )
    assert found.verdict is verdict
    assert words in found.message
    assert (found.fix is None) == (verdict is Verdict.OK)


def echoes(measured: float | None, *, lost: int = 0, wanted: float = 0.0) -> Finding:
    return judge_headroom(Headroom(measured, lost, 2139.0, 46, 15), wanted_echoes_per_s=wanted)[0]


def test_the_numbers_say_what_they_mean() -> None:
    assert echoes(14_624.0).message == "14,624 a second: this machine can ping about 14,000 devices every 10 s"
    snmp = judge_headroom(Headroom(None, 0, 2139.0, 46, 15), wanted_echoes_per_s=0.0)[1]
    assert snmp.message == ("2,139 PDUs of 46 names a second: this machine can poll about 96,000 interfaces every 30 s")


@pytest.mark.parametrize(
    ("measured", "lost", "wanted", "verdict"),
    [
        (1000.0, 0, 500.0, Verdict.OK),
        (1000.0, 0, 501.0, Verdict.WARNING),
        (1000.0, 0, 1001.0, Verdict.FAILED),
        (1000.0, 1, 0.0, Verdict.WARNING),
        (0.0, 0, 0.0, Verdict.WARNING),
        (None, 0, 0.0, Verdict.WARNING),
    ],
)
def test_assigned_devices_may_take_half_of_what_was_measured(
    measured: float | None, lost: int, wanted: float, verdict: Verdict
) -> None:
    found = echoes(measured, lost=lost, wanted=wanted)
    assert found.verdict is verdict
    assert (found.fix is None) == (verdict is Verdict.OK)


def test_what_could_not_be_measured_is_a_warning_that_says_so() -> None:
    found = judge_headroom(Headroom(None, 0, None, 46, 15), wanted_echoes_per_s=0.0)
    assert [one.verdict for one in found] == [Verdict.WARNING, Verdict.WARNING]
    assert all(one.message.startswith("not measured") and one.fix for one in found)


@pytest.mark.parametrize(
    ("permitted", "agents", "verdict", "words"),
    [
        ("raw", None, Verdict.OK, "raw socket permitted"),
        ("unprivileged", "on", Verdict.OK, "unprivileged socket permitted"),
        (None, None, Verdict.WARNING, "devices are judged by SNMP alone"),
        (None, "on", Verdict.OK, "permitted to the agent that runs, not to this shell"),
        ("raw", "not-permitted", Verdict.WARNING, "not permitted to the agent that runs"),
        (None, "not-permitted", Verdict.WARNING, "not permitted to the agent that runs"),
    ],
)
def test_icmp_is_judged_by_what_the_running_agent_may(
    permitted: str | None, agents: str | None, verdict: Verdict, words: str
) -> None:
    found = judge_icmp(permitted=permitted, agents=agents)
    assert (found.verdict, words in found.message) == (verdict, True)
    assert bool(found.fix) == (verdict is Verdict.WARNING)

"""Judges what an agent needs of its machine; each finding names the way to mend it.

Pure; looking is left to `noctule_agent.doctor`.
"""

from enum import StrEnum
from typing import Final

import msgspec

from noctule_agent.core.headroom import PROMISED_RATIO, Headroom

# A session per SNMP device and some for the rest; systemd's usual hard limit is far above.
WANTED_DESCRIPTORS: Final = 4096
OTHER_DESCRIPTORS: Final = 64
KIB: Final = 1024
# Rates and late marks bear this much between agent and hub.
MAX_SKEW_MS: Final = 1000
# A coarser clock shows in every delay of a loopback or a LAN.
MAX_RESOLUTION_S: Final = 0.001


class Verdict(StrEnum):
    """How a check ended."""

    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"


class Finding(msgspec.Struct, frozen=True):
    """One checked thing. `message`: what was found, `fix`: what to do, None when nothing."""

    name: str
    verdict: Verdict
    message: str
    fix: str | None = None


def judge_buffer(granted_bytes: int, *, wanted_bytes: int, rmem_max: int | None) -> Finding:
    """Judge the receive buffer that the kernel granted for echoes. `rmem_max` None: cannot be read."""
    allowed = "unknown" if rmem_max is None else f"{rmem_max // KIB} KiB"
    message = f"{granted_bytes // KIB} of {wanted_bytes // KIB} KiB for replies granted; net.core.rmem_max is {allowed}"
    if granted_bytes >= wanted_bytes:
        return Finding("buffers", Verdict.OK, message)
    fix = f"sysctl -w net.core.rmem_max={wanted_bytes}, and the same line in /etc/sysctl.d/noctule.conf"
    return Finding("buffers", Verdict.WARNING, f"{message}: bursts of replies may be dropped", fix)


def judge_descriptors(soft: int, hard: int | None, *, snmp_devices: int) -> Finding:
    """Judge the limits of open files; the agent raises its own to the hard one. `hard` None: no limit."""
    if hard is None:
        return Finding("files", Verdict.OK, f"{soft} open files, may be raised without limit")
    room = max(0, hard - OTHER_DESCRIPTORS)
    message = f"{soft} open files, raised to {hard} by run: enough for {room} SNMP devices, {snmp_devices} are assigned"
    fix = f"raise the limit to {max(WANTED_DESCRIPTORS, 2 * snmp_devices)} (LimitNOFILE= in the unit, or ulimit -n)"
    if room < snmp_devices:
        return Finding("files", Verdict.FAILED, message, fix)
    if hard < WANTED_DESCRIPTORS:
        return Finding("files", Verdict.WARNING, message, fix)
    return Finding("files", Verdict.OK, message)


def judge_clock(
    synchronised: bool | None,  # noqa: FBT001  three values, not a switch
    *,
    max_error_s: float | None,
    resolution_s: float,
    skew_ms: int | None,
) -> Finding:
    """Judge this machine's clock. `skew_ms`: the hub's clock minus ours, None: not told."""
    parts = [
        {True: "kept in step", False: "not kept in step by anything", None: "the kernel cannot be asked"}[synchronised]
    ]
    if max_error_s is not None:
        parts[0] += f" to {max_error_s:.3f} s"
    parts.append(f"resolution {resolution_s * 1e9:.0f} ns")
    if skew_ms is not None:
        parts.append(f"{-skew_ms / 1000:+.3f} s off the hub's")
    message = ", ".join(parts)
    if skew_ms is not None and abs(skew_ms) > MAX_SKEW_MS:
        return Finding(
            "clock", Verdict.WARNING, message, "run an NTP client (chrony, systemd-timesyncd) here and there"
        )
    if synchronised is not True:
        fix = "run an NTP client (chrony, systemd-timesyncd), or see that the host keeps this guest's clock"
        return Finding("clock", Verdict.WARNING, message, fix)
    if resolution_s > MAX_RESOLUTION_S:
        return Finding(
            "clock", Verdict.WARNING, message, "delays will be as coarse as that: choose another clocksource"
        )
    return Finding("clock", Verdict.OK, message)


def judge_icmp(*, permitted: str | None, agents: str | None) -> Finding:
    """Judge which kind of socket we are `permitted`, None for neither, and what the `agents` own status says of ICMP.

    A service may be given what the shell of its user is not, and root's shell has what the service may lack.
    """
    give = "give the program CAP_NET_RAW, or allow its group in net.ipv4.ping_group_range"
    if agents == "on" and permitted is None:
        return Finding("icmp", Verdict.OK, "permitted to the agent that runs, not to this shell")
    if agents == "not-permitted":
        message = "not permitted to the agent that runs, which judges devices by SNMP alone"
        return Finding("icmp", Verdict.WARNING, message, f"{give}, and restart it")
    if permitted is None:
        return Finding("icmp", Verdict.WARNING, "not permitted, devices are judged by SNMP alone", give)
    return Finding("icmp", Verdict.OK, f"{permitted} socket permitted")


def judge_headroom(measured: Headroom, *, wanted_echoes_per_s: float) -> list[Finding]:
    """Judge what the machine did in a second, against what the assigned devices need."""
    return [_judge_echoes(measured, wanted_echoes_per_s), _judge_pdus(measured)]


def _judge_echoes(measured: Headroom, wanted: float) -> Finding:
    if measured.echoes_per_s is None or measured.devices is None:
        return Finding("echoes", Verdict.WARNING, "not measured: no ICMP from here", "see icmp; root can measure it")
    message = (
        f"{measured.echoes_per_s:,.0f} a second: this machine can ping about {_about(measured.devices)} devices "
        "every 10 s"
    )
    share = wanted / measured.echoes_per_s if measured.echoes_per_s else 1.0
    if wanted:
        message += f"; those assigned take {share:.1%} of all it can"
    less = "give devices to another agent, ping less often, or give this machine more CPU"
    if measured.echoes_lost:
        return Finding("echoes", Verdict.WARNING, f"{message}; {measured.echoes_lost} lost on the loopback", less)
    if share > 1:
        return Finding("echoes", Verdict.FAILED, message, less)
    if share > PROMISED_RATIO:
        return Finding("echoes", Verdict.WARNING, message, less)
    return Finding("echoes", Verdict.OK, message)


def _judge_pdus(measured: Headroom) -> Finding:
    if measured.pdus_per_s is None or measured.interfaces is None:
        message = "not measured: the responder on the loopback did not start or answer"
        fix = "see that this user may start its Python and send to 127.0.0.1, and run it again"
        return Finding("snmp", Verdict.WARNING, message, fix)
    return Finding(
        "snmp",
        Verdict.OK,
        f"{measured.pdus_per_s:,.0f} PDUs of {measured.varbinds} names a second: this machine can poll about "
        f"{_about(measured.interfaces)} interfaces every 30 s",
    )


def _about(number: int) -> str:
    """Return a number cut to the two digits that a measurement of a second is worth."""
    step = 10 ** max(0, len(str(number)) - 2)
    return f"{number // step * step:,}"

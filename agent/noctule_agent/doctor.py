"""Looks at what an agent needs on its machine: permissions, limits, clock, headroom, data folder, enrolment, hub.

What is wrong and how to mend it is decided by `core.machine`, where it is not said by what failed.
"""

import resource
import secrets
from pathlib import Path
from typing import Final

import msgspec
from noctule_shared.errors import NoctuleError, Refused

from noctule_agent.clock import clock_state
from noctule_agent.config import AgentConfig
from noctule_agent.core.headroom import Headroom, echoes_per_s
from noctule_agent.core.machine import (
    Finding,
    Verdict,
    judge_buffer,
    judge_clock,
    judge_descriptors,
    judge_headroom,
    judge_icmp,
)
from noctule_agent.devices import load_devices
from noctule_agent.enrolment import Enrolment, load_enrolment
from noctule_agent.errors import AgentError, HubNotTrusted
from noctule_agent.files import is_locked, make_folder
from noctule_agent.headroom import measure
from noctule_agent.join import open_http, prove, tls_context
from noctule_agent.keys import load_keys
from noctule_agent.probes.echo_socket import RCVBUF_BYTES, open_echo_socket
from noctule_agent.probes.icmp import EchoEngine, NoPermission
from noctule_agent.status import read_status

RMEM_MAX: Final = Path("/proc/sys/net/core/rmem_max")


class Examination(msgspec.Struct, frozen=True):
    """All findings, and what was measured; the document of `noctule-agent doctor --json`."""

    ok: bool
    checks: list[Finding]
    headroom: Headroom


async def examine(config: AgentConfig) -> Examination:
    """Check everything; takes some three seconds, two of them at full load."""
    devices = list(load_devices(config.data_dir).devices.values())
    engine, icmp = _icmp(config)
    try:
        headroom = await measure(engine)
    finally:
        if engine is not None:
            engine.close()
    checks = [
        icmp,
        *([] if engine is None else [_buffers()]),
        _descriptors(sum(1 for device in devices if device.snmp is not None)),
        _clock(config.data_dir),
        *judge_headroom(headroom, wanted_echoes_per_s=echoes_per_s(devices)),
        _folder(config.data_dir),
    ]
    enrolment = _enrolment(config.data_dir)
    if isinstance(enrolment, Finding):
        checks += [enrolment, Finding("hub", Verdict.WARNING, "not checked: not enrolled")]
    else:
        message = f"{enrolment.name} ({enrolment.agent_id}), site {enrolment.site}"
        checks += [Finding("enrolment", Verdict.OK, message), await _hub(enrolment)]
    return Examination(all(check.verdict is not Verdict.FAILED for check in checks), checks, headroom)


def _icmp(config: AgentConfig) -> tuple[EchoEngine | None, Finding]:
    """Return a running engine where ICMP is permitted, and the finding."""
    if not config.icmp_enabled:
        message = "switched off by icmp.enabled"
        return None, Finding("icmp", Verdict.WARNING, message, "set it to true to ping devices")
    agents = _icmp_of_agent(config.data_dir)
    try:
        engine = EchoEngine.open()
    except NoPermission:
        return None, judge_icmp(permitted=None, agents=agents)
    except OSError as error:
        message = f"no ICMP socket: {error}"
        return None, Finding("icmp", Verdict.WARNING, message, "check that the machine has IPv4 or IPv6")
    return engine, judge_icmp(permitted="raw" if engine.raw else "unprivileged", agents=agents)


def _icmp_of_agent(data_dir: Path) -> str | None:
    """Return what the agent that runs on the folder says of its ICMP; None: none runs, or it does not say."""
    try:
        report = read_status(data_dir)
    except AgentError:
        return None
    return report.status.icmp if report.running and not report.stale else None


def _buffers() -> Finding:
    """Judge what a socket like the engine's is granted: with CAP_NET_ADMIN it may be more than rmem_max."""
    granted = 0
    for v6 in (False, True):
        try:
            opened = open_echo_socket(v6=v6)
        except (NoPermission, OSError):
            continue
        if opened is not None:
            granted = opened.rcvbuf_bytes()
            opened.close()
            break
    try:
        rmem_max = int(RMEM_MAX.read_text("ascii"))
    except (OSError, ValueError):
        rmem_max = None
    return judge_buffer(granted, wanted_bytes=RCVBUF_BYTES, rmem_max=rmem_max)


def _descriptors(snmp_devices: int) -> Finding:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    return judge_descriptors(soft, None if hard == resource.RLIM_INFINITY else hard, snmp_devices=snmp_devices)


def _clock(data_dir: Path) -> Finding:
    state = clock_state()
    try:
        report = read_status(data_dir)
    except AgentError:
        skew_ms = None
    else:
        skew_ms = report.status.link.clock_skew_ms if report.running and not report.stale else None
    return judge_clock(
        state.synchronised, max_error_s=state.max_error_s, resolution_s=state.resolution_s, skew_ms=skew_ms
    )


def _folder(data_dir: Path) -> Finding:
    trial = data_dir / f".doctor-{secrets.token_hex(4)}"
    try:
        make_folder(data_dir)
        trial.write_bytes(b"x")
        trial.unlink()
    except (NoctuleError, OSError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        message = f"{data_dir} cannot be written: {reason}"
        return Finding("folder", Verdict.FAILED, message, "mend its owner or use --data-dir")
    return Finding("folder", Verdict.OK, f"{data_dir}{', an agent runs on it' if is_locked(data_dir) else ''}")


def _enrolment(data_dir: Path) -> Enrolment | Finding:
    try:
        enrolment = load_enrolment(data_dir)
        load_keys(data_dir)
    except NoctuleError as error:
        return Finding("enrolment", Verdict.FAILED, str(error), "noctule-agent join URL --token-file FILE")
    return enrolment


async def _hub(enrolment: Enrolment) -> Finding:
    try:
        async with open_http(tls_context(Path(enrolment.ca) if enrolment.ca else None)) as http:
            public_key = await prove(http, enrolment.hub_url)
    except HubNotTrusted as error:
        return Finding("hub", Verdict.FAILED, str(error), "check the address, DNS and proxies, or join again")
    except Refused as error:
        return Finding("hub", Verdict.FAILED, error.message, "join again with --ca")
    except NoctuleError as error:
        return Finding("hub", Verdict.FAILED, str(error), "check the network, firewalls and that the hub runs")
    if public_key.hex() != enrolment.hub_key:
        message = "another hub answers at this address: its key is not the one this agent joined"
        return Finding("hub", Verdict.FAILED, message, "check the address, DNS and proxies, or join again")
    return Finding("hub", Verdict.OK, f"{enrolment.hub_url} answers and has proved its identity")

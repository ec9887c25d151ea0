"""Checks of what an agent needs on its machine; each result names the way to mend it."""

import resource
import secrets
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Final

import msgspec
from noctule_shared.errors import NoctuleError, Refused

from noctule_agent.config import AgentConfig
from noctule_agent.enrolment import Enrolment, load_enrolment
from noctule_agent.errors import HubNotTrusted
from noctule_agent.files import is_locked, make_folder
from noctule_agent.join import open_http, prove, tls_context
from noctule_agent.keys import load_keys
from noctule_agent.probes.icmp import EchoEngine, NoPermission

# A session per SNMP device and some for the rest; systemd's usual hard limit is far above.
WANTED_DESCRIPTORS: Final = 4096


class Verdict(StrEnum):
    """How a check ended."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


class Finding(msgspec.Struct, frozen=True):
    """One checked thing. `fix`: what to do, None when nothing."""

    name: str
    verdict: Verdict
    message: str
    fix: str | None = None


async def examine(config: AgentConfig) -> list[Finding]:
    """Check everything and return one finding each."""
    findings = [check() for check in (_icmp(config), _descriptors, _folder(config.data_dir))]
    enrolment = _enrolment(config.data_dir)
    if isinstance(enrolment, Finding):
        return [*findings, enrolment, Finding("hub", Verdict.WARN, "not checked: not enrolled")]
    message = f"{enrolment.name} ({enrolment.agent_id}), site {enrolment.site}"
    return [*findings, Finding("enrolment", Verdict.OK, message), await _hub(enrolment)]


def _icmp(config: AgentConfig) -> Callable[[], Finding]:
    def check() -> Finding:
        if not config.icmp_enabled:
            return Finding("icmp", Verdict.WARN, "switched off by icmp.enabled", "set it to true to ping devices")
        try:
            engine = EchoEngine.open()
        except NoPermission:
            return Finding(
                "icmp",
                Verdict.WARN,
                "not permitted, devices are judged by SNMP alone",
                "give the program CAP_NET_RAW, or allow its group in net.ipv4.ping_group_range",
            )
        except OSError as error:
            return Finding("icmp", Verdict.WARN, f"no ICMP socket: {error}", "check that the machine has IPv4 or IPv6")
        kind = "raw" if engine.raw else "unprivileged"
        engine.close()
        return Finding("icmp", Verdict.OK, f"{kind} socket permitted")

    return check


def _descriptors() -> Finding:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard == resource.RLIM_INFINITY or hard >= WANTED_DESCRIPTORS:
        return Finding("files", Verdict.OK, f"up to {soft} open files, may be raised to {hard}")
    return Finding(
        "files",
        Verdict.WARN,
        f"at most {hard} open files; each SNMP device needs one",
        f"raise the limit to {WANTED_DESCRIPTORS} (LimitNOFILE= in the unit, or ulimit -n)",
    )


def _folder(data_dir: Path) -> Callable[[], Finding]:
    def check() -> Finding:
        trial = data_dir / f".doctor-{secrets.token_hex(4)}"
        try:
            make_folder(data_dir)
            trial.write_bytes(b"x")
            trial.unlink()
        except (NoctuleError, OSError) as error:
            reason = error.strerror if isinstance(error, OSError) else str(error)
            return Finding(
                "folder", Verdict.FAIL, f"{data_dir} cannot be written: {reason}", "mend its owner or use --data-dir"
            )
        return Finding("folder", Verdict.OK, f"{data_dir}{', an agent runs on it' if is_locked(data_dir) else ''}")

    return check


def _enrolment(data_dir: Path) -> Enrolment | Finding:
    try:
        enrolment = load_enrolment(data_dir)
        load_keys(data_dir)
    except NoctuleError as error:
        return Finding("enrolment", Verdict.FAIL, str(error), "noctule-agent join URL --token-file FILE")
    return enrolment


async def _hub(enrolment: Enrolment) -> Finding:
    try:
        async with open_http(tls_context(Path(enrolment.ca) if enrolment.ca else None)) as http:
            public_key = await prove(http, enrolment.hub_url)
    except HubNotTrusted as error:
        return Finding("hub", Verdict.FAIL, str(error), "check the address, DNS and proxies, or join again")
    except Refused as error:
        return Finding("hub", Verdict.FAIL, error.message, "join again with --ca")
    except NoctuleError as error:
        return Finding("hub", Verdict.FAIL, str(error), "check the network, firewalls and that the hub runs")
    if public_key.hex() != enrolment.hub_key:
        message = "another hub answers at this address: its key is not the one this agent joined"
        return Finding("hub", Verdict.FAIL, message, "check the address, DNS and proxies, or join again")
    return Finding("hub", Verdict.OK, f"{enrolment.hub_url} answers and has proved its identity")

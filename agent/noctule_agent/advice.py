"""Says in sentences for people why a device does not answer and what to try next. Pure."""

import errno
import os
import shlex
from typing import Final

from noctule_shared.link import SnmpVersion

from noctule_agent.probes.snmp.port_probe import PortState
from noctule_agent.probes.snmp.session import Reason, Refusal
from noctule_agent.probes.snmp.v3_refusal import V3Refusal
from noctule_agent.reports import Finding, IcmpReport, Question, SnmpReport

# What the kernel says when this machine's own rules forbid to send.
_FORBIDDEN: Final = frozenset({os.strerror(errno.EPERM), os.strerror(errno.EACCES)})
_ON_BOTH_SIDES: Final = "Check user, protocols and secrets on both sides"


def advice(icmp: IcmpReport, snmp: SnmpReport, found: Finding, question: Question) -> list[str]:
    """Return why it is so and what to try next, in sentences; none when everything answers as usual."""
    remark = found.remark and f"{found.remark[0].upper()}{found.remark[1:]}."
    by_snmp = None if snmp.ok else _of_snmp(icmp, snmp, found, question)
    sentences = (_of_icmp(icmp, snmp, found.port, question), remark, by_snmp)
    return [sentence for sentence in sentences if sentence]


def of_unknown_name(name: str) -> str:
    """Return what to try about a name that does not resolve."""
    return (
        f"The name {name!r} does not resolve on the machine of the agent, which asks its own resolver, not yours. "
        f"Check the spelling, see there: getent hosts {shlex.quote(name)}; or use the device's address in place of "
        "its name."
    )


def _of_icmp(icmp: IcmpReport, snmp: SnmpReport, port: PortState | None, question: Question) -> str | None:
    if icmp.sent == 0:
        return icmp.reason
    if icmp.received > 0:
        return None
    if icmp.reason in _FORBIDDEN:
        return (
            f"This machine may not send echoes there ({icmp.reason}): its own firewall or a prohibiting route forbids "
            f"it. See: nft list ruleset; ip route get {question.address}"
        )
    if icmp.reason != "timeout":
        return f"This machine knows no way there ({icmp.reason}). See: ip route get {question.address}"
    return _of_lost_echoes(snmp, port)


def _of_lost_echoes(snmp: SnmpReport, port: PortState | None) -> str | None:
    if snmp.ok or port in {PortState.CLOSED, PortState.SPEAKS_V3}:
        return (
            "The host is there, but no echo comes back: a firewall on the way or on the device filters ICMP. Permit "
            "echo requests and replies, or have this device judged by SNMP alone."
        )
    if port is PortState.UNREACHABLE:
        return None  # What SNMP met says more.
    return "No echo came back: the device is off, there is no route to it or back, or a firewall drops ICMP."


def _of_snmp(icmp: IcmpReport, snmp: SnmpReport, found: Finding, question: Question) -> str | None:
    match snmp.reason:
        case Reason.PORT_CLOSED:
            return (
                f"The host answers that UDP port {question.port} is closed: no SNMP agent listens there. "
                "Enable SNMP on the device, or enter the port on which it listens."
            )
        case Reason.NO_PERMISSION if icmp.reason in _FORBIDDEN:
            return None  # Said of the echoes already.
        case Reason.NO_PERMISSION:
            return (
                f"This machine may not send to UDP port {question.port} there: its own firewall or a prohibiting "
                f"route forbids it. See: nft list ruleset; ip route get {question.address}"
            )
        case Reason.WRONG_CREDENTIALS:
            return (
                f"{snmp.detail}. {_ON_BOTH_SIDES}." if found.refusal is None else _of_refusal(found.refusal, question)
            )
        case Reason.TIMEOUT:
            return _of_elsewhere(found, question) or _of_silence(icmp, found.port, question)
        case _:
            return f"SNMP: {snmp.detail}."


def _of_elsewhere(found: Finding, question: Question) -> str | None:
    if found.source is not None:
        return (
            f"The device is asked at {question.address} but answers from {found.source}: set the source address of its "
            "SNMP answers, monitor it at that address, or use --backend auto."
        )
    if found.answers_version is not None:
        return (
            f"The device does not answer SNMP version {question.version.value}, but it does answer version "
            f"{found.answers_version.value} with the same community: use that version."
        )
    return None


def _of_silence(icmp: IcmpReport, port: PortState | None, question: Question) -> str | None:
    if port is PortState.SPEAKS_V3:
        return (
            "An SNMP agent listens there but does not answer this request: the community is wrong, this version is "
            "switched off, or the device allows SNMP only from other addresses than this machine's. It does speak "
            "SNMPv3: try version 3."
        )
    if port is PortState.UNREACHABLE:
        if icmp.received:
            return f"The host is there, but a firewall rejects what is sent to its UDP port {question.port}."
        if icmp.reason not in {None, "timeout"}:
            return None  # Said of the echoes already: no packet leaves this machine.
        return (
            "This machine or a router on the way reports that there is no way to this host: it is off or not on that "
            f"link, a route is missing, or a firewall prohibits it. See: ip route get {question.address}"
        )
    if icmp.received == 0:
        return f"Nothing came back from UDP port {question.port} either. Check the address, power and routes first."
    return (
        f"The device is there, but UDP port {question.port} stays silent: devices do not answer a wrong community. "
        "Check community and version, the device's list of allowed SNMP managers, and firewalls on the way."
    )


def _of_refusal(found: V3Refusal, question: Question) -> str:
    credentials = question.credentials
    match found.refusal:
        case Refusal.UNKNOWN_USER:
            return (
                "The device does not know this v3 user. Check its spelling; a device whose engine id changed has "
                "forgotten its users."
            )
        case Refusal.WRONG_AUTH | Refusal.WRONG_PRIV:
            return _of_wrong_key(found)
        case Refusal.LEVEL_TOO_HIGH:
            what = "privacy" if credentials.priv_secret else "authentication"
            return f"The device knows this v3 user without {what}. Leave it out here, or set it up on the device."
        case Refusal.NO_ACCESS:
            if question.version is SnmpVersion.V3 and not credentials.priv_secret:
                lacking = "privacy" if credentials.auth_secret else "authentication and privacy"
                return (
                    "The device knows this v3 user but opens nothing to it at this security level: it probably asks "
                    f"for {lacking}. Name that too, or give the user access on the device."
                )
            return "The device knows this v3 user but lets it read nothing. Give it a view on the device."
        case Refusal.UNKNOWN_CONTEXT:
            return "The device takes this v3 user, but not in this context. Leave the context out or check its name."


def _of_wrong_key(found: V3Refusal) -> str:
    kind = "auth" if found.refusal is Refusal.WRONG_AUTH else "priv"
    what = "authentication" if kind == "auth" else "privacy"
    known = "user" if kind == "auth" else "user and its authentication"
    if found.fits is not None:
        return (
            f"The device takes this {kind}_secret with {found.fits.value}: set {kind}_protocol to {found.fits.value}."
        )
    return f"The device knows this v3 {known}, but {what} fails: {kind}_secret is wrong, here or on the device."

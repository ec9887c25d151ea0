"""Why a device does not answer and what to try next, in sentences; the measuring is left to `diagnosis`."""

from dataclasses import dataclass

from noctule_shared.link import SnmpVersion

from noctule_agent.probes.snmp.port_probe import PortState, answering_address, port_state
from noctule_agent.probes.snmp.session import Reason
from noctule_agent.reports import IcmpReport, Question, SnmpReport

_OTHER_VERSION = {SnmpVersion.V1: SnmpVersion.V2C, SnmpVersion.V2C: SnmpVersion.V1}


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found out beside the answers. None: nothing, or it was not looked for.

    `source`: the other address that answers come from; `answers_version`: the version that is answered instead;
    `remark`: what is unusual about a device that does answer.
    """

    port: PortState | None = None
    source: str | None = None
    answers_version: SnmpVersion | None = None
    remark: str | None = None


async def examine(address: str, question: Question, *, silent: bool) -> Finding:
    """Find out about the port of a device that gave no answer; `silent`: none at all."""
    port = await port_state(address, question.port)
    if not silent or port is PortState.CLOSED:
        return Finding(port)
    community = question.credentials.community or ""
    source = await answering_address(address, question.port, question.version, community)
    if source is not None and source != address:
        return Finding(port, source=source)
    other = _OTHER_VERSION.get(question.version)
    answers = other is not None and await answering_address(address, question.port, other, community) is not None
    return Finding(port, answers_version=other if answers else None)


def advice(icmp: IcmpReport, snmp: SnmpReport, found: Finding, question: Question) -> list[str]:
    """Return why it is so and what to try next, in sentences."""
    sentences: list[str] = []
    if icmp.sent == 0 and icmp.reason:
        sentences.append(icmp.reason)
    elif icmp.received == 0:
        sentences.append(
            "No echo came back: the device is off, there is no route to it, or a firewall drops ICMP."
            if icmp.reason == "timeout"
            else f"This machine could not send echoes: {icmp.reason}. Check its routes."
        )
    if found.remark is not None:
        sentences.append(f"{found.remark[0].upper()}{found.remark[1:]}.")
    if snmp.ok:
        return sentences
    match snmp.reason:
        case Reason.PORT_CLOSED:
            sentences.append(
                f"The host answers that UDP port {question.port} is closed: no SNMP agent listens there. "
                "Enable SNMP on the device, or name its port with --port."
            )
        case Reason.WRONG_CREDENTIALS:
            sentences.append(
                f"{snmp.detail}. Check user, protocols and secrets on both sides; secrets have 8 characters or more."
            )
        case Reason.TIMEOUT:
            sentences.append(_silence(icmp, found, question))
        case _:
            sentences.append(f"SNMP: {snmp.detail}.")
    return sentences


def _silence(icmp: IcmpReport, found: Finding, question: Question) -> str:
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
    if found.port is PortState.SPEAKS_V3:
        return (
            "An SNMP agent listens there but does not answer this request: the community is wrong, this version is "
            "switched off, or the device allows SNMP only from other addresses than this machine's."
        )
    if icmp.received == 0:
        return f"Nothing came back from UDP port {question.port} either. Check the address, power and routes first."
    return (
        f"The device is there, but UDP port {question.port} stays silent: devices do not answer a wrong community. "
        "Check community and version, the device's list of allowed SNMP managers, and firewalls on the way."
    )

"""What is said for each way in which a device may not answer."""

import errno
import os

import pytest
from noctule_agent.advice import advice
from noctule_agent.probes.snmp.port_probe import PortState
from noctule_agent.probes.snmp.session import Reason, Refusal
from noctule_agent.probes.snmp.v3_refusal import V3Refusal
from noctule_agent.reports import Finding, IcmpReport, Question, RttReport, SnmpReport
from noctule_shared.link import AuthProtocol, PrivProtocol, SnmpCredentials, SnmpVersion

RTT = RttReport(0.001, 0.001, 0.001, 0.001, 0.0)
NO_RTT = RttReport(None, None, None, None, None)
ECHOES = IcmpReport(5, 5, 0.0, RTT)
LOST = IcmpReport(5, 0, 1.0, NO_RTT, "timeout")
UNROUTED = IcmpReport(5, 0, 1.0, NO_RTT, os.strerror(errno.ENETUNREACH))
FORBIDDEN = IcmpReport(5, 0, 1.0, NO_RTT, os.strerror(errno.EPERM))
COMMUNITY = SnmpCredentials(community="public")


def said(
    icmp: IcmpReport,
    reason: Reason | None,
    port: PortState | None = None,
    refusal: V3Refusal | None = None,
    credentials: SnmpCredentials = COMMUNITY,
    *,
    detail: str = "the detail",
) -> list[str]:
    version = SnmpVersion.V3 if credentials.user else SnmpVersion.V2C
    snmp = SnmpReport(ok=reason is None, reason=reason, version=version, detail=detail)
    return advice(icmp, snmp, Finding(port, refusal=refusal), Question("192.0.2.1", 161, version, credentials))


def test_nothing_is_said_of_a_device_that_answers_both_ways() -> None:
    assert said(ECHOES, None) == []


@pytest.mark.parametrize(
    ("icmp", "reason", "port", "words"),
    [
        (LOST, None, None, ["filters ICMP"]),
        (LOST, Reason.PORT_CLOSED, PortState.CLOSED, ["filters ICMP", "port 161 is closed"]),
        (LOST, Reason.TIMEOUT, PortState.SPEAKS_V3, ["filters ICMP", "community is wrong"]),
        (LOST, Reason.TIMEOUT, PortState.SILENT, ["the device is off", "Nothing came back from UDP port 161"]),
        (LOST, Reason.TIMEOUT, PortState.UNREACHABLE, ["there is no way to this host"]),
        (ECHOES, Reason.TIMEOUT, PortState.SILENT, ["allowed SNMP managers"]),
        (ECHOES, Reason.TIMEOUT, PortState.UNREACHABLE, ["a firewall rejects"]),
        (ECHOES, Reason.NO_PERMISSION, PortState.FORBIDDEN, ["may not send to UDP port 161"]),
        (ECHOES, Reason.BAD_RESPONSE, PortState.SPEAKS_V3, ["the detail"]),
        (UNROUTED, Reason.TIMEOUT, PortState.UNREACHABLE, ["knows no way there (Network is unreachable)"]),
        (FORBIDDEN, Reason.NO_PERMISSION, PortState.FORBIDDEN, ["may not send echoes there"]),
    ],
)
def test_each_silence_has_its_sentences(
    icmp: IcmpReport, reason: Reason | None, port: PortState | None, words: list[str]
) -> None:
    found = said(icmp, reason, port)
    assert len(found) == len(words), found
    assert all(word in sentence for word, sentence in zip(words, found, strict=True)), found


@pytest.mark.parametrize("refusal", Refusal)
@pytest.mark.parametrize("fits", [None, AuthProtocol.MD5, PrivProtocol.DES])
def test_every_refusal_says_what_to_do_and_no_secret(
    refusal: Refusal, fits: AuthProtocol | PrivProtocol | None
) -> None:
    credentials = SnmpCredentials(user="author", auth_protocol=AuthProtocol.SHA1, auth_secret="authsecret1")
    found = said(ECHOES, Reason.WRONG_CREDENTIALS, PortState.SPEAKS_V3, V3Refusal(refusal, fits), credentials)
    assert len(found) == 1
    assert found[0].count(". ") + found[0].count(": ") >= 1
    assert "authsecret1" not in found[0]

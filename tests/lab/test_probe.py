"""`noctule-agent probe` in a network that filters, forbids and lacks routes.

agent --- device      (behind the device there is nothing)
"""

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import pytest

from tests.lab.conftest import COMMUNITY, start_snmpd
from tests.lab.network import Lab, Namespace, Subnet, nftables, wait_until_reached
from tests.lab.program import Programs

pytestmark = [pytest.mark.check, pytest.mark.timeout(120), pytest.mark.xdist_group("lab-probe")]

DEADLINE_S: Final = 60.0
NOBODY: Final = "65534"


@dataclass(frozen=True)
class Wire:
    """Two hosts; `target` is the device's address, `beyond` one behind it that does not exist."""

    agent: Namespace
    device: Namespace
    target: str
    beyond: str

    def probe(self, address: str, *words: str, prefix: Sequence[str] = ()) -> tuple[str, int]:
        """Return what the program prints and its exit status."""
        program = (sys.executable, "-m", "noctule_agent.cli", "probe", address, "--count", "1", *words)
        done = subprocess.run(
            self.agent.command("env", f"C={COMMUNITY}", *prefix, *program, "--community-env", "C"),
            capture_output=True,
            text=True,
            timeout=DEADLINE_S,
            check=False,
        )
        assert "Traceback" not in done.stderr, done.stderr
        return done.stdout, done.returncode

    def document(self, address: str) -> dict[str, Any]:
        """Return what the program prints for programs."""
        found: dict[str, Any] = json.loads(self.probe(address, "--json")[0])
        return found


@pytest.fixture(scope="module")
def wire(lab: Lab, programs: Programs) -> Wire:
    agent, device = lab.host("agent"), lab.router("device")
    # Linux allows errors of both kinds from one budget a second: earlier tests would use it up.
    device.set("net/ipv4/icmp_ratelimit", 0)
    link = lab.join(agent, device)
    beyond = Subnet(200)
    agent.route(beyond, link.right.address)
    start_snmpd(device, programs)
    wait_until_reached(agent, link.right.address)
    return Wire(agent, device, link.right.address.v4, beyond.address(1).v4)


@pytest.fixture(autouse=True)
def rules(wire: Wire) -> Iterator[None]:
    yield
    for namespace in (wire.agent, wire.device):
        namespace.run("nft", "flush ruleset")


def test_device_that_filters_icmp_is_found_by_snmp(wire: Wire) -> None:
    nftables(wire.device, "input", ["icmp type echo-request drop"])
    text, status = wire.probe(wire.target)
    assert status == 0
    assert "0 of 1 echoes" in text
    assert "filters ICMP" in text


def test_local_firewall_is_no_permission_not_silence(wire: Wire) -> None:
    nftables(wire.agent, "output", ["udp dport 161 drop", "icmp type echo-request drop"])
    text, status = wire.probe(wire.target)
    assert status == 1
    assert "no-permission" in text
    assert "nft list ruleset" in text


def test_firewall_before_the_device_that_rejects_is_named(wire: Wire) -> None:
    nftables(wire.device, "input", ["udp dport 161 reject with icmpx type admin-prohibited"])
    text, _ = wire.probe(wire.target)
    assert "a firewall rejects" in text


def test_missing_route_here_is_told_from_one_further_on(wire: Wire) -> None:
    here, status = wire.probe("198.51.100.1")
    assert (status, "knows no way there (Network is unreachable)" in here) == (1, True)
    further, status = wire.probe(wire.beyond)
    assert (status, "a router on the way reports" in further) == (1, True)


def test_dropped_packets_are_silence(wire: Wire) -> None:
    nftables(wire.device, "input", ["drop"])
    found = wire.document(wire.target)
    assert (found["icmp"]["received"], found["snmp"]["reason"]) == (0, "timeout")


def test_unprivileged_user_is_told_how_to_permit_icmp(wire: Wire) -> None:
    wire.agent.run("sh", "-c", "echo 1 0 > /proc/sys/net/ipv4/ping_group_range")
    as_nobody = ("setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups")
    text, status = wire.probe(wire.target, prefix=as_nobody)
    assert status == 0
    assert "not measured" in text
    assert "CAP_NET_RAW" in text

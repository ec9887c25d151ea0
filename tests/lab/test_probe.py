"""`noctule-agent probe` and `discover` in a network that filters, forbids and lacks routes.

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
from tests.lab.network import Lab, Namespace, Subnet, counter_packets, nftables, wait_until_reached
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

    def run(self, *words: str, prefix: Sequence[str] = ()) -> tuple[str, int]:
        """Return what noctule-agent prints and its exit status; the community is in the environment as C."""
        program = (sys.executable, "-m", "noctule_agent.cli", *words)
        done = subprocess.run(
            self.agent.command("env", f"C={COMMUNITY}", *prefix, *program),
            capture_output=True,
            text=True,
            timeout=DEADLINE_S,
            check=False,
        )
        assert "Traceback" not in done.stderr, done.stderr
        return done.stdout, done.returncode

    def probe(self, address: str, *words: str, prefix: Sequence[str] = ()) -> tuple[str, int]:
        """Return what `probe` prints of one address and its exit status."""
        return self.run("probe", address, "--count", "1", "--community-env", "C", *words, prefix=prefix)

    def document(self, *words: str) -> dict[str, Any]:
        """Return what a command prints for programs."""
        found: dict[str, Any] = json.loads(self.run(*words, "--community-env", "C", "--json")[0])
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
    found = wire.document("probe", wire.target, "--count", "1")
    assert (found["icmp"]["received"], found["snmp"]["reason"]) == (0, "timeout")


def test_unprivileged_user_is_told_how_to_permit_icmp(wire: Wire) -> None:
    wire.agent.run("sh", "-c", "echo 1 0 > /proc/sys/net/ipv4/ping_group_range")
    as_nobody = ("setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups")
    text, status = wire.probe(wire.target, prefix=as_nobody)
    assert status == 0
    assert "not measured" in text
    assert "CAP_NET_RAW" in text


def test_sweep_finds_the_two_hosts_of_a_link_and_sends_no_one_more_than_two_echoes(wire: Wire) -> None:
    nftables(wire.agent, "output", ["icmp type echo-request counter name echoes"], ["echoes"])
    network = Subnet(1).v4
    found = wire.document("discover", network, "--rate", "200")
    assert [one["address"] for one in found["found"]] == [Subnet(1).address(1).v4, wire.target]
    assert (found["complete"], found["swept"], found["addresses"], found["sendError"]) == (True, 254, 254, None)
    assert [one["snmp"]["reason"] for one in found["found"]] == ["port-closed", None]
    assert found["found"][1]["snmp"]["sysName"] == "device"
    # Echoes to neighbours that do not exist wait for ARP and are dropped after they were counted.
    assert counter_packets(wire.agent, "echoes") == 2 * 254


def test_sweep_without_a_route_fails_and_says_so(wire: Wire) -> None:
    text, status = wire.run("discover", "198.51.100.0/29")
    assert status == 1
    assert "could not send all echoes: Network is unreachable" in text


def test_sweep_of_a_user_without_icmp_finds_what_speaks_snmp(wire: Wire) -> None:
    wire.agent.run("sh", "-c", "echo 1 0 > /proc/sys/net/ipv4/ping_group_range")
    as_nobody = ("setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups")
    network = f"{wire.target}/32"
    text, status = wire.run("discover", network, "--community-env", "C", prefix=as_nobody)
    assert (status, "v2c, community-env C" in text, "ICMP is not permitted" in text) == (0, True, True)
    assert wire.run("discover", network, prefix=as_nobody) == ("", 1)

"""The lab's fixtures: what it needs, an empty lab, and programs in it that end with the test's module."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import msgspec
import pytest

from tests.lab.forwarder import Treatment
from tests.lab.network import Lab, Link, Namespace, remaining, remove_leftovers
from tests.lab.program import Program, Programs

NEEDED: Final = {
    "ip": "iproute2",
    "tc": "iproute2",
    "nft": "nftables",
    "fping": "fping",
    "snmpd": "snmpd",
    "snmpset": "snmp",
}
COMMUNITY: Final = "lab"
# NET-SNMP-AGENT-MIB::nsCacheTimeout of ifTable: snmpd keeps its counters for 3 s. The lab asks about the poller.
IF_TABLE_CACHE_TIMEOUT: Final = "1.3.6.1.4.1.8072.1.5.3.1.2.1.3.6.1.2.1.2.2"


@pytest.fixture(scope="session", autouse=True)
def lab_requirements() -> Iterator[None]:
    """Skip where labs cannot be made; remove what killed runs left, and see that this one leaves nothing."""
    if os.geteuid() != 0:
        pytest.skip("the lab makes network namespaces, which needs root")
    os.environ["PATH"] += ":/usr/sbin:/sbin"
    missing = [f"{program} (Debian: {package})" for program, package in NEEDED.items() if shutil.which(program) is None]
    if missing:
        pytest.skip(f"not installed: {', '.join(missing)}")
    if not Path("/dev/net/tun").exists():
        pytest.skip("the kernel has no TUN interfaces (/dev/net/tun)")
    remove_leftovers()
    yield
    assert remaining(os.getpid()) == []


@pytest.fixture(scope="module")
def lab(lab_requirements: None) -> Iterator[Lab]:  # noqa: ARG001  skips without them
    with Lab() as made:
        yield made


@pytest.fixture(scope="module")
def programs(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Programs]:  # noqa: ARG001  end before it
    with Programs(tmp_path_factory.mktemp("lab")) as started:
        yield started


def join_by_forwarder(
    lab: Lab, programs: Programs, left: Namespace, right: Namespace, plan: dict[str, Treatment], *, seed: str
) -> tuple[Link, Program]:
    """Join two routers by a forwarder that treats packets from left to right; return the link and its program."""
    devices = f"to-{right.label}", f"to-{left.label}"
    given = msgspec.json.encode(plan).decode()
    forwarder = programs.ready(left, "forwarder.py", *devices, seed, given=given)
    left.ip("link", "set", devices[1], "netns", right.name)
    return lab.address_link(left, right, devices), forwarder


def start_snmpd(namespace: Namespace, programs: Programs) -> None:
    """Start net-snmp's agent on all IPv4 and IPv6 addresses of a router, its counters those of the moment."""
    home = programs.folder / f"snmpd-{namespace.label}"
    home.mkdir()
    conf = home / "snmpd.conf"
    conf.write_text(f"rwcommunity {COMMUNITY}\nrwcommunity6 {COMMUNITY}\nsysName {namespace.label}\n", "utf-8")
    quiet = ("env", "MIBS=", f"SNMP_PERSISTENT_DIR={home}")
    programs.start(namespace, *quiet, "snmpd", "-f", "-LO4", "-C", "-c", str(conf), "udp:161", "udp6:161")
    # The client repeats its question until the agent answers.
    ask = ("env", "MIBS=", "snmpset", "-v2c", "-c", COMMUNITY, "-t", "0.2", "-r", "100", "127.0.0.1")
    namespace.run(*ask, IF_TABLE_CACHE_TIMEOUT, "i", "0")

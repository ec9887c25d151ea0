"""Real parts for the agent's tests: net-snmp's agent, recorded devices, permission for ICMP."""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest
from noctule_agent.probes.echo_socket import permission

DEVICES = Path(os.environ.get("NOCTULE_DEVICES") or Path(__file__).parents[3] / "shared" / "devices")
START_DEADLINE_S = 20.0
SNMPD_CONF = """\
rocommunity public 127.0.0.1
createUser author SHA "authsecret1" AES "privsecret1"
rouser author priv
createUser onlyauth MD5 "authsecret2"
rouser onlyauth auth
createUser plain
createUser strong SHA-512 "authsecret3" AES-256 "privsecret3"
rouser strong priv
createUser middle SHA-224 "authsecret4" AES-192 "privsecret4"
rouser middle priv
createUser old MD5 "authsecret5" DES "privsecret5"
rouser old priv
createUser stretched SHA "authsecret6" AES-256 "privsecret6"
rouser stretched priv
rouser plain noauth
sysName tester
sysLocation under test
"""


@dataclass(frozen=True)
class Snmpd:
    """A running net-snmp agent: community public, v3 users author (SHA, AES), onlyauth (MD5) and plain."""

    port: int
    process: "subprocess.Popen[bytes]"


def free_udp_port() -> int:
    with closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


def stop(process: "subprocess.Popen[bytes]") -> None:
    process.terminate()
    try:
        process.wait(5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(5)


def start_snmpd(folder: Path, port: int, address: str = "127.0.0.1", *, more_conf: str = "") -> Snmpd:
    """Start snmpd and wait until it answers an SNMPv3 discovery."""
    program = shutil.which("snmpd", path=os.environ.get("PATH", "") + ":/usr/sbin")
    if program is None:
        pytest.skip("snmpd (net-snmp) is not installed")
    conf = folder / "snmpd.conf"
    conf.write_text(SNMPD_CONF + more_conf, "utf-8")
    process = subprocess.Popen(
        [program, "-f", "-Lf", str(folder / "snmpd.log"), f"udp:{address}:{port}"],
        # The state, apart from the configuration, keeps engine id and boots: one that starts again is the same. It is
        # read only where the path of configurations names it.
        env={
            **os.environ,
            "SNMPCONFPATH": f"{folder}:{folder / 'state'}",
            "SNMP_PERSISTENT_DIR": str(folder / "state"),
        },
    )
    wait_for_agent(process, address, port, folder / "snmpd.log")
    return Snmpd(port, process)


def wait_for_agent(process: "subprocess.Popen[bytes]", address: str, port: int, log: Path) -> None:
    """Wait until a request is not refused any more; any answer will do."""
    discovery = bytes.fromhex(
        "303a020103300f02024a69020300ffe30401040201030410300e0400020100020100040004000400"
        "301204000400a00c020237f00201000201003000"
    )
    deadline = time.monotonic() + START_DEADLINE_S
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        with closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as sock:
            sock.connect((address, port))
            sock.settimeout(0.1)
            try:
                sock.send(discovery)
                sock.recv(2048)
            except ConnectionRefusedError:
                time.sleep(0.02)
            except TimeoutError:
                continue
            else:
                return
    stop(process)
    pytest.fail(f"{process.args!r} does not answer: {log.read_text('utf-8') if log.exists() else 'no log'}")


@pytest.fixture(scope="session")
def snmpd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Snmpd]:
    found = start_snmpd(tmp_path_factory.mktemp("snmpd"), free_udp_port())
    yield found
    stop(found.process)


@pytest.fixture(scope="session")
def recordings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, tuple[str, int]]]:
    """All recorded devices as live agents: name -> (address, port), community public."""
    if not (DEVICES / "serve.py").exists():
        pytest.skip(f"no recorded devices in {DEVICES}; name their folder in NOCTULE_DEVICES")
    folder = tmp_path_factory.mktemp("recordings")
    port = free_udp_port()
    log = folder / "serve.log"
    where = ["--port", str(port), "--map", str(folder / "map.json")]
    with log.open("wb") as opened:
        process = subprocess.Popen(
            [sys.executable, str(DEVICES / "serve.py"), "addresses", "--base", "127.78.1.1", "--fill", *where],
            stdout=opened,
            stderr=opened,
        )
    wait_for_agent(process, "127.78.1.1", port, log)
    devices = json.loads((folder / "map.json").read_text("utf-8"))["devices"]
    yield {name: (entry["address"], entry["port"]) for name, entry in devices.items()}
    stop(process)


@pytest.fixture
def icmp_permission() -> None:
    """Skip a test that needs ICMP where this user may not send it."""
    found = permission()
    if not found.allowed:
        pytest.skip(found.message)

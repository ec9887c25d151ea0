"""What devices have to say: syslog from their own addresses to the agent of their site."""

import socket
from collections.abc import Sequence
from pathlib import Path
from typing import Final

LOOPBACK: Final = "127.0.0.1"
# Severity and words; local7 is what routers send as.
MESSAGES: Final = (
    (6, "sshd[4121]: Accepted publickey for rancid from 192.0.2.20 port 50211"),
    (5, "%SYS-5-CONFIG_I: Configured from console by netops on vty0 (192.0.2.20)"),
    (4, "%BGP-4-MAXPFX: Number of prefixes received from 198.51.100.7 reaches 9500, max 10000"),
    (6, "ntpd[812]: kernel time sync status change 2001"),
    (3, "%LINK-3-UPDOWN: Interface xe-0/0/7, changed state to down"),
    (5, "%LINEPROTO-5-UPDOWN: Line protocol on Interface xe-0/0/7, changed state to up"),
    (2, "%ENVMON-2-FAN: Fan tray 1 has failed, speed 0 rpm"),
    (7, "snmpd[977]: Received SNMP packet from 192.0.2.9"),
)
FACILITY: Final = 23


def free_port() -> int:
    """Return a UDP port that nobody has now."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


def hear(folder: Path, port: int) -> None:
    """Have the agent whose data folder this will be listen there."""
    folder.mkdir()
    (folder / "agent.toml").write_text(f"[logs]\nsyslog_udp_port = {port}\n", encoding="utf-8")


def say(addresses: Sequence[str], port: int, rounds: int) -> int:
    """Have each of these addresses say something in each round; returns how much was said."""
    said = 0
    with_socket = [(address, socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) for address in addresses]
    for address, sender in with_socket:
        sender.bind((address, 0))
    for _ in range(rounds):
        for address, sender in with_socket:
            severity, words = MESSAGES[said % len(MESSAGES)]
            sender.sendto(f"<{8 * FACILITY + severity}>1 - {address} - - - - {words}".encode(), (LOOPBACK, port))
            said += 1
    for _, sender in with_socket:
        sender.close()
    return said

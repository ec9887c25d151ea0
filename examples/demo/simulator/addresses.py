"""Where the devices live: one loopback address each, on one port, in a network that nobody else here uses.

Linux lets every program use all of 127.0.0.0/8. Elsewhere there is 127.0.0.1 alone; then each device gets a port.
"""

import random
import socket
from typing import Final

PORT: Final = 16_161
NETWORKS_TRIED_MAX: Final = 200


def bind_all(count: int, rng: random.Random) -> list[socket.socket]:
    """Return that many bound UDP sockets that do not block. Binding is the test: what is bound is ours alone.

    Raises OSError when no network of 127.0.0.0/8 is free.
    """
    if not _has_whole_loopback():
        return [_bound("127.0.0.1", 0) for _ in range(count)]
    for _ in range(NETWORKS_TRIED_MAX):
        network = f"127.{rng.randint(16, 254)}.{rng.randint(0, 255)}"
        sockets = _bind_network(network, count)
        if sockets:
            return sockets
    raise OSError(f"none of {NETWORKS_TRIED_MAX} networks in 127.0.0.0/8 has UDP port {PORT} free")


def _bind_network(network: str, count: int) -> list[socket.socket]:
    """Return the sockets of one network, or none at all when an address is taken."""
    sockets: list[socket.socket] = []
    try:
        for host in range(1, count + 1):
            sockets.append(_bound(f"{network}.{host}", PORT))  # noqa: PERF401  what is bound so far must be closed
    except OSError:
        for sock in sockets:
            sock.close()
        return []
    return sockets


def _has_whole_loopback() -> bool:
    try:
        _bound("127.16.0.1", 0).close()
    except OSError:
        return False
    return True


def _bound(host: str, port: int) -> socket.socket:
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        sock.settimeout(0)
        sock.bind((host, port))
    except OSError:
        sock.close()
        raise
    return sock

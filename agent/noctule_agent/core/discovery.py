"""Decides what a subnet discovery asks, and what follows from the answers.

Pure; asking is left to `noctule_agent.discovery`.
"""

import ipaddress
from collections.abc import Sequence
from typing import Final

from noctule_shared.errors import invalid

from noctule_agent.probes.snmp.session import Reason

# An IPv4 /22 or an IPv6 /118: at the default pace a sweep takes 10 s.
MAX_ADDRESSES: Final = 1024
# More is guessing, and each wrong one costs a silent device's timeouts.
MAX_CREDENTIALS: Final = 5

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

# These say nothing of the credentials: the next ones would meet the same.
_FINAL: Final = frozenset({Reason.PORT_CLOSED, Reason.NO_PERMISSION, Reason.NO_SUCH_HOST})
_MOST_TELLING: Final = (Reason.WRONG_CREDENTIALS, Reason.BAD_RESPONSE, Reason.TIMEOUT)


def parse_network(text: str) -> Network:
    """Return the network that a text like 192.0.2.0/24 or 2001:db8::/120 names.

    Raises `Refused` (invalid, `network`): not a network, host bits set, more than 1,024 addresses,
    multicast, or of one link.
    """
    if "%" in text:
        raise invalid("network", "networks of one link (with %) cannot be swept")
    try:
        network = ipaddress.ip_network(text.strip(), strict=False)
    except ValueError:
        raise invalid("network", f"{text[:80]!r} is not a network; write it like 192.0.2.0/24") from None
    if network.num_addresses > MAX_ADDRESSES:
        smallest = network.max_prefixlen - (MAX_ADDRESSES - 1).bit_length()
        message = f"{network} has more than {MAX_ADDRESSES} addresses; sweep it in parts of /{smallest} or smaller"
        raise invalid("network", message)
    if network.is_multicast or network.network_address.is_unspecified:
        raise invalid("network", f"{network} holds no addresses of devices")
    try:
        return ipaddress.ip_network(text.strip())
    except ValueError:
        raise invalid("network", f"{text[:80]!r} names a host in {network}; write the network") from None


def addresses(network: Network) -> list[str]:
    """Return the addresses to sweep, in order: all but IPv4's network and broadcast and IPv6's anycast address."""
    return [str(address) for address in network.hosts()]


def goes_on(reason: Reason) -> bool:
    """Return whether the next credentials may bring what these did not."""
    return reason not in _FINAL


def most_telling(reasons: Sequence[Reason]) -> Reason | None:
    """Return the reason that says most of why no credentials were taken; None when none were offered."""
    final = next((reason for reason in reasons if reason in _FINAL), None)
    return final or next((reason for reason in _MOST_TELLING if reason in reasons), None)

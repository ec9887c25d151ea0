"""Which addresses the hub itself may connect to on somebody's word: pure rules; names are resolved by `notify`.

Private networks are allowed: mail servers and chat of a NOC stand there. What is refused is this machine and what
answers only because the asker stands next to it.
"""

import ipaddress
from collections.abc import Sequence
from typing import Final

from noctule_hub.core.client_address import Address, Network

# Where clouds tell a machine its credentials, beside the link-local 169.254.169.254 that most use.
_METADATA: Final = tuple(
    ipaddress.ip_address(text) for text in ("100.100.100.200", "168.63.129.16", "192.0.0.192", "fd00:ec2::254")
)
_THIS_NETWORK: Final = ipaddress.ip_network("0.0.0.0/8")
# Prefixes that carry an IPv4 address in their last 32 bits: RFC 6052, and the long deprecated RFC 4291 section 2.5.5.1.
_EMBEDDING: Final = (ipaddress.ip_network("64:ff9b::/96"), ipaddress.ip_network("::/96"))


def inner_address(address: Address) -> Address:
    """Return the IPv4 address that an IPv6 address stands for (mapped, 6to4, NAT64), itself when it is none."""
    if not isinstance(address, ipaddress.IPv6Address):
        return address
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address.sixtofour is not None:
        return address.sixtofour
    if any(address in network for network in _EMBEDDING) and int(address) & 0xFFFFFFFF > 1:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address


def refusal(address: Address, allowed: Sequence[Network], *, own: bool) -> str | None:
    """Return why the hub does not connect to an address, None: it may. `own`: it is one of this machine's.

    `allowed` are the networks of `[notify] allow_networks`, which are let through whatever they are.
    """
    inner = inner_address(address)
    if any(one.version == network.version and one in network for one in (address, inner) for network in allowed):
        return None
    for what, is_so in (
        ("a loopback address", inner.is_loopback),
        ("an unspecified address", inner.is_unspecified or inner in _THIS_NETWORK),
        ("a cloud's metadata address", inner in _METADATA),
        ("a link-local address", inner.is_link_local),
        ("a multicast address", inner.is_multicast),
        ("a reserved address", inner.is_reserved),
        ("an address of this hub", own),
    ):
        if is_so:
            return what
    return None

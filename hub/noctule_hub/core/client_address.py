"""Where a request really comes from: what trusted proxies say of it, and of nobody else.

Each proxy appends the address that it was asked from, so the list is read from its end: as long as the present
address is a trusted proxy's, its word about the one before is taken. Whatever a client wrote itself stands further left
and is never reached.
"""

import ipaddress
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

# More proxies in a row than this are none; what is further left is not looked at.
MAX_HOPS: Final = 16
MAX_HOST_CHARS: Final = 255
_SCHEMES: Final = frozenset({"http", "https"})
_HOST: Final = re.compile(r"[A-Za-z0-9.\-_]+(?::\d{1,5})?|\[[0-9A-Fa-f:.]+\](?::\d{1,5})?", re.ASCII)
# One parameter of RFC 7239's Forwarded: a token, or a quoted text without escapes.
_PAIR: Final = re.compile(r'\s*([A-Za-z]+)\s*=\s*(?:"([^"\\]*)"|([^\s;,"]+))\s*')


@dataclass(frozen=True, slots=True)
class Forwarded:
    """What proxies say, one entry for each hop, the client's end first. None: said nothing that can be read."""

    addresses: tuple[str | None, ...] = ()
    schemes: tuple[str | None, ...] = ()
    hosts: tuple[str | None, ...] = ()


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a request comes from. `scheme` and `host` None: nobody trusted says other than the request itself."""

    address: str
    scheme: str | None = None
    host: str | None = None


def read_x_forwarded(addresses: Sequence[str], schemes: Sequence[str], hosts: Sequence[str]) -> Forwarded:
    """Return what X-Forwarded-For, -Proto and -Host say, each given as the values of all its header lines."""
    return Forwarded(_listed(addresses), _listed(schemes), _listed(hosts))


def read_forwarded(lines: Sequence[str]) -> Forwarded:
    """Return what RFC 7239's Forwarded says, given as the values of all its header lines."""
    hops = [_pairs(element) for element in _elements(",".join(lines))]
    return Forwarded(
        tuple(hop.get("for") for hop in hops),
        tuple(hop.get("proto") for hop in hops),
        tuple(hop.get("host") for hop in hops),
    )


def origin_of(peer: str, told: Forwarded, trusted: Collection[Network]) -> Origin:
    """Return where a request comes from whose connection is `peer`'s.

    An entry that is no address ends the search: the last address that is known then counts, a proxy's own.
    """
    current, scheme, host = peer, None, None
    if not _is_trusted(peer, trusted):
        return Origin(peer)
    for hop in range(1, MAX_HOPS + 1):
        scheme = _checked_scheme(_from_end(told.schemes, hop)) or scheme
        host = _checked_host(_from_end(told.hosts, hop)) or host
        before = _parsed(_from_end(told.addresses, hop))
        if before is None:
            break
        current = str(before)
        if not _is_trusted(current, trusted):
            break
    return Origin(current, scheme, host)


def _is_trusted(address: str, trusted: Collection[Network]) -> bool:
    parsed = _parsed(address)
    return parsed is not None and any(parsed in network for network in trusted if network.version == parsed.version)


def _parsed(text: str | None) -> Address | None:
    """Return an address as proxies write it: bare, with a port, or IPv6 in brackets. None: it is none."""
    if text is None or len(text) > MAX_HOST_CHARS:
        return None
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        parsed = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    mapped = parsed.ipv4_mapped if isinstance(parsed, ipaddress.IPv6Address) else None
    return mapped or parsed


def _checked_scheme(text: str | None) -> str | None:
    word = (text or "").strip().lower()
    return word if word in _SCHEMES else None


def _checked_host(text: str | None) -> str | None:
    host = (text or "").strip()
    return host if len(host) <= MAX_HOST_CHARS and _HOST.fullmatch(host) else None


def _from_end(values: Sequence[str | None], hop: int) -> str | None:
    return values[-hop] if hop <= len(values) else None


def _listed(lines: Sequence[str]) -> tuple[str, ...]:
    # Only the end counts: a list of a thousand entries is not taken apart.
    values = ",".join(lines).rsplit(",", MAX_HOPS + 1)[-MAX_HOPS - 1 :]
    return tuple(value.strip() for value in values if value.strip())


def _elements(text: str) -> list[str]:
    """Split at commas outside of quotes; the last `MAX_HOPS` are kept."""
    return re.findall(r'(?:[^,"]|"[^"]*")+', text)[-MAX_HOPS:]


def _pairs(element: str) -> dict[str, str]:
    """Return an element's parameters, none of one that is malformed anywhere.

    A client's quote that is left open may have swallowed the beginning of what the proxy appended.
    """
    found: dict[str, str] = {}
    for pair in re.findall(r'(?:[^;"]|"[^"]*")+', element):
        match = _PAIR.fullmatch(pair)
        if match is None:
            return {}
        found[match[1].lower()] = match[2] if match[2] is not None else match[3]
    return found

"""Where a message really goes: a host is resolved once, checked by `core.outbound`, and then only that is used."""

import asyncio
import contextlib
import ipaddress
import socket
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from noctule_hub.core.client_address import Address, Network
from noctule_hub.core.notifying.outbound import refusal
from noctule_hub.errors import SendError

RESOLVE_WITHIN_S: Final = 10.0
MAX_ADDRESSES: Final = 16
# Any port does: nothing is sent to it.
_DISCARD_PORT: Final = 9


@dataclass(frozen=True, slots=True)
class Destination:
    """A host as it was named, and the addresses that were found and are allowed."""

    host: str
    port: int
    addresses: tuple[Address, ...]


async def find_destination(host: str, port: int, allowed: Sequence[Network]) -> Destination:
    """Resolve a host and check all of its addresses. Raises `SendError` naming why nothing is sent there."""
    try:
        async with asyncio.timeout(RESOLVE_WITHIN_S):
            # Whatever spelling of an address the system takes (2130706433, 0x7f.1), it is the one that is checked.
            found = await _resolve(host, port)
    except TimeoutError:
        raise SendError(f"{host} was not resolved within {RESOLVE_WITHIN_S:.0f} s") from None
    except (OSError, UnicodeError):
        raise SendError(f"{host} cannot be resolved") from None
    addresses = tuple(dict.fromkeys(ipaddress.ip_address(address) for address in found))[:MAX_ADDRESSES]
    for address in addresses:
        check_address(address, allowed, host)
    return Destination(host, port, addresses)


async def _resolve(host: str, port: int) -> list[str]:
    """Ask the system on a thread that nobody waits for at a stop: a name server that is away takes its time."""
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[list[str]] = loop.create_future()

    def tell(found: list[str] | Exception) -> None:
        if answer.done():
            return
        if isinstance(found, Exception):
            answer.set_exception(found)
        else:
            answer.set_result(found)

    def ask() -> None:
        found: list[str] | Exception
        try:
            answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            found = [str(sockaddr[0]) for *_, sockaddr in answers]
        except (OSError, UnicodeError) as error:
            found = error
        # The loop may be closed by now.
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(tell, found)

    threading.Thread(target=ask, name=f"resolve {host}", daemon=True).start()
    return await answer


def check_address(address: Address, allowed: Sequence[Network], host: str) -> None:
    """Raise `SendError` when the hub does not connect to an address."""
    reason = refusal(address, allowed, own=is_own(address))
    if reason is not None:
        raise SendError(
            f"{host} is {reason} ({address}), to which nothing is sent; if you mean it, allow it in hub.toml: "
            "[notify] allow_networks"
        )


def is_own(address: Address) -> bool:
    """Return whether an address is this machine's: from nowhere else would the system go there from itself."""
    family = socket.AF_INET if address.version == 4 else socket.AF_INET6  # noqa: PLR2004  IP's version
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.connect((str(address), _DISCARD_PORT))
            return bool(ipaddress.ip_address(probe.getsockname()[0]) == address)
    except OSError:
        # There is no way to it: connecting will say so.
        return False

"""A message as a signed JSON document, posted to a URL."""

import hashlib
import hmac
import socket
import ssl
from collections.abc import Sequence
from typing import Final

import aiohttp
import msgspec
from aiohttp import hdrs
from aiohttp.abc import AbstractResolver, ResolveResult
from noctule_shared.events import AlertEvent
from noctule_shared.times import iso_from_ms
from yarl import URL

from noctule_hub import __version__
from noctule_hub.core.client_address import Network
from noctule_hub.core.notifying.answers import is_refusal, retry_after_s
from noctule_hub.core.notifying.channels import Secret
from noctule_hub.core.notifying.messages import Message
from noctule_hub.errors import SendError
from noctule_hub.notify.destinations import Destination, find_destination

TIMEOUT: Final = aiohttp.ClientTimeout(total=15, connect=10)
MAX_HEADER_BYTES: Final = 8_190
DELIVERY_HEADER: Final = "X-Noctule-Delivery"
SIGNATURE_HEADER: Final = "X-Noctule-Signature"
_TAKEN: Final = range(200, 300)
_REDIRECTS: Final = range(300, 400)


class WebhookBody(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """What a webhook gets. `alerts` are those of the message, `more` how many others it stands for."""

    delivery_id: str
    event: str
    sent_at: str
    title: str
    text: str
    alerts: tuple[AlertEvent, ...]
    more: int


class _Pinned(AbstractResolver):
    """Knows the one destination that was checked."""

    def __init__(self, destination: Destination) -> None:
        self._destination = destination

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """Return the addresses of the destination, whatever the name means by now."""
        return [
            ResolveResult(
                hostname=host,
                host=str(address),
                port=port,
                family=socket.AF_INET if address.version == 4 else socket.AF_INET6,  # noqa: PLR2004  IP's version
                proto=socket.IPPROTO_TCP,
                flags=socket.AI_NUMERICHOST,
            )
            for address in self._destination.addresses
            if family in {socket.AF_UNSPEC, socket.AF_INET if address.version == 4 else socket.AF_INET6}  # noqa: PLR2004  IP
        ]

    async def close(self) -> None:
        """Hold nothing."""


def signature(key: str, body: bytes, now_s: int) -> str:
    """Return the signature header: HMAC-SHA256 over the time in epoch seconds, a full stop and the body."""
    digest = hmac.new(key.encode(), f"{now_s}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={now_s},v1={digest}"


async def post(secret: Secret, message: Message, allowed: Sequence[Network], *, now_ms: int) -> str:
    """Post a message and return how it was taken, in words. Raises `SendError`."""
    url = URL(secret.url)
    destination = await find_destination(url.raw_host or "", url.port or 0, allowed)
    content = WebhookBody(
        delivery_id=message.public_id,
        event=message.event,
        sent_at=iso_from_ms(now_ms),
        title=message.title,
        text=message.text,
        alerts=message.alerts,
        more=message.more,
    )
    body = msgspec.json.encode(content)
    headers = {
        "Content-Type": "application/json",
        "User-Agent": f"Noctule/{__version__}",
        DELIVERY_HEADER: message.public_id,
    }
    if secret.key is not None:
        headers[SIGNATURE_HEADER] = signature(secret.key, body, now_ms // 1000)
    # One connector for each message: its resolver knows this destination alone.
    connector = aiohttp.TCPConnector(
        resolver=_Pinned(destination), use_dns_cache=False, force_close=True, ssl=ssl.create_default_context()
    )
    session = aiohttp.ClientSession(
        connector=connector,
        timeout=TIMEOUT,
        trust_env=False,
        cookie_jar=aiohttp.DummyCookieJar(),
        max_line_size=MAX_HEADER_BYTES,
        max_field_size=MAX_HEADER_BYTES,
    )
    try:
        async with session, session.post(url, data=body, headers=headers, allow_redirects=False) as response:
            # What stands in the answer is nobody's business here: it is never read.
            status, asked = response.status, response.headers.get(hdrs.RETRY_AFTER)
            response.close()
    except TimeoutError:
        raise SendError(f"{destination.host} did not answer within {TIMEOUT.total:.0f} s") from None
    except aiohttp.ClientConnectorCertificateError:
        raise SendError(f"the certificate of {destination.host} is not valid for it") from None
    except (aiohttp.ClientError, OSError) as error:
        raise SendError(f"{destination.host} cannot be reached or broke off ({type(error).__name__})") from None
    if status in _REDIRECTS:
        raise SendError(
            f"{destination.host} answered {status}; redirects are not followed: give the final address", permanent=True
        )
    if status not in _TAKEN:
        told = f"{destination.host} answered {status}"
        raise SendError(told, permanent=is_refusal(status), retry_after_s=retry_after_s(status, asked, now_ms=now_ms))
    return f"{destination.host} answered {status}"

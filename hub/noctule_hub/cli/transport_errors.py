"""Why a hub could not be asked, and what to do about it: the network's and TLS's failures in one line each."""

import os
import ssl
from http import HTTPStatus
from typing import Final
from urllib.parse import urlsplit

from noctule_hub.cli.authorities import ENV_CA
from noctule_hub.cli.errors import CommandError, HubSlowError, HubUnreachableError

_REDIRECTS: Final = range(HTTPStatus.MULTIPLE_CHOICES, HTTPStatus.BAD_REQUEST)
MAX_SHOWN_CHARS: Final = 200


def transport_error(url: str, error: Exception) -> CommandError:
    """Return what to tell of a failed request: `TimeoutError`, a `ValueError` or one of aiohttp's client errors."""
    import aiohttp  # noqa: PLC0415  whoever has its errors has loaded it

    https = url.startswith("https:")
    match error:
        case TimeoutError():
            return HubSlowError(url)
        case aiohttp.ClientConnectorCertificateError():
            return CommandError(f"{url}: {_certificate(error.certificate_error)}")
        case aiohttp.ClientConnectorSSLError():
            plain = url.replace("https:", "http:", 1)
            return CommandError(
                f"{url} does not speak TLS as we do ({_short(error.os_error)}); if it serves plain HTTP, "
                f"sign in with: noctule login {plain}"
            )
        case aiohttp.ClientConnectorError():
            return HubUnreachableError(url, _system_word(error.os_error))
        case aiohttp.ServerDisconnectedError() | aiohttp.ClientResponseError() if not https:
            secure = url.replace("http:", "https:", 1)
            return HubUnreachableError(url, f"what listens there speaks no HTTP; if it serves TLS, try {secure}")
        case _:
            return HubUnreachableError(url, _short(error) or type(error).__name__)


def hub_unlike(url: str, status: int, location: str | None) -> CommandError:
    """Return what to tell of an answer that no hub gives; `location` is where it sends us, None: nowhere."""
    if status in _REDIRECTS and location:
        parts = urlsplit(location)
        if parts.scheme in {"http", "https"} and parts.netloc:
            target = f"{parts.scheme}://{parts.netloc}"
            return CommandError(f"{url} sends us on to {target[:MAX_SHOWN_CHARS]}; sign in there: noctule login URL")
    return CommandError(f"{url} answers like no Noctule hub (HTTP status {status}); check the address")


def _certificate(error: Exception) -> str:
    reason = error.verify_message if isinstance(error, ssl.SSLCertVerificationError) else str(error)
    return (
        f"its certificate is not trusted: {reason}; check the name in the address, or name its authority with: "
        f"noctule login URL --ca FILE, or {ENV_CA}"
    )


def _system_word(error: OSError) -> str:
    # asyncio's own text repeats the address; the system's word for the number says why.
    number = error.errno
    return os.strerror(number) if number is not None and number > 0 else _short(error)


def _short(error: Exception) -> str:
    return str(error)[:MAX_SHOWN_CHARS]

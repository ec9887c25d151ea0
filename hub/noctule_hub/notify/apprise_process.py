"""Messages by Apprise, each from a process of its own (`apprise_child`): what hangs is ended, what leaks is gone."""

import asyncio
import contextlib
import os
import ssl
import sys
from collections.abc import Sequence
from typing import Final

import msgspec

from noctule_hub.core.client_address import Network
from noctule_hub.core.notifying.channels import Secret
from noctule_hub.core.notifying.deliveries import MAX_OUTCOME_CHARS
from noctule_hub.core.notifying.messages import Message
from noctule_hub.core.notifying.plain_text import inert
from noctule_hub.errors import SendError
from noctule_hub.notify.apprise_child import Request, Result

WITHIN_S: Final = 45.0
MAX_PROCESSES: Final = 2
MAX_ANSWER_BYTES: Final = 16 * 1024
# What a process needs of the hub's environment; proxies, tokens and whatever else stands there stay here.
_PASSED_ON: Final = ("PATH", "LANG", "LC_ALL", "PYTHONPATH", "SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE")
# Letters by which chats call everybody, or make a link of something else.
_HARMLESS: Final = str.maketrans({"@": "(at)", "<": "(", ">": ")", "[": "(", "]": ")", "`": "'"})


class AppriseSender:
    """Sends at most `MAX_PROCESSES` messages at once."""

    def __init__(self) -> None:
        self._places = asyncio.Semaphore(MAX_PROCESSES)

    async def send(self, secret: Secret, message: Message, allowed: Sequence[Network]) -> str:
        """Hand a message to the service and return how it was taken, in words. Raises `SendError`."""
        request = Request(
            url=secret.url,
            title=message.title.translate(_HARMLESS),
            text=message.text.translate(_HARMLESS),
            allowed=[str(network) for network in allowed],
        )
        async with self._places:
            result = await _run(msgspec.json.encode(request))
        text = inert(result.text, MAX_OUTCOME_CHARS)
        if not result.delivered:
            raise SendError(text, permanent=result.permanent)
        return text


def _environment() -> dict[str, str]:
    passed = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    # The authorities that everything else here believes, not those that come with Apprise's HTTP client.
    authorities: str | None = ssl.get_default_verify_paths().cafile
    return passed if authorities is None else {"REQUESTS_CA_BUNDLE": authorities} | passed


async def _run(request: bytes) -> Result:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-P",
        "-m",
        "noctule_hub.notify.apprise_child",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env=_environment(),
        limit=MAX_ANSWER_BYTES,
    )
    assert process.stdin is not None  # noqa: S101  asked for above
    assert process.stdout is not None  # noqa: S101  asked for above
    try:
        async with asyncio.timeout(WITHIN_S):
            # Never on the command line or in the environment: others could read it there.
            with contextlib.suppress(OSError):
                process.stdin.write(request)
                await process.stdin.drain()
                process.stdin.close()
            answer = await process.stdout.read(MAX_ANSWER_BYTES)
            return msgspec.json.decode(answer, type=Result)
    except TimeoutError:
        raise SendError(f"the service took longer than {WITHIN_S:.0f} s") from None
    except msgspec.MsgspecError:
        raise SendError("Apprise ended without an answer") from None
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()

"""HTTP requests to one hub, whole and streamed. Who asks is `client`'s; what failed becomes one line that says why."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import TYPE_CHECKING, Final, TypeVar

import msgspec
from noctule_shared.errors import ErrorBody, Refused

from noctule_hub.answers.accounts import REFRESH_COOKIE
from noctule_hub.cli.authorities import tls_context
from noctule_hub.cli.errors import CommandError
from noctule_hub.cli.transport_errors import hub_unlike, transport_error

if TYPE_CHECKING:
    import aiohttp


Answer = TypeVar("Answer")

TIMEOUT_S: Final = 30.0
# A long answer may pause this long while the hub searches.
STREAM_TIMEOUT_S: Final = 60.0
MAX_ANSWER_BYTES: Final = 64 * 1024 * 1024


class Transport:
    """An open HTTP session with the hub at `url`; made and closed inside a running event loop.

    `ca` is the file of an authority of one's own, None: the system's.
    """

    def __init__(self, url: str, *, ca: str | None = None) -> None:
        # Most of a command's start: only one that asks a hub pays for it.
        import aiohttp  # noqa: PLC0415  see above

        self._url = url
        self._http = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(ssl=True if ca is None else tls_context(ca)),
            timeout=aiohttp.ClientTimeout(total=TIMEOUT_S),
            cookie_jar=aiohttp.DummyCookieJar(),
        )

    async def close(self) -> None:
        """Let go of the connections."""
        await self._http.close()

    async def send(
        self,
        method: str,
        path: str,
        *,
        headers: dict[str, str],
        body: object = None,
        query: dict[str, str] | None = None,
    ) -> tuple[bytes, str | None]:
        """Return the answer to a request under `/api/v1/` and the refresh secret that it sets, None for none.

        Raises `Refused` as the hub says it, `CommandError`.
        """
        import aiohttp  # noqa: PLC0415  as in `__init__`

        sent, data = dict(headers), None
        if body is not None:
            data, sent["Content-Type"] = msgspec.json.encode(body), "application/json"
        try:
            async with self._http.request(
                method, self._address(path), params=query, data=data, headers=sent, allow_redirects=False
            ) as response:
                answer = await self._whole(response)
                if not HTTPStatus.OK <= response.status < HTTPStatus.MULTIPLE_CHOICES:
                    raise self._refusal(response, answer)
                cookie = response.cookies.get(REFRESH_COOKIE)
                return answer, cookie.value if cookie is not None else None
        except (TimeoutError, aiohttp.ClientError, ValueError) as error:
            raise transport_error(self._url, error) from error

    async def stream(self, path: str, *, headers: dict[str, str], query: dict[str, str]) -> AsyncIterator[bytes]:
        """Yield the body of a long answer as it comes. Raises like `send`, also when it breaks off."""
        async with self._answering("GET", path, headers=headers, query=query) as response:
            async for chunk in response.content.iter_any():
                yield chunk

    async def take(
        self,
        method: str,
        path: str,
        *,
        headers: dict[str, str],
        sink: "Callable[[aiohttp.StreamReader], Awaitable[Answer]]",
    ) -> Answer:
        """Hand a long answer to `sink` as it comes, and return what that returns. Raises like `send`, and as `sink`."""
        async with self._answering(method, path, headers=headers) as response:
            return await sink(response.content)

    @asynccontextmanager
    async def _answering(
        self, method: str, path: str, *, headers: dict[str, str], query: dict[str, str] | None = None
    ) -> AsyncIterator["aiohttp.ClientResponse"]:
        """Give a long answer that is no refusal; what breaks while it is read is told in words too."""
        import aiohttp  # noqa: PLC0415  as in `__init__`

        timeout = aiohttp.ClientTimeout(total=None, sock_connect=TIMEOUT_S, sock_read=STREAM_TIMEOUT_S)
        try:
            async with self._http.request(
                method, self._address(path), params=query, headers=headers, timeout=timeout, allow_redirects=False
            ) as response:
                if response.status != HTTPStatus.OK:
                    raise self._refusal(response, await self._whole(response))
                yield response
        except (TimeoutError, aiohttp.ClientError) as error:
            raise transport_error(self._url, error) from error

    def _address(self, path: str) -> str:
        return f"{self._url}/api/v1/{path}"

    async def _whole(self, response: "aiohttp.ClientResponse") -> bytes:
        # One read gives what has arrived so far, not all of it.
        answer = bytearray()
        async for chunk in response.content.iter_any():
            answer += chunk
            if len(answer) > MAX_ANSWER_BYTES:
                raise CommandError(f"{self._url} answers with more than {MAX_ANSWER_BYTES} bytes; ask for less")
        return bytes(answer)

    def _refusal(self, response: "aiohttp.ClientResponse", answer: bytes) -> Exception:
        try:
            problem = msgspec.json.decode(answer, type=ErrorBody)
        except msgspec.MsgspecError:
            return hub_unlike(self._url, response.status, response.headers.get("Location"))
        return Refused(problem.code, problem.message, field=problem.field, retry_after_s=problem.retry_after_s)

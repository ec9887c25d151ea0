"""The command line's client of a hub: signs requests, refreshes the sign-in by itself, asks again when told to wait."""

import asyncio
import os
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Self, TypeVar
from urllib.parse import urlsplit

import click
import msgspec
from noctule_shared.errors import ErrorCode, Refused

from noctule_hub.answers.accounts import CSRF_HEADER, REFRESH_COOKIE, Access
from noctule_hub.cli.authorities import ca_file
from noctule_hub.cli.errors import CommandError, NotSignedInError
from noctule_hub.cli.profile import DEFAULT_URL, Profile, load_profile, save_profile
from noctule_hub.cli.transport import Transport

if TYPE_CHECKING:
    import aiohttp


# A hub that says "too many" is asked again when it says so, for this long in all.
MAX_WAITING_S: Final = 60.0
DEFAULT_WAIT_S: Final = 1.0
MAX_PAGES: Final = 1000
PAGE_ITEMS: Final = 1000
# A token is renewed this long before its end, so that it does not expire on the way.
REFRESH_EARLY_MS: Final = 30_000
ENV_URL: Final = "NOCTULE_URL"
ENV_TOKEN: Final = "NOCTULE_TOKEN"  # noqa: S105  a variable's name

Answer = TypeVar("Answer")
Item = TypeVar("Item", bound=msgspec.Struct)


class _Page(msgspec.Struct, frozen=True, rename="camel"):
    items: list[msgspec.Raw]
    next_cursor: str | None = None


def check_url(text: str) -> str:
    """Return a hub's address without a trailing slash. Raises `CommandError`."""
    url = text.strip().rstrip("/")
    try:
        parts = urlsplit(url)
        usable = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
    except ValueError:
        usable = False
    if not usable or parts.username or parts.query or parts.fragment:
        raise CommandError(f"{text!r} is not the address of a hub, such as {DEFAULT_URL}")
    return url


def _now_ms() -> int:
    return int(time.time() * 1000)


class HubClient:
    """A signed-in client of one hub; use it as an async context manager. `ca` is what `ca_file` returns."""

    def __init__(
        self, url: str, *, token: str | None = None, profile: Profile | None = None, ca: str | None = None
    ) -> None:
        self.url = url
        self._ca = ca
        self._token = token
        self._profile = profile
        self._transport: Transport | None = None
        self._waited_s = 0.0

    @classmethod
    def from_environment(cls) -> "HubClient":
        """Return a client by `NOCTULE_URL` and `NOCTULE_TOKEN`, else by the kept sign-in.

        Raises `NotSignedInError`, `CommandError`.
        """
        named = os.environ.get(ENV_URL)
        url = check_url(named) if named else None
        token = os.environ.get(ENV_TOKEN)
        if token:
            profile = None if url else load_profile()
            return cls(url or (profile.url if profile else DEFAULT_URL), token=token, ca=ca_file(profile=profile))
        profile = load_profile()
        if profile is None or (url is not None and url != profile.url):
            raise NotSignedInError(url)
        return cls(profile.url, profile=profile, ca=ca_file(profile=profile))

    async def __aenter__(self) -> Self:
        self._transport = Transport(self.url, ca=self._ca)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._transport is not None:
            await self._transport.close()

    async def sign_in(self, username: str, password: str) -> Profile:
        """Sign in by password and return what to keep. Raises `Refused`, `HubUnreachableError`."""
        body = {"username": username, "password": password}
        return await self._session_call("login", username=username, body=body, headers={})

    async def sign_out(self, profile: Profile) -> None:
        """End the session of a kept sign-in. Raises `Refused`, `HubUnreachableError`."""
        headers = self._own_origin() | {"Cookie": f"{REFRESH_COOKIE}={profile.refresh_secret}"}
        await self._send("POST", "auth/logout", headers=headers)

    async def change_password(self, old: str, new: str) -> Profile | None:
        """Change one's own password and return what to keep, None when the sign-in is not a kept one.

        Raises like `send`.
        """
        body = {"oldPassword": old, "newPassword": new}
        answer, secret = await self._send("POST", "me/password", body=body, token=await self._access_token())
        if self._profile is None:
            return None
        return self._kept(self._profile.username, answer, secret)

    async def get(self, path: str, **query: str | int) -> bytes:
        """Return the JSON answer to a GET under `/api/v1/`. Raises like `send`."""
        return await self.send("GET", path, query={key: str(value) for key, value in query.items()})

    async def send(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        query: dict[str, str] | None = None,
        headers: dict[str, str] | None = None,
    ) -> bytes:
        """Return the JSON answer to a request under `/api/v1/`, which is repeated when the hub has too many of them.

        Raises `Refused` as the hub says it, `NotSignedInError`, `HubUnreachableError`.
        """
        while True:
            try:
                return await self._signed(method, path, body=body, query=query, headers=headers or {})
            except Refused as refusal:
                wait_s = refusal.retry_after_s or DEFAULT_WAIT_S
                if refusal.code is not ErrorCode.TOO_MANY or self._waited_s + wait_s > MAX_WAITING_S:
                    raise
                await self._wait(wait_s)

    async def _signed(self, method: str, path: str, **request: Any) -> bytes:  # noqa: ANN401  passed on to `_send`
        try:
            return (await self._send(method, path, token=await self._access_token(), **request))[0]
        except Refused as refusal:
            if refusal.code is not ErrorCode.UNAUTHORISED:
                raise
            if self._profile is None:
                raise CommandError(f"the hub refused {ENV_TOKEN}: {refusal.message}") from refusal
        # The access token may have been made worthless before its time: once more with a new one.
        return (await self._send(method, path, token=await self._refreshed(), **request))[0]

    async def stream(self, path: str, query: dict[str, str]) -> AsyncIterator[bytes]:
        """Yield the body of a long answer as it comes. Raises like `send`, also when it breaks off."""
        headers = _bearer(await self._access_token())
        async for chunk in self._open().stream(path, headers=headers, query=query):
            yield chunk

    async def take(self, method: str, path: str, sink: "Callable[[aiohttp.StreamReader], Awaitable[Answer]]") -> Answer:
        """Hand a long answer to `sink` as it comes, and return what that returns. Raises like `send`, and as `sink`."""
        # So that the token is a good one: an answer of this length is not asked for twice.
        await self.get("me")
        return await self._open().take(method, path, headers=_bearer(await self._access_token()), sink=sink)

    async def _wait(self, seconds: float) -> None:
        if sys.stderr.isatty():
            click.echo(f"The hub has too many requests; asking again in {seconds:.0f} s.", err=True)
        self._waited_s += seconds
        await asyncio.sleep(seconds)

    async def items(self, path: str, kind: type[Item], limit: int | None = None, /, **query: str) -> list[Item]:
        """Return the first `limit` items of a list, None: all; it has `MAX_PAGES` pages at most. Raises like `send`."""
        items: list[Item] = []
        cursor: str | None = None
        for _ in range(MAX_PAGES):
            more = {"cursor": cursor} if cursor is not None else {}
            wanted = PAGE_ITEMS if limit is None else min(PAGE_ITEMS, limit - len(items))
            page = decode(await self.get(path, limit=wanted, **query, **more), _Page)
            items.extend(decode(raw, kind) for raw in page.items)
            cursor = page.next_cursor
            if cursor is None or len(items) == limit:
                return items
        raise CommandError(f"{path}: more than {MAX_PAGES * PAGE_ITEMS} items; ask with a narrower filter")

    async def _access_token(self) -> str:
        if self._token is not None:
            return self._token
        if self._profile is None:
            raise NotSignedInError(self.url)
        if self._profile.access_expires_ms - REFRESH_EARLY_MS > _now_ms():
            return self._profile.access_token
        return await self._refreshed()

    async def _refreshed(self) -> str:
        # Another command may have refreshed meanwhile; its newer cookie is the one to spend.
        profile = load_profile() or self._profile
        if profile is None or profile.url != self.url:
            raise NotSignedInError(self.url)
        headers = {"Cookie": f"{REFRESH_COOKIE}={profile.refresh_secret}"}
        try:
            self._profile = await self._session_call("refresh", username=profile.username, body={}, headers=headers)
        except Refused as refusal:
            if refusal.code is ErrorCode.UNAUTHORISED:
                raise NotSignedInError(self.url, "the sign-in is over") from refusal
            raise
        save_profile(self._profile)
        return self._profile.access_token

    async def _session_call(
        self, call: str, *, username: str, body: dict[str, str], headers: dict[str, str]
    ) -> Profile:
        answer, secret = await self._send("POST", f"auth/{call}", body=body, headers=self._own_origin() | headers)
        return self._kept(username, answer, secret)

    def _own_origin(self) -> dict[str, str]:
        parts = urlsplit(self.url)
        return {"Origin": f"{parts.scheme}://{parts.netloc}", CSRF_HEADER: "1"}

    def _kept(self, username: str, answer: bytes, secret: str | None) -> Profile:
        access = decode(answer, Access)
        if secret is None:
            raise CommandError(f"{self.url} answers like no Noctule hub: its sign-in sets no {REFRESH_COOKIE}")
        expires_ms = _now_ms() + access.expires_in * 1000
        return Profile(self.url, username, access.access_token, expires_ms, secret, self._ca)

    async def _send(
        self,
        method: str,
        path: str,
        *,
        body: object = None,
        query: dict[str, str] | None = None,
        token: str | None = None,
        headers: dict[str, str] | None = None,
    ) -> tuple[bytes, str | None]:
        signed = {} if token is None else _bearer(token)
        return await self._open().send(method, path, headers=(headers or {}) | signed, body=body, query=query)

    def _open(self) -> Transport:
        if self._transport is None:
            raise RuntimeError("HubClient is used outside of its context")
        return self._transport


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def decode(answer: bytes | msgspec.Raw, kind: type[Answer]) -> Answer:
    """Return a hub's JSON answer as a struct. Raises `CommandError` when it does not fit."""
    try:
        return msgspec.json.decode(answer, type=kind)
    except msgspec.MsgspecError as error:
        raise CommandError(
            f"the hub's answer is not understood ({error}); are hub and command of one version?"
        ) from error


def decode_any(answer: bytes) -> Any:  # noqa: ANN401  the JSON edge: printed as it is
    """Return a hub's JSON answer as plain values, to be printed. Raises `CommandError`."""
    return decode(answer, Any)


def call(work: Callable[[HubClient], Awaitable[Answer]]) -> Answer:
    """Run `work` with a signed-in client and return what it returns."""

    async def session() -> Answer:
        async with HubClient.from_environment() as client:
            return await work(client)

    return asyncio.run(session())


def call_within(timeout_s: float, work: Callable[[HubClient], Awaitable[Answer]]) -> Answer:
    """Run `work` like `call`, at most this long. Raises `TimeoutError`."""

    async def session() -> Answer:
        async with asyncio.timeout(timeout_s), HubClient.from_environment() as client:
            return await work(client)

    return asyncio.run(session())


def until_interrupted(work: Callable[[HubClient], Awaitable[None]]) -> None:
    """Run `work` until it ends or the person has seen enough: Ctrl-C is how such a command ends well."""
    try:
        call(work)
    except KeyboardInterrupt:
        return

"""A mail server and an HTTP receiver that really listen, on loopback, and can be away for a while."""

import asyncio
import base64
import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Self

import msgspec
from noctule_hub.notify.webhook import WebhookBody


def free_port() -> int:
    """Return a port on which nothing listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass
class Posted:
    """One request as it came."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> WebhookBody:
        return msgspec.json.decode(self.body, type=WebhookBody)

    @property
    def delivery(self) -> str:
        return self.headers["x-noctule-delivery"]


@dataclass
class Listener:
    """What listens on one port, and can go away and come back on it. What it took it answers `delay_s` later."""

    port: int = field(default_factory=free_port)
    tls: ssl.SSLContext | None = None
    heard: asyncio.Condition = field(default_factory=asyncio.Condition)
    implicit_tls: bool = True
    delay_s: float = 0.0
    _server: asyncio.Server | None = None

    async def open(self) -> Self:
        context = self.tls if self.implicit_tls else None
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port, ssl=context)
        return self

    async def close(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None

    async def until(self, done: Callable[[], bool]) -> None:
        """Wait until something holds that what is heard can change."""
        async with self.heard:
            await self.heard.wait_for(done)

    async def _note(self) -> None:
        async with self.heard:
            self.heard.notify_all()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await self.talk(reader, writer)
        except (OSError, asyncio.IncompleteReadError):
            writer.transport.abort()
        finally:
            writer.close()

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        raise NotImplementedError


@dataclass
class HttpReceiver(Listener):
    """Keeps what is posted and answers `status`, with `headers`."""

    status: int = 200
    headers: str = ""
    body: bytes = b""
    posted: list[Posted] = field(default_factory=list)

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        method, path, _ = head[0].split(" ")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:] if line)}
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        self.posted.append(Posted(method, path, headers, body))
        await asyncio.sleep(self.delay_s)
        answer = f"HTTP/1.1 {self.status} Said\r\nContent-Length: {len(self.body)}\r\n{self.headers}\r\n".encode()
        writer.write(answer + self.body)
        await writer.drain()
        await self._note()


@dataclass
class Mail:
    """One mail as it was handed over."""

    sender: str
    recipients: list[str]
    content: bytes


@dataclass
class MailServer(Listener):
    """Speaks enough of RFC 5321; `echoes` whatever it is told in its refusal, as a hostile one might."""

    mails: list[Mail] = field(default_factory=list)
    signed_in: list[bytes] = field(default_factory=list)
    refuses: bytes | None = None
    echoes: bool = False

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 sink\r\n")
        sender, recipients = "", list[str]()
        while line := await reader.readline():
            word = line[:4].upper()
            answer = b"250 ok"
            if word == b"EHLO":
                answer = b"250-sink\r\n250-AUTH PLAIN\r\n250-STARTTLS\r\n250 8BITMIME"
            elif word == b"STAR":
                writer.write(b"220 go\r\n")
                assert self.tls is not None
                await writer.start_tls(self.tls)
                continue
            elif word == b"AUTH":
                self.signed_in.append(base64.b64decode(line.split()[2]))
                answer = b"235 ok"
            elif word == b"MAIL":
                sender = line.decode().partition("<")[2].partition(">")[0]
            elif word == b"RCPT":
                recipients.append(line.decode().partition("<")[2].partition(">")[0])
                answer = self.refuses or answer
            elif word == b"DATA":
                writer.write(b"354 go\r\n")
                content = await reader.readuntil(b"\r\n.\r\n")
                self.mails.append(Mail(sender, recipients, content))
                recipients = []
                await asyncio.sleep(self.delay_s)
                await self._note()
            elif word == b"QUIT":
                writer.write(b"221 bye\r\n")
                return
            writer.write(answer + (b" " + line.strip() if self.echoes else b"") + b"\r\n")
            await writer.drain()

"""One cheap client over all its connections: raw WebSocket frames. Reading many at once is `fanout_load`'s."""

import base64
import json
import os
import socket
import struct
import zlib
from collections.abc import Iterator
from typing import Any

import msgspec

ADDRESSES = 40
MASK = b"\0\0\0\0"
OFFER = "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n"
DEFLATED = 0x40


class Setup(msgspec.Struct):
    """`rooms` are given to the clients in turn, None: the server's own; every `decode_every`th is decoded, 0: none.

    `replay`: the server is a hub, which ends each handshake by `replay:done`. `deflate`: they offer compression, as
    browsers do; only those that are decoded inflate what they get.
    """

    port: int
    clients: int
    token: str | None
    rooms: list[str] | None
    decode_every: int
    replay: bool
    deflate: bool = False


class Client:
    """One connection over its lives."""

    def __init__(self, number: int, setup: Setup) -> None:
        self.number = number
        self.setup = setup
        self.decoded = setup.decode_every > 0 and number % setup.decode_every == 0
        self.socket: socket.socket | None = None
        self.buffer = bytearray()
        self.upgraded = self.ready = False
        self.since: dict[str, Any] | None = None
        self.seqs: list[int] = []
        self.statuses = self.status_seq = 0

    def connect(self) -> socket.socket:
        self.socket = made = socket.socket()
        made.bind((f"127.9.0.{1 + self.number % ADDRESSES}", 0))
        made.connect(("127.0.0.1", self.setup.port))
        key = base64.b64encode(os.urandom(16)).decode()
        made.sendall(
            f"GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: 127.0.0.1:{self.setup.port}\r\n"
            f"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: {key}\r\n"
            f"Sec-WebSocket-Version: 13\r\n{OFFER if self.setup.deflate else ''}\r\n".encode()
        )
        made.settimeout(0)
        return made

    def send(self, text: str) -> None:
        payload = text.encode()
        head = (
            bytes((0x81, 0x80 | len(payload))) if len(payload) < 126 else b"\x81\xfe" + struct.pack(">H", len(payload))
        )
        assert self.socket is not None
        # Masked by zeros: cheap, and the server unmasks all the same.
        self.socket.sendall(head + MASK + payload)

    def messages(self) -> Iterator[bytes]:
        """Yield the whole messages of the buffer and keep the rest."""
        buffer, at = self.buffer, 0
        if not self.upgraded:
            end = buffer.find(b"\r\n\r\n")
            if end < 0:
                return
            if not buffer.startswith(b"HTTP/1.1 101"):
                raise ConnectionError(bytes(buffer[:100]).decode(errors="replace"))
            self.upgraded, at = True, end + 4
        while len(buffer) >= at + 2:
            first, size, start = buffer[at], buffer[at + 1], at + 2
            if size == 126:
                if len(buffer) < at + 4:
                    break
                size, start = int.from_bytes(buffer[at + 2 : at + 4], "big"), at + 4
            elif size == 127:
                if len(buffer) < at + 10:
                    break
                size, start = int.from_bytes(buffer[at + 2 : at + 10], "big"), at + 10
            if len(buffer) < start + size:
                break
            payload = bytes(buffer[start : start + size])
            yield self.inflate(payload) if first & DEFLATED else payload
            at = start + size
        del buffer[:at]

    def inflate(self, payload: bytes) -> bytes:
        # Of the others' nothing but that it is an event is asked for.
        return zlib.decompressobj(-15).decompress(payload + b"\0\0\xff\xff") if self.decoded else b"42"

    def hello(self) -> None:
        auth: dict[str, Any] = {}
        if self.setup.token is not None:
            auth["token"] = self.setup.token
        if self.setup.rooms is not None:
            auth["subscribe"] = [self.setup.rooms[self.number % len(self.setup.rooms)]]
        if self.since is not None:
            auth["since"] = self.since
        self.send(f"40{json.dumps(auth)}")

"""A relay before a hub that loses single WebSocket messages of it and keeps the connection, as a faulty proxy may."""

import contextlib
import shutil
import socket
import socketserver
import threading
from types import TracebackType
from typing import BinaryIO, Self


class LossyRelay:
    """Listens on `port` of the loopback and passes on to `target`; `lost` counts the messages that were lost."""

    def __init__(self, target: int) -> None:
        self.lost = 0
        self._losing: bytes | None = None
        self._ending: bytes | None = None
        relay = self

        class Handler(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", target)) as far:
                    up = threading.Thread(target=_pass_on, args=(self.connection, far), daemon=True)
                    up.start()
                    with far.makefile("rb") as answers:
                        relay._answer(answers, self.connection)

        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._server.block_on_close = False
        self.port = int(self._server.server_address[1])

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()

    def lose(self, text: str) -> None:
        """Lose the next message that has `text` in it."""
        self._losing = text.encode()

    def end_before(self, text: str) -> None:
        """End the connection in place of the next message that has `text` in it."""
        self._ending = text.encode()

    def _answer(self, answers: BinaryIO, client: socket.socket) -> None:
        while (line := answers.readline()) != b"\r\n":
            if not line:
                return
            client.sendall(line)
        client.sendall(line)
        while head := answers.read(2):
            # Unmasked, and never of 64 KiB or more (RFC 6455, section 5.2).
            length, more = head[1], b""
            if length == 126:
                more = answers.read(2)
                length = int.from_bytes(more, "big")
            payload = answers.read(length)
            if self._ending is not None and self._ending in payload:
                self._ending = None
                self.lost += 1
                return
            if self._losing is not None and self._losing in payload:
                self._losing = None
                self.lost += 1
            else:
                client.sendall(head + more + payload)


def _pass_on(near: socket.socket, far: socket.socket) -> None:
    with contextlib.suppress(OSError), near.makefile("rb", buffering=0) as asked, far.makefile("wb", buffering=0) as to:
        shutil.copyfileobj(asked, to)
    with contextlib.suppress(OSError):
        far.shutdown(socket.SHUT_RDWR)

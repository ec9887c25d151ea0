"""The engine's sessions as the hub uses them: send in order, see what waits, cut. What is sent to whom is others'."""

import asyncio
from dataclasses import dataclass

import msgspec
import socketio  # type: ignore[import-untyped]
from engineio import packet as engine_packet  # type: ignore[import-untyped]
from socketio import packet as socket_packet

from noctule_hub.realtime.deflate import Deflater
from noctule_hub.realtime.gate import Gate, Refusal
from noctule_hub.realtime.link import CountingQueue, Framed, Link, deflated_frame_of, frame_of
from noctule_hub.realtime.transport_contract import CUT_KEY


class Outgoing(engine_packet.Packet):  # type: ignore[misc]  # python-engineio has no types
    """A packet to one or many sessions; its WebSocket frames are built when they are first asked for, and once."""

    _frame: bytes | None = None
    _deflated_frame: bytes | None = None

    def encode(self, b64: bool = False) -> str | bytes:  # noqa: FBT001, FBT002  the parent's parameter
        """Return the packet encoded, `Framed` where it is text."""
        encoded: str | bytes = super().encode(b64)
        if b64 or isinstance(encoded, bytes):
            return encoded
        framed = Framed(encoded)
        framed.frame_for = self.frame_for
        return framed

    @property
    def frame(self) -> bytes:
        """The packet as a whole WebSocket frame."""
        if self._frame is None:
            self._frame = frame_of(super().encode())
        return self._frame

    def frame_for(self, link: Link) -> bytes:
        """Return the packet as the frame that a connection is to get: compressed if it agreed and that is worth it.

        What is in bytes is numbers, and hardly gets smaller.
        """
        deflate, frame = link.deflate, self.frame
        if deflate is None or self.binary or len(frame) < deflate.least_bytes:
            return frame
        if deflate.most_bytes is not None and len(frame) > deflate.most_bytes:
            return frame
        if self._deflated_frame is None:
            self._deflated_frame = deflated_frame_of(super().encode(), _deflater)
        return self._deflated_frame


def text_packet(event: str, payload: bytes) -> Outgoing:
    """Return one event of the default namespace, encoded once for all recipients; `payload` is JSON."""
    name = msgspec.json.encode(event).decode()
    return Outgoing(engine_packet.MESSAGE, f"{socket_packet.EVENT}[{name},{payload.decode()}]")


@dataclass(frozen=True, slots=True)
class Engine:
    """The sessions of a server, by engine session id; `gate` knows who they are."""

    sio: socketio.AsyncServer
    gate: Gate

    def session_of(self, sid: str) -> str | None:
        """Return the engine session of a client of the default namespace, None when it is gone."""
        eio_sid: str | None = self.sio.manager.eio_sid_from_sid(sid, "/")
        return eio_sid

    def is_connected(self, sid: str) -> bool:
        """Return whether the client of the default namespace was sent CONNECT and is still there."""
        connected: bool = self.sio.manager.is_connected(sid, "/")
        return connected

    def is_open(self, eio_sid: str) -> bool:
        """Return whether the session still takes packets."""
        session = self.sio.eio.sockets.get(eio_sid)
        return session is not None and not session.closed and not session.closing

    def transport(self, eio_sid: str) -> str:
        """Return `websocket` or `polling`."""
        session = self.sio.eio.sockets.get(eio_sid)
        return "websocket" if session is not None and session.upgraded else "polling"

    def send(self, eio_sid: str, packet: Outgoing) -> int | None:
        """Send a packet at once, in the order of calls, and return the bytes that wait; None: the session is gone.

        It is written to the connection itself while nothing else is on its way there, and queued otherwise.
        """
        session = self.sio.eio.sockets.get(eio_sid)
        if session is None or session.closed or session.closing:
            return None
        queue: CountingQueue = session.queue
        link = queue.link
        # Before the upgrade is through, who waits at the queue is a long-polling GET.
        if link is not None and queue.idle.is_set() and session.upgraded and link.write(packet.frame_for(link)):
            return 0
        queue.put_nowait(packet)
        return queue.size_bytes

    def link(self, eio_sid: str) -> Link | None:
        """Return the session's WebSocket connection, the same for its whole life; None: it has none yet, or is gone."""
        session = self.sio.eio.sockets.get(eio_sid)
        queue: CountingQueue | None = None if session is None else session.queue
        return None if queue is None else queue.link

    def queued_bytes(self, eio_sid: str) -> int:
        """Return the bytes that wait for the client, in the session and in the connection's buffer."""
        session = self.sio.eio.sockets.get(eio_sid)
        if session is None:
            return 0
        queue: CountingQueue = session.queue
        return queue.size_bytes + (0 if queue.link is None else queue.link.buffered_bytes)

    async def drained(self, eio_sid: str) -> None:
        """Wait until the session handed over everything that was queued for it. Returns at once when it is gone."""
        session = self.sio.eio.sockets.get(eio_sid)
        if session is not None and not session.closed:
            await session.queue.idle.wait()

    def cut(self, eio_sid: str) -> None:
        """End a session as a broken connection does: its client comes back by itself and is caught up.

        `sio.disconnect` would tell the client to stay away.
        """
        session = self.sio.eio.sockets.get(eio_sid)
        if session is None:
            return
        session.session[CUT_KEY] = True
        queue: CountingQueue = session.queue
        if queue.link is not None:
            queue.link.abort()
        if not session.upgraded:
            closing = asyncio.ensure_future(session.close(wait=False, abort=True))
            _closings.add(closing)
            closing.add_done_callback(_closings.discard)
            # engineio itself would keep it until its round of all sessions comes by.
            closing.add_done_callback(lambda _: self.sio.eio.sockets.pop(eio_sid, None))

    def cut_all(self) -> None:
        """End all sessions, agents' too."""
        for eio_sid in list(self.sio.eio.sockets):
            self.cut(eio_sid)

    def reap(self, now_s: float) -> int:
        """Cut sessions that did not CONNECT to any namespace in time; `now_s` on the loop's clock."""
        overdue = self.gate.overdue(now_s)
        for eio_sid in overdue:
            self.gate.refused[Refusal.NEVER_CONNECTED] += 1
            self.gate.closed(eio_sid)
            self.cut(eio_sid)
        return len(overdue)


_closings: set[asyncio.Future[None]] = set()
_deflater = Deflater()

"""Cuts a TCP stream of syslog into frames (RFC 6587): octet counting and newlines, told apart for each frame.

Pure; reading, timing and closing are left to `receivers.syslog_tcp`.
"""

from typing import Final

from noctule_agent.core.syslog import MAX_MESSAGE_BYTES

# `MSG-LEN SP`: no device counts beyond 9,999,999 octets.
MAX_COUNT_DIGITS: Final = 7
_TRAILERS: Final = b"\n\r\0"


class SyslogStream:
    """One connection's bytes. A frame beyond 8,192 octets is cut there and its rest skipped, counted in `cut`.

    A frame that begins with a digit other than 0 is counted (RFC 6587 section 3.4.1), any other ends with a newline or,
    as some send it, a NUL. At most one frame's octets are held.
    """

    def __init__(self) -> None:
        self.cut = 0
        self._held = bytearray()
        # Octets of a counted frame, or the rest of a line, that are thrown away as they come.
        self._skip_octets = 0
        self._skip_line = False

    @property
    def partial(self) -> bool:
        """Return whether a frame has begun and is not complete."""
        return bool(self._held) or self._skip_octets > 0 or self._skip_line

    def feed(self, data: bytes) -> list[bytes]:
        """Take what arrived; return the frames that it completed, in order, without empty ones."""
        self._held += data
        frames: list[bytes] = []
        at = 0
        while at < len(self._held):
            end, frame = self._next(at)
            if end is None:
                break
            at = end
            if frame:
                frames.append(frame)
        del self._held[:at]
        return frames

    def _next(self, at: int) -> tuple[int | None, bytes]:
        """Return where to go on (None: more must come) and the frame that ended there, empty for none."""
        held = self._held
        if self._skip_octets:
            taken = min(self._skip_octets, len(held) - at)
            self._skip_octets -= taken
            return at + taken, b""
        if self._skip_line:
            end = _line_end(held, at)
            self._skip_line = end is None
            return len(held) if end is None else end + 1, b""
        if held[at] in _TRAILERS:
            return at + 1, b""
        if held[at] in b"123456789":
            start, count = self._count(at)
            if start is None:
                return None, b""
            if count is not None:
                return self._counted(start, count)
        return self._line(at)

    def _count(self, at: int) -> tuple[int | None, int | None]:
        """Return where the message begins (None: more must come) and its length (None: it is no count)."""
        head = bytes(self._held[at : at + MAX_COUNT_DIGITS + 1])
        digits, blank, _ = head.partition(b" ")
        if blank and digits.isdigit():
            return at + len(digits) + 1, int(digits)
        return (None, None) if head.isdigit() and len(head) <= MAX_COUNT_DIGITS else (at, None)

    def _counted(self, start: int, count: int) -> tuple[int | None, bytes]:
        wanted = min(count, MAX_MESSAGE_BYTES)
        if len(self._held) - start < wanted:
            return None, b""
        if count > wanted:
            self.cut += 1
            self._skip_octets = count - wanted
        return start + wanted, bytes(self._held[start : start + wanted])

    def _line(self, at: int) -> tuple[int | None, bytes]:
        end = _line_end(self._held, at, at + MAX_MESSAGE_BYTES + 1)
        if end is not None:
            return end + 1, bytes(self._held[at:end])
        if len(self._held) - at <= MAX_MESSAGE_BYTES:
            return None, b""
        self.cut += 1
        self._skip_line = True
        return at + MAX_MESSAGE_BYTES, bytes(self._held[at : at + MAX_MESSAGE_BYTES])


def _line_end(held: bytearray, at: int, limit: int | None = None) -> int | None:
    """Return where the next newline or NUL is, None when there is none before `limit`."""
    stop = len(held) if limit is None else limit
    newline = held.find(b"\n", at, stop)
    nul = held.find(b"\0", at, stop if newline < 0 else newline)
    found = nul if nul >= 0 else newline
    return None if found < 0 else found

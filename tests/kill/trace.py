"""What strace saw of a hub: writes to the database's journal, syncs, and acknowledgements, in their order.

A line is printed when a call returns; one that another thread's call overtook is printed in two halves.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

TRACED = "pwrite64,fdatasync,fsync,sendto,sendmsg,write,writev"
SHOWN_BYTES = 4200
JOURNAL = "hub.db-wal>"
STOP = b"--- SIGSTOP"
_WHOLE = re.compile(r"(\d+) +(\w+)\((.*)\) += (-?\d+)")
_BEGUN = re.compile(r"(\d+) +(\w+)\((.*) <unfinished \.\.\.>")
_ENDED = re.compile(r"(\d+) +<\.\.\. (\w+) resumed>(.*)\) += (-?\d+)")
_ACK = re.compile(rb'\["ack",\{"seq":(\d+)\}\]')
_HEX = re.compile(r'"((?:\\x[0-9a-f]{2})*)"')


@dataclass(frozen=True)
class Call:
    """A system call: its name, arguments as printed, and the lines at which it began and ended."""

    name: str
    arguments: str
    began: int
    ended: int

    def data(self) -> bytes:
        """Return the bytes that it wrote."""
        return b"".join(bytes.fromhex(text.replace("\\x", "")) for text in _HEX.findall(self.arguments))


@dataclass(frozen=True)
class Trace:
    """All calls that returned, in the order of their returns, and the lines at which the hub was stopped."""

    calls: list[Call]
    stops: list[int]

    def acks(self) -> Iterator[tuple[int, int]]:
        """Yield the seqs that were acknowledged and the lines at which each ack began to leave."""
        for call in self.calls:
            if call.name in {"sendto", "sendmsg", "write", "writev"}:
                for seq in _ACK.findall(call.data()):
                    yield int(seq), call.began

    def journal_writes(self) -> Iterator[tuple[bytes, int]]:
        """Yield what was written into the journal and the line at which it was."""
        for call in self.calls:
            if call.name == "pwrite64" and JOURNAL in call.arguments:
                yield call.data(), call.ended

    def journal_syncs(self) -> list[Call]:
        """Return the syncs of the journal."""
        return [call for call in self.calls if call.name in {"fdatasync", "fsync"} and JOURNAL in call.arguments]


def read_trace(path: Path) -> Trace:
    """Return what `strace -f -y -x -o path` wrote."""
    calls: list[Call] = []
    stops: list[int] = []
    begun: dict[tuple[str, str], tuple[str, int]] = {}
    for number, line in enumerate(path.read_text(errors="replace").splitlines()):
        if STOP.decode() in line:
            stops.append(number)
        elif match := _BEGUN.match(line):
            begun[match[1], match[2]] = (match[3], number)
        elif match := _ENDED.match(line):
            arguments, began = begun.pop((match[1], match[2]), ("", number))
            calls.append(Call(match[2], arguments + match[3], began, number))
        elif match := _WHOLE.match(line):
            calls.append(Call(match[2], match[3], number, number))
    return Trace(calls, stops)

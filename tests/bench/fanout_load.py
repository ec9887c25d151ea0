"""Cheap clients by the thousand in one process: raw WebSocket frames read by epoll, one in so many decoded and timed.

It reads a line of standard input, a `Setup` as JSON, and says {"ready"} once all clients are in their rooms. Then
each line is one word: `mark` begins to count anew and says {"marked"}, `report` answers by a `Report`, `tally` by one
without ages, `statuses` by `Statuses`, `back` waits until every client that lost its connection is in its rooms again
and answers {"ready"}.
"""

import heapq
import random
import select
import sys
import time
from datetime import datetime
from pathlib import Path

import msgspec

if not __package__:  # started by its path: find `tests.bench` from the root
    sys.path[0] = str(Path(__file__).resolve().parents[2])

from tests.bench.fanout_client import Client, Setup

# Where each event says when that was observed which it tells of.
OBSERVED = {"device:status": "timestamp", "alert:new": "startedAt"}
STATUS = b'42["device:status"'
SEQ = b'"seq":'
RETRY_S = 2.0
CONNECTING = 100


class Report(msgspec.Struct):
    """Since the mark: messages and bytes of all clients; ages in ms of what the decoded ones got, by event.

    `ages_ms` are since a thing was observed, `commit_ages_ms` since it was committed. `lost` connections; `seqs` are
    the events of all rooms since the beginning, `odd` decoded clients that did not get those of their room, each once.
    """

    messages: int
    bytes: int
    ages_ms: dict[str, list[float]]
    commit_ages_ms: dict[str, list[float]]
    lost: int
    unrecovered: int
    seqs: int
    odd: int


class Statuses(msgspec.Struct):
    """`device:status` since the mark, of clients that are not decoded: the fewest and the most that one got.

    `out_of_order`: how many had no higher seq than the client's one before. `last_s`: when the last one was read, on
    the machine's monotonic clock.
    """

    fewest: int
    most: int
    out_of_order: int
    last_s: float


class Crowd:
    """All clients and what they got."""

    def __init__(self, setup: Setup) -> None:
        self.epoll = select.epoll()
        self.clients = [Client(number, setup) for number in range(setup.clients)]
        # A heap: when each is to be connected, and its number.
        self.waiting = [(0.0, number) for number in range(setup.clients)]
        self.connecting: set[Client] = set()
        self.of_fd: dict[int, Client] = {}
        self.setup = setup
        self.mark()

    def mark(self) -> None:
        """Count anew."""
        self.report = self.fresh()
        self.out_of_order, self.last_s = 0, 0.0
        for client in self.clients:
            client.statuses = 0

    @staticmethod
    def fresh() -> Report:
        return Report(0, 0, {}, {}, 0, 0, 0, 0)

    def all_ready(self) -> bool:
        return not self.waiting and not self.connecting

    def turn(self) -> bool:
        """Do what is due; returns whether there is a line on standard input."""
        now_s = time.monotonic()
        while self.waiting and len(self.connecting) < CONNECTING and self.waiting[0][0] <= now_s:
            self._begin(self.clients[heapq.heappop(self.waiting)[1]])
        line = False
        for fd, _ in self.epoll.poll(0.05 if self.waiting else 1.0):
            if fd == 0:
                line = True
                continue
            client = self.of_fd[fd]
            try:
                assert client.socket is not None
                data = client.socket.recv(1 << 18)
                if not data:
                    raise ConnectionError("the server ended it")
                self.report.bytes += len(data)
                client.buffer += data
                for message in client.messages():
                    self._take(client, message)
            except BlockingIOError:
                pass
            except OSError:
                self._lose(client, fd)
        return line

    def _begin(self, client: Client) -> None:
        self.connecting.add(client)
        try:
            made = client.connect()
        except OSError:
            self._again(client)
            return
        self.of_fd[made.fileno()] = client
        self.epoll.register(made.fileno(), select.EPOLLIN)

    def _lose(self, client: Client, fd: int) -> None:
        if client.ready:
            self.report.lost += 1
        self.epoll.unregister(fd)
        del self.of_fd[fd]
        self._again(client)

    def _again(self, client: Client) -> None:
        if client.socket is not None:
            client.socket.close()
        self.connecting.discard(client)
        client.buffer.clear()
        client.upgraded = client.ready = False
        due_s = time.monotonic() + random.random() * RETRY_S  # noqa: S311  spreading is no secret
        heapq.heappush(self.waiting, (due_s, client.number))

    def _take(self, client: Client, message: bytes) -> None:
        if message == b"2":
            client.send("3")
        elif message.startswith(b"0{"):
            client.hello()
        elif message.startswith(b"40"):
            if not self.setup.replay:
                self._ready(client)
        elif message.startswith(b"44"):
            raise ConnectionError(message.decode())
        elif message.startswith(b"42"):
            self.report.messages += 1
            if client.decoded or message.startswith(b'42["replay:done"'):
                self._decode(client, message)
            elif message.startswith(STATUS):
                self._count(client, message)

    def _count(self, client: Client, message: bytes) -> None:
        # Without decoding it: thousands of them come to hundreds of clients at once.
        at = message.rindex(SEQ) + len(SEQ)
        seq = int(message[at : message.index(b",", at)])
        self.out_of_order += seq <= client.status_seq
        client.status_seq = seq
        client.statuses += 1
        self.last_s = time.monotonic()

    def _ready(self, client: Client) -> None:
        client.ready = True
        self.connecting.discard(client)

    def _decode(self, client: Client, message: bytes) -> None:
        name, data = msgspec.json.decode(message[2:])
        if name in {"replay:done", "position"}:
            if name == "replay:done":
                if client.since is not None and not data["recovered"]:
                    self.report.unrecovered += 1
                self._ready(client)
            client.since = {"epoch": data["epoch"], "seq": data["seq"]}
        elif name == "trial":
            self.report.ages_ms.setdefault(name, []).append((time.monotonic_ns() - data["sentNs"]) / 1e6)
        elif name in OBSERVED:
            now_s = time.time()
            for key, ages in ((OBSERVED[name], self.report.ages_ms), ("committedAt", self.report.commit_ages_ms)):
                ages.setdefault(name, []).append((now_s - _epoch_s(data[key])) * 1000)
        if "committedAt" in data:
            client.seqs.append(data["seq"])
            if client.since is not None:
                client.since["seq"] = data["seq"]

    def statuses(self) -> Statuses:
        counts = [client.statuses for client in self.clients if not client.decoded]
        return Statuses(min(counts), max(counts), self.out_of_order, self.last_s)

    def told(self) -> Report:
        decoded = [client for client in self.clients if client.decoded]
        rooms = len(self.setup.rooms or ("the server's own",))
        longest: dict[int, list[int]] = {}
        for client in decoded:
            room = client.number % rooms
            longest[room] = max(longest.get(room, []), client.seqs, key=len)
        self.report.seqs = sum(map(len, longest.values()))
        self.report.odd = sum(
            1
            for client in decoded
            if client.seqs != longest[client.number % rooms] or client.seqs != sorted(set(client.seqs))
        )
        return self.report


def _epoch_s(iso: str) -> float:
    return datetime.fromisoformat(iso).timestamp()


def _say(word: object) -> None:
    sys.stdout.buffer.write(msgspec.json.encode(word) + b"\n")
    sys.stdout.buffer.flush()


def main() -> None:
    """Connect, read, and answer until standard input ends."""
    crowd = Crowd(msgspec.json.decode(sys.stdin.buffer.readline(), type=Setup))
    while not crowd.all_ready():
        crowd.turn()
    _say({"ready": len(crowd.clients)})
    crowd.epoll.register(0, select.EPOLLIN)
    while True:
        if not crowd.turn():
            continue
        match sys.stdin.buffer.readline().strip():
            case b"mark":
                crowd.mark()
                _say({"marked": True})
            case b"report":
                _say(crowd.told())
            case b"tally":
                _say(msgspec.structs.replace(crowd.told(), ages_ms={}, commit_ages_ms={}))
            case b"statuses":
                _say(crowd.statuses())
            case b"back":
                while not crowd.all_ready():
                    crowd.turn()
                _say({"ready": len(crowd.clients)})
            case _:
                return


if __name__ == "__main__":
    main()

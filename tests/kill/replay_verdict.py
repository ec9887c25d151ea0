"""The verdict of the replay test: what each client heard against the hub's log, as docs/semantics.md promises it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from noctule_hub.core.principal import Principal
from noctule_hub.core.projection import project
from noctule_hub.core.records import EventRow
from noctule_hub.core.replay import reaching
from noctule_hub.core.rooms import default_rooms, sight
from noctule_shared.times import iso_from_ms

from tests.kill.listeners import Line, Listener, Rights

# A client of the package keeps its place each quarter of a second; a machine under load is later than that.
KEPT_WITHIN_MS = 1_500
STAFF_ONLY = {"latency:update", "bandwidth:update"}
MEASURED = {"latency:update", "bandwidth:update", "stats:update"}
MOST_SAID = 5
# What the NOC writes of itself: by hand, apart from the hub's own table of what who sees.
OF_THE_NOC = {
    *("deviceName", "interfaceName", "siteId", "agentId", "reason", "detail", "note", "rule", "trouble", "assignee"),
    *("incident", "acknowledgedBy", "inhibitedBy", "silencedBy"),
}


@dataclass(frozen=True)
class Had:
    """A customer had a device, or with `interface_id` a port of it, between two changes, each asked for and answered.

    `until_ms` None: to the end.
    """

    customer_id: int
    device_id: int
    interface_id: int | None
    from_ms: tuple[int, int]
    until_ms: tuple[int, int] | None = None


@dataclass
class ReplayVerdict:
    """What was found. `told`: events that clients handled, `again`: those that came again after a client was killed."""

    rows: int = 0
    told: int = 0
    again: int = 0
    skipped: int = 0
    wrong: list[str] = field(default_factory=list)

    def accuse(self, what: str, found: Sequence[object]) -> None:
        if found:
            self.wrong.append(f"{len(found)} {what}: {', '.join(map(str, found[:MOST_SAID]))}")

    def summary(self) -> str:
        return (
            f"{self.rows} rows, {self.told} told, {self.again} again and {self.skipped} not handled as clients were "
            f"killed, {len(self.wrong)} faults"
        )


@dataclass(frozen=True)
class Told:
    """A logged event as a client handled it, by whose rights (index), in which life."""

    life: int
    line: Line
    rights: int | None

    @property
    def seq(self) -> int:
        return int(self.line.data["seq"])


def judge(rows: Sequence[EventRow], listeners: Sequence[Listener], had: Sequence[Had], *, head: int) -> ReplayVerdict:
    """Judge all clients; each had the time to hear all up to seq `head`."""
    verdict = ReplayVerdict(rows=len(rows))
    _judge_rooms(verdict, rows, had)
    for listener in listeners:
        _Judge(verdict, rows, listener, head).judge()
        _judge_measurements(verdict, listener, had)
    return verdict


class _Judge:
    """One client before its judge."""

    def __init__(self, verdict: ReplayVerdict, rows: Sequence[EventRow], listener: Listener, head: int) -> None:
        self._verdict, self._rows, self._listener, self._head = verdict, rows, listener, head
        self._by_seq = {row.seq: row for row in rows}
        self._known_rooms: dict[tuple[Principal, bool], dict[str, int]] = {}

    def judge(self) -> None:
        listener, verdict = self._listener, self._verdict
        told = list(self._told())
        verdict.told += len(told)
        early = [one.seq for one in told if one.seq <= listener.begun[0]]
        verdict.accuse(f"events from before {listener.name} began", early)
        verdict.accuse(f"rows that {listener.name} heard and the log does not have", _unknown(told, self._by_seq))
        told = [one for one in told if one.seq in self._by_seq]
        by_whom = [self._whose(one) for one in told]
        verdict.accuse(
            f"events that {listener.name} was not to hear, or not so",
            [(one.seq, one.line.event) for one, whose in zip(told, by_whom, strict=True) if whose is None],
        )
        first = self._judge_order(told)
        self._judge_missing(first)
        if listener.rights[0].principal is not None and not listener.rights[0].principal.is_staff:
            verdict.accuse(
                f"events with words of the NOC at {listener.name}",
                [
                    one.seq
                    for one in told
                    if one.rights == 0 and (OF_THE_NOC & one.line.data.keys() or self._foreign(one.line.data))
                ],
            )
        misfits = [line.event for line in listener.lines if isinstance(line.data, dict) and line.data.get("misfit")]
        verdict.accuse(f"events at {listener.name} that are not as their type promises", misfits)
        verdict.accuse(
            f"events at {listener.name} about what was lost",
            [line.data for line in listener.lines if line.event in {"gap", "logs:skipped"}],
        )

    def _told(self) -> Iterator[Told]:
        """Yield what was handled, each with the rights of its connection: those that its rooms tell."""
        for number, life in enumerate(self._listener.lives):
            session: list[Line] = []
            for line in [*life, Line(None, "dial", None)]:
                if line.event == "dial":
                    rights = self._rights_of(session)
                    yield from (Told(number, one, rights) for one in session if _is_logged(one))
                    session = []
                session.append(line)

    def _rights_of(self, session: Sequence[Line]) -> int | None:
        """Return by whose rights a connection heard; None: it cannot be told."""
        many = self._listener.rights
        if len(many) == 1 or many[1].principal is None:
            return 0
        dialled_ms = next((line.at_ms for line in session if line.event == "dial"), None)
        if dialled_ms is not None and dialled_ms < many[1].asked_ms:
            return 0
        done = next((set(line.data["rooms"]) for line in session if line.event == "replay:done"), None)
        if done is None:
            return 1 if dialled_ms is not None and dialled_ms > many[1].answered_ms else None
        of = [set(default_rooms(one.principal)) for one in many if one.principal is not None]
        return next((at for at, rooms in enumerate(of) if rooms == done - set(self._listener.also)), None)

    def _whose(self, one: Told) -> int | None:
        """Return by whose rights an event was rightly heard, as it was."""
        row = self._by_seq[one.seq]
        candidates = range(len(self._listener.rights)) if one.rights is None else [one.rights]
        for at in candidates:
            rights = self._listener.rights[at]
            over_ms = self._listener.rights[at + 1].answered_ms if at + 1 < len(self._listener.rights) else None
            if over_ms is not None and row.committed_ms > over_ms:
                continue
            if rights.principal is not None and one.line.data == self._seen(rights.principal, row, maybe=True):
                return at
        return None

    def _seen(self, principal: Principal, row: EventRow, *, maybe: bool) -> dict[str, Any] | None:
        """Return a row as somebody sees it; `maybe`: also by rooms that are joined or left in between."""
        rooms = self._rooms(principal, maybe=maybe)
        through = () if rooms.keys().isdisjoint(row.rooms) else reaching(principal, rooms, row)
        if not through:
            return None
        seen_as = sight(principal, through)
        seen = project(row.name, row.data, seen_as.audience, seen_as.customer_ids)
        if seen is None:
            return None
        late = {"late": True} if row.late else {}
        return {**seen, "seq": row.seq, "committedAt": iso_from_ms(row.committed_ms), **late}

    def _rooms(self, principal: Principal, *, maybe: bool) -> dict[str, int]:
        """Return the rooms that somebody is in all the time, `maybe`: or for some of it."""
        known = self._known_rooms.get((principal, maybe))
        if known is None:
            rooms = {*default_rooms(principal), *self._listener.also}
            if maybe:
                rooms |= {line.data["room"] for line in self._listener.lines if line.event == "join"}
            known = self._known_rooms[principal, maybe] = dict.fromkeys(rooms, 0)
        return known

    def _judge_order(self, told: Sequence[Told]) -> set[int]:
        """See each life in order and nothing twice but what a death explains; returns what was handled."""
        listener, verdict = self._listener, self._verdict
        handled: dict[int, Told] = {}
        twice: list[Told] = []
        last = (-1, -1)
        disorder = []
        for one in told:
            if (one.life, one.seq) <= last:
                disorder.append(one.seq)
            last = (one.life, one.seq)
            if one.seq in handled:
                twice.append(one)
            else:
                handled[one.seq] = one
        verdict.accuse(f"events out of order at {listener.name}", disorder)
        explained = [one for one in twice if self._is_explained(one, handled[one.seq])]
        verdict.again += len(explained)
        verdict.accuse(f"events that {listener.name} handled twice", [one.seq for one in twice if one not in explained])
        if listener.kind != "ours" and len(explained) > len(listener.killed_ms):
            verdict.wrong.append(f"{listener.name}: {len(explained)} again over {len(listener.killed_ms)} deaths")
        return set(handled)

    def _is_explained(self, one: Told, first: Told) -> bool:
        """Whether an event came again because its client died before it had kept how far it was."""
        if self._listener.keeps == "before" or one.life == first.life:
            return False
        if self._listener.kind != "ours":
            return True
        died_ms = self._listener.killed_ms[first.life]
        return first.line.at_ms is not None and died_ms - first.line.at_ms <= KEPT_WITHIN_MS

    def _judge_missing(self, handled: set[int]) -> None:
        listener = self._listener
        missing = [row.seq for row in self._due() if row.seq not in handled]
        if listener.keeps == "before" and len(missing) <= len(listener.killed_ms):
            self._verdict.skipped += len(missing)
            return
        self._verdict.accuse(f"events that {listener.name} never heard", missing)

    def _due(self) -> Iterator[EventRow]:
        """Yield the rows that a client had to hear, whatever happened."""
        first = self._listener.rights[0].principal
        turn = self._turn()
        for row in self._rows:
            if self._listener.begun[1] < row.seq <= turn and first is not None and self._seen(first, row, maybe=False):
                yield row
        if len(self._listener.rights) == 1 or self._listener.rights[1].principal is None:
            return
        for row in self._rows:
            if turn < row.seq <= self._head and self._seen(self._listener.rights[1].principal, row, maybe=False):
                yield row

    def _turn(self) -> int:
        """Return the place in the log at which a client's rights changed: where its first connection since began."""
        if len(self._listener.rights) == 1:
            return self._head
        if self._listener.rights[1].principal is None:
            # Nobody any more: what it heard until then has no hole.
            seqs = [line.data["seq"] for line in self._listener.lines if _is_logged(line)]
            return max(seqs, default=0)
        for life in self._listener.lives:
            for at, line in enumerate(life):
                if line.event == "dial":
                    rights = self._rights_of(_session(life, at))
                    if rights == 1:
                        return int(line.data["since"]["seq"])
        self._verdict.wrong.append(f"{self._listener.name} never came back with its new rights")
        return self._head

    def _foreign(self, payload: dict[str, Any]) -> bool:
        principal = self._listener.rights[0].principal
        own = set() if principal is None else _customers_of(self._listener, principal)
        return any(service["customerId"] not in own for service in payload.get("services", ()))


def _customers_of(listener: Listener, principal: Principal) -> set[int | None]:
    """Return whose devices somebody hears of: its own, and of billing those of the rooms that it asked for."""
    asked = (room.removeprefix("customer:") for room in listener.also if room.startswith("customer:"))
    return {principal.customer_id, *map(int, asked)}


def _session(life: Sequence[Line], at: int) -> list[Line]:
    end = next((n for n in range(at + 1, len(life)) if life[n].event == "dial"), len(life))
    return list(life[at:end])


def _is_logged(line: Line) -> bool:
    return isinstance(line.data, dict) and "committedAt" in line.data


def _unknown(told: Sequence[Told], by_seq: dict[int, EventRow]) -> list[int]:
    return [one.seq for one in told if one.seq not in by_seq]


def _judge_rooms(verdict: ReplayVerdict, rows: Sequence[EventRow], had: Sequence[Had]) -> None:
    """See rows of devices told to the customers who had them then, and to no others."""
    customers = {one.customer_id for one in had}
    stray, forgotten = [], []
    for row in rows:
        if row.name.value not in {"device:status", "interface:status"}:
            continue
        for customer_id in customers:
            own = [one for one in had if one.customer_id == customer_id and _concerns(one, row)]
            told = f"customer:{customer_id}" in row.rooms
            if told and not any(_may_have_had(one, row) for one in own):
                stray.append((row.seq, customer_id))
            if not told and not row.late and any(_surely_had(one, row) for one in own):
                forgotten.append((row.seq, customer_id))
    verdict.accuse("rows told to a customer who did not have the device (seq, customer)", stray)
    verdict.accuse("rows not told to the customer who had the device (seq, customer)", forgotten)


def _concerns(had: Had, row: EventRow) -> bool:
    if had.device_id != row.device_id:
        return False
    return row.name.value == "device:status" or had.interface_id in {None, row.data["interfaceId"]}


def _may_have_had(had: Had, row: EventRow) -> bool:
    return had.from_ms[0] <= row.committed_ms and (had.until_ms is None or row.committed_ms <= had.until_ms[1])


def _surely_had(had: Had, row: EventRow) -> bool:
    return had.from_ms[1] < row.observed_ms and (had.until_ms is None or row.committed_ms < had.until_ms[0])


def _judge_measurements(verdict: ReplayVerdict, listener: Listener, had: Sequence[Had]) -> None:
    """See what is not in the log reach only those who may have it: other rights begin with another connection."""
    stray = []
    for life in listener.lives:
        rights: Sequence[Rights] = listener.rights[:1]
        for line in life:
            if line.event == "connect" and line.at_ms is not None:
                rights = _rights_at(listener.rights, line.at_ms)
            if line.event in MEASURED and not any(_may_measure(listener, line, one.principal, had) for one in rights):
                stray.append((line.event, line.at_ms))
    verdict.accuse(f"measurements that {listener.name} was not to hear", stray)


def _rights_at(rights: Sequence[Rights], at_ms: int) -> list[Rights]:
    """Return whose rights a connection may have that began at that time; while they change, both."""
    over = [one.answered_ms for one in rights[1:]] + [at_ms + 1]
    return [one for one, over_ms in zip(rights, over, strict=True) if one.asked_ms <= at_ms <= over_ms]


def _may_measure(listener: Listener, line: Line, principal: Principal | None, had: Sequence[Had]) -> bool:
    if principal is None:
        return False
    if line.event not in STAFF_ONLY or principal.is_staff:
        return True
    customers = _customers_of(listener, principal)
    own = {one.device_id for one in had if one.customer_id in customers}
    return all(item["deviceId"] in own for item in line.data["items"])

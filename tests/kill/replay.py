"""One run of the replay test: a hub that is killed, clients behind a relay that cuts, and rights that change.

What must be true afterwards is `replay_verdict`'s.
"""

import asyncio
import random
import socket
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import Self

from noctule_hub.core.principal import ANONYMOUS, Principal, Role
from noctule_hub.core.records import EventRow
from noctule_hub.store.sqlite import open_store

from tests.e2e.web_packages import packages
from tests.kill.enrolled import FIRST_ADDRESS, enrol, make_hub
from tests.kill.hub import HubProcess, free_port, until
from tests.kill.listeners import ExampleProcess, Listener, NodeProcess, Rights
from tests.kill.relay import Relay
from tests.kill.replay_api import Api, now_ms
from tests.kill.replay_verdict import Had, ReplayVerdict, judge
from tests.kill.sources import Source

DEVICES = 10
# All clients come from one address, and as often as they are cut.
SETTINGS = "[sockets]\nhandshakes_per_minute = 0\n"
UNREST = 0.35
PAUSE_S = (0.05, 0.3)
WORKLOAD_PAUSE_S = 0.04
STARTS_S = 60.0
DRAIN_S = 90.0
# How often each disturbance comes; each change of rights comes once, and a hub that is killed takes seconds.
WEIGHTS = {"cut": 30, "kill_client": 3, "reload": 3, "cut_all": 1}
PAGE_ROWS = 500
# Beside one of each kind, so that many connections are there to be cut however slowly a machine makes them.
CROWD = 32
CROWD_ROLES = ("viewer", "operator", "billing", "ada")
CROWD_TRANSPORTS = (("websocket",), ("websocket",), ("polling", "websocket"), ("websocket",))
LEAST_CUTS = 200
CUT_WITHIN_S = 180.0


@dataclass(frozen=True)
class Somebody:
    """Who may listen. `number` is the id of the user or of the program's token, `token` the file that holds it."""

    principal: Principal
    token: Path | None
    number: int = 0


@dataclass
class Replayed:
    """What a run did and found."""

    seed: int
    cuts: int
    kills: int
    listeners: list[Listener]
    verdict: ReplayVerdict

    def summary(self) -> str:
        deaths = sum(len(one.killed_ms) for one in self.listeners)
        return (
            f"seed {self.seed}: {len(self.listeners)} clients, {self.cuts} connections cut, the hub killed "
            f"{self.kills} times, clients {deaths} times; {self.verdict.summary()}"
        )


class ReplayStage:
    """Everything that runs. Used as a context; leaving it ends all of it."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.rng = random.Random(seed)  # noqa: S311  a plan
        self.kills = 0
        self.had: list[Had] = []
        self._folder = folder
        self._stack = ExitStack()
        self._ended = threading.Event()

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            self._data_dir = self._folder / "hub"
            password = asyncio.run(make_hub(self._data_dir))
            (self._data_dir / "hub.toml").write_text(SETTINGS, "utf-8")
            self.hub = HubProcess(self._data_dir, self._folder / "hub.log", password)
            stack.callback(self.hub.end)
            direct = f"http://127.0.0.1:{self.hub.port}"
            enrolled = asyncio.run(enrol(self._data_dir, self._folder, ["east", "west"], url=direct, devices=DEVICES))
            self.sources = [
                Source(agent, agent.folder, self._folder, self._draw(), syslog_port=free_port()) for agent in enrolled
            ]
            self.devices = [device for agent in enrolled for device in agent.device_ids]
            self.relay = stack.enter_context(Relay(self.hub.port, self._draw()))
            self.api = Api(self.hub)
            self.hub.start()
            for source in self.sources:
                stack.callback(source.end)
                source.start()
            self._people()
            packages(self._folder)
            self._listen(stack)
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        self._stack.close()

    def _people(self) -> None:
        """Make customers, whose devices they are, and who is to listen."""
        self.customers = [int(self.api.ask("POST", "customers", {"name": name})["id"]) for name in ("Ada", "Bob")]
        for customer_id, device_id in zip(self.customers, self.devices, strict=False):
            _, at_ms = self.api.serve(customer_id, device_id)
            self.had.append(Had(customer_id, device_id, None, at_ms))
        shared = self.devices[2]
        until(lambda: len(self._ports(shared)) > 1, "the agents have told their devices' ports", STARTS_S)
        for customer_id, port in zip(self.customers, self._ports(shared), strict=False):
            _, at_ms = self.api.serve(customer_id, shared, port)
            self.had.append(Had(customer_id, shared, port, at_ms))
        for source in self.sources:
            source.ask("quiet")
        self.moving = self.devices[3]
        ada, bob = self.customers
        self.known: dict[str, Somebody] = {"nobody": Somebody(ANONYMOUS, None)}
        for role in (Role.ADMIN, Role.OPERATOR, Role.VIEWER, Role.BILLING):
            self._know(role.value, role, self.api.program(role.value, role))
        for name in ("revoked", "revoked-example"):
            self._know(name, Role.VIEWER, self.api.program(name, Role.VIEWER))
        users = (("ada", Role.CUSTOMER, ada), ("mover", Role.VIEWER, None), ("bob", Role.CUSTOMER, bob))
        for name, role, own in users:
            self._know(name, role, self.api.user(name, role, own), is_user=True, customer_id=own)

    def _know(
        self, name: str, role: Role, made: tuple[int, str], *, is_user: bool = False, customer_id: int | None = None
    ) -> None:
        number, token = made
        kind, user_id = "user" if is_user else "token", number if is_user else None
        file = self._folder / f"{name}.token"
        file.write_text(token, "utf-8")
        principal = Principal(f"{kind}:{number}", role, name, user_id=user_id, customer_id=customer_id)
        self.known[name] = Somebody(principal, file, number)

    def _ports(self, device_id: int) -> list[int]:
        return [port["id"] for port in self.api.ask("GET", f"devices/{device_id}/interfaces")["items"]]

    def _listener(self, name: str, who: str, **how: object) -> Listener:
        one = self.known[who]
        return replace(Listener(name, [Rights(one.principal)], one.token), **how)  # type: ignore[arg-type]

    def _listen(self, stack: ExitStack) -> None:
        make = self._listener
        one, site, bob = f"device:{self.devices[5]}", "site:1", f"customer:{self.customers[1]}"
        plain = [
            make("plain-viewer", "viewer", also=(one, site)),
            make("plain-billing", "billing", transports=("polling",)),
            make("plain-customer", "ada", transports=("polling", "websocket")),
            make("plain-moved", "mover"),
            make("plain-revoked", "revoked", also=(site,)),
            make("plain-nobody", "nobody"),
        ]
        mortal = [
            make("plain-after", "operator", keeps="after"),
            make("plain-before", "viewer", keeps="before", transports=("polling",)),
        ]
        ours = [
            make("ours-operator", "operator", kind="ours", also=(one, site)),
            make("ours-customer", "ada", kind="ours"),
            make("ours-moved", "bob", kind="ours"),
            make("ours-billing", "billing", kind="ours", also=(bob,)),
        ]
        crowd = [
            make(f"crowd-{number}", CROWD_ROLES[number % 4], transports=CROWD_TRANSPORTS[number // 4 % 4])
            for number in range(CROWD)
        ]
        crashing = [make("ours-crashing", "admin", kind="ours", also=(site,))]
        examples = [
            make("example-operator", "operator", kind="example"),
            make("example-customer", "ada", kind="example"),
            make("example-revoked", "revoked-example", kind="example"),
        ]
        url = f"http://127.0.0.1:{self.relay.port}"
        before = self.api.head()
        self.nodes: dict[str, NodeProcess] = {}
        processes = {"plain": plain, "crowd": crowd, "mortal": mortal, "ours": ours, "crashing": crashing}
        for name, listeners in processes.items():
            self.nodes[name] = NodeProcess(self._folder, name, url, listeners)
            stack.callback(self.nodes[name].end)
        self.examples = [ExampleProcess(self._folder, url, one) for one in examples]
        for example in self.examples:
            stack.callback(example.end)
        self.listeners = [*plain, *crowd, *mortal, *ours, *crashing, *examples]
        self._named = {one.name: one for one in self.listeners}
        until(lambda: self._behind(before) == [], "all clients have their place in the log", STARTS_S)
        for listener in self.listeners:
            listener.begun = _begin_of(listener)
        for example in self.examples:
            example.listener.begun = (before, example.place())
        for source in self.sources:
            source.ask("go")

    def _delivered(self) -> bool:
        return not any(source.ask("state")["waiting"] for source in self.sources)

    def _behind(self, head: int) -> list[tuple[str, int]]:
        """Return who has not come to `head` yet, and where it is; not those whose token was revoked."""
        for node in self.nodes.values():
            node.read()
        places = {name: one.place() for node in self.nodes.values() for name, one in node.listeners.items()}
        places |= {example.listener.name: example.place() for example in self.examples}
        return [
            (name, place)
            for name, place in places.items()
            if place < head and self._named[name].rights[-1].principal is not None
        ]

    # --- what goes on, and what disturbs it

    def run(self, seconds: float, *, kills: int) -> None:
        """Disturb for at least so long, and until enough connections were cut; then let everybody catch up."""
        worker = threading.Thread(target=self._work)
        worker.start()
        try:
            self.relay.be_restless(UNREST)
            plan: list[Callable[[], None]] = [self.kill_hub] * kills
            plan += [self.move_viewer, self.move_customer, self.revoke, self.revoke_example, self.assign, self.unassign]
            plan += [self.join, self.leave, self.reload, self.kill_client, self.kill_client]
            self._play(plan, seconds)
            self._drain(worker)
        finally:
            self._ended.set()
            worker.join()

    def _play(self, plan: list[Callable[[], None]], seconds: float) -> None:
        """Do all of `plan` in a random order, spread over the time, and cut and kill clients in between."""
        began = time.monotonic()
        ordered = self._shuffled(plan)
        due = sorted(self.rng.uniform(0.05, 0.9) * seconds for _ in ordered)
        while ordered or time.monotonic() - began < seconds or self.relay.cuts < LEAST_CUTS:
            passed_s = time.monotonic() - began
            assert ordered or passed_s < seconds + CUT_WITHIN_S, f"only {self.relay.cuts} connections were cut"
            self._revive()
            if ordered and passed_s >= due[0]:
                due.pop(0)
                ordered.pop(0)()
            else:
                getattr(self, self.rng.choices(list(WEIGHTS), list(WEIGHTS.values()))[0])()
                time.sleep(self.rng.uniform(*PAUSE_S))

    def _shuffled(self, plan: list[Callable[[], None]]) -> list[Callable[[], None]]:
        """Return the plan in a random order, but what is taken back after it was given."""
        ordered = self.rng.sample(plan, len(plan))
        for first, second in ((self.assign, self.unassign), (self.join, self.leave)):
            places = sorted((ordered.index(first), ordered.index(second)))
            ordered[places[0]], ordered[places[1]] = first, second
        return ordered

    def _work(self) -> None:
        """Have payments published and logs sent, all the time."""
        rng = random.Random(self.rng.random())  # noqa: S311  a plan
        number = 0
        while not self._ended.wait(WORKLOAD_PAUSE_S):
            number += 1
            self.api.pay(rng.choice(self.customers))
            index = rng.randrange(len(self.sources))
            address = str(FIRST_ADDRESS + index * DEVICES + rng.randrange(DEVICES))
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
                sender.bind((address, 0))
                line = f"<{rng.randrange(8)}>replay test: line {number}".encode()
                sender.sendto(line, ("127.0.0.1", self.sources[index].syslog_port))

    def cut(self) -> None:
        self.relay.cut_some(0.4)

    def cut_all(self) -> None:
        """Lose for a moment what the hub says, then end everything."""
        self.relay.lose_answers()
        time.sleep(self.rng.uniform(0.05, 0.4))
        self.relay.cut_now()

    def kill_hub(self) -> None:
        self.hub.kill()
        self.kills += 1
        self.hub.start()
        for name in self.nodes["ours"].listeners:
            self.nodes["ours"].say("retry", name)

    def kill_client(self) -> None:
        """Kill a client wherever it is, or have it die between handling its next event and keeping its place."""
        match self.rng.choice(["plain-after", "plain-before", "ours", "example"]):
            case "ours":
                self.nodes["crashing"].process.kill()
                self.nodes["crashing"].bury(now_ms())
            case "example":
                self.examples[0].kill(now_ms())
            case name:
                if self.nodes["mortal"].process.alive():
                    self.nodes["mortal"].say("die", name)

    def _revive(self) -> None:
        """Begin those anew that have had an event to die of."""
        node = self.nodes["mortal"]
        if not node.process.alive():
            node.process.gone()
            node.bury(now_ms())

    def reload(self) -> None:
        self.nodes["ours"].say("reload", self.rng.choice(["ours-operator", "ours-customer"]))

    def move_viewer(self) -> None:
        """A viewer is a customer from now on."""
        self._move("plain-moved", "mover", Role.CUSTOMER, self.customers[1])

    def move_customer(self) -> None:
        """A customer is a viewer from now on."""
        self._move("ours-moved", "bob", Role.VIEWER, None)

    def _move(self, name: str, who: str, role: Role, customer_id: int | None) -> None:
        one = self.known[who]
        at_ms = self.api.give_role(one.number, role, customer_id)
        self._named[name].rights.append(Rights(replace(one.principal, role=role, customer_id=customer_id), *at_ms))

    def revoke(self) -> None:
        self._named["plain-revoked"].rights.append(Rights(None, *self.api.revoke(self.known["revoked"].number)))

    def revoke_example(self) -> None:
        number = self.known["revoked-example"].number
        self._named["example-revoked"].rights.append(Rights(None, *self.api.revoke(number)))

    def assign(self) -> None:
        self._service, at_ms = self.api.serve(self.customers[0], self.moving)
        self.had.append(Had(self.customers[0], self.moving, None, at_ms))

    def unassign(self) -> None:
        at_ms = self.api.take_back(self.customers[0], self._service)
        self.had[-1] = replace(self.had[-1], until_ms=at_ms)

    def join(self) -> None:
        self.nodes["plain"].say("join", "plain-viewer", f"device:{self.devices[6]}")

    def leave(self) -> None:
        self.nodes["plain"].say("leave", "plain-viewer", f"device:{self.devices[6]}")

    def _drain(self, worker: threading.Thread) -> None:
        """Let nothing more happen, and everybody come to the end of the log by one more connection each."""
        self._ended.set()
        worker.join()
        for source in self.sources:
            source.ask("halt")
        until(self._delivered, f"all is delivered to the hub\n{self.hub.process.words()}", DRAIN_S)
        self.relay.be_restless(0.0)
        self.head = self.api.head()
        self.relay.cut_now()
        behind: list[tuple[str, int]] = []

        def arrived() -> bool:
            self._revive()
            behind[:] = self._behind(self.head)
            return not behind

        try:
            until(arrived, "everybody has come to the end of the log", DRAIN_S)
        except AssertionError as error:
            raise AssertionError(f"{error} ({self.head}): {behind}") from None
        revoked = next(one for one in self.examples if one.listener.name == "example-revoked")
        until(lambda: not revoked.process.alive(), "the example ends when its token is revoked", DRAIN_S)
        for example in self.examples:
            if example.process.alive():
                example.process.stop()
            example.read()
        for source in self.sources:
            source.stop()
        self.hub.stop()

    def judge(self) -> ReplayVerdict:
        rows = asyncio.run(self._rows())
        return judge(rows, self.listeners, self.had, head=self.head)

    async def _rows(self) -> list[EventRow]:
        store = await open_store(self._data_dir, clock_ms=now_ms)
        try:
            rows: list[EventRow] = []
            while page := await store.events_after(rows[-1].seq if rows else 0, limit=PAGE_ROWS):
                rows += page
            return rows
        finally:
            await store.close()

    def _draw(self) -> random.Random:
        return random.Random(self.rng.random())  # noqa: S311  a plan


def _begin_of(listener: Listener) -> tuple[int, int]:
    """Return where a client in JavaScript began: with what was new after its first connection."""
    seq = next((int(line.data["seq"]) for line in listener.lines if line.event == "replay:done"), -1)
    return seq, seq


def replay(folder: Path, seed: int, *, seconds: float, kills: int) -> Replayed:
    """Run once. Raises AssertionError, with the seed, when a part does not do what it must for a verdict."""
    try:
        with ReplayStage(folder, seed) as stage:
            stage.run(seconds, kills=kills)
            return Replayed(seed, stage.relay.cuts, stage.kills, stage.listeners, stage.judge())
    except AssertionError as error:
        raise AssertionError(f"seed {seed}: {error}") from error

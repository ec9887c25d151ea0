"""A hub that alarms while it is killed again and again: agents whose devices and ports fall and recover, a webhook and
a mail server that take what it sends. What must be true afterwards is `alarm_verdict`'s.
"""

import asyncio
import random
import sqlite3
import time
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec
from noctule_hub.auth.keys import Keys, SecretKind
from noctule_hub.core.alerting.rules import NewRule
from noctule_hub.core.audit import local
from noctule_hub.core.notifying.channels import ChannelFields, Secret, Smtp, SmtpSecurity, Target, Webhook
from noctule_hub.store.sqlite import open_store
from noctule_shared.events import Severity

from tests.kill.enrolled import enrol, make_hub, now_ms
from tests.kill.hub import HubProcess, until
from tests.kill.nursery import Newborn
from tests.kill.sources import Source

# Of each of the two agents: of one the devices fall, of the other their ports, which ring only while a device is up.
DEVICES = 3
# Ports are down for some seconds each: short enough for many to ring, long enough for kills to fall into it.
PORT_FOR_MS = 3_000
# What rings by how often something changed, or by delays, is another test's: here both are random, without end.
LEFT_OUT = ("device-flapping", "interface-flapping", "high-latency", "high-loss")
KEY = "a-signing-key-of-the-kill-test"
WEBHOOK, MAIL = "hook", "mail"
# Of a life of the hub; its first tick comes at once, messages within milliseconds.
LIFE_S = (0.02, 1.8)
# So often a hub is killed before it answers.
EARLY_RATIO = 0.2
EARLY_S = (0.02, 0.4)
# Every so many lives go on until all that is due has rung.
CALM_EVERY = 4
RINGS_S = 20.0
DRAIN_S = 90.0


@dataclass(frozen=True)
class Ports:
    """Where the receivers listen."""

    http: int
    smtp: int


class AlarmStage:
    """One hub with its agent; blocking, for a thread of its own. Leaving it ends both."""

    def __init__(self, folder: Path, seed: int, ports: Ports) -> None:
        self.rng = random.Random(seed)  # noqa: S311  a plan
        folder.mkdir()
        self.data_dir = folder / "hub"
        self.kills = 0
        password = asyncio.run(make_hub(self.data_dir))
        (self.data_dir / "hub.toml").write_text('[notify]\nallow_networks = ["127.0.0.1"]\n', "utf-8")
        self.hub = HubProcess(self.data_dir, folder / "hub.log", password, spawn=Newborn)
        url = f"http://127.0.0.1:{self.hub.port}"
        enrolled = asyncio.run(enrol(self.data_dir, folder, ["devices", "ports"], url=url, devices=DEVICES))
        asyncio.run(_configure(self.data_dir, ports))
        self.sources = [
            Source(
                agent,
                agent.folder,
                folder,
                random.Random(seed + agent.agent_id),  # noqa: S311  a plan
                still_ports=agent.name == "devices",
                still_axes=agent.name == "ports",
            )
            for agent in enrolled
        ]

    def run(self, kills: int) -> None:
        """Kill the hub so many times, then let it tell all that it decided, and stop it."""
        try:
            self.hub.start()
            for source in self.sources:
                source.start()
            lives = 0
            while self.kills < kills:
                lives += 1
                if lives % CALM_EVERY == 0:
                    self._calm()
                self._live()
            self._drain()
            self.hub.stop()
        finally:
            for source in self.sources:
                source.end()
            self.hub.end()

    def _calm(self) -> None:
        """See everything ring that is due, once the agent has told all: no `for` has begun anew in all those lives."""
        for source in self.sources:
            until(lambda: source.ask("state")["waiting"] == 0, "the agent has told all", DRAIN_S)  # noqa: B023  now
        due_ms = now_ms() - PORT_FOR_MS
        overdue = f"alert WHERE state = 'pending' AND started_ms < {due_ms}"
        until(lambda: self._count(overdue) == 0, f"what is due rings\n{self.hub.process.words()}", RINGS_S)

    def _live(self) -> None:
        """Let the hub live for a moment and kill it; now and then also in the middle of its start."""
        time.sleep(self.rng.uniform(*LIFE_S))
        self._kill()
        if self.rng.random() < EARLY_RATIO:
            self.hub.begin()
            time.sleep(self.rng.uniform(*EARLY_S))
            self._kill()
        self.hub.start()

    def _kill(self) -> None:
        self.hub.kill()
        self.kills += 1

    def _drain(self) -> None:
        for source in self.sources:
            source.ask("halt")
            until(lambda: source.ask("state")["waiting"] == 0, "all is acknowledged", DRAIN_S)  # noqa: B023  now
        # While agents are there: of one that is away, nobody knows whether its ports are still down.
        until(lambda: self._count("alert WHERE state = 'pending'") == 0, "nothing is pending", DRAIN_S)
        # A hub that begins has sent nothing within the minute: the rest goes out at once, as a summary.
        self._kill()
        self.hub.start()
        waits = f"all is sent\n{self.hub.process.words()}"
        until(lambda: self._routed() and self._count("delivery WHERE next_ms IS NOT NULL") == 0, waits, DRAIN_S)
        for source in self.sources:
            source.stop()

    def _routed(self) -> bool:
        """Whether the log has been looked at up to its last event about alerts."""
        return self._count("event WHERE name GLOB 'alert:*' AND seq > ifnull((SELECT seq FROM notified), 0)") == 0

    def _count(self, what: str) -> int:
        with suppress(sqlite3.OperationalError), closing(read(self.data_dir)) as database:
            return int(database.execute(f"SELECT count(*) FROM {what}").fetchone()[0])  # noqa: S608  words of ours
        return -1


def read(data_dir: Path) -> sqlite3.Connection:
    """Return a connection that only reads a hub's data."""
    return sqlite3.connect(f"file:{data_dir / 'hub.db'}?mode=ro", uri=True)


async def _configure(data_dir: Path, ports: Ports) -> None:
    """Add both channels, and make the rules those of this test."""
    keys = Keys.load(data_dir / "keys")
    store = await open_store(data_dir, clock_ms=now_ms)
    mail = Smtp(
        host="127.0.0.1",
        port=ports.smtp,
        security=SmtpSecurity.NONE,
        username=None,
        sender="hub@example.net",
        recipients=("noc@example.net",),
    )
    hook = f"http://127.0.0.1:{ports.http}"
    wanted: tuple[tuple[str, Target, Secret], ...] = (
        (WEBHOOK, Webhook(hook, signed=True), Secret(url=f"{hook}/hook", key=KEY)),
        (MAIL, mail, Secret()),
    )
    try:
        for name, target, secret in wanted:
            plaintext = msgspec.json.encode(secret)
            await store.add_channel(
                ChannelFields(name, True, Severity.WARNING, (), (), target),  # noqa: FBT003  enabled
                seal=lambda row, plaintext=plaintext: keys.seal(row, plaintext, kind=SecretKind.CHANNEL),  # type: ignore[misc]
                by=local(now_ms()),
            )
        for rule in await store.rules():
            new = NewRule(rule.name, rule.condition, rule.severity, rule.for_ms, rule.trouble, rule.selector, True)  # noqa: FBT003  enabled
            if rule.name in LEFT_OUT:
                await store.update_rule(
                    rule.id, replace(new, enabled=False), revision=rule.revision, by=local(now_ms())
                )
            elif rule.name == "interface-down":
                await store.update_rule(
                    rule.id, replace(new, for_ms=PORT_FOR_MS), revision=rule.revision, by=local(now_ms())
                )
    finally:
        await store.close()

"""A worker over a real store and real senders, whose clock stands still until a test puts it forward."""

import asyncio
import ipaddress
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import msgspec
from noctule_hub.auth.keys import Keys, SecretKind
from noctule_hub.config import HubConfig, HubSettings
from noctule_hub.config.notify import NotifySettings
from noctule_hub.core.audit import local
from noctule_hub.core.exposition import text
from noctule_hub.core.notifying.channels import Channel, ChannelFields, Secret, Smtp, SmtpSecurity, Target, Webhook
from noctule_hub.core.notifying.deliveries import Delivery
from noctule_hub.core.notifying.messages import Message
from noctule_hub.core.notifying.policies import DEFAULT_ID
from noctule_hub.core.records import Device, NewEvent
from noctule_hub.notify.metrics import families
from noctule_hub.notify.senders import Senders
from noctule_hub.notify.worker import Notifications
from noctule_hub.store.sqlite import SqliteStore, open_store
from noctule_shared.events import AlertEvent, AlertState, EventName, Severity
from noctule_shared.times import iso_from_ms

NOW_MS = 1_795_000_000_000
LOOPBACK = (ipaddress.ip_network("127.0.0.0/8"),)
KEY = "planted-signing-key"


def alert(number: int = 1, **changes: Any) -> AlertEvent:
    values: dict[str, Any] = {
        "timestamp": iso_from_ms(NOW_MS),
        "id": number,
        "rule": "device-offline",
        "title": f"core{number} is offline",
        "severity": Severity.CRITICAL,
        "state": AlertState.FIRING,
        "device_id": None,
        "device_name": f"core{number}",
        "started_at": iso_from_ms(NOW_MS),
        "reason": "no answer",
    }
    return AlertEvent(**(values | changes))


def event(about: AlertEvent, *, late: bool = False) -> NewEvent:
    resolved = about.state is AlertState.RESOLVED
    name = EventName.ALERT_UPDATE if resolved else EventName.ALERT_NEW
    return NewEvent(name, msgspec.to_builtins(about), ("alerts",), NOW_MS, late=late)


def resolved(number: int = 1) -> AlertEvent:
    return alert(number, state=AlertState.RESOLVED, resolved_at=iso_from_ms(NOW_MS))


def webhook(port: int, path: str = "/hook") -> tuple[Webhook, Secret]:
    return Webhook(f"http://127.0.0.1:{port}", signed=True), Secret(url=f"http://127.0.0.1:{port}{path}", key=KEY)


def smtp(port: int, *recipients: str) -> tuple[Smtp, Secret]:
    target = Smtp(
        host="127.0.0.1",
        port=port,
        security=SmtpSecurity.NONE,
        username=None,
        sender="hub@noc.example.net",
        recipients=recipients or ("noc@example.net",),
    )
    return target, Secret()


def message(text: str = "core1 is offline") -> Message:
    return Message("ab" * 16, "alert.new", "[critical] core1", text, (alert(),), 0)


@dataclass
class Bench:
    """The worker and what it works with."""

    data_dir: Path
    keys: Keys
    store: SqliteStore
    now_ms: int = NOW_MS
    devices: dict[int, Device] = field(default_factory=dict)
    _work: asyncio.Task[None] | None = None

    def __post_init__(self) -> None:
        settings = HubSettings(notify=NotifySettings(LOOPBACK), public_url="https://noc.example.net")
        self.config = HubConfig(self.data_dir, settings)
        self.senders = Senders(self.store, self.keys, self.config, lambda: self.now_ms)
        self.worker = self.new_worker()
        self._moved = asyncio.Event()
        for name in ("queue_alerts", "queue_due", "settle_parcel", "channel_states", "update_channel"):
            self._watch(name)

    def _watch(self, name: str) -> None:
        write = getattr(self.store, name)

        async def watched(*args: Any, **options: Any) -> Any:
            try:
                return await write(*args, **options)
            finally:
                self._moved.set()

        setattr(self.store, name, watched)

    def new_worker(self) -> Notifications:
        return Notifications(
            self.store,
            self.senders,
            self.config,
            device_of=self.devices.get,
            clock_ms=lambda: self.now_ms,
            jitter=lambda: 0.0,
        )

    async def channel(self, settings: tuple[Target, Secret], name: str = "noc", **changes: Any) -> Channel:
        target, secret = settings
        values: dict[str, Any] = {
            "name": name,
            "enabled": True,
            "severity": Severity.WARNING,
            "site_ids": (),
            "tags": (),
            "target": target,
        }
        fields = ChannelFields(**(values | changes))
        plaintext = msgspec.json.encode(secret)
        added = await self.store.add_channel(
            fields, seal=lambda row: self.keys.seal(row, plaintext, kind=SecretKind.CHANNEL), by=local(self.now_ms)
        )
        self.worker.changed()
        return added

    async def policy(self, policy_id: int = DEFAULT_ID, **changes: Any) -> None:
        """Change a policy: the default one, by which alerts of all rules are told."""
        old = await self.store.policy(policy_id)
        fields = replace(old.fields, **changes)
        await self.store.update_policy(policy_id, fields, revision=old.revision, by=local(self.now_ms))
        self.worker.changed()

    async def tell(self, *events: NewEvent) -> list[int]:
        return await self.store.append(events, now_ms=self.now_ms)

    def start(self) -> None:
        self._work = asyncio.create_task(self.worker.run())

    async def stop(self) -> None:
        if self._work is not None:
            self._work.cancel()
            await asyncio.wait([self._work])
            self._work = None

    def forward(self, ms: int) -> None:
        self.now_ms += ms
        self.worker.changed()

    async def deliveries(self) -> Sequence[Delivery]:
        return (await self.store.deliveries(channel_id=None, state=None, before_id=None, limit=1000))[::-1]

    async def seen(self, seq: int) -> None:
        """Wait until the log was looked at up to `seq`."""
        while True:
            self._moved.clear()
            if await self.store.notified_seq() >= seq:
                return
            await self._moved.wait()

    async def told(self, line: str) -> None:
        """Wait until the worker's metrics have a line."""
        while True:
            self._moved.clear()
            if line in text(families(self.worker)).splitlines():
                return
            await self._moved.wait()

    async def until(self, *states: str) -> Sequence[Delivery]:
        """Wait until the deliveries are in these states, oldest first."""
        return await self.when(lambda found: [one.state.value for one in found] == list(states))

    async def when(self, holds: Callable[[Sequence[Delivery]], bool]) -> Sequence[Delivery]:
        """Wait until something holds of the deliveries, oldest first."""
        while True:
            self._moved.clear()
            found = await self.deliveries()
            if holds(found):
                return found
            await self._moved.wait()


@asynccontextmanager
async def bench(folder: Path) -> AsyncIterator[Bench]:
    """Open a store on `folder`, with keys beside it; the worker is not started."""
    keys = Keys.load(folder / "keys") if (folder / "keys").exists() else Keys.create(folder / "keys")
    store = await open_store(folder, clock_ms=lambda: NOW_MS)
    made = Bench(folder, keys, store)
    try:
        yield made
    finally:
        await made.stop()
        await store.close()

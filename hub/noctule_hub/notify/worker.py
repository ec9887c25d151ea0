"""Follows the event log and the clock for what channels are to be told, and works off the queue of that.

What is queued, what goes together and when it is tried again is decided by `core.notifying`; the loops end only by
being cancelled. A message on its way is then cut off and sent again by the next start, under the same id.
"""

import asyncio
import contextlib
import logging
import secrets
from collections import Counter
from collections.abc import Callable, Collection, Coroutine, Sequence
from dataclasses import replace
from typing import Final, Protocol

from noctule_hub.config import HubConfig
from noctule_hub.core.log_classes import LogClass
from noctule_hub.core.notifying.channels import Channel
from noctule_hub.core.notifying.deliveries import (
    MAX_OUTCOME_CHARS,
    ChannelState,
    Outcome,
    Parcel,
    Turn,
    retry_ms,
    turn,
)
from noctule_hub.core.notifying.messages import Message, as_trial, message_of, trial
from noctule_hub.core.notifying.plain_text import inert
from noctule_hub.core.notifying.routing import ALERT_EVENTS, alerts_of, route, take_steps
from noctule_hub.core.records import Device, EventRow
from noctule_hub.store.channels import Channels, Deliveries
from noctule_hub.store.errors import StoreError
from noctule_hub.store.protocol import EventLog

# A store that does not answer is asked again after this.
STORE_RETRY_S: Final = 5.0
# The wall clock may jump: nothing is slept for longer in one go.
MAX_SLEEP_MS: Final = 60_000

logger = logging.getLogger(__name__)
_EVENTS: Final = frozenset({LogClass.EVENTS})
_jitter: Final = secrets.SystemRandom().random


class _Store(Channels, Deliveries, EventLog, Protocol): ...


class Sends(Protocol):
    """What sends messages: `Senders`."""

    async def send(self, channel: Channel, message: Message) -> Outcome:
        """Send a message and return what became of it."""
        ...

    def close(self) -> None:
        """Take nothing more."""
        ...


class Notifications:
    """The worker. `device_of` knows the device of an id, None: there is none."""

    def __init__(
        self,
        store: _Store,
        senders: Sends,
        config: HubConfig,
        *,
        device_of: Callable[[int], Device | None],
        clock_ms: Callable[[], int],
        jitter: Callable[[], float] = _jitter,
    ) -> None:
        self._store = store
        self._senders = senders
        self._config = config
        self._device_of = device_of
        self._clock_ms = clock_ms
        self._jitter = jitter
        self._changed = asyncio.Event()
        self._work = asyncio.Event()
        self._due = asyncio.Event()
        # Attempts by channel and by what became of them, and messages whose policy's words could not be used.
        self.attempts: Counter[tuple[int, str]] = Counter()
        self.template_failures = 0
        # How each channel did when the queue was last looked at, by its id.
        self.states: dict[int, ChannelState] = {}
        self._busy: set[int] = set()
        self._broken: set[int] = set()
        # Of the parts, what fails now and was told.
        self._failing: set[str] = set()

    def changed(self) -> None:
        """Take that channels or deliveries were changed by somebody."""
        self._changed.set()
        self._work.set()
        self._due.set()

    async def try_words(self, channel: Channel, message: Message) -> Outcome:
        """Send what a policy would say at once, as the test that it is, beside the queue."""
        return await self._try(channel, as_trial(message))

    async def try_out(self, channel: Channel) -> Outcome:
        """Send a test message at once, beside the queue."""
        fields, url = channel.fields, self._config.settings.public_url
        message = trial(secrets.token_hex(16), fields.name, url=url, language=fields.language)
        return await self._try(channel, message)

    async def _try(self, channel: Channel, message: Message) -> Outcome:
        outcome = await self._senders.send(channel, message)
        await self._store.note_trial(channel.id, outcome, now_ms=self._clock_ms())
        self._work.set()
        return outcome

    async def run(self) -> None:
        """Work until cancelled."""
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._again("reading the log", self._follow))
                group.create_task(self._again("steps of policies", self._escalate))
                group.create_task(self._again("the queue", lambda: self._dispatch(group)))
        finally:
            self._senders.close()

    async def _again(self, part: str, work: Callable[[], Coroutine[None, None, None]]) -> None:
        while True:
            try:
                await work()
                self._failing.discard(part)
            except Exception as error:  # noqa: BLE001  the loop's boundary: the hub watches on, whatever is wrong here
                await self._wait_out(part, error)

    async def _wait_out(self, part: str, error: Exception) -> None:
        """Tell once that a part of this waits, and wait; nothing that is queued is lost by it."""
        if part not in self._failing:
            unforeseen = None if isinstance(error, StoreError) else error
            logger.error("notifications wait (%s): %s", part, error, exc_info=unforeseen)
        self._failing.add(part)
        await asyncio.sleep(STORE_RETRY_S)

    async def _follow(self) -> None:
        """Queue what channels are to be told, as long as there are channels that are enabled."""
        self._changed.clear()
        if not any(channel.fields.enabled for channel in await self._store.channels()):
            await self._changed.wait()
            return
        position = await self._store.notified_seq()
        async for rows in self._store.follow(position, classes=_EVENTS):
            # Of other events nothing is noted: looking at them again after a start does no harm.
            if any(row.name in ALERT_EVENTS for row in rows):
                if await self._queue(rows):
                    self._work.set()
                self._due.set()
            if self._changed.is_set():
                return

    async def _queue(self, rows: Sequence[EventRow]) -> int:
        now_ms = self._clock_ms()
        return await self._store.queue_alerts(
            lambda situation: route(rows, situation, self._tags_of, now_ms),
            {alert.id for _, alert in alerts_of(rows)},
            up_to_seq=rows[-1].seq,
            now_ms=now_ms,
        )

    async def _escalate(self) -> None:
        """Queue the steps of policies that are due, and sleep until another is."""
        self._due.clear()
        next_ms, now_ms = await self._store.next_step_ms(), self._clock_ms()
        if next_ms is not None and next_ms <= now_ms:
            if await self._store.queue_due(
                lambda situation: take_steps(situation, self._tags_of, now_ms), now_ms=now_ms
            ):
                self._work.set()
            return
        await _either(self._due, None if next_ms is None else min(next_ms - now_ms, MAX_SLEEP_MS))

    def _tags_of(self, device_id: int) -> Collection[str]:
        device = self._device_of(device_id)
        return () if device is None else device.tags

    async def _dispatch(self, group: asyncio.TaskGroup) -> None:
        """Let each channel send that may, and sleep until another may."""
        self._work.clear()
        wait_ms = await self._serve(group, self._clock_ms())
        self.states = await self._store.channel_states()
        await _either(self._work, wait_ms)

    async def _serve(self, group: asyncio.TaskGroup, now_ms: int) -> int | None:
        """Start what may be sent now, and return in how many milliseconds something else may; None: not known yet."""
        waits_ms = []
        # What a channel sends while its pace is read is not in that; once it is settled all is looked at again.
        busy = frozenset(self._busy)
        for waiting in await self._store.waiting(now_ms):
            channel = waiting.channel
            if channel.id in busy:
                continue
            later = Turn(waiting.next_ms - now_ms)
            going = turn(waiting.due, waiting.pace, now_ms) if waiting.due else later
            if going.wait_ms > 0:
                waits_ms.append(min(going.wait_ms, MAX_SLEEP_MS))
                continue
            self._busy.add(channel.id)
            group.create_task(self._send_one(channel, bundle=going.bundle))
        return min(waits_ms, default=None)

    async def _send_one(self, channel: Channel, *, bundle: bool) -> None:
        part = f"channel {channel.id}"
        try:
            parcel = await self._store.take_parcel(channel.id, bundle=bundle, now_ms=self._clock_ms())
            if parcel is not None:
                await self._attempt(channel, parcel)
            self._failing.discard(part)
        except Exception as error:  # noqa: BLE001  this channel waits, the others go on
            # If it was sent, it is sent again, under the same id.
            await self._wait_out(part, error)
        finally:
            self._busy.discard(channel.id)
            self._work.set()

    async def _attempt(self, channel: Channel, parcel: Parcel) -> None:
        try:
            message = message_of(parcel, url=self._config.settings.public_url, language=channel.fields.language)
            outcome = self._noted(channel, message, await self._senders.send(channel, message))
        except StoreError:
            raise
        except Exception as error:  # noqa: BLE001  a message that cannot be made must not stop the others
            # Its text is not told: it may hold what is secret of the channel.
            logger.error("channel %d: a message failed by %s", channel.id, type(error).__name__)  # noqa: TRY400  no secrets
            outcome = Outcome(delivered=False, text=f"sending failed ({type(error).__name__})")
        self._tell_change(channel, outcome)
        now_ms, next_ms = self._clock_ms(), None
        if not outcome.delivered:
            next_ms = retry_ms(parcel, outcome, now_ms=now_ms, jitter=self._jitter())
            if next_ms is None:
                told = (channel.id, channel.fields.name, parcel.attempts + 1, outcome.text)
                logger.warning("channel %d (%s): a message was given up after %d attempts: %s", *told)
        await self._store.settle_parcel(parcel.public_id, outcome, next_ms=next_ms, now_ms=now_ms)

    def _noted(self, channel: Channel, message: Message, outcome: Outcome) -> Outcome:
        """Count an attempt, and return its outcome with what was wrong with the policy's words."""
        word = "delivered" if outcome.delivered else "refused" if outcome.permanent else "failed"
        self.attempts[channel.id, word] += 1
        if message.fault is None:
            return outcome
        self.template_failures += 1
        return replace(outcome, text=inert(f"{outcome.text}; {message.fault}", MAX_OUTCOME_CHARS))

    def _tell_change(self, channel: Channel, outcome: Outcome) -> None:
        """Log once that a channel fails, and once that it works again."""
        if outcome.delivered and channel.id in self._broken:
            self._broken.discard(channel.id)
            logger.info("channel %d (%s) takes messages again", channel.id, channel.fields.name)
        elif not outcome.delivered and channel.id not in self._broken:
            self._broken.add(channel.id)
            logger.warning("channel %d (%s) takes no messages: %s", channel.id, channel.fields.name, outcome.text)


async def _either(event: asyncio.Event, wait_ms: int | None) -> None:
    """Wait for an event, for `wait_ms` at most; None: however long it takes."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(None if wait_ms is None else wait_ms / 1000):
            await event.wait()

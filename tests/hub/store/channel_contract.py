"""What channels and deliveries of any backend must do; part of `contract`."""

from collections.abc import Callable
from dataclasses import replace

import msgspec
import pytest
from noctule_hub.core.audit import Authorship
from noctule_hub.core.languages.spoken import Language
from noctule_hub.core.notifying.channels import Channel, ChannelFields, Webhook
from noctule_hub.core.notifying.deliveries import (
    MAX_ATTEMPTS_KEPT,
    MAX_NAMED,
    Delivery,
    DeliveryKind,
    DeliveryState,
    Gathering,
    NewDelivery,
    Outcome,
)
from noctule_hub.core.notifying.policies import DEFAULT_ID
from noctule_hub.core.notifying.routing import Decided
from noctule_hub.core.records import NewEvent
from noctule_hub.store.protocol import Store
from noctule_shared.errors import ErrorCode, Refused
from noctule_shared.events import AlertEvent, AlertState, EventName, Severity

from tests.hub.store.samples import NOW_MS

BY = Authorship("user:7", "ada", "192.0.2.77", NOW_MS)
FIELDS = ChannelFields("noc", True, Severity.WARNING, (), (), Webhook("https://a.example", signed=True))  # noqa: FBT003  a record
TAKEN = Outcome(delivered=True, text="taken")
FAILED = Outcome(delivered=False, text="nobody there")
ALERT = AlertEvent(
    timestamp="2026-11-26T08:00:00.000Z",
    id=1,
    rule="device-offline",
    title="offline",
    severity=Severity.WARNING,
    state=AlertState.FIRING,
    device_id=None,
    device_name=None,
    started_at="2026-11-26T08:00:00.000Z",
    reason="no answer",
)


def refused(code: ErrorCode, field: str | None = None) -> Callable[[Refused], bool]:
    return lambda error: error.code == code and error.field == field


def told(seq: int, alert_id: int = 1, kind: DeliveryKind = DeliveryKind.NEW) -> NewDelivery:
    return NewDelivery(1, seq, kind, msgspec.structs.replace(ALERT, id=alert_id), DEFAULT_ID)


async def add(store: Store, name: str = "noc") -> Channel:
    return await store.add_channel(replace(FIELDS, name=name), seal=lambda row: b"sealed for %d" % row, by=BY)


async def queue(store: Store, *new: NewDelivery) -> int:
    up_to_seq = max(one.seq for one in new)
    return await store.queue_alerts(lambda _: Decided(list(new), {}), (), up_to_seq=up_to_seq, now_ms=NOW_MS)


async def all_of(store: Store) -> list[Delivery]:
    return (await store.deliveries(channel_id=None, state=None, before_id=None, limit=1000))[::-1]


class ChannelContract:
    """Channels and their queue."""

    async def test_a_channel_is_kept_with_its_secret_apart(self, store: Store) -> None:
        channel = await add(store)
        assert channel == Channel(1, FIELDS, 0, NOW_MS, 1)
        assert await store.channels() == [channel]
        assert await store.channel_secret(1) == b"sealed for 1"
        changed = await store.update_channel(1, replace(FIELDS, name="new"), revision=1, seal=None, by=BY)
        assert (changed.revision, await store.channel_secret(1)) == (2, b"sealed for 1")
        with pytest.raises(Refused, check=refused(ErrorCode.INVALID, "revision")):
            await store.update_channel(1, FIELDS, revision=1, seal=None, by=BY)
        await queue(store, told(1))
        await store.remove_channel(1, by=BY)
        assert await all_of(store) == []
        for missing in (store.channel(1), store.channel_secret(1), store.remove_channel(1, by=BY)):
            with pytest.raises(Refused, check=refused(ErrorCode.NOT_FOUND)):
                await missing
        assert (await add(store)).id == 2

    async def test_a_channel_keeps_its_language(self, store: Store) -> None:
        fields = replace(FIELDS, language=Language.INDONESIAN)
        await store.add_channel(fields, seal=lambda _: b"sealed", by=BY)
        assert (await store.channel(1)).fields == fields
        changed = await store.update_channel(1, FIELDS, revision=1, seal=None, by=BY)
        assert (changed.fields.language, await store.channel(1)) == (Language.ENGLISH, changed)

    async def test_every_change_of_a_channel_is_told_without_its_secret(self, store: Store) -> None:
        await add(store)
        await store.update_channel(1, FIELDS, revision=1, seal=lambda _: b"sealed anew", by=BY)
        await store.remove_channel(1, by=BY)
        entries = await store.audit_entries(before_id=None, kind="channel", object_id=1, subject=None, limit=9)
        assert [entry.action.value for entry in entries] == ["removed", "changed", "added"]
        assert "sealed" not in str(entries)

    async def test_an_event_is_queued_once_for_a_channel(self, store: Store) -> None:
        await add(store)
        assert await queue(store, told(1), told(1), told(2, 1), told(3, 2)) == 2
        assert await queue(store, told(1), told(3, 2)) == 0
        assert len({one.public_id for one in await all_of(store)}) == 2
        assert await store.notified_seq() == 3

    async def test_an_end_is_queued_once_and_only_after_its_problem(self, store: Store) -> None:
        await add(store)
        end = DeliveryKind.RESOLVED
        assert await queue(store, told(1, 1, end), told(2, 2), told(3, 2, end), told(4, 2, end)) == 2
        assert [(one.seq, one.kind) for one in await all_of(store)] == [(2, DeliveryKind.NEW), (3, end)]

    async def test_the_first_channel_begins_at_the_head_of_the_log(self, store: Store) -> None:
        assert await store.notified_seq() == 0
        await store.append([NewEvent(EventName.ALERT_NEW, {}, ("alerts",), NOW_MS)], now_ms=NOW_MS)
        assert (await add(store)).since_seq == await store.notified_seq() == 1

    async def test_what_is_not_settled_is_taken_again_under_the_same_id(self, store: Store) -> None:
        await add(store)
        await queue(store, *(told(seq, seq) for seq in range(1, 41)))
        single = await store.take_parcel(1, bundle=False, now_ms=NOW_MS)
        assert single is not None
        assert single == await store.take_parcel(1, bundle=False, now_ms=NOW_MS)
        assert (single.count, single.gathering) == (1, None)
        await store.settle_parcel(single.public_id, FAILED, next_ms=NOW_MS, now_ms=NOW_MS)
        bundle = await store.take_parcel(1, bundle=True, now_ms=NOW_MS)
        assert bundle is not None
        assert (bundle.count, len(bundle.items), bundle.gathering) == (40, MAX_NAMED, Gathering.SUMMARY)
        assert bundle.public_id != single.public_id
        await queue(store, told(50, 50))
        assert await store.take_parcel(1, bundle=False, now_ms=NOW_MS) == bundle
        await store.settle_parcel(bundle.public_id, TAKEN, next_ms=None, now_ms=NOW_MS)
        assert [one.state for one in await all_of(store)] == [DeliveryState.DELIVERED] * 40 + [DeliveryState.QUEUED]

    async def test_an_end_waits_for_a_problem_that_is_tried_again(self, store: Store) -> None:
        await add(store)
        await queue(store, told(1), told(2, 1, DeliveryKind.RESOLVED))
        first = await store.take_parcel(1, bundle=False, now_ms=NOW_MS)
        assert first is not None
        await store.settle_parcel(first.public_id, FAILED, next_ms=NOW_MS + 10, now_ms=NOW_MS)
        assert await store.take_parcel(1, bundle=False, now_ms=NOW_MS) is None
        (waiting,) = await store.waiting(NOW_MS)
        assert (waiting.due, waiting.next_ms) == (0, NOW_MS + 10)
        assert [one.due for one in await store.waiting(NOW_MS + 10)] == [2]
        await store.settle_parcel(first.public_id, FAILED, next_ms=None, now_ms=NOW_MS)
        assert {one.state for one in await all_of(store)} == {DeliveryState.DEAD}
        assert await store.waiting(NOW_MS + 10) == []

    async def test_attempts_are_kept_the_newest_ones(self, store: Store) -> None:
        await add(store)
        await queue(store, told(1))
        (one,) = await all_of(store)
        for number in range(MAX_ATTEMPTS_KEPT + 5):
            await store.settle_parcel(one.public_id, FAILED, next_ms=NOW_MS, now_ms=NOW_MS + number)
        delivery, attempts = await store.delivery(one.id)
        assert (delivery.attempts, len(attempts)) == (MAX_ATTEMPTS_KEPT + 5, MAX_ATTEMPTS_KEPT)
        assert attempts[-1].at_ms == NOW_MS + MAX_ATTEMPTS_KEPT + 4
        with pytest.raises(Refused, check=refused(ErrorCode.NOT_FOUND)):
            await store.delivery(99)
        with pytest.raises(Refused, check=refused(ErrorCode.INVALID, "id")):
            await store.retry_delivery(one.id, by=BY)

"""What policies make of alerts on real channels: steps by the clock, groups as one message, and what is refused."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from noctule_hub.core.audit import local
from noctule_hub.core.notifying.deliveries import MAX_MESSAGES, WINDOW_MS, ChannelHealth
from noctule_hub.core.notifying.policies import Grouping, Step, Template
from noctule_hub.core.records import NewEvent
from noctule_shared.alerts import IncidentRef
from noctule_shared.events import AlertEvent, EventName, Severity

from tests.hub.notify.bench import NOW_MS, Bench, alert, bench, event, resolved, smtp, webhook
from tests.hub.notify.receivers import HttpReceiver, MailServer

NIGHT, BOSS = 1, 2
STEPS = (Step(0, (NIGHT,)), Step(900, (BOSS,)))


@pytest.fixture
async def receiver() -> AsyncIterator[HttpReceiver]:
    made = await HttpReceiver().open()
    yield made
    await made.close()


@pytest.fixture
async def noc(tmp_path: Path) -> AsyncIterator[Bench]:
    async with bench(tmp_path) as made:
        yield made


def update(about: AlertEvent) -> NewEvent:
    made = event(about)
    return NewEvent(EventName.ALERT_UPDATE, made.data, made.rooms, made.observed_ms)


def warning(number: int, **changes: object) -> NewEvent:
    return event(alert(number, severity=Severity.WARNING, site_id=3, **changes))


def titles(receiver: HttpReceiver) -> list[str]:
    return [one.json.title for one in receiver.posted]


async def two_channels(noc: Bench, receiver: HttpReceiver) -> None:
    await noc.channel(webhook(receiver.port, "/night"), "night")
    await noc.channel(webhook(receiver.port, "/boss"), "boss")


async def test_a_step_is_taken_when_nobody_takes_care_and_each_end_is_told_where_its_problem_was(
    noc: Bench, receiver: HttpReceiver
) -> None:
    await two_channels(noc, receiver)
    await noc.policy(steps=STEPS)
    noc.start()
    await noc.tell(event(alert()))
    await noc.until("delivered")
    noc.forward(899_000)
    assert await noc.store.next_step_ms() == NOW_MS + 900_000
    noc.forward(1_000)
    await noc.until("delivered", "delivered")
    await noc.tell(event(resolved()))
    found = await noc.until(*["delivered"] * 4)
    assert [(one.path, one.json.event) for one in receiver.posted[:2]] == [
        ("/night", "alert.new"),
        ("/boss", "alert.new"),
    ]
    assert {(one.channel_id, one.kind.value) for one in found[2:]} == {(NIGHT, "resolved"), (BOSS, "resolved")}
    assert await noc.store.next_step_ms() is None


async def test_an_acknowledgement_stops_steps_and_repeats_until_it_is_taken_back(
    noc: Bench, receiver: HttpReceiver
) -> None:
    await two_channels(noc, receiver)
    await noc.policy(steps=STEPS, repeat_s=3600)
    noc.start()
    await noc.tell(event(alert()))
    await noc.until("delivered")
    seqs = await noc.tell(update(alert(acknowledged_by="ada")))
    await noc.seen(seqs[-1])
    assert await noc.store.next_step_ms() is None
    noc.forward(5_000_000)
    await noc.tell(update(alert()))
    # The step that fell due meanwhile is taken once, and repeats begin anew from it.
    await noc.until("delivered", "delivered")
    assert await noc.store.next_step_ms() == NOW_MS + 5_000_000 + 3_600_000
    noc.forward(3_600_000)
    await noc.until(*["delivered"] * 4)
    assert titles(receiver)[2:] == ["[still critical] core1 is offline"] * 2
    assert {one.json.event for one in receiver.posted[2:]} == {"alert.reminder"}


async def test_a_hub_that_was_down_over_steps_and_repeats_takes_each_once(
    tmp_path: Path, receiver: HttpReceiver
) -> None:
    async with bench(tmp_path) as noc:
        await two_channels(noc, receiver)
        await noc.policy(steps=STEPS, repeat_s=3600)
        noc.start()
        await noc.tell(event(alert()))
        await noc.until("delivered")
    async with bench(tmp_path) as noc:
        noc.now_ms = NOW_MS + 86_400_000
        noc.start()
        await noc.until("delivered", "delivered")
        assert await noc.store.next_step_ms() == noc.now_ms + 3_600_000
        noc.forward(20 * 3_600_000)
        await noc.until(*["delivered"] * 4)
    assert [one.path for one in receiver.posted[:2]] == ["/night", "/boss"]


async def test_a_receiver_that_was_away_hears_of_a_repeat_once(noc: Bench) -> None:
    away = HttpReceiver()
    await noc.channel(webhook(away.port))
    await noc.policy(repeat_s=300)
    noc.start()
    await noc.tell(event(alert()))
    await noc.when(lambda found: [one.attempts for one in found] == [1])
    for tried in range(2, 6):
        noc.forward(601_000)
        await noc.when(lambda found, tried=tried: [one.attempts for one in found] == [tried])  # type: ignore[misc]
    await away.open()
    noc.forward(601_000)
    await noc.until("delivered")
    noc.forward(301_000)
    await noc.until("delivered", "delivered")
    assert [one.json.event for one in away.posted] == ["alert.new", "alert.reminder"]
    await away.close()


async def test_what_falls_together_is_one_message_and_what_follows_another(noc: Bench, receiver: HttpReceiver) -> None:
    await noc.channel(webhook(receiver.port))
    await noc.policy(group_by=Grouping.SITE, group_wait_s=10)
    noc.start()
    await noc.tell(*[warning(number) for number in range(1, 31)])
    await noc.until(*["queued"] * 30)
    assert receiver.posted == []
    noc.forward(10_000)
    found = await noc.until(*["delivered"] * 30)
    (first,) = receiver.posted
    assert first.json.title == "[warning] core1 is offline (+29 more)"
    assert (first.json.event, len(first.json.alerts), first.json.more) == ("alert.new", 20, 10)
    assert {one.public_id for one in found} == {first.delivery}
    await noc.tell(*[warning(number) for number in range(31, 34)])
    await noc.until(*["delivered"] * 30, *["queued"] * 3)
    noc.forward(59_000)
    assert [one.due for one in await noc.store.waiting(noc.now_ms)] == [0]
    noc.forward(1_000)
    await noc.until(*["delivered"] * 33)
    assert titles(receiver)[1:] == ["[warning] 3 more: core31 is offline (+2 more)"]


async def test_something_critical_hurries_the_message_that_it_joins(noc: Bench, receiver: HttpReceiver) -> None:
    await noc.channel(webhook(receiver.port))
    await noc.policy(group_by=Grouping.SITE, group_wait_s=60)
    noc.start()
    await noc.tell(warning(1))
    await noc.until("queued")
    await noc.tell(event(alert(2, site_id=3)))
    await noc.until("queued", "queued")
    noc.forward(3_000)
    await noc.until("delivered", "delivered")
    assert titles(receiver) == ["[critical] core2 is offline (+1 more)"]


async def test_a_group_is_called_by_its_incident_as_that_is_when_it_leaves(noc: Bench, receiver: HttpReceiver) -> None:
    await noc.channel(webhook(receiver.port))
    await noc.policy(group_by=Grouping.INCIDENT)
    noc.start()
    first = IncidentRef(7, "core1 is offline")
    await noc.tell(event(alert(1, incident=first)), event(alert(2, incident=first)))
    await noc.until("queued", "queued")
    grown = IncidentRef(7, "core1 is offline", unreachable=200)
    seqs = await noc.tell(update(alert(1, incident=grown)))
    await noc.seen(seqs[-1])
    noc.forward(3_000)
    await noc.until("delivered", "delivered")
    assert titles(receiver) == ["[critical] core1 is offline (+200 unreachable)"]


async def test_what_comes_while_a_message_is_on_its_way_goes_with_the_next(noc: Bench, receiver: HttpReceiver) -> None:
    await noc.channel(webhook(receiver.port))
    await noc.policy(group_by=Grouping.SITE)
    await noc.tell(warning(1))
    noc.start()
    await noc.until("queued")
    await noc.stop()
    taken = await noc.store.take_parcel(1, bundle=False, now_ms=NOW_MS + 10_000)
    assert taken is not None
    noc.worker = noc.new_worker()
    receiver.status = 500
    noc.start()
    # By a clock that was read before it was taken, it would still wait for others.
    await noc.tell(warning(2))
    before = await noc.until("queued", "queued")
    assert before[0].public_id == taken.public_id != before[1].public_id


@pytest.mark.parametrize(("status", "attempts"), [(404, 3), (401, 3), (302, 3)])
async def test_a_refusal_for_good_is_a_dead_letter_after_three_attempts(
    noc: Bench, receiver: HttpReceiver, status: int, attempts: int, caplog: pytest.LogCaptureFixture
) -> None:
    receiver.status = status
    await noc.channel(webhook(receiver.port))
    noc.start()
    await noc.tell(event(alert()))
    for tried in range(1, attempts):
        await noc.when(lambda found, tried=tried: [one.attempts for one in found] == [tried])  # type: ignore[misc]
        noc.forward(601_000)
    (dead,) = await noc.until("dead")
    assert (dead.attempts, str(status) in (dead.outcome or "")) == (attempts, True)
    assert any("given up after 3 attempts" in record.message for record in caplog.records)
    state = (await noc.store.channel_states())[1]
    assert (state.health, state.dead, state.failing_since_ms) == (ChannelHealth.FAILING, 1, NOW_MS)
    await noc.told(f'noctule_hub_notification_attempts_total{{channel="1",outcome="refused"}} {attempts}')
    await noc.told('noctule_hub_notifications_dead{channel="1"} 1')
    await noc.told('noctule_hub_notification_channel_failing{channel="1"} 1')
    receiver.status = 200
    await noc.store.retry_delivery(dead.id, by=local(noc.now_ms))
    noc.worker.changed()
    await noc.until("delivered")
    state = (await noc.store.channel_states())[1]
    assert (state.health, state.dead, state.last_outcome) == (ChannelHealth.WORKS, 0, "127.0.0.1 answered 200")


async def test_a_mail_server_that_refuses_for_good_is_believed_one_that_does_not_is_asked_again(noc: Bench) -> None:
    server = await MailServer(refuses=b"550 no such user").open()
    await noc.channel(smtp(server.port))
    noc.start()
    await noc.tell(event(alert(1)))
    for tried in (1, 2):
        await noc.when(lambda found, tried=tried: [one.attempts for one in found] == [tried])  # type: ignore[misc]
        noc.forward(601_000)
    (dead,) = await noc.until("dead")
    assert dead.outcome == "127.0.0.1 refused all recipients (550 no such user)"
    server.refuses = b"450 later, please"
    await noc.tell(event(alert(2)))
    for tried in range(1, 5):
        await noc.when(lambda found, tried=tried: found[1:] != [] and found[1].attempts == tried)  # type: ignore[misc]
        noc.forward(601_000)
    server.refuses = None
    noc.forward(601_000)
    await noc.until("dead", "delivered")
    await server.close()


async def test_a_receiver_that_asks_to_be_left_alone_is_with_everything(noc: Bench, receiver: HttpReceiver) -> None:
    receiver.status, receiver.headers = 429, "Retry-After: 120\r\n"
    await noc.channel(webhook(receiver.port))
    noc.start()
    await noc.tell(event(alert(1)))
    (first,) = await noc.until("failed")
    assert first.next_ms == NOW_MS + 120_000
    receiver.status, receiver.headers = 200, ""
    await noc.tell(event(alert(2)))
    await noc.until("failed", "queued")
    noc.forward(119_000)
    noc.forward(1_000)
    await noc.until("delivered", "delivered")
    assert len(receiver.posted) == 3


async def test_a_hub_that_starts_again_leaves_a_receiver_alone_as_long_as_it_asked(
    noc: Bench, receiver: HttpReceiver
) -> None:
    receiver.status, receiver.headers = 429, "Retry-After: 120\r\n"
    await noc.channel(webhook(receiver.port))
    noc.start()
    await noc.tell(event(alert(1)))
    await noc.until("failed")
    await noc.stop()
    receiver.status, receiver.headers = 200, ""
    seq = (await noc.tell(event(alert(2))))[-1]
    noc.worker = noc.new_worker()
    noc.start()
    await noc.seen(seq)
    noc.forward(120_000)
    for one in await noc.until("delivered", "delivered"):
        assert (await noc.store.delivery(one.id))[1][-1].at_ms == NOW_MS + 120_000


async def test_a_hub_that_starts_again_sends_no_more_within_a_minute(noc: Bench, receiver: HttpReceiver) -> None:
    await noc.channel(webhook(receiver.port))
    await noc.tell(*[event(alert(number)) for number in range(1, MAX_MESSAGES + 6)])
    noc.start()
    await noc.until(*["delivered"] * (MAX_MESSAGES + 5))
    assert len(receiver.posted) == MAX_MESSAGES
    await noc.stop()
    seq = (await noc.tell(event(alert(99))))[-1]
    noc.worker = noc.new_worker()
    noc.start()
    await noc.seen(seq)
    noc.forward(WINDOW_MS)
    *_, last = await noc.until(*["delivered"] * (MAX_MESSAGES + 6))
    assert (await noc.store.delivery(last.id))[1][-1].at_ms == NOW_MS + WINDOW_MS


async def test_a_template_that_fails_is_replaced_counted_and_told(noc: Bench, receiver: HttpReceiver) -> None:
    await noc.channel(webhook(receiver.port))
    await noc.policy(template=Template("{incident}", "{severity} at {device}"))
    noc.start()
    await noc.tell(event(alert()))
    (one,) = await noc.until("delivered")
    assert titles(receiver) == ["[critical] core1 is offline"]
    assert one.outcome == (
        "127.0.0.1 answered 200; the policy's template failed (the title is empty); the built-in words were sent"
    )
    await noc.told("noctule_hub_notification_template_failures_total 1")


KILLED = """
import asyncio, os, random, signal, sys
from pathlib import Path
from noctule_hub.store.sqlite import deliveries
from tests.hub.notify.bench import NOW_MS, bench

where, at = sys.argv[2], int(sys.argv[3])

def dying(method):
    async def die(self, *args, **options):
        if where == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        await method(self, *args, **options)
        os.kill(os.getpid(), signal.SIGKILL)
    return die

async def main():
    store = deliveries.SqliteDeliveries
    name = sys.argv[4]
    setattr(store, name, dying(getattr(store, name)))
    async with bench(Path(sys.argv[1])) as noc:
        noc.now_ms = NOW_MS + at
        noc.start()
        await asyncio.Event().wait()

asyncio.run(main())
"""


@pytest.mark.parametrize("where", ["before", "after"])
@pytest.mark.parametrize("method", ["queue_due", "take_parcel", "settle_parcel"])
async def test_a_hub_killed_around_a_step_neither_skips_nor_doubles_it(
    tmp_path: Path, receiver: HttpReceiver, where: str, method: str
) -> None:
    async with bench(tmp_path) as noc:
        await two_channels(noc, receiver)
        await noc.policy(steps=STEPS)
        noc.start()
        await noc.tell(event(alert()))
        await noc.until("delivered")
    path = os.pathsep.join(filter(None, sys.path))
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", KILLED, str(tmp_path), where, "900000", method), env=os.environ | {"PYTHONPATH": path}
    )
    assert await process.wait() == -signal.SIGKILL
    async with bench(tmp_path) as noc:
        noc.now_ms = NOW_MS + 900_000
        noc.start()
        found = await noc.until("delivered", "delivered")
    assert [one.channel_id for one in found] == [NIGHT, BOSS]
    told = [one for one in receiver.posted if one.path == "/boss"]
    # At least once, under one id: the receiver knows that it has it.
    assert {one.delivery for one in told} == {found[1].public_id}
    assert len(told) == (2 if (method, where) == ("settle_parcel", "before") else 1)

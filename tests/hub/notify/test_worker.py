"""What alerts become on channels: sent once, in order, again when a receiver was away, never twice queued."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from dataclasses import replace
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest
from noctule_hub.core.audit import local
from noctule_hub.core.languages.spoken import Language
from noctule_hub.core.notifying.deliveries import MAX_MESSAGES, WINDOW_MS, ChannelHealth
from noctule_hub.core.notifying.routing import Decided
from noctule_hub.store.channels import Waiting
from noctule_shared.events import Severity

from tests.hub.notify.bench import NOW_MS, Bench, alert, bench, event, message, resolved, smtp, webhook
from tests.hub.notify.receivers import HttpReceiver, MailServer


@pytest.fixture
async def receiver() -> AsyncIterator[HttpReceiver]:
    made = await HttpReceiver().open()
    yield made
    await made.close()


@pytest.fixture
async def server() -> AsyncIterator[MailServer]:
    made = await MailServer().open()
    yield made
    await made.close()


@pytest.fixture
async def noc(tmp_path: Path) -> AsyncIterator[Bench]:
    async with bench(tmp_path) as made:
        yield made


async def test_a_problem_and_its_end_arrive_in_order_each_under_its_own_id(noc: Bench, receiver: HttpReceiver) -> None:
    await noc.channel(webhook(receiver.port))
    noc.start()
    await noc.tell(event(alert()), event(resolved()))
    problem, end = await noc.until("delivered", "delivered")
    assert [one.json.event for one in receiver.posted] == ["alert.new", "alert.resolved"]
    assert [one.delivery for one in receiver.posted] == [problem.public_id, end.public_id]
    assert receiver.posted[0].json.title == "[critical] core1 is offline"
    assert receiver.posted[0].json.text.endswith("https://noc.example.net")
    assert problem.outcome == "127.0.0.1 answered 200"


async def test_a_test_message_says_how_its_channel_does(noc: Bench, receiver: HttpReceiver) -> None:
    channel = await noc.channel(webhook(receiver.port))
    assert (await noc.worker.try_out(channel)).delivered
    state = (await noc.store.channel_states())[channel.id]
    assert (state.health, state.last_ms, state.last_outcome) == (
        ChannelHealth.WORKS,
        NOW_MS,
        "127.0.0.1 answered 200",
    )
    receiver.status = 500
    assert not (await noc.worker.try_words(channel, message())).delivered
    state = (await noc.store.channel_states())[channel.id]
    assert (state.health, state.last_outcome) == (ChannelHealth.FAILING, "127.0.0.1 answered 500")
    assert await noc.deliveries() == []


async def test_mail_of_a_channel_in_indonesian_says_problem_and_end_in_it_and_hooks_keep_what_programs_read(
    noc: Bench, receiver: HttpReceiver, server: MailServer
) -> None:
    await noc.channel(smtp(server.port), "mail", language=Language.INDONESIAN)
    await noc.channel(webhook(receiver.port), "hook", language=Language.INDONESIAN)
    noc.start()
    await noc.tell(event(alert()), event(resolved()))
    await noc.until("delivered", "delivered", "delivered", "delivered")
    problem, end = [message_from_bytes(mail.content, policy=default) for mail in server.mails]
    assert (problem["Subject"], end["Subject"]) == ("[kritis] core1 offline", "[pulih] core1 offline")
    assert (problem["Content-Language"], "Alasan: tidak ada jawaban" in problem.get_content()) == ("id", True)
    told = receiver.posted[0].json
    assert (told.title, told.event) == ("[kritis] core1 offline", "alert.new")
    assert told.alerts[0].title == "core1 is offline"


async def test_receivers_that_are_down_for_a_while_get_everything_under_the_same_ids(noc: Bench) -> None:
    http, mail = HttpReceiver(), MailServer()
    await noc.channel(webhook(http.port), "hook")
    await noc.channel(smtp(mail.port), "mail")
    noc.start()
    await noc.tell(event(alert()), event(resolved()))
    before = await noc.until("failed", "failed", "queued", "queued")
    assert {one.attempts for one in before[:2]} == {1}
    for tried in range(2, 5):
        noc.forward(601_000)
        await noc.when(lambda found, tried=tried: [one.attempts for one in found[:2]] == [tried] * 2)  # type: ignore[misc]
    await http.open()
    await mail.open()
    noc.forward(601_000)
    after = await noc.until("delivered", "delivered", "delivered", "delivered")
    assert [one.public_id for one in after] == [one.public_id for one in before]
    assert [one.delivery for one in http.posted] == [one.public_id for one in after if one.channel_id == 1]
    assert len(mail.mails) == 2
    assert f"Message-ID: <{after[1].public_id}@noc.example.net>".encode() in mail.mails[0].content
    _, attempts_kept = await noc.store.delivery(after[0].id)
    assert [one.delivered for one in attempts_kept][-2:] == [False, True]
    await http.close()
    await mail.close()


async def test_what_is_never_taken_is_dead_after_a_day_and_retried_by_hand(noc: Bench, receiver: HttpReceiver) -> None:
    receiver.status = 503
    await noc.channel(webhook(receiver.port))
    noc.start()
    await noc.tell(event(alert()), event(resolved()))
    await noc.until("failed", "queued")
    noc.forward(86_400_000)
    dead, end = await noc.until("dead", "dead")
    assert (dead.outcome, end.outcome) == ("127.0.0.1 answered 503", "its problem was never delivered")
    receiver.status = 204
    again = await noc.store.retry_delivery(dead.id, by=local(noc.now_ms))
    assert again.public_id == dead.public_id
    noc.worker.changed()
    await noc.until("delivered", "dead")
    assert {one.delivery for one in receiver.posted} == {dead.public_id}


async def test_an_end_is_told_only_where_its_problem_was(noc: Bench, receiver: HttpReceiver) -> None:
    await noc.channel(webhook(receiver.port), "all", severity=Severity.INFO)
    await noc.channel(webhook(receiver.port), "critical", severity=Severity.CRITICAL)
    noc.start()
    await noc.tell(event(alert(1, severity=Severity.WARNING)), event(resolved(1)), event(resolved(7)))
    found = await noc.until("delivered", "delivered")
    assert {one.channel_id for one in found} == {1}


async def test_late_events_and_those_before_a_channel_notify_nobody(noc: Bench, receiver: HttpReceiver) -> None:
    await noc.tell(event(alert(1)))
    await noc.channel(webhook(receiver.port))
    noc.start()
    await noc.tell(event(alert(2), late=True), event(alert(3)))
    (only,) = await noc.until("delivered")
    assert only.alert_id == 3


async def test_nothing_is_queued_twice_when_the_log_is_read_again(noc: Bench, receiver: HttpReceiver) -> None:
    await noc.channel(webhook(receiver.port))
    noc.start()
    seqs = await noc.tell(event(alert()), event(resolved()))
    await noc.until("delivered", "delivered")
    await noc.stop()
    assert await noc.store.notified_seq() == seqs[-1]
    await noc.store.queue_alerts(lambda _: Decided([], {}), (), up_to_seq=0, now_ms=NOW_MS)
    noc.worker = noc.new_worker()
    noc.start()
    await noc.tell(event(alert(2)))
    await noc.until("delivered", "delivered", "delivered")
    assert len(receiver.posted) == 3


async def test_a_flood_becomes_a_few_messages_and_one_summary(noc: Bench, receiver: HttpReceiver) -> None:
    await noc.channel(webhook(receiver.port))
    await noc.tell(*[event(alert(number)) for number in range(1, 47)])
    noc.start()
    found = await noc.until(*["delivered"] * 46)
    assert len(receiver.posted) == MAX_MESSAGES
    summary = receiver.posted[-1].json
    assert summary.event == "alert.summary"
    assert summary.title.startswith("37 more alerts: core10 is offline")
    assert (len(summary.alerts), summary.more) == (20, 17)
    assert {one.public_id for one in found[9:]} == {summary.delivery_id}
    await noc.tell(event(alert(99)))
    await noc.until(*["delivered"] * 46, "queued")
    noc.forward(WINDOW_MS)
    await noc.until(*["delivered"] * 47)


async def test_a_pace_that_is_read_while_its_channel_sends_lets_no_more_through(
    noc: Bench, receiver: HttpReceiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    await noc.channel(webhook(receiver.port))
    read = noc.store.waiting

    async def read_long(now_ms: int) -> list[Waiting]:
        found = await read(now_ms)
        while noc.worker._busy:  # noqa: ASYNC110  each turn of the loop brings the sender on
            await asyncio.sleep(0)
        noc.worker._work.set()
        return found

    monkeypatch.setattr(noc.store, "waiting", read_long)
    noc.start()
    await noc.tell(*(event(alert(number)) for number in range(1, 3 * MAX_MESSAGES)))
    await noc.until(*["delivered"] * (3 * MAX_MESSAGES - 1))
    assert len(receiver.posted) == MAX_MESSAGES


async def test_a_disabled_channel_sends_nothing_and_its_queue_is_dead(noc: Bench) -> None:
    channel = await noc.channel(webhook(HttpReceiver().port))
    noc.start()
    await noc.tell(event(alert()))
    await noc.until("failed")
    off = replace(channel.fields, enabled=False)
    await noc.store.update_channel(channel.id, off, revision=1, seal=None, by=local(NOW_MS))
    noc.worker.changed()
    (dead,) = await noc.until("dead")
    assert dead.outcome == "the channel was disabled"


KILLED = """
import asyncio, os, signal, sys
from pathlib import Path
from noctule_hub.store.sqlite.deliveries import SqliteDeliveries
from tests.hub.notify.bench import bench

async def die(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)

async def main():
    SqliteDeliveries.settle_parcel = die
    async with bench(Path(sys.argv[1])) as noc:
        noc.start()
        await asyncio.Event().wait()

asyncio.run(main())
"""


@pytest.mark.parametrize("alerts", [1, 12])
async def test_a_hub_killed_between_answer_and_commit_sends_again_under_the_same_id(
    tmp_path: Path, receiver: HttpReceiver, alerts: int
) -> None:
    async with bench(tmp_path) as noc:
        await noc.channel(webhook(receiver.port))
        await noc.tell(*[event(alert(number)) for number in range(1, alerts + 1)])
    for _ in range(3):
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-c",
            KILLED,
            str(tmp_path),
            env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        )
        assert await process.wait() == -signal.SIGKILL
    assert len({one.delivery for one in receiver.posted}) == 1
    assert len(receiver.posted) == 3
    async with bench(tmp_path) as noc:
        noc.start()
        found = await noc.until(*["delivered"] * alerts)
    assert {one.public_id for one in found} == {one.delivery for one in receiver.posted}
    assert len(receiver.posted) == 3 + min(alerts, MAX_MESSAGES)


async def test_a_hub_without_channels_asks_for_them_once_and_then_waits(noc: Bench) -> None:
    asked = []
    real = noc.store.events_after

    async def events_after(*args: object, **options: object) -> object:
        asked.append(args)
        return await real(*args, **options)  # type: ignore[arg-type]

    noc.store.events_after = events_after  # type: ignore[assignment,method-assign]
    noc.start()
    await noc.tell(event(alert()))
    assert await noc.store.waiting(NOW_MS) == []
    assert asked == []


@pytest.mark.parametrize("part", ["take_parcel", "waiting", "queue_alerts"])
async def test_a_fault_nobody_foresaw_is_told_once_and_loses_nothing(
    noc: Bench,
    receiver: HttpReceiver,
    part: str,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr("noctule_hub.notify.worker.STORE_RETRY_S", 0.01)
    real, failures = getattr(noc.store, part), [LookupError("a fault")] * 3

    async def faulty(*args: object, **options: object) -> object:
        if failures:
            raise failures.pop()
        return await real(*args, **options)

    monkeypatch.setattr(noc.store, part, faulty)
    await noc.channel(webhook(receiver.port))
    noc.start()
    await noc.tell(event(alert()))
    await noc.until("delivered")
    assert len(receiver.posted) == 1
    assert sum("notifications wait" in record.message for record in caplog.records) == 1

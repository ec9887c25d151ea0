"""Hubs are killed two hundred times while devices fall and recover: each decision is recorded once and told."""

import asyncio
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.hub.notify.receivers import HttpReceiver, MailServer
from tests.kill.alarm import MAIL, WEBHOOK, AlarmStage, Ports
from tests.kill.alarm_verdict import AlarmVerdict, judge, mailed, posted

pytestmark = [pytest.mark.check, pytest.mark.timeout(900)]

SEED = 11
HUBS = 4
KILLS = 200
# A receiver's answer takes a moment: time to die in, between the message and the note that it was taken.
ANSWER_S = 0.03


@pytest.fixture
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="noctule-kill-") as name:
        yield Path(name)


async def killed(folder: Path, seed: int, kills: int) -> tuple[int, AlarmVerdict]:
    """Return how often one hub was killed, and what is to be said of it."""
    http, smtp = await HttpReceiver(delay_s=ANSWER_S).open(), await MailServer(delay_s=ANSWER_S).open()
    try:
        stage = await asyncio.to_thread(AlarmStage, folder, seed, Ports(http.port, smtp.port))
        await asyncio.to_thread(stage.run, kills)
    finally:
        await http.close()
        await smtp.close()
    received = {WEBHOOK: posted(http.posted), MAIL: mailed(smtp.mails)}
    return stage.kills, judge(stage.data_dir, received)


async def test_whatever_kills_the_hub_each_alert_is_decided_once_and_told(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    runs = [killed(folder / f"hub-{number}", SEED + number, KILLS // HUBS) for number in range(HUBS)]
    outcomes = await asyncio.gather(*runs)
    with capsys.disabled():
        for kills, verdict in outcomes:
            print(f"\nkilled {kills} times: {verdict.summary()}", end="")  # noqa: T201  how many came twice is a result
    wrong = [
        f"seed {SEED + number}: {words}" for number, (_, verdict) in enumerate(outcomes) for words in verdict.wrong
    ]
    assert not wrong, "\n".join(wrong)
    assert sum(kills for kills, _ in outcomes) >= KILLS
    # Each of the two channels is told ten things a minute at most.
    assert all(verdict.alerts > 50 and verdict.messages > 25 for _, verdict in outcomes)

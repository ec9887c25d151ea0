"""What the hub's doctor concludes, by tables."""

from dataclasses import replace

import pytest
from noctule_hub.core.examination import (
    DAY_MS,
    MIB,
    Finding,
    StoreFacts,
    Verdict,
    judge_disk,
    judge_files,
    judge_rights,
    judge_store,
)
from noctule_hub.core.notifying.deliveries import ChannelState

NOW_MS = 1_795_000_000_000
GOOD = StoreFacts(5, 5, (), 0, 0, None, NOW_MS - 1_000, NOW_MS - DAY_MS)
HOUR_MS = 3_600_000


def judged(facts: StoreFacts, name: str, *, running: bool = True, wal_bytes: int = 0) -> Finding:
    findings = judge_store(facts, now_ms=NOW_MS, running=running, wal_bytes=wal_bytes)
    return next(finding for finding in findings if finding.name == name)


def test_sound_store_has_nothing_to_mend() -> None:
    findings = judge_store(GOOD, now_ms=NOW_MS, running=True, wal_bytes=MIB)
    assert {finding.verdict for finding in findings} == {Verdict.OK}
    assert not [finding for finding in findings if finding.fix]


@pytest.mark.parametrize(
    ("facts", "name", "verdict", "words"),
    [
        (replace(GOOD, damage=("page 7 is torn",)), "database", Verdict.FAILED, "page 7 is torn"),
        (replace(GOOD, schema_version=6), "schema", Verdict.FAILED, "of a newer hub"),
        (replace(GOOD, schema_version=4), "schema", Verdict.OK, "the next start brings it to 5"),
        (replace(GOOD, oldest_frame_ms=NOW_MS - HOUR_MS), "journal", Verdict.OK, "for 60 minutes"),
        (replace(GOOD, oldest_frame_ms=NOW_MS - 2 * HOUR_MS), "journal", Verdict.WARNING, "for 120 minutes"),
        (replace(GOOD, newest_ms=NOW_MS + 59_000), "clock", Verdict.OK, "past all"),
        (replace(GOOD, newest_ms=NOW_MS + HOUR_MS), "clock", Verdict.FAILED, "3600 s behind"),
        (replace(GOOD, channels=(("noc", ChannelState()),)), "channels", Verdict.OK, "1 notification channels, none"),
        (
            replace(GOOD, channels=(("noc", ChannelState(3, 0, NOW_MS, "answered 502", NOW_MS - HOUR_MS)),)),
            "channels",
            Verdict.WARNING,
            "alerts do not arrive: noc for 60 minutes (answered 502)",
        ),
        (
            replace(GOOD, channels=(("noc", ChannelState(0, 4, NOW_MS, "taken")),)),
            "channels",
            Verdict.WARNING,
            "messages were given up: noc 4",
        ),
        (replace(GOOD, last_backup_ms=None), "backup", Verdict.WARNING, "no backup was ever made"),
        (replace(GOOD, last_backup_ms=NOW_MS - 8 * DAY_MS), "backup", Verdict.WARNING, "8 days old"),
    ],
)
def test_finding_says_what_is_wrong_and_what_to_do(facts: StoreFacts, name: str, verdict: Verdict, words: str) -> None:
    finding = judged(facts, name)
    assert finding.verdict is verdict
    assert words in finding.message
    assert (finding.fix is None) == (verdict is Verdict.OK)


def test_journal_of_a_hub_that_does_not_run_may_be_old() -> None:
    old = replace(GOOD, oldest_frame_ms=NOW_MS - 30 * DAY_MS)
    assert judged(old, "journal", running=False).verdict is Verdict.OK


def test_wal_that_is_not_emptied_is_told() -> None:
    assert judged(GOOD, "wal", wal_bytes=200 * MIB).verdict is Verdict.WARNING


DAYS = {"20261120": 100 * MIB, "20261121": 300 * MIB, "20261122": 5 * MIB}


@pytest.mark.parametrize(
    ("free_mib", "kept_days", "verdict", "words"),
    [
        (100, 14, Verdict.FAILED, "acknowledges nothing"),
        (400, 14, Verdict.WARNING, "full in 2 days, 11 more"),
        (2_000, 14, Verdict.WARNING, "full in 10 days"),
        (2_300, 14, Verdict.OK, "11 more days are to come"),
        (400, 3, Verdict.OK, "is taken already"),
    ],
)
def test_disk_is_foreseen_from_whole_days_and_what_is_kept(
    free_mib: int, kept_days: int, verdict: Verdict, words: str
) -> None:
    finding = judge_disk(free_bytes=free_mib * MIB, day_bytes=DAYS, today="20261122", kept_days=kept_days)
    assert finding.verdict is verdict
    assert words in finding.message


def test_first_day_foresees_nothing() -> None:
    finding = judge_disk(free_bytes=2**40, day_bytes={"20261122": MIB}, today="20261122", kept_days=14)
    assert (finding.verdict, "no whole day yet" in finding.message) == (Verdict.OK, True)


@pytest.mark.parametrize(
    ("limit", "in_use", "verdict"),
    [(1024, None, Verdict.WARNING), (65_536, 60_000, Verdict.WARNING), (65_536, 100, Verdict.OK)],
)
def test_few_open_files_are_told(limit: int, in_use: int | None, verdict: Verdict) -> None:
    assert judge_files(limit, in_use).verdict is verdict


def test_folder_open_to_others_or_of_several_users_fails() -> None:
    assert judge_rights(["/data/keys"], ["noctule"], "/data").verdict is Verdict.FAILED
    assert judge_rights([], ["noctule", "root"], "/data").verdict is Verdict.FAILED
    assert judge_rights([], ["noctule"], "/data").verdict is Verdict.OK

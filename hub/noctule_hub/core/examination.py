"""What `noctule hub doctor` concludes from what it measured: each finding says what it means and what to do."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import msgspec

from noctule_hub.core.notifying.deliveries import ChannelState

DAY_MS: Final = 86_400_000
MIB: Final = 1024 * 1024
# The writer truncates the WAL at 64 MiB: twice that, something keeps it from doing so.
WAL_WARNING_BYTES: Final = 128 * MIB
# Measurements leave the journal after half an hour at the latest.
LAG_WARNING_MS: Final = 75 * 60_000
FREE_FAILED_BYTES: Final = 256 * MIB
FULL_WARNING_DAYS: Final = 7.0
GROWTH_DAYS: Final = 7
OPEN_FILES: Final = 4096
BACKUP_WARNING_MS: Final = 7 * DAY_MS
CLOCK_LEEWAY_MS: Final = 60_000


class Verdict(StrEnum):
    """How bad a finding is. A warning is no failure."""

    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"


class Finding(msgspec.Struct, frozen=True, omit_defaults=True):
    """One check: what was found and what it means; `fix` says what to do, None: nothing."""

    name: str
    verdict: Verdict
    message: str
    fix: str | None = None


class Examination(msgspec.Struct, frozen=True, rename="camel"):
    """All findings and the sizes in bytes; the document of `noctule hub doctor --json`."""

    ok: bool
    checks: list[Finding]
    sizes_bytes: dict[str, int]


@dataclass(frozen=True, slots=True)
class StoreFacts:
    """What hub.db says. Times in epoch milliseconds; None: there is none.

    `waiting_frames` are in the journal, not yet in a day file, the oldest received at `oldest_frame_ms`. `newest_ms`
    is the latest time that the hub wrote down. `damage` is what the integrity check found. `channels` are the enabled
    notification channels by name.
    """

    schema_version: int
    known_version: int
    damage: tuple[str, ...]
    waiting_frames: int
    waiting_bytes: int
    oldest_frame_ms: int | None
    newest_ms: int | None
    last_backup_ms: int | None
    channels: tuple[tuple[str, ChannelState], ...] = ()


def judge_store(facts: StoreFacts, *, now_ms: int, running: bool, wal_bytes: int) -> list[Finding]:
    """Return what is to say of hub.db."""
    return [
        _integrity(facts),
        _schema(facts),
        _wal(wal_bytes),
        _journal(facts, now_ms, running=running),
        _clock(facts, now_ms),
        _backup(facts, now_ms),
        _channels(facts, now_ms),
    ]


def judge_disk(*, free_bytes: int, day_bytes: Mapping[str, int], today: str, kept_days: int) -> Finding:
    """Return when the disk is full, from how large the last whole days' files are (YYYYMMDD -> bytes).

    `kept_days`: after so many days the oldest is dropped for each new one, and no more room is taken.
    """
    if free_bytes < FREE_FAILED_BYTES:
        return Finding(
            "disk",
            Verdict.FAILED,
            f"{_mib(free_bytes)} are free: the hub keeps and acknowledges nothing once there are none",
            "free some space now; agents deliver again what was not acknowledged",
        )
    whole = [size for day, size in sorted(day_bytes.items()) if day < today][-GROWTH_DAYS:]
    if not whole:
        return Finding("disk", Verdict.OK, f"{_mib(free_bytes)} are free; no whole day yet to foresee from")
    per_day = max(1, sum(whole) // len(whole))
    missing = max(0, kept_days - len(day_bytes))
    days = free_bytes / per_day
    growth = f"{_mib(free_bytes)} are free, a day of measurements takes {_mib(per_day)}"
    if days >= missing:
        settled = "is taken already" if not missing else f"fits: {missing} more days are to come"
        return Finding("disk", Verdict.OK, f"{growth}; the room for the {kept_days} days that are kept {settled}")
    verdict = Verdict.WARNING if days >= 1 else Verdict.FAILED
    return Finding(
        "disk",
        verdict if days < FULL_WARNING_DAYS else Verdict.WARNING,
        f"{growth}: it is full in {days:.0f} days, {missing} more are to be kept",
        "give the folder a larger disk, or poll less often",
    )


def judge_files(limit: int, in_use: int | None) -> Finding:
    """Return whether enough files may be open; `in_use` None: not known."""
    used = "" if in_use is None else f", {in_use} are open"
    if limit < OPEN_FILES or (in_use is not None and in_use > limit * 0.8):
        return Finding(
            "files",
            Verdict.WARNING,
            f"at most {limit} files may be open{used}; each agent and browser is one",
            "raise it: LimitNOFILE=65536 in the systemd unit, or ulimit -n 65536",
        )
    return Finding("files", Verdict.OK, f"at most {limit} files may be open{used}")


def judge_rights(wrong: Sequence[str], owners: Sequence[str], data_dir: str) -> Finding:
    """Return whether the folder is the hub's alone: `wrong` are paths that others may enter or read."""
    if wrong:
        return Finding(
            "rights",
            Verdict.FAILED,
            f"others may read or enter {', '.join(wrong[:3])}",
            f"chmod -R go= '{data_dir}'",
        )
    if len(owners) > 1:
        return Finding(
            "rights",
            Verdict.FAILED,
            f"files belong to several users ({', '.join(owners)}): the hub cannot write those of others",
            f"chown -R USER '{data_dir}', USER being the one that runs the hub",
        )
    return Finding("rights", Verdict.OK, "the folder and all in it belong to one user and nobody else gets in")


def _integrity(facts: StoreFacts) -> Finding:
    if facts.damage:
        return Finding(
            "database",
            Verdict.FAILED,
            f"hub.db is damaged: {facts.damage[0]}",
            "stop the hub, keep the folder aside, and restore the newest backup into a new one",
        )
    return Finding("database", Verdict.OK, "hub.db is sound")


def _schema(facts: StoreFacts) -> Finding:
    found, known = facts.schema_version, facts.known_version
    if found > known:
        return Finding(
            "schema",
            Verdict.FAILED,
            f"hub.db is of a newer hub: version {found}, this one knows up to {known}",
            "run the newer hub again, or restore a backup made before the upgrade",
        )
    if found < known:
        return Finding("schema", Verdict.OK, f"version {found}; the next start brings it to {known} and keeps a copy")
    return Finding("schema", Verdict.OK, f"version {found}, as this hub needs it")


def _wal(wal_bytes: int) -> Finding:
    if wal_bytes > WAL_WARNING_BYTES:
        return Finding(
            "wal",
            Verdict.WARNING,
            f"hub.db-wal has {_mib(wal_bytes)} and is not emptied: a reader holds it, or the disk is too slow",
            "close other programs that read hub.db; look for 'checkpoint failed' in the hub's log",
        )
    return Finding("wal", Verdict.OK, f"hub.db-wal has {_mib(wal_bytes)}")


def _journal(facts: StoreFacts, now_ms: int, *, running: bool) -> Finding:
    if facts.oldest_frame_ms is None:
        return Finding("journal", Verdict.OK, "no measurements wait for their day file")
    lag_ms = max(0, now_ms - facts.oldest_frame_ms)
    waiting = f"{facts.waiting_frames} frames ({_mib(facts.waiting_bytes)}) wait for their day file"
    if running and lag_ms > LAG_WARNING_MS:
        return Finding(
            "journal",
            Verdict.WARNING,
            f"{waiting}, the oldest for {lag_ms // 60_000} minutes: nothing is lost, but hub.db grows",
            "look for 'measurements stay in the journal' in the hub's log; it names the file and why",
        )
    return Finding("journal", Verdict.OK, f"{waiting}, the oldest for {lag_ms // 60_000} minutes")


def _clock(facts: StoreFacts, now_ms: int) -> Finding:
    ahead_ms = 0 if facts.newest_ms is None else facts.newest_ms - now_ms
    if ahead_ms > CLOCK_LEEWAY_MS:
        return Finding(
            "clock",
            Verdict.FAILED,
            f"this clock is {ahead_ms // 1000} s behind what the hub wrote last: sign-ins and times are wrong",
            "set the clock, and keep it by NTP (chrony or systemd-timesyncd)",
        )
    return Finding("clock", Verdict.OK, "the clock is past all that the hub wrote")


def _channels(facts: StoreFacts, now_ms: int) -> Finding:
    """Return whether people are told of alerts: a channel that fails is told nowhere else to those who wait for it."""
    see = "see noctule alert channel list; noctule alert channel test NAME tries one"
    failing = [
        f"{name} for {max(0, now_ms - state.failing_since_ms) // 60_000} minutes ({state.last_outcome})"
        for name, state in facts.channels
        if state.failing_since_ms is not None
    ]
    if failing:
        return Finding("channels", Verdict.WARNING, f"alerts do not arrive: {'; '.join(failing[:3])}", see)
    dead = [f"{name} {state.dead}" for name, state in facts.channels if state.dead]
    if dead:
        listed = "see noctule alert delivery list --state dead; retry those that still matter"
        return Finding("channels", Verdict.WARNING, f"messages were given up: {', '.join(dead[:3])}", listed)
    queued = sum(state.queued for _, state in facts.channels)
    number = len(facts.channels)
    return Finding("channels", Verdict.OK, f"{number} notification channels, none fails, {queued} deliveries wait")


def _backup(facts: StoreFacts, now_ms: int) -> Finding:
    fix = "noctule hub backup DEST --data-dir DIR, each night by a timer (docs/operations.md)"
    if facts.last_backup_ms is None:
        return Finding("backup", Verdict.WARNING, "no backup was ever made", fix)
    age_ms = now_ms - facts.last_backup_ms
    days = age_ms / DAY_MS
    if age_ms > BACKUP_WARNING_MS:
        return Finding("backup", Verdict.WARNING, f"the last backup is {days:.0f} days old", fix)
    return Finding("backup", Verdict.OK, f"the last backup is {days:.1f} days old")


def _mib(size_bytes: int) -> str:
    return f"{size_bytes / MIB:,.1f} MiB"

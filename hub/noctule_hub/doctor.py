"""Looks at a hub's data folder, and at the hub that runs on it; what that means is decided by `core.examination`."""

import json
import pwd
import re
import resource
import shutil
import urllib.request
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from noctule_shared.errors import NoctuleError

from noctule_hub.auth.keys import FOLDER, Keys, KeySeries, key_folder
from noctule_hub.config import load_config
from noctule_hub.core.backup import DATABASE, FILLED, METRICS
from noctule_hub.core.examination import (
    Examination,
    Finding,
    Verdict,
    judge_disk,
    judge_files,
    judge_rights,
    judge_store,
)
from noctule_hub.core.retention import DEFAULT_RETENTION
from noctule_hub.data_folder import holder
from noctule_hub.errors import HubError
from noctule_hub.store.errors import StoreError
from noctule_hub.store.sqlite.examine import examine_file, examine_store
from noctule_hub.store.sqlite.metric_files import day_of

ANSWER_S: Final = 3.0
# Without --full: the day that is written, and the one before, which is whole.
NEWEST_FILES: Final = 2
# Not the hub's: settings may be another user's, and a file system brings its own.
NOT_OURS: Final = frozenset({"hub.toml", "lost+found"})
_DAY: Final = re.compile(r"[0-9]{8}")


def examine(data_dir: Path, *, full: bool, now_ms: int) -> Examination:
    """Check everything and change nothing; `data_dir` holds a hub.db."""
    hub, pid = _running(data_dir)
    checks = [hub, *_settings(data_dir, running=pid is not None), _rights(data_dir), _keys(data_dir)]
    checks += _store(data_dir, full=full, now_ms=now_ms, running=pid is not None)
    checks.append(_measured(data_dir, full=full))
    checks.append(_disk(data_dir, now_ms))
    checks.append(_files(pid))
    ok = not any(check.verdict is Verdict.FAILED for check in checks)
    return Examination(ok, checks, _sizes(data_dir))


def _running(data_dir: Path) -> tuple[Finding, int | None]:
    """Return the finding and the process that holds the folder, None when there is none or it is not known."""
    try:
        pid = holder(data_dir)
    except OSError as error:
        message = f"whether a hub runs here is not known: {error.filename}: {error.strerror}"
        return Finding("hub", Verdict.WARNING, message, "run this as the user that runs the hub"), None
    if pid is None:
        return Finding("hub", Verdict.OK, "no hub runs on this folder"), None
    return Finding("hub", Verdict.OK, f"process {pid or 'unknown'} works on this folder"), pid


def _settings(data_dir: Path, *, running: bool) -> Iterator[Finding]:
    try:
        config = load_config(data_dir)
    except HubError as error:
        yield Finding("settings", Verdict.FAILED, str(error), "mend the file: no hub starts with it")
        return
    yield Finding("settings", Verdict.OK, "hub.toml can be used")
    if not running:
        return
    try:
        with urllib.request.urlopen(f"{config.url}/health", timeout=ANSWER_S) as answer:  # noqa: S310  our own hub
            told = json.load(answer)
        yield Finding("answer", Verdict.OK, f"the hub answers at {config.url}, version {told['version']}")
    except (OSError, ValueError, KeyError, TypeError) as error:
        yield Finding(
            "answer",
            Verdict.WARNING,
            f"nothing answers at {config.url} ({getattr(error, 'reason', None) or error})",
            "if it was started with --host, --port or --config this is no fault; else look at the hub's log",
        )


def _rights(data_dir: Path) -> Finding:
    wrong: list[str] = []
    owners: set[int] = set()
    for path in (data_dir, *_ours(data_dir)):
        try:
            status = path.lstat()
        except FileNotFoundError:
            continue
        owners.add(status.st_uid)
        # What lies in a folder that nobody else may enter is safe; what lies in `keys` is read only when it is 0600.
        guarded = path == data_dir or FOLDER in path.relative_to(data_dir).parts
        if guarded and status.st_mode & 0o077:
            wrong.append(str(path))
    return judge_rights(wrong, sorted(_user(owner) for owner in owners), str(data_dir))


def _ours(data_dir: Path) -> Iterator[Path]:
    for path in data_dir.iterdir():
        if path.name in NOT_OURS:
            continue
        yield path
        if path.is_dir() and not path.is_symlink():
            yield from path.rglob("*")


def _user(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def _keys(data_dir: Path) -> Finding:
    try:
        Keys.of_hub(data_dir)
    except NoctuleError as error:
        return Finding("keys", Verdict.FAILED, str(error), "no hub starts without its keys; restore those kept last")
    folder = key_folder(data_dir)
    if len(KeySeries.DATA.numbers(folder)) > 1:
        return Finding(
            "keys",
            Verdict.WARNING,
            "a rotation of the data key was interrupted; every secret still opens",
            f"stop the hub and end it with: noctule hub rotate-key --data --data-dir '{data_dir}'",
        )
    return Finding("keys", Verdict.OK, f"the keys in {folder} are whole and private")


def _disk(data_dir: Path, now_ms: int) -> Finding:
    # Rows and their 5 minutes; hours and days hardly take room.
    day_bytes = Counter[str]()
    for path, size in _files_below(data_dir, METRICS):
        if _DAY.fullmatch(path.stem):
            day_bytes[path.stem] += size
    try:
        retention = load_config(data_dir).settings.retention
    except HubError:
        retention = DEFAULT_RETENTION
    free_bytes = shutil.disk_usage(data_dir).free
    return judge_disk(free_bytes=free_bytes, day_bytes=day_bytes, today=day_of(now_ms), kept_days=retention.raw_days)


def _store(data_dir: Path, *, full: bool, now_ms: int, running: bool) -> list[Finding]:
    try:
        facts = examine_store(data_dir / DATABASE, full=full)
    except StoreError as error:
        return [Finding("database", Verdict.FAILED, str(error), "if it is damaged, restore the newest backup")]
    wal_bytes = _size(data_dir / f"{DATABASE}-wal")
    return judge_store(facts, now_ms=now_ms, running=running, wal_bytes=wal_bytes)


def _measured(data_dir: Path, *, full: bool) -> Finding:
    paths = [path for path, _ in _files_below(data_dir, *FILLED)]
    chosen = paths if full else sorted(paths, key=lambda path: path.name)[-NEWEST_FILES:]
    for path in chosen:
        try:
            damage = examine_file(path, full=full)
        except StoreError as error:
            damage = (str(error),)
        if damage:
            return Finding(
                "measured",
                Verdict.FAILED,
                f"{path.name} is damaged ({damage[0]}): its rows cannot be read",
                "stop the hub and put this file back from a backup, or remove it to go on without those rows",
            )
    rest = "" if full or len(chosen) == len(paths) else f", the newest {len(chosen)} examined (all with --full)"
    return Finding("measured", Verdict.OK, f"{len(paths)} files of measurements and logs are sound{rest}")


def _files(pid: int | None) -> Finding:
    """Look at the limit of the hub's process, or of this one where none runs or it is another user's."""
    try:
        limits = Path(f"/proc/{pid}/limits").read_text(encoding="ascii")
        found = re.search(r"^Max open files\s+([0-9]+)", limits, re.MULTILINE)
        in_use = sum(1 for _ in Path(f"/proc/{pid}/fd").iterdir())
        if found:
            return judge_files(int(found[1]), in_use)
    except OSError:
        pass
    return judge_files(resource.getrlimit(resource.RLIMIT_NOFILE)[0], None)


def _files_below(data_dir: Path, *folders: str) -> list[tuple[Path, int]]:
    return [(path, _size(path)) for folder in folders for path in sorted((data_dir / folder).rglob("*.db"))]


def _sizes(data_dir: Path) -> dict[str, int]:
    sizes = {name: _size(data_dir / name) for name in (DATABASE, f"{DATABASE}-wal")}
    for path, size in _files_below(data_dir, *FILLED):
        kind = path.parent.relative_to(data_dir).as_posix()
        sizes[kind] = sizes.get(kind, 0) + size
    return sizes


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0

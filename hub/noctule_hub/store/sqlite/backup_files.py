"""Which files a backup is made of, and in which order and groups they are copied."""

from pathlib import Path
from typing import Final

from noctule_hub.core.backup import DATABASE, FILLED, METRICS, is_backup_name
from noctule_hub.core.resolution import Resolution

FIVE_MINUTE_FILES: Final = f"{METRICS}/{Resolution.FIVE_MINUTES.value}/"


def filled_files(data_dir: Path) -> list[tuple[str, ...]]:
    """Return the files to copy after hub.db, those that change in one transaction together.

    Such are a day's raw rows and its 5 minutes: rows that are missing in one of them would be counted again, or never,
    when the journal is applied anew. They come before hours and days, which a copy derives again if it must.
    """
    found = (path for folder in FILLED for path in (data_dir / folder).rglob("*.db"))
    paths = (path for path in found if path.is_file() and not path.is_symlink())
    names = sorted(name for path in paths if is_backup_name(name := path.relative_to(data_dir).as_posix()))
    together: dict[str, list[str]] = {}
    for name in sorted(names, key=lambda name: (name.count("/"), not name.startswith(FIVE_MINUTE_FILES), name)):
        together.setdefault(name.replace(FIVE_MINUTE_FILES, f"{METRICS}/"), []).append(name)
    return [tuple(group) for group in together.values()]


def total_bytes(data_dir: Path) -> int:
    """Return how large a backup will be, about."""
    return sum(map(sum, sizes_bytes(data_dir)))


def sizes_bytes(data_dir: Path) -> list[list[int]]:
    """Return the sizes of hub.db and of the other files, in the groups in which they are copied."""
    return [[_size_bytes(data_dir / name) for name in names] for names in ((DATABASE,), *filled_files(data_dir))]


def _size_bytes(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        # Retention was quicker.
        return 0

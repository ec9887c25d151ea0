"""What a backup is made of and what its manifest promises; files are copied and read by others.

A backup is a folder: `hub.db`, the files below `metrics/` and `logs/`, and `manifest.json`, written last. Keys are
never in it.
"""

import re
from collections.abc import Callable
from typing import Annotated, Final

import msgspec
from noctule_shared.errors import NoctuleError

FORMAT: Final = 1
MANIFEST: Final = "manifest.json"
DATABASE: Final = "hub.db"
METRICS: Final = "metrics"
LOGS: Final = "logs"
# Folders of files that are filled from hub.db, and are copied after it.
FILLED: Final = (METRICS, LOGS)
# A file a day and kind for many years; more is no backup of ours.
MAX_FILES: Final = 50_000
MAX_MANIFEST_BYTES: Final = 16 * 1024 * 1024
# No component begins with a dot, so none leads out of the folder.
_NAME: Final = re.compile(rf"(?:hub|(?:{METRICS}|{LOGS})(?:/[A-Za-z0-9][A-Za-z0-9._-]{{0,99}}){{1,4}})\.db", re.ASCII)

# Is told how many bytes are copied, and of how many.
Tell = Callable[[int, int], None]
Hex64 = Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{64}$")]
Size = Annotated[int, msgspec.Meta(ge=0, le=2**62)]


class BackupRefused(NoctuleError):  # noqa: N818  as `Refused`: the domain's word
    """What was given is no whole backup of a form that this hub knows; the message says why."""


class BackupFile(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """One file of a backup; `name` is relative to the backup's folder."""

    name: str
    size_bytes: Size
    sha256: Hex64


class Manifest(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """What a whole backup holds.

    `identity` is the fingerprint of the hub's identity key, by which its agents know it; None: not known when the
    backup was made. `epoch` and `head` are the event log's position, `taken_ms` epoch milliseconds.
    """

    format: int
    hub_version: str
    schema_version: Annotated[int, msgspec.Meta(ge=1)]
    hub_id: str
    identity: str | None
    epoch: str
    head: Annotated[int, msgspec.Meta(ge=0)]
    taken_ms: Size
    files: Annotated[list[BackupFile], msgspec.Meta(min_length=1, max_length=MAX_FILES)]

    @property
    def size_bytes(self) -> int:
        """How large all files are together."""
        return sum(file.size_bytes for file in self.files)


class _Format(msgspec.Struct, frozen=True):
    format: int


def is_backup_name(name: str) -> bool:
    """Return whether a file of this name may be in a backup: `hub.db`, or a `.db` below `metrics/` or `logs/`."""
    return _NAME.fullmatch(name) is not None


def read_manifest(content: bytes) -> Manifest:
    """Return a checked manifest: a known format, possible names, each once, hub.db among them.

    Raises `BackupRefused`.
    """
    try:
        # The format first: what a newer hub wrote may have other fields.
        found = msgspec.json.decode(content, type=_Format).format
        if found > FORMAT:
            raise BackupRefused(f"{MANIFEST}: format {found} is of a newer hub, this one knows up to {FORMAT}")
        manifest = msgspec.json.decode(content, type=Manifest)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise BackupRefused(f"{MANIFEST}: is damaged ({error}); take another backup") from None
    names = [file.name for file in manifest.files]
    for name in names:
        if not is_backup_name(name):
            raise BackupRefused(f"{MANIFEST}: {name[:80]!r} is no file of a backup; take another backup")
    if len(set(names)) != len(names) or DATABASE not in names:
        raise BackupRefused(f"{MANIFEST}: lists a file twice or no {DATABASE}; take another backup")
    return manifest

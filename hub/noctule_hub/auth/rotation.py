"""New keys in the place of old ones, so that a crash at any point leaves a hub that starts; no hub may run meanwhile.

A new key is put beside the old ones first, and an old one is removed last, when nothing needs it any more.
"""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

from noctule_hub.auth.keys import KEY_BYTES, MAX_JWT_KEYS, Keys, KeySeries, write_new
from noctule_hub.auth.tokens import ACCESS_LIFETIME_S
from noctule_hub.core.accounts import ApiToken
from noctule_hub.core.audit import Authorship
from noctule_hub.data_folder import sync
from noctule_hub.errors import KeyFileError
from noctule_hub.store.secrets import Secrets

NEW: Final = ".new"


class _Tokens(Protocol):
    async def api_tokens(self) -> list[ApiToken]: ...


@dataclass(frozen=True, slots=True)
class Rotation:
    """What a rotation did, as names of key files. `resealed` is how many secrets were sealed anew."""

    made: str
    kept: tuple[str, ...]
    removed: tuple[str, ...]
    resealed: int = 0


async def rotate_data_key(folder: Path, store: Secrets, *, by: Authorship) -> Rotation:
    """Seal every secret by a new data key, in one transaction, and remove the former keys after its commit.

    Repeating it after a crash ends what was begun. Raises `KeyFileError`, `SealError`, `StoreError`; every secret
    still opens with the keys that are there then.
    """
    series = KeySeries.DATA
    # More than one: a rotation was interrupted, and its new key is there already.
    if len(_numbers(folder, series)) == 1:
        _add_key(folder, series)
    keys = Keys.load(folder)
    resealed = await store.reseal_secrets(
        lambda kind, row_id, sealed: keys.seal(row_id, keys.open(row_id, sealed, kind=kind), kind=kind), by=by
    )
    *former, newest = _numbers(folder, series)
    return Rotation(series.file(newest), (), _remove(folder, series, former), resealed)


async def rotate_jwt_key(folder: Path, store: _Tokens, *, now_ms: int, forget_old: bool) -> Rotation:
    """Sign by a new key from the next start on; former ones verify as long as a token of theirs can be good.

    `forget_old` removes them at once: every access token and every program's token is void then.
    Raises `KeyFileError`.
    """
    series = KeySeries.JWT
    numbers = _numbers(folder, series)
    made_ms = {number: round((folder / series.file(number)).stat().st_mtime * 1000) for number in numbers}
    needed = set() if forget_old else needed_keys(made_ms, await store.api_tokens(), now_ms)
    if len(needed) >= MAX_JWT_KEYS:
        raise KeyFileError(
            f"{folder}: {len(needed)} keys are still needed by programs' tokens; revoke old tokens, or end all of "
            "them with --forget-old"
        )
    # Room first: no more keys than a hub starts with are there at any time.
    removed = _remove(folder, series, [number for number in numbers[:-1] if number not in needed])
    newest = _add_key(folder, series)
    removed += _remove(folder, series, [number for number in numbers[-1:] if number not in needed])
    kept = tuple(series.file(number) for number in numbers if number in needed)
    return Rotation(series.file(newest), kept, removed)


def needed_keys(made_ms: Mapping[int, int], tokens: Sequence[ApiToken], now_ms: int) -> set[int]:
    """Return which keys some good token may be signed with, once a new key signs.

    `made_ms` tells when each was made. A key signed until its successor was made: it is needed while there is a good
    program's token from before that, or an access token can be.
    """
    oldest_ms = min(
        (token.created_ms for token in tokens if token.revoked_ms is None and token.expires_ms > now_ms),
        default=None,
    )
    numbers = sorted(made_ms)
    ends_ms = [*(made_ms[number] for number in numbers[1:]), now_ms]
    return {
        number
        for number, end_ms in zip(numbers, ends_ms, strict=True)
        if now_ms < end_ms + ACCESS_LIFETIME_S * 1000 or (oldest_ms is not None and oldest_ms <= end_ms)
    }


def _numbers(folder: Path, series: KeySeries) -> list[int]:
    try:
        return series.numbers(folder)
    except OSError as error:
        raise KeyFileError(f"{folder}: cannot be read: {error.strerror}") from error


def _add_key(folder: Path, series: KeySeries) -> int:
    """Put a new key into the folder, whole or not at all, and return its number."""
    number = max(_numbers(folder, series), default=0) + 1
    path = folder / series.file(number)
    half = path.with_name(path.name + NEW)
    try:
        half.unlink(missing_ok=True)
        write_new(half, secrets.token_bytes(KEY_BYTES))
        half.rename(path)
        sync(folder)
    except OSError as error:
        raise KeyFileError(f"{path}: cannot be made: {error.strerror}") from error
    return number


def _remove(folder: Path, series: KeySeries, numbers: Sequence[int]) -> tuple[str, ...]:
    names = tuple(series.file(number) for number in numbers)
    try:
        for name in names:
            (folder / name).unlink()
        sync(folder)
    except OSError as error:
        raise KeyFileError(f"{error.filename}: cannot be removed: {error.strerror}") from error
    return names

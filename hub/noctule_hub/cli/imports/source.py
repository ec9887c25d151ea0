"""A file's text: its size limited, its encoding found, its format guessed from how it begins."""

import codecs
import sys
from pathlib import Path
from typing import Final

import msgspec

from noctule_hub.cli.errors import CommandError

MAX_FILE_BYTES: Final = 32 * 1024 * 1024
MAX_ROWS: Final = 50_000
_MARKS: Final = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
# What spreadsheets of western Europe write when they do not write Unicode.
_FALLBACK: Final = "cp1252"


def read_text(file: str) -> str:
    """Return the text of a file, `-` for standard input: UTF-8, UTF-16 with its mark, or Windows' Latin letters.

    Raises `CommandError`.
    """
    try:
        if file == "-":
            raw = sys.stdin.buffer.read(MAX_FILE_BYTES + 1)
        else:
            with Path(file).open("rb") as stream:
                raw = stream.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        raise CommandError(f"{file}: cannot be read: {error.strerror}") from error
    if len(raw) > MAX_FILE_BYTES:
        raise CommandError(f"{file}: is longer than {MAX_FILE_BYTES // 1024 // 1024} MB; import it in parts")
    text = _decoded(raw)
    if text is None or "\x00" in text:
        raise CommandError(f"{file}: is no text; save it as UTF-8")
    if not text.strip():
        raise CommandError(f"{file}: is empty")
    return text


def read_json(file: str, text: str) -> object:
    """Return a file's JSON. Raises `CommandError`, which never repeats what the file holds."""
    try:
        return msgspec.json.decode(text)
    except (msgspec.MsgspecError, RecursionError) as error:
        raise CommandError(f"{file}: is no valid JSON: {error}") from None


def read_yaml(file: str, text: str) -> object:
    """Return a file's YAML, every scalar as text. Raises `CommandError`, which never repeats what the file holds."""
    import yaml  # type: ignore[import-untyped]  # noqa: PLC0415  only who imports YAML pays for it

    try:
        return yaml.load(text, Loader=yaml.BaseLoader)  # noqa: S506  it makes text, lists and tables, nothing else
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        where = "" if mark is None else f"{mark.line + 1}:{mark.column + 1}: "
        raise CommandError(f"{file}: {where}is no valid YAML: {error.problem or error.context}") from None
    except (yaml.YAMLError, RecursionError, TypeError) as error:
        raise CommandError(f"{file}: is no valid YAML ({type(error).__name__})") from None


def looks_like_json(text: str) -> bool:
    """Return whether a text begins as JSON does."""
    return text.lstrip().startswith(("{", "["))


def check_count(file: str, count: int) -> None:
    """Raise `CommandError` when a file holds too many devices."""
    if count > MAX_ROWS:
        raise CommandError(f"{file}: holds more than {MAX_ROWS} devices; import it in parts")


def _decoded(raw: bytes) -> str | None:
    for mark, encoding in _MARKS:
        if raw.startswith(mark):
            return _try(raw, encoding)
    text = _try(raw, "utf-8")
    return text if text is not None else _try(raw, _FALLBACK)


def _try(raw: bytes, encoding: str) -> str | None:
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError:
        return None

"""An export streamed into a file, which is there at the end whole or not at all."""

import contextlib
import os
import sys
from pathlib import Path
from typing import Any, BinaryIO, Final

import msgspec

from noctule_hub.answers.logs import ExportEndLine, ExportFormat
from noctule_hub.cli.client import HubClient
from noctule_hub.cli.errors import CommandError

# The last line is shorter than this.
_TAIL_BYTES: Final = 512


async def export_to(
    client: HubClient, file: Path, form: ExportFormat, query: dict[str, str], *, force: bool
) -> dict[str, Any]:
    """Write an export to `file`, `-` for stdout; returns its size and whether it holds all rows.

    Raises `CommandError` when the file is there already or the hub's answer broke off: then nothing is left of it.
    """
    asked = query | {"format": form.value}
    if file == Path("-"):
        return await _stream(client, asked, sys.stdout.buffer, form)
    part = _part_of(file, force=force)
    try:
        with part.open("wb") as sink:
            end = await _stream(client, asked, sink, form)
            sink.flush()
            os.fsync(sink.fileno())
        part.replace(file)
    finally:
        with contextlib.suppress(FileNotFoundError):
            part.unlink()
    return end


def _part_of(file: Path, *, force: bool) -> Path:
    if file.exists() and not force:
        raise CommandError(f"{file} is there already; --force replaces it")
    return file.with_name(f"{file.name}.part")


async def _stream(client: HubClient, query: dict[str, str], sink: BinaryIO, form: ExportFormat) -> dict[str, Any]:
    size_bytes, tail = 0, b""
    from rich.console import Console  # noqa: PLC0415  only long work pays for its import
    from rich.progress import DownloadColumn, Progress, TextColumn, TimeElapsedColumn  # noqa: PLC0415  likewise

    columns = (TextColumn("Exporting"), DownloadColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), disable=not sys.stderr.isatty()) as progress:
        task = progress.add_task("export", total=None)
        async for chunk in client.stream("logs/export", query):
            sink.write(chunk)
            size_bytes += len(chunk)
            tail = (tail + chunk)[-_TAIL_BYTES:]
            progress.update(task, completed=size_bytes)
    sink.flush()
    return {"bytes": size_bytes, "complete": _is_complete(tail, form)}


def _is_complete(tail: bytes, form: ExportFormat) -> bool:
    """Return what the last line says. Raises `CommandError` when it is none: the transfer broke off."""
    last_line = tail.rstrip().rsplit(b"\n", 1)[-1] if tail.endswith(b"\n") else b""
    if form is ExportFormat.NDJSON:
        with contextlib.suppress(msgspec.MsgspecError):
            return msgspec.json.decode(last_line, type=ExportEndLine).end.complete
    elif last_line.lstrip(b'"').startswith(b"# end: "):
        return b"cut after" not in last_line
    raise CommandError("the export broke off before its end; try again")

"""Text of devices made inert for whoever shows an answer: terminals, spreadsheets, editors."""

import csv
import io
import re
from collections.abc import Iterable
from typing import Final

# What JSON lets through and terminals or editors obey: DEL, C1 controls, marks of direction, line separators; UTF-8.
_LEFT_BY_JSON: Final = re.compile(
    rb"\x7f|\xc2[\x80-\x9f]|\xd8\x9c|\xe2\x80[\x8b-\x8f\xa8-\xae]|\xe2\x81[\xa0-\xa4\xa6-\xaf]|\xef\xbb\xbf"
)
_CONTROLS: Final = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2064\u2066-\u206f\ufeff]")
# Spreadsheets take a cell that begins so for a formula; the wide forms too, where they are set to.
_FORMULA: Final = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def inert_json(encoded: bytes) -> bytes:
    """Return the same JSON document with everything escaped that could steer a terminal or turn text about."""
    return _LEFT_BY_JSON.sub(lambda found: b"\\u%04x" % ord(found[0].decode()), encoded)


def inert_cell(text: str) -> str:
    """Return text as a cell of CSV: controls are blank, and what a spreadsheet would calculate begins with `'`."""
    blank = _CONTROLS.sub(" ", text)
    return f"'{blank}" if blank.lstrip().startswith(_FORMULA) else blank


def csv_line(cells: Iterable[str | int | None]) -> str:
    """Return cells as one line of CSV (RFC 4180); None is empty."""
    stream = io.StringIO()
    csv.writer(stream).writerow([inert_cell(cell) if isinstance(cell, str) else cell for cell in cells])
    return stream.getvalue()

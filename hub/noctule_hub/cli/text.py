"""Text from the network, made inert: nothing of it steers a terminal."""

import re
import unicodedata
from typing import Final

# Controls, also C1, line and paragraph ends, and marks that turn the writing direction (Unicode annex 9).
CONTROLS: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
# Those of them that JSON itself would let through.
LEFT_BY_JSON: Final = re.compile(r"[\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


def clean(text: str) -> str:
    """Return text without what could steer a terminal: control characters, also C1, and marks of direction."""
    return CONTROLS.sub("", text)


def cut(text: str, max_chars: int) -> str:
    """Return text of at most `max_chars`, with an ellipsis at its end when it was longer."""
    return text if len(text) <= max_chars else f"{text[: max_chars - 1]}…"


def columns_of(text: str) -> int:
    """Return how many columns of a terminal a text takes: wide letters (Unicode annex 11) two, marks none."""
    if text.isascii():
        return len(text)
    return sum(_columns_of(letter) for letter in text)


def _columns_of(letter: str) -> int:
    if unicodedata.combining(letter):
        return 0
    return 2 if unicodedata.east_asian_width(letter) in "WF" else 1

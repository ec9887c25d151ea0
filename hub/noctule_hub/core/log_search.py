"""What somebody looks for in the network logs: a checked filter, and words that no text can turn into anything else.

Reading the logs is left to the store. Words are compared as SQLite's `unicode61` does: letters and digits, whatever
their case and accents; anything between them separates.
"""

import re
import unicodedata
from dataclasses import dataclass
from typing import Final

from noctule_shared.errors import invalid

MAX_TEXT_CHARS: Final = 400
MAX_TERMS: Final = 16
_TERM: Final = re.compile(r'"([^"]*)"?(\*?)|([^\s"]+)')
# Categories that count as letters of a word: letters, numbers, and characters of private use.
_WORD_CATEGORIES: Final = ("L", "N", "Co")


@dataclass(frozen=True, slots=True)
class Term:
    """Words that must stand in this order, side by side; `prefix`: the last one may go on."""

    words: str
    prefix: bool = False


@dataclass(frozen=True, slots=True)
class LogFilter:
    """Which network logs are wanted; None: any. A row must meet all of it.

    `max_severity` is RFC 5424's number: 3 finds error and what is worse. Times are those of receipt, in epoch
    milliseconds, `[from_ms, to_ms)`. `terms` must all be in the message.
    """

    device_id: int | None = None
    site_id: int | None = None
    max_severity: int | None = None
    source: str | None = None
    facility: str | None = None
    terms: tuple[Term, ...] = ()
    from_ms: int | None = None
    to_ms: int | None = None


def parse_terms(text: str, *, field: str = "text") -> tuple[Term, ...]:
    """Return what a person typed as terms: words, "phrases" and prefix*. Each must be in the message.

    Raises `Refused` (invalid, naming `field`) when there is no word in it, or more than can be looked for.
    """
    if len(text) > MAX_TEXT_CHARS:
        raise invalid(field, f"at most {MAX_TEXT_CHARS} characters")
    terms: list[Term] = []
    for phrase, starred, word in _TERM.findall(text):
        words, prefix = (word.rstrip("*"), word.endswith("*")) if word else (phrase, bool(starred))
        words = words.replace("\0", " ")
        if any(_in_word(character) for character in words):
            terms.append(Term(words, prefix))
    if not terms:
        raise invalid(field, "holds no word to look for; give letters or digits")
    if len(terms) > MAX_TERMS:
        raise invalid(field, f"at most {MAX_TERMS} words and phrases")
    return tuple(terms)


def _in_word(character: str) -> bool:
    return unicodedata.category(character).startswith(_WORD_CATEGORIES)

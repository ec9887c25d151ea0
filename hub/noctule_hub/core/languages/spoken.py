"""The languages in which the hub writes to people, and what says the hub's sentences in one of them."""

from collections.abc import Callable
from enum import StrEnum
from typing import Final

from noctule_hub.core.languages.indonesian_stories import INDONESIAN


class Language(StrEnum):
    """A language, by its BCP 47 tag. What is stored and sent over Socket.IO is English, whoever reads it."""

    ENGLISH = "en"
    INDONESIAN = "id"


def _as_it_is(sentence: str) -> str:
    return sentence


_SAYS: Final[dict[Language, Callable[[str], str]]] = {Language.ENGLISH: _as_it_is, Language.INDONESIAN: INDONESIAN}


def said_in(language: Language, sentence: str) -> str:
    """Return a sentence of the hub in a language; what is no sentence of the hub stays as it is."""
    return _SAYS[language](sentence)

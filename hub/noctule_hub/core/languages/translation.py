"""The hub's English sentences said in another language, by pairs of templates; what no pair knows stays English.

A sentence is decided once, stored and sent as English text, which needs no second form for each reader. Who reads
another language has it translated where it is shown: the page by the same pairs (`src/model/saying.ts`), the hub where
it writes to people itself.

A template has fields in braces. `{name}` is any text and is kept. `{reason:said}` is translated for itself, of
`{names:list}` each part between commas; `{n:number}` is a number, `{time:span}` a span such as `2 h 5 min`,
`{what:figure}` a measured value, `severity` and `status` one of those. The first pair that fits the whole text counts,
those without fields before others.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

# Longer text is not looked at; the hub's own sentences are cut at a thousand.
MAX_CHARS: Final = 1_000
# A reason in a reason in a title: deeper is nothing that the hub says.
MAX_DEPTH: Final = 6
_KEPT: Final = 4_096
_FIELD: Final = re.compile(r"\{(\w+)(?::(\w+))?\}")
FORMS: Final[Mapping[str, str]] = {
    "text": ".+?",
    "said": ".+?",
    "list": ".+?",
    "number": r"[-+]?\d[\d.,]*",
    "span": r"\d+ (?:d|h|min|s)(?: \d+ (?:d|h|min|s))?",
    "figure": r"no answer|[-+]?\d.*",
    "severity": "critical|warning|info",
    "status": "online|degraded|offline|unreachable|unknown|maintenance",
}


@dataclass(frozen=True, slots=True)
class _Sentence:
    literal: str
    pattern: re.Pattern[str]
    fields: tuple[tuple[str, str], ...]
    target: str

    def read(self, text: str) -> Sequence[str] | None:
        """Return what stands in the fields; None when this is another sentence."""
        found = self.pattern.match(text) if self.literal in text else None
        return None if found is None else found.groups()


def pattern_of(template: str) -> str:
    """Return the regular expression of a template, each field a group; the same means the same in JavaScript."""
    parts, end = [], 0
    for found in _FIELD.finditer(template):
        parts += [_escaped(template[end : found.start()]), f"({FORMS[found[2] or 'text']})"]
        end = found.end()
    return f"^{''.join(parts)}{_escaped(template[end:])}$"


def fields_of(template: str) -> tuple[tuple[str, str], ...]:
    """Return the fields of a template in their order: name and form."""
    return tuple((found[1], found[2] or "text") for found in _FIELD.finditer(template))


def literal_of(template: str) -> str:
    """Return the longest text between the fields of a template: what is without it needs no look at the pattern."""
    return max(_FIELD.sub("\0", template).split("\0"), key=len)


def _escaped(text: str) -> str:
    return re.sub(r"([\\^$.|?*+()\[\]{}/])", r"\\\1", text)


def _sorted(pairs: Iterable[tuple[str, str]]) -> tuple[dict[str, str], list[_Sentence]]:
    """Return the pairs without fields, and the sentences of the others in their order."""
    plain: dict[str, str] = {}
    sentences = []
    for one, other in pairs:
        fields = fields_of(one)
        if fields:
            sentences.append(_Sentence(literal_of(one), re.compile(pattern_of(one)), fields, other))
        else:
            plain[one] = other
    return plain, sentences


def translator(pairs: Iterable[tuple[str, str]], units: Mapping[str, str]) -> Callable[[str], str]:
    """Return what translates a text by pairs; `units` are the names of d, h, min and s. Same text, same answer."""
    plain, sentences = _sorted(pairs)

    @lru_cache(_KEPT)
    def translated(text: str, depth: int = 0) -> str:
        if text in plain or depth > MAX_DEPTH or len(text) > MAX_CHARS:
            return plain.get(text, text)
        for sentence in sentences:
            found = sentence.read(text)
            if found is not None:
                return filled(sentence, found, depth)
        return text

    def filled(sentence: _Sentence, found: Sequence[str], depth: int) -> str:
        values = {name: field(form, value, depth) for (name, form), value in zip(sentence.fields, found, strict=True)}
        return _FIELD.sub(lambda place: values[place[1]], sentence.target)

    def field(form: str, value: str, depth: int) -> str:
        match form:
            case "said" | "figure" | "severity" | "status":
                return translated(value, depth + 1)
            case "list":
                return ", ".join(translated(part, depth + 1) for part in value.split(", "))
            case "span":
                return " ".join(units.get(word, word) for word in value.split(" "))
            case _:
                return value

    return translated

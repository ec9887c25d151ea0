"""Words of a policy's own: text in which `{name}` stands for a fact of the message, and nothing else is special.

There are no loops, conditions, filters or calls, so filling in takes one pass over text of limited length and cannot
reach anything but `FACTS`; every fact is inert before it is put in. What lists need is a fact itself (`{list}`), and a
line of which every fact is empty is left out, which is what conditions would be for.
"""

import re
from collections.abc import Mapping
from difflib import get_close_matches
from typing import Final

from noctule_hub.core.notifying.plain_text import MAX_TITLE_CHARS, inert

MAX_TEMPLATE_CHARS: Final = 4_000
MAX_TITLE_TEMPLATE_CHARS: Final = 500
MAX_FILLED_CHARS: Final = 8_000
# Names that a template may use, with what stands for them.
FACTS: Final[Mapping[str, str]] = {
    "alert": "the first alert's id",
    "count": "how many alerts the message is about",
    "device": "its device's name",
    "incident": "its incident's title",
    "list": "a line for each alert that is named",
    "more": "how many alerts are not named",
    "note": "the note of whoever takes care of it",
    "reason": "why it fires, or ended",
    "resolved": "when it ended",
    "rule": "its rule's name",
    "severity": "info, warning or critical; resolved for an end",
    "started": "since when",
    "title": "what is wrong",
    "topic": "the built-in title: the probable cause, and how many more",
    "url": "where the hub is opened",
}
_SPECIAL: Final = re.compile(r"\{\{|\}\}|\{([^{}\n]*)\}|[{}]")


class TemplateError(Exception):
    """A template cannot be used; the text says what is wrong and what may be written."""


def check_template(template: str) -> None:
    """Raise `TemplateError` when a template has an unknown name or a brace that stands alone."""
    for found in _SPECIAL.finditer(template):
        name = found[1]
        if name is None and found[0] in "{}":
            raise TemplateError(f"{found[0]} at character {found.start() + 1} stands alone; write it twice to mean it")
        if name is not None and name not in FACTS:
            close = get_close_matches(name, FACTS, 1)
            hint = f"did you mean {{{close[0]}}}?" if close else f"use one of {', '.join(FACTS)}"
            raise TemplateError(f"{{{inert(name, 40)}}} is not known; {hint}")


def fill_title(template: str, facts: Mapping[str, str]) -> str:
    """Return a title, one line. Raises `TemplateError`, also when nothing is left of it."""
    title = inert(_fill(template, facts), MAX_TITLE_CHARS)
    if not title:
        raise TemplateError("the title is empty")
    return title


def fill_text(template: str, facts: Mapping[str, str]) -> str:
    """Return a text, cut at `MAX_FILLED_CHARS`. Raises `TemplateError`, also when nothing is left of it."""
    lines = []
    for line in template.splitlines():
        names = [found[1] for found in _SPECIAL.finditer(line) if found[1] is not None]
        if not names or any(facts.get(name, "?") for name in names):
            lines.append(_fill(line, facts))
    text = "\n".join(lines).strip()
    if not text:
        raise TemplateError("the text is empty")
    return text if len(text) <= MAX_FILLED_CHARS else f"{text[: MAX_FILLED_CHARS - 1]}…"


def _fill(template: str, facts: Mapping[str, str]) -> str:
    check_template(template)
    return _SPECIAL.sub(lambda found: found[0][0] if found[1] is None else facts[found[1]], template)

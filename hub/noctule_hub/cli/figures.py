"""`--set NAME=VALUE`: the figures of a rule's condition, as its kind has them."""

import difflib
from collections.abc import Iterable
from typing import Any, Final

import click
import msgspec

from noctule_hub.core.alerting.conditions import KINDS, Condition, ConditionKind, tag_of

NONE_WORD: Final = "none"
HELP: Final = "A figure of the condition, such as lossRatio=0.1; `none` for no limit.  [several]"


def kind_of(tag: str) -> ConditionKind:
    """Return the kind of condition that is called so."""
    return next(kind for kind in KINDS if tag_of(kind) == tag)


def parse_figures(kind: ConditionKind, texts: Iterable[str]) -> dict[str, float | None]:
    """Return figures given as NAME=VALUE by their names in JSON. Raises `click.UsageError`; bounds are the hub's."""
    known = _defaults(kind)
    found: dict[str, float | None] = {}
    for text in texts:
        name, _, value = text.partition("=")
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            hint = f"did you mean {near[0]}?" if near else f"known: {', '.join(known) or 'none'}"
            raise click.UsageError(f"--set {text}: {tag_of(kind)} has no figure {name!r}; {hint}")
        found[name] = _number(text, name, value, known[name])
    return found


def shown(condition: Condition, *, changed_only: bool = False) -> str:
    """Return a condition's figures as NAME=VALUE, `changed_only`: those that differ from the defaults; "" for none."""
    known = _defaults(type(condition))
    return ", ".join(
        f"{name}={NONE_WORD if value is None else format(value, 'g')}"
        for name, value in _figures(condition).items()
        if not changed_only or value != known[name]
    )


def with_figures(condition: Condition, figures: dict[str, float | None]) -> dict[str, Any]:
    """Return a condition as JSON with some of its figures replaced."""
    return {"kind": tag_of(condition)} | _figures(condition) | figures


def _defaults(kind: ConditionKind) -> dict[str, float | None]:
    return {field.encode_name: field.default for field in msgspec.structs.fields(kind)}


def _figures(condition: Condition) -> dict[str, float | None]:
    return {field.encode_name: getattr(condition, field.name) for field in msgspec.structs.fields(condition)}


def _number(text: str, name: str, value: str, default: object) -> float | None:
    if value == NONE_WORD:
        return None
    try:
        number = float(value)
    except ValueError:
        example = f"{name}={NONE_WORD if default is None else format(default, 'g')}"
        raise click.UsageError(f"--set {text}: give a number, such as {example}") from None
    # Counts and seconds go as whole numbers; the hub refuses 2.5 of them.
    return int(number) if number.is_integer() and isinstance(default, int) else number

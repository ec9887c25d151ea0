"""Text of devices and receivers made harmless before it stands in a message or an answer."""

import re
from typing import Any, Final

import msgspec
from noctule_shared.events import AlertEvent

MAX_TITLE_CHARS: Final = 200
MAX_TEXT_CHARS: Final = 500
_CONTROLS: Final = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff]+")


def inert(text: str, most: int = MAX_TEXT_CHARS) -> str:
    """Return text of a device as one line of at most `most` characters: no controls, no marks of direction."""
    line = " ".join(_CONTROLS.sub(" ", text).split())
    return line if len(line) <= most else f"{line[: most - 1]}…"


def inert_alert(alert: AlertEvent) -> AlertEvent:
    """Return an alert whose every text is inert."""
    return msgspec.convert(_inert_value(msgspec.to_builtins(alert)), AlertEvent)


def _inert_value(value: Any) -> Any:  # noqa: ANN401  JSON of any depth
    if isinstance(value, str):
        return inert(value)
    if isinstance(value, dict):
        return {key: _inert_value(one) for key, one in value.items()}
    return [_inert_value(one) for one in value] if isinstance(value, list) else value

"""What does not fit a struct, in words for whoever sent it: the field by its path, and what may stand there.

What was sent is never repeated: a secret in the wrong field would come out again.
"""

import re
from collections.abc import Mapping
from typing import Any, Final

import msgspec
from noctule_shared.errors import Refused, invalid

MAX_MESSAGE_CHARS: Final = 300
_PATH: Final = re.compile(r" - at (?:`key` in )?`\$\.?([^`]*)`$")
_NAMED: Final = re.compile(r"(?:required|unknown) field `([^`]*)`")
_WORD: Final = re.compile(r"Invalid (?:enum )?value .*", re.DOTALL)
# `Expected `float` >= 1.0`, `Expected `array` of length <= 10`, `Expected `int | null`, got `str``.
_EXPECTED: Final = re.compile(r"Expected `([a-z |]+)`(?: (of length )?(>=|<=|>|<|==) (\S+)|, got `([a-z |]+)`)?")
_KINDS: Final[Mapping[str, str]] = {
    "int": "a whole number",
    "float": "a number",
    "str": "a text",
    "bool": "true or false",
    "array": "a list",
    "object": "an object",
    "null": "null",
}
_LIMITS: Final[Mapping[str, str]] = {
    ">=": "at least",
    "<=": "at most",
    ">": "more than",
    "<": "less than",
    "==": "exactly",
}
_COUNTED: Final[Mapping[str, tuple[str, str]]] = {
    "str": ("character", "characters"),
    "array": ("entry", "entries"),
    "object": ("field", "fields"),
}
_INDEX: Final = re.compile(r"\[[^\]]*\]")


def misfit(text: str, kind: type[msgspec.Struct]) -> Refused:
    """Return the refusal of what `msgspec` says of a value that should be a `kind`."""
    path = _PATH.search(text)
    message = text[: path.start()] if path else text
    parts = [path[1]] if path and path[1] else []
    named = _NAMED.search(message)
    if named:
        parts.append(named[1])
        message = "this field is required" if "required" in message else "there is no such field here; remove it"
    elif _WORD.fullmatch(message):
        words = _words(msgspec.inspect.type_info(kind), _INDEX.sub("", parts[0] if parts else "").split("."))
        message = f"must be one of: {', '.join(words)}" if words else "is none of the words that may stand here"
    elif expected := _EXPECTED.fullmatch(message):
        message = _expected(expected)
    return invalid(".".join(parts) or "body", message[:MAX_MESSAGE_CHARS])


def _expected(found: re.Match[str]) -> str:
    kinds, counts, compared, limit, got = found.groups()
    message = f"must be {' or '.join(_kind(kind) for kind in kinds.split(' | '))}"
    if compared is not None:
        message += f" of {_LIMITS[compared]} {limit.removesuffix('.0')}"
        one, several = _COUNTED.get(kinds.split(" | ")[0], ("", ""))
        message += f" {one if limit == '1' else several}" if counts else ""
    if got == "float" and "int" in kinds:
        return f"{message}, not one with a fraction"
    return f"{message}, not {_kind(got)}" if got else message


def _kind(word: str) -> str:
    return _KINDS.get(word, word)


def _words(info: msgspec.inspect.Type, path: list[str]) -> list[str]:
    """Return the words of the enumeration at a path, none when there is none."""
    match info:
        case msgspec.inspect.UnionType():
            parts = [(part, path) for part in info.types]
        case msgspec.inspect.Metadata():
            parts = [(info.type, path)]
        case msgspec.inspect.ListType() | msgspec.inspect.VarTupleType():
            parts = [(info.item_type, path)]
        case msgspec.inspect.StructType() if path:
            parts = [(field.type, path[1:]) for field in info.fields if field.encode_name == path[0]]
        case msgspec.inspect.EnumType() if not path:
            return [str(member.value) for member in _members(info.cls)]
        case msgspec.inspect.LiteralType() if not path:
            return [str(value) for value in info.values]
        case _:
            parts = []
    return [word for part, rest in parts for word in _words(part, rest)]


def _members(kind: Any) -> list[Any]:  # noqa: ANN401  an enumeration's class, whatever its values
    return list(kind)

"""One table of hub.toml, read key by key. What is wrong or unknown is told with file, key path, value and the fix."""

import difflib
import re
from collections.abc import Callable, Iterator, Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final, TypeVar

from noctule_hub.errors import ConfigError

MAX_SHOWN_CHARS: Final = 60
_SECRET_KEY: Final = re.compile(r"(?i)secret|passw|token|community|api_?key")

Read = TypeVar("Read")
Word = TypeVar("Word", bound=StrEnum)


class Table:
    """The keys of one table. A reader asks for each key that it knows, with its default; `read` refuses the others.

    `source` names the file, `path` the table inside it (`limits`, `auth.external.NAME`), empty for the top.
    All methods raise `ConfigError`.
    """

    def __init__(self, values: Mapping[str, object], *, source: str, path: str = "") -> None:
        self.source = source
        self.path = path
        self._values = values
        self._known: list[str] = []

    def __contains__(self, key: str) -> bool:
        return key in self._values

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def read(self, reader: "Callable[[Table], Read]") -> Read:
        """Return what `reader` makes of this table, after all of its keys were asked for."""
        made = reader(self)
        for key, value in self._values.items():
            if key not in self._known:
                near = difflib.get_close_matches(key, self._known, n=1, cutoff=0.5)
                hint = f"did you mean {near[0]!r}?" if near else f"known keys: {', '.join(self._known)}"
                raise ConfigError(f"{self.source}: unknown key {self.key(key)!r} (value {_shown(key, value)}); {hint}")
        return made

    def key(self, key: str) -> str:
        """Return the whole path of a key, as messages show it."""
        return f"{self.path}.{key}" if self.path else key

    def bad(self, key: str, value: object, wanted: str) -> ConfigError:
        """Return the error for a value that is not `wanted`; the value of a key that holds a secret is not shown."""
        name = key.partition("[")[0]
        return ConfigError(f"{self.source}: {self.key(key)} = {_shown(name, value)} is not {wanted}")

    def flag(self, key: str, *, default: bool) -> bool:
        """Return true or false."""
        value = self._take(key, default)
        if not isinstance(value, bool):
            raise self.bad(key, value, "true or false")
        return value

    def whole(self, key: str, default: int, *, least: int, most: int, wanted: str = "") -> int:
        """Return a whole number from `least` to `most`; `wanted` says in words what it is."""
        value = self._take(key, default)
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            raise self.bad(key, value, wanted or f"a whole number from {least} to {most}")
        return value

    def text(self, key: str, default: str, *, wanted: str, check: Callable[[str], bool]) -> str:
        """Return text that `check` accepts. The default is not checked: it may say that there is none."""
        value = self._take(key, default)
        if value == default:
            return default
        if not isinstance(value, str) or not value.isprintable() or not check(value):
            raise self.bad(key, value, wanted)
        return value

    def word(
        self, kind: type[Word], key: str, default: Word, *, flags: Mapping[bool, Word] = MappingProxyType({})
    ) -> Word:
        """Return one of the words of `kind`; `flags` are what true and false stand for, where they were words once."""
        value = self._take(key, default.value)
        if isinstance(value, bool) and value in flags:
            return flags[value]
        try:
            return kind(str(value))
        except ValueError as error:
            near = difflib.get_close_matches(str(value), list(kind), n=1)
            hint = f"; did you mean {str(near[0])!r}?" if near else ""
            raise self.bad(key, value, f"one of {', '.join(kind)}{hint}") from error

    def texts(self, key: str, *, most: int, wanted: str, each: str, parse: Callable[[str], Read]) -> tuple[Read, ...]:
        """Return a list of at most `most` texts, parsed, none by default; `parse` raises `ValueError` for a bad one.

        `wanted` says what the list is of, `each` what one of them looks like.
        """
        value = self._take(key, [])
        if not isinstance(value, list) or len(value) > most:
            raise self.bad(key, value, f"a list of at most {most} {wanted}")
        parsed = []
        for index, one in enumerate(value):
            if not isinstance(one, str):
                raise self.bad(f"{key}[{index}]", one, each)
            try:
                parsed.append(parse(one))
            except ValueError as error:
                raise self.bad(f"{key}[{index}]", one, each) from error
        return tuple(parsed)

    def table(self, key: str, reader: "Callable[[Table], Read]") -> Read:
        """Return what `reader` makes of the table `[key]`, an empty one when the file has none."""
        value = self._take(key, {})
        if not isinstance(value, Mapping):
            raise self.bad(key, value, f"a table: write [{self.key(key)}]")
        return Table(value, source=self.source, path=self.key(key)).read(reader)

    def tables(self, key: str, reader: "Callable[[Table], Read]", *, most: int) -> dict[str, Read]:
        """Return what `reader` makes of each table `[key.NAME]`, by name, at most `most` of them."""
        value = self._take(key, {})
        if not isinstance(value, Mapping) or len(value) > most:
            raise self.bad(key, value, f"at most {most} tables: write [{self.key(key)}.NAME]")
        named = Table(value, source=self.source, path=self.key(key))
        return {name: named.table(name, reader) for name in value}

    def _take(self, key: str, default: object) -> object:
        self._known.append(key)
        return self._values.get(key, default)


def _shown(key: str, value: object) -> str:
    if _SECRET_KEY.search(key) is not None and not isinstance(value, bool | int):
        return "***"
    text = repr(value)
    return text if len(text) <= MAX_SHOWN_CHARS else f"{text[: MAX_SHOWN_CHARS - 3]}..."
